//! Secrets taken out of XML text, with everything around them left as it was written, to the byte.

use std::borrow::Cow;

use crate::redact::{REDACTED, Within, is_secret_name};

/// It is no XML, or none that is looked into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotXml;

pub(crate) fn looks_like_xml(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// The text without what its elements and attributes say is secret, by their names without their prefixes; `None` where
/// there is nothing to take out.
pub(crate) fn redacted(text: &str, within: Within) -> Result<Option<String>, NotXml> {
    let mut walk =
        Walk { text, at: 0, out: String::with_capacity(text.len()), copied: 0, changed: false, within };
    walk.document()?;
    walk.out.push_str(&text[walk.copied..]);
    Ok(walk.changed.then_some(walk.out))
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    out: String,
    /// Up to here it has been copied.
    copied: usize,
    changed: bool,
    within: Within,
}

/// An element that is open.
struct Open<'t> {
    name: &'t str,
    /// Where its content begins, where all of that is secret.
    secret_from: Option<usize>,
}

/// Whether all goes that stands here.
fn all_is_secret(open: &[Open<'_>]) -> bool {
    open.last().is_some_and(|innermost| innermost.secret_from.is_some())
}

/// An attribute: its name, and where its value stands.
struct Attribute<'t> {
    name: &'t str,
    value: &'t str,
    at: usize,
}

impl<'t> Walk<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn document(&mut self) -> Result<(), NotXml> {
        let mut open: Vec<Open<'t>> = Vec::new();
        let mut had_root = false;
        while !self.rest().is_empty() {
            if !self.rest().starts_with('<') {
                let end = self.rest().find('<').map_or(self.text.len(), |found| self.at + found);
                let is_space = self.text[self.at..end].trim().is_empty();
                if open.is_empty() && !is_space {
                    return Err(NotXml);
                }
                self.content(end, &open, unescaped, escaped);
            } else if self.pass("<!--") {
                let end = self.end("-->")?;
                self.content(end, &open, Cow::Borrowed, |text| text.replace("--", "- -"));
                self.at += "-->".len();
            } else if self.pass("<![CDATA[") {
                let end = self.end("]]>")?;
                self.content(end, &open, Cow::Borrowed, |text| text.replace("]]>", "]]]]><![CDATA[>"));
                self.at += "]]>".len();
            } else if self.pass("<?") {
                let end = self.end("?>")?;
                self.content(end, &open, Cow::Borrowed, |text| text.replace("?>", "? >"));
                self.at += "?>".len();
            } else if self.pass("<!DOCTYPE") {
                // What it declares would stand elsewhere under another name.
                let end = self.end(">")?;
                if self.text[self.at..end].contains('[') || had_root {
                    return Err(NotXml);
                }
                self.at = end + 1;
            } else if self.pass("</") {
                self.close(&mut open)?;
            } else {
                self.at += 1;
                if open.is_empty() && std::mem::replace(&mut had_root, true) {
                    return Err(NotXml);
                }
                self.start(&mut open)?;
            }
        }
        if open.is_empty() && had_root { Ok(()) } else { Err(NotXml) }
    }

    fn pass(&mut self, mark: &str) -> bool {
        let is_there = self.rest().starts_with(mark);
        self.at += if is_there { mark.len() } else { 0 };
        is_there
    }

    fn end(&self, mark: &str) -> Result<usize, NotXml> {
        self.rest().find(mark).map(|found| self.at + found).ok_or(NotXml)
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn name(&mut self) -> Result<&'t str, NotXml> {
        let ends = |character: char| character.is_whitespace() || "<>/=\"'&?!".contains(character);
        let name = &self.rest()[..self.rest().find(ends).ok_or(NotXml)?];
        self.at += name.len();
        if name.is_empty() { Err(NotXml) } else { Ok(name) }
    }

    /// Text up to `end`, without the secrets that stand in it whatever it is in.
    fn content(
        &mut self,
        end: usize,
        open: &[Open<'t>],
        read: impl Fn(&'t str) -> Cow<'t, str>,
        written: impl Fn(&str) -> String,
    ) {
        let begin = std::mem::replace(&mut self.at, end);
        // All of it goes, where what it stands in does.
        if all_is_secret(open) {
            return;
        }
        if let Some(without) = self.within.text(&read(&self.text[begin..end])) {
            self.replace(begin, end, &written(&without));
        }
    }

    fn replace(&mut self, begin: usize, end: usize, with: &str) {
        self.out.push_str(&self.text[self.copied..begin]);
        self.out.push_str(with);
        self.copied = end;
        self.changed = true;
    }

    /// A tag that opens, from its name on.
    fn start(&mut self, open: &mut Vec<Open<'t>>) -> Result<(), NotXml> {
        let name = self.name()?;
        let mut attributes = Vec::new();
        loop {
            let before = self.at;
            self.space();
            if self.pass("/>") {
                break self.attributes(&attributes, open, names_secret(name, &attributes));
            }
            if self.pass(">") {
                let is_secret = names_secret(name, &attributes);
                self.attributes(&attributes, open, is_secret);
                // The outermost goes, with all that is in it.
                let secret_from =
                    if all_is_secret(open) { Some(usize::MAX) } else { is_secret.then_some(self.at) };
                open.push(Open { name, secret_from });
                break;
            }
            if before == self.at {
                return Err(NotXml);
            }
            attributes.push(self.attribute()?);
        }
        Ok(())
    }

    fn attribute(&mut self) -> Result<Attribute<'t>, NotXml> {
        let name = self.name()?;
        self.space();
        if !self.pass("=") {
            return Err(NotXml);
        }
        self.space();
        let quote = self.rest().get(..1).filter(|quote| matches!(*quote, "\"" | "'")).ok_or(NotXml)?;
        self.at += 1;
        let at = self.at;
        let end = self.end(quote)?;
        self.at = end + 1;
        let value = &self.text[at..end];
        if value.contains('<') { Err(NotXml) } else { Ok(Attribute { name, value, at }) }
    }

    /// Takes secrets out of the attributes of an element; `is_secret` where its value is one, which may stand in an
    /// attribute.
    fn attributes(&mut self, attributes: &[Attribute<'t>], open: &[Open<'t>], is_secret: bool) {
        if all_is_secret(open) {
            return;
        }
        for Attribute { name, value, at } in attributes {
            if value.is_empty() || *name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let is_value = is_secret && local(name).eq_ignore_ascii_case("value");
            let without = if is_value || is_secret_name(local(name)) {
                Some(REDACTED.to_owned())
            } else {
                self.within.text(&unescaped(value)).map(|without| escaped(&without))
            };
            if let Some(without) = without {
                self.replace(*at, at + value.len(), &without);
            }
        }
    }

    /// A tag that closes, from its name on.
    fn close(&mut self, open: &mut Vec<Open<'t>>) -> Result<(), NotXml> {
        let end = self.at - "</".len();
        let name = self.name()?;
        self.space();
        let closed = open.pop().filter(|open| open.name == name).ok_or(NotXml)?;
        if !self.pass(">") {
            return Err(NotXml);
        }
        if let Some(begin) = closed.secret_from.filter(|begin| *begin < end) {
            self.replace(begin, end, REDACTED);
        }
        Ok(())
    }
}

/// Whether an element's value is secret: by its own name, or by the one that it gives to what it holds, as
/// `<param name="password">`.
fn names_secret(name: &str, attributes: &[Attribute<'_>]) -> bool {
    let is_key = |attribute: &&Attribute<'_>| {
        ["name", "key"].iter().any(|key| local(attribute.name).eq_ignore_ascii_case(key))
    };
    is_secret_name(local(name))
        || attributes.iter().filter(is_key).any(|attribute| is_secret_name(&unescaped(attribute.value)))
}

/// Whether a text that cannot be read as a whole has an element that is named like a secret.
pub(crate) fn has_secret_tag(text: &str) -> bool {
    text.split('<').skip(1).any(|tag| {
        let ends = |character: char| character.is_whitespace() || "</>=\"'".contains(character);
        is_secret_name(local(tag.split(ends).next().unwrap_or_default()))
    })
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The longest reference, in bytes.
const LONGEST_REFERENCE: usize = 12;

/// Text with its references read; one that is not known stays.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        read.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';');
        if let Some((character, end)) = end.and_then(|end| Some((character(&rest[1..end])?, end))) {
            read.push(character);
            rest = &rest[end + 1..];
        } else {
            read.push('&');
            rest = &rest[1..];
        }
    }
    read.push_str(rest);
    Cow::Owned(read)
}

fn character(name: &str) -> Option<char> {
    let code = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => code.parse().ok()?,
    };
    char::from_u32(code)
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&apos;"),
            other => written.push(other),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(text: &str) -> Result<Option<String>, NotXml> {
        redacted(text, Within::default())
    }

    fn without(text: &str) -> String {
        redact(text).unwrap().unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn elements_and_attributes_go_by_their_names_and_the_rest_stays_to_the_byte() {
        for (text, expected) in [
            ("<a><password>xml1</password>\r\n <b/></a>", "<a><password>[redacted]</password>\r\n <b/></a>"),
            (
                "<?xml version='1.0'?>\n<x:a xmlns:x='urn:token'><x:Api-Key k = \"1\" >k9<y>z</y></x:Api-Key ><b c='d'/></x:a>\n",
                "<?xml version='1.0'?>\n<x:a xmlns:x='urn:token'><x:Api-Key k = \"1\" >[redacted]</x:Api-Key ><b c='d'/></x:a>\n",
            ),
            ("<a><secret><![CDATA[</secret> s1 <b>]]></secret>t</a>", "<a><secret>[redacted]</secret>t</a>"),
            ("<a token='t1' b=\"it's\"/>", "<a token='[redacted]' b=\"it's\"/>"),
            (
                "<p><param name=\"password\">p1</param><add key='ApiKey' value='v1'/><add key='n' value='v2'/></p>",
                "<p><param name=\"password\">[redacted]</param><add key='[redacted]' value='[redacted]'/><add key='[redacted]' value='v2'/></p>",
            ),
            (
                "<s:Envelope><s:Header><w:Security><w:UsernameToken><w:Username>u</w:Username><w:Password Type='x'>p</w:Password>\
                 </w:UsernameToken></w:Security></s:Header><s:Body><to>x</to></s:Body></s:Envelope>",
                "<s:Envelope><s:Header><w:Security><w:UsernameToken>[redacted]</w:UsernameToken></w:Security></s:Header>\
                 <s:Body><to>x</to></s:Body></s:Envelope>",
            ),
            ("<password></password>", "<password></password>"),
            ("<password/>", "<password/>"),
            ("<password><password>a</password>b</password>", "<password>[redacted]</password>"),
        ] {
            assert_eq!(without(text), expected);
        }
        assert_eq!(redact("<a b='c'>d<!-- e --><![CDATA[<f>]]>&amp;&unknown;</a>"), Ok(None));
    }

    #[test]
    fn tokens_and_what_stands_in_texts_go_too() {
        let token = "ghp_0123456789012345678901";
        assert_eq!(
            without(&format!("<a b='&#103;{}'>x &lt; {token}<!-- {token} --></a>", &token[1..])),
            "<a b='[redacted]'>x &lt; [redacted]<!-- [redacted] --></a>"
        );
        assert_eq!(
            without("<a>&lt;b&gt;&lt;password&gt;p1&lt;/password&gt;&lt;/b&gt;</a>"),
            "<a>&lt;b&gt;&lt;password&gt;[redacted]&lt;/password&gt;&lt;/b&gt;</a>"
        );
        assert_eq!(
            without("<a><![CDATA[{\"password\": \"p1\"}]]></a>"),
            "<a><![CDATA[{\"password\": \"[redacted]\"}]]></a>"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for text in [
            "<a>",
            "<a><password>p1</a>",
            "<a></b>",
            "<a b>",
            "<a b=c/>",
            "<a b='c'd='e'/>",
            "<a/><b/>",
            "<a/>text",
            "<!-- only -->",
            "<a><![CDATA[x</a>",
            "<!DOCTYPE a [<!ENTITY p \"hunter2\">]><a>&p;</a>",
            "<br><p>",
            "< a/>",
            "<",
            "",
        ] {
            assert_eq!(redact(text), Err(NotXml), "{text}");
        }
        let deep = "<a>".repeat(200_000) + &"</a>".repeat(200_000);
        assert_eq!(redact(&deep), Ok(None));
    }
}

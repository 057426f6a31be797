//! Secrets taken out of XML text, with everything around them left as it was written, to the byte.

use std::borrow::Cow;

use crate::redact::{REDACTED, Within};
use crate::redact_names::{is_secret_name, is_secret_text};
use crate::rewrite::Rewrite;

/// The longest text that is taken for the name of what stands beside it, with its references, in bytes.
const LONGEST_WRITTEN: usize = 1000;

/// It is no XML, or none that is looked into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotXml;

pub(crate) fn looks_like_xml(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// The text without what its elements and attributes say is secret, by their names without their prefixes; `None` where
/// there is nothing to take out.
pub(crate) fn redacted(text: &str, within: Within) -> Result<Option<String>, NotXml> {
    let mut walk = Walk::of(text, within, Vec::new());
    walk.document()?;
    if !walk.named_late.is_empty() {
        // A value may stand before its name, and is passed by then.
        walk = Walk::of(text, within, walk.named_late);
        walk.document()?;
    }
    Ok(walk.out.finish())
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    out: Rewrite<'t>,
    within: Within,
    /// Where the elements begin that are known to be secret, in their order.
    known: Vec<usize>,
    /// Where those begin that turned out to be when they had been passed.
    named_late: Vec<usize>,
}

/// An element that is open.
struct Open<'t> {
    name: &'t str,
    /// Where its content begins.
    from: usize,
    /// Where its content begins, where all of that is secret.
    secret_from: Option<usize>,
    /// Which of what it holds is secret, by the name that another element in it gives: `<name>password</name>`.
    names: Names,
    /// Where elements in it begin that hold a value with no name yet.
    values: Vec<usize>,
}

/// What the elements of one element are told by another of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Nothing yet.
    Nothing,
    /// The value is secret: `<member><name>password</name><value>…`.
    SecretValue,
    /// Whatever comes next is: `<dict><key>password</key><string>…`.
    SecretNext,
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
    fn of(text: &'t str, within: Within, mut known: Vec<usize>) -> Self {
        known.sort_unstable();
        Self { text, at: 0, out: Rewrite::of(text), within, known, named_late: Vec::new() }
    }

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
        self.out.replace(begin, end, with);
    }

    /// A tag that opens, from its name on.
    fn start(&mut self, open: &mut Vec<Open<'t>>) -> Result<(), NotXml> {
        let begin = self.at;
        let name = self.name()?;
        let mut attributes = Vec::new();
        let is_told = self.known.binary_search(&begin).is_ok()
            || open.last_mut().is_some_and(|outer| outer.tells_secret(local(name), begin));
        let in_dict = open.last().is_some_and(|outer| local(outer.name).eq_ignore_ascii_case("dict"));
        loop {
            let before = self.at;
            self.space();
            if self.pass("/>") {
                break self.attributes(&attributes, open, is_told || names_secret(name, &attributes));
            }
            if self.pass(">") {
                // What stands in the place of a name is none itself.
                let is_name =
                    local(name).eq_ignore_ascii_case("key") && (in_dict || names_a_value(self.rest()));
                let is_secret = is_told || (!is_name && names_secret(name, &attributes));
                self.attributes(&attributes, open, is_secret);
                // The outermost goes, with all that is in it.
                let secret_from =
                    if all_is_secret(open) { Some(usize::MAX) } else { is_secret.then_some(self.at) };
                open.push(Open {
                    name,
                    from: self.at,
                    secret_from,
                    names: Names::Nothing,
                    values: Vec::new(),
                });
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
        let has_value =
            attributes.iter().any(|attribute| local(attribute.name).eq_ignore_ascii_case("value"));
        for Attribute { name, value, at } in attributes {
            let is_name = has_value && local(name).eq_ignore_ascii_case("key");
            if value.is_empty() || *name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let is_value = is_secret && local(name).eq_ignore_ascii_case("value");
            let without = if is_value || (!is_name && is_secret_name(local(name))) {
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
        if let Some(outer) = open.last_mut() {
            outer.is_told_by(local(name), &self.text[closed.from..end]);
        }
        if let Some(begin) = closed.secret_from.filter(|begin| *begin < end) {
            self.replace(begin, end, REDACTED);
        }
        if closed.names == Names::SecretValue {
            self.named_late.extend(closed.values.iter().filter(|at| self.known.binary_search(at).is_err()));
        }
        Ok(())
    }
}

impl Open<'_> {
    /// Whether what begins in it is known to be secret.
    fn tells_secret(&mut self, name: &str, begin: usize) -> bool {
        let is_value = name.eq_ignore_ascii_case("value");
        if is_value && self.names == Names::Nothing {
            self.values.push(begin);
        }
        match self.names {
            Names::Nothing => false,
            Names::SecretValue => is_value,
            Names::SecretNext => {
                self.names = if is_value { Names::SecretValue } else { Names::Nothing };
                true
            }
        }
    }

    /// Takes what an element in it says for the name of what stands beside that, where it is one.
    fn is_told_by(&mut self, element: &str, content: &str) {
        let is_key = element.eq_ignore_ascii_case("key");
        if !(is_key || element.eq_ignore_ascii_case("name")) {
            return;
        }
        // What is longer holds elements, and is no name; many may stand in one another.
        let plain = Some(content.trim()).filter(|text| text.len() <= LONGEST_WRITTEN).unwrap_or_default();
        let quoted = plain.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
        let told = quoted.map_or_else(|| unescaped(plain), Cow::Borrowed);
        let is_secret = is_secret_text(&told);
        self.names = match (is_secret, is_key) {
            (false, true) => Names::Nothing,
            (false, false) => self.names,
            (true, true) => Names::SecretNext,
            (true, false) => Names::SecretValue,
        };
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

/// Whether what begins with the text of a key goes on with the value that it names: `<key>n</key><value>…`.
fn names_a_value(rest: &str) -> bool {
    let behind_text = match rest.strip_prefix("<![CDATA[") {
        Some(quoted) => quoted.split_once("]]>").map(|(_, after)| after),
        None => rest.find('<').map(|at| &rest[at..]),
    };
    let behind =
        behind_text.and_then(|after| after.strip_prefix("</")?.split_once('>')).map(|(_, after)| after);
    let Some(next) = behind.and_then(|after| after.trim_start().strip_prefix('<')) else { return false };
    let ends = |character: char| character.is_whitespace() || "/>".contains(character);
    local(next.split(ends).next().unwrap_or_default()).eq_ignore_ascii_case("value")
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
mod tests;

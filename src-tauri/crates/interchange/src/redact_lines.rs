//! What is taken out of plain text, line by line: of what clearly is a name and its value, and of JSON or XML that fills
//! a line.

use std::ops::Range;

use crate::redact::{REDACTED, Within, looks_like_json};
use crate::redact_json::{self, NotJson};
use crate::redact_names::is_secret_header;
use crate::redact_tokens::without_private_keys;
use crate::redact_urls;
use crate::redact_xml::{self, NotXml, looks_like_xml};
use crate::rewrite::Rewrite;

/// No longer name is looked at, in bytes, and none of more words.
const LONGEST_NAME: usize = 64;
const MOST_WORDS: usize = 3;

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is a body.
    Body,
    /// It is the value of something: `token:created` may be the name of an event there.
    Value,
}

/// Text without its secrets; `None` where it has none.
pub(crate) fn redacted(text: &str, place: Place, within: Within) -> Option<String> {
    let keyless = without_private_keys(text);
    each(keyless.as_deref().unwrap_or(text), place, within).or(keyless)
}

fn each(text: &str, place: Place, within: Within) -> Option<String> {
    let mut out = Rewrite::of(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.trim();
        let begin = at + (line.len() - line.trim_start().len());
        if let Some(without) = of_line(plain, place, within) {
            out.replace(begin, begin + plain.len(), &without);
        }
        at += line.len();
    }
    out.finish()
}

fn of_line(line: &str, place: Place, within: Within) -> Option<String> {
    let within_it = Some(within).filter(|within| !within.is_too_deep());
    if looks_like_json(line) {
        match within_it.ok_or(NotJson).and_then(|within| redact_json::redacted(line, &[], Some(within))) {
            Ok(without) => return without,
            // What broke off, or is too deep; what a person writes begins with a bracket more often.
            Err(_) if line.starts_with('{') && line.contains('"') => return Some(REDACTED.to_owned()),
            Err(_) => {}
        }
    }
    if looks_like_xml(line) {
        match within_it.ok_or(NotXml).and_then(|within| redact_xml::redacted(line, within)) {
            Ok(without) => return without,
            Err(_) if redact_xml::has_secret_tag(line) => return Some(REDACTED.to_owned()),
            Err(_) => {}
        }
    }
    if let Some(value) = whole(line, place) {
        return Some(format!("{}{REDACTED}{}", &line[..value.start], &line[value.end..]));
    }
    let without = redact_urls::without(line, within);
    assignments(without.as_deref().unwrap_or(line)).or(without)
}

/// Where the value stands, where the whole line is a secret's name and its value.
fn whole(line: &str, place: Place) -> Option<Range<usize>> {
    let at = line.find(['=', ':'])?;
    // Of a form only the one goes.
    if line.contains('&') && !line.contains(char::is_whitespace) {
        return None;
    }
    let name = line[..at].trim_matches(|character: char| !character.is_ascii_alphanumeric());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte);
    let is_name = name.len() <= LONGEST_NAME
        && name.bytes().all(fits)
        && name.split(' ').count() <= MOST_WORDS
        && is_secret_header(name);
    let rest = &line[at + 1..];
    // Behind a host a colon means its port.
    let is_apart = (place == Place::Body && !name.contains('.'))
        || line[at..].starts_with('=')
        || rest.starts_with([' ', '\t', '"', '\'']);
    let begin = line.len() - rest.trim_start().len();
    (is_name && is_apart && begin < line.len()).then_some(begin..line.len())
}

/// The line without the values of secrets that are named in it: `name=value`, `"name": "value"`, `name: value`,
/// `-H 'Name: value'`.
fn assignments(line: &str) -> Option<String> {
    let mut out = Rewrite::of(line);
    let mut from = 0;
    while let Some(sign) = line[from..].find(['=', ':']).map(|found| from + found) {
        from = sign + 1;
        let Some(name) = Named::before(&line[..sign]).filter(|name| is_secret_header(name.name)) else {
            continue;
        };
        // Of `==`, `=>` and `:=` one is as good as the other.
        let rest = line[from..].trim_start_matches(['=', '>']);
        let value = rest.trim_start_matches([' ', '\t']);
        let is_spaced = value.len() < rest.len();
        let begin = line.len() - value.len();
        let length = match name.quote {
            _ if line[sign..].starts_with('=') || value.starts_with(['"', '\'', '\\']) => first_value(value),
            Some(Quote::Closed) => first_value(value),
            Some(Quote::Open(quote)) => value.find(quote).unwrap_or(value.len()),
            None if is_spaced => value.trim_end().len(),
            None => continue,
        };
        from = begin + length;
        if length > 0 && !value.starts_with(REDACTED) {
            out.replace(begin, from, REDACTED);
        }
    }
    out.finish()
}

/// A name, and what it stands in.
struct Named<'l> {
    name: &'l str,
    quote: Option<Quote>,
}

enum Quote {
    /// It stands in quotation marks.
    Closed,
    /// It stands behind this one, which is closed behind its value: `'Name: value'`.
    Open(char),
}

impl<'l> Named<'l> {
    /// The name that ends there.
    fn before(text: &'l str) -> Option<Self> {
        let plain = text.trim_end_matches(' ');
        let unquoted = plain.strip_suffix(['"', '\'', '`']).map(|inner| inner.trim_end_matches('\\'));
        let inner = unquoted.unwrap_or(plain);
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(byte);
        let length = inner.bytes().rev().take(LONGEST_NAME).take_while(fits).count();
        let (before, name) = inner.split_at(inner.len() - length);
        let opened = before.chars().next_back().filter(|before| matches!(before, '"' | '\''));
        let quote = match unquoted {
            Some(_) => Some(Quote::Closed),
            None => opened.map(Quote::Open),
        };
        (!name.is_empty()).then_some(Self { name, quote })
    }
}

/// How long the value is with which a text begins: what is quoted goes with its quotation marks.
fn first_value(text: &str) -> usize {
    let inner = text.trim_start_matches('\\');
    // Of a text in a text the quotation marks are escaped themselves.
    let is_escaped = inner.len() < text.len();
    let Some(quote) = inner.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        return text.find(|end: char| end.is_whitespace() || end == '&').unwrap_or(text.len());
    };
    let mut passes = false;
    let end = inner.char_indices().skip(1).find(|&(_, character)| {
        let ends = character == quote && !passes;
        passes = character == '\\' && !passes && !is_escaped;
        ends
    });
    end.map_or(text.len(), |(end, _)| text.len() - inner.len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str) -> Option<String> {
        redacted(text, Place::Body, Within::default())
    }

    #[test]
    fn lines_that_name_a_secret_lose_its_value_and_others_stay() {
        let text = "hello\r\npassword=hunter2\r\n  Authorization: Bearer s3cr3t\n{\"token\":\"t1\", \"n\": 1}\n\
                    API key: k1 k2\n<a><token>t2</token></a>\n\"secret\": \"s\",\nuser=a password=\"b c\" n=1\n\
                    a=1&token=x&b=2\nGET /x?token=x HTTP/1.1\nthe end";
        assert_eq!(
            without(text).unwrap(),
            "hello\r\npassword=[redacted]\r\n  Authorization: [redacted]\n{\"token\":\"[redacted]\", \"n\": 1}\n\
             API key: [redacted]\n<a><token>[redacted]</token></a>\n\"secret\": [redacted]\n\
             user=a password=[redacted] n=1\na=1&token=[redacted]&b=2\nGET /x?token=[redacted] HTTP/1.1\nthe end"
        );
        assert_eq!(without("note\n{\"token\": \"t").as_deref(), Some("note\n[redacted]"));
        for text in [
            "",
            "\n\n",
            "a password is no pair",
            "10:00 [INFO] \"x\" said {y}",
            "[INFO] \"a\": b",
            "n=1 m=2",
            "password:",
            "what he said about the password was this: nothing",
            "==é=",
            "x <b> y",
            "token = ",
            "see auth.example.com:8080 for it",
        ] {
            assert_eq!(without(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_named_in_the_middle_of_a_line_goes_too() {
        for (text, expected) in [
            (
                "10:00 got {\"user\": \"a\", \"password\": \"b \\\"c\", \"n\": 1}",
                "10:00 got {\"user\": \"a\", \"password\": [redacted], \"n\": 1}",
            ),
            (r#"log "{\"token\":\"t1\",\"n\":1}""#, r#"log "{\"token\":[redacted],\"n\":1}""#),
            ("got {'user': 'a', 'secret': 'b c'}", "got {'user': 'a', 'secret': [redacted]}"),
            ("user = a, password = b, n = 1", "user = a, password = [redacted] n = 1"),
            ("got { :user=>\"a\", :password=>\"b\" }", "got { :user=>\"a\", :password=>[redacted] }"),
            (
                "curl -H 'Authorization: Token abc' -H \"X-Api-Key:k1\" http://h",
                "curl -H 'Authorization: [redacted]' -H \"X-Api-Key:[redacted]\" http://h",
            ),
            ("sign in as bob, password: hunter2", "sign in as bob, password: [redacted]"),
            (
                "mutation { login(user: \"a\", password:\"b\") { id } }",
                "mutation { login(user: \"a\", password:[redacted]) { id } }",
            ),
            ("user[password]=x user[name]=y", "user[password]=[redacted] user[name]=y"),
            ("Server=h;Password=p1;User=u", "Server=h;Password=[redacted]"),
            ("n=1 password='é' é", "n=1 password=[redacted] é"),
        ] {
            assert_eq!(without(text).as_deref(), Some(expected), "{text}");
            // What is taken out once stays as it is.
            assert_eq!(without(expected).as_deref().unwrap_or(expected), expected);
        }
    }

    #[test]
    fn the_value_of_something_may_have_a_colon() {
        let value = |text: &str| redacted(text, Place::Value, Within::default());
        for text in ["token:created", "auth.example.com:8080", "urn:token:abc"] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(value("token: abc").as_deref(), Some("token: [redacted]"));
        assert_eq!(value("a\nX-Token: abc\nb").as_deref(), Some("a\nX-Token: [redacted]\nb"));
        assert_eq!(without("token:abc").as_deref(), Some("token:[redacted]"));
    }

    #[test]
    fn private_keys_go_over_their_lines() {
        let key = "a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\ntoken=b\n";
        assert_eq!(without(key).as_deref(), Some("a\n[redacted]\ntoken=[redacted]\n"));
    }
}

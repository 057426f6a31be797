//! What is taken out of plain text, line by line: of what clearly is a name and its value, and of JSON or XML that fills
//! a line.

use std::ops::Range;

use crate::redact::{REDACTED, Within, is_secret_header, looks_like_json};
use crate::redact_xml::{self, looks_like_xml};
use crate::rewrite::Rewrite;
use crate::{redact_json, redact_urls};

/// No longer name is looked at, in bytes, and none of more words.
const LONGEST_NAME: usize = 64;
const MOST_WORDS: usize = 3;

/// Text without its secrets; `None` where it has none.
pub(crate) fn redacted(text: &str, within: Within) -> Option<String> {
    let mut out = Rewrite::of(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.trim();
        let begin = at + (line.len() - line.trim_start().len());
        if let Some(without) = of_line(plain, within) {
            out.replace(begin, begin + plain.len(), &without);
        }
        at += line.len();
    }
    out.finish()
}

fn of_line(line: &str, within: Within) -> Option<String> {
    if looks_like_json(line) {
        match redact_json::redacted(line, &[], Some(within)) {
            Ok(without) => return without,
            // What broke off; what a person writes begins with a bracket more often.
            Err(_) if line.starts_with('{') && line.contains('"') => return Some(REDACTED.to_owned()),
            Err(_) => {}
        }
    }
    if looks_like_xml(line) {
        match redact_xml::redacted(line, within) {
            Ok(without) => return without,
            Err(_) if redact_xml::has_secret_tag(line) => return Some(REDACTED.to_owned()),
            Err(_) => {}
        }
    }
    if let Some(value) = whole(line) {
        return Some(format!("{}{REDACTED}{}", &line[..value.start], &line[value.end..]));
    }
    let named = assignments(line);
    redact_urls::without(named.as_deref().unwrap_or(line), within).or(named)
}

/// Where the value stands, where the whole line is a secret's name and its value.
fn whole(line: &str) -> Option<Range<usize>> {
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
    let begin = line.len() - rest.trim_start().len();
    (is_name && begin < line.len()).then_some(begin..line.len())
}

/// The line without the values of secrets that are written `name=value` in it.
fn assignments(line: &str) -> Option<String> {
    let mut out = Rewrite::of(line);
    let mut from = 0;
    while let Some(at) = line[from..].find('=').map(|found| from + found) {
        from = at + 1;
        let value = value(&line[from..]);
        if value > 0 && is_secret_header(name_before(&line[..at])) {
            out.replace(from, from + value, REDACTED);
            from += value;
        }
    }
    out.finish()
}

/// The name that ends there.
fn name_before(text: &str) -> &str {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = text.bytes().rev().take(LONGEST_NAME).take_while(fits).count();
    &text[text.len() - length..]
}

/// How long the value is with which a text begins: what is quoted goes with its quotation marks.
fn value(text: &str) -> usize {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => text[1..].find(quote).map_or(text.len(), |end| end + 2),
        None => text.find(|end: char| end.is_whitespace() || end == '&').unwrap_or(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_a_secret_lose_its_value_and_others_stay() {
        let without = |text: &str| redacted(text, Within::default());
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
        ] {
            assert_eq!(without(text), None, "{text}");
        }
    }
}

//! Text and bytes as literals. What is captured is hostile: nothing of it may end a literal or a shell's word early.

use std::fmt::Write as _;

pub(super) use hookbench_snippets::quote::{Beyond, escaped};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What no tool takes in a URL as it is.
const UNWRITABLE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// The longest text that stands in a command as one word, in bytes: systems take no more than 128 KiB of one.
pub(super) const LONGEST_WORD: usize = 64 << 10;

/// A URL that every tool takes.
pub(super) fn url(text: &str) -> String {
    utf8_percent_encode(text, UNWRITABLE).to_string()
}

/// One word of a POSIX shell, whatever is in it. No zero byte can be in a word: there is none in what is quoted here.
pub(super) fn shell(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The inside of a literal of bytes, with `\xNN` for what is not printable ASCII: Python, Go, Rust, PHP; in JavaScript
/// a character for each byte.
pub(super) fn bytes(bytes: &[u8], special: &str) -> String {
    let mut literal = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\\' => literal.push_str("\\\\"),
            b' '..=b'~' => {
                if special.contains(char::from(byte)) {
                    literal.push('\\');
                }
                literal.push(char::from(byte));
            }
            _ => {
                let written = write!(literal, "\\x{byte:02x}");
                debug_assert!(written.is_ok(), "writing to a string does not fail");
            }
        }
    }
    literal
}

/// Base64 in lines that fit on a screen, each after `indent`.
pub(super) fn base64_lines(bytes: &[u8]) -> Vec<String> {
    let text = data_encoding::BASE64.encode(bytes);
    text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_word_or_a_literal_early() {
        assert_eq!(shell("a'b; $(c) `d`"), r"'a'\''b; $(c) `d`'");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("-H"), "-H");
        assert_eq!(bytes(b"a\"\\\n\xff$", "\"$"), "a\\\"\\\\\\x0a\\xff\\$");
    }
}

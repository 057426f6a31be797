//! Text as literals of the languages. Schemes are written by users too, so nothing of theirs may end a
//! literal or a comment early.

use std::fmt::Write as _;

/// How a language escapes a character beyond printable ASCII.
#[derive(Clone, Copy)]
pub enum Beyond {
    /// `\u00e9`, in pairs of surrogates: JavaScript, Java, C#.
    Utf16,
    /// `\u{e9}`: Rust, Ruby, PHP.
    Braced,
    /// `\u00e9` and `\U0001f600`: Python, Go.
    Wide,
}

/// Escapes text for a literal: `\`, control characters, all beyond ASCII, and the `special` characters of
/// this kind of literal, each with a backslash in front.
pub fn escaped(text: &str, special: &str, beyond: Beyond) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\\' => escaped.push_str("\\\\"),
            ' '..='~' => {
                if special.contains(character) {
                    escaped.push('\\');
                }
                escaped.push(character);
            }
            _ => beyond.write(&mut escaped, character),
        }
    }
    escaped
}

/// Text in double quotes.
pub fn double_quoted(text: &str, beyond: Beyond) -> String {
    format!("\"{}\"", escaped(text, "\"", beyond))
}

/// Text that may stand in a comment of any of the languages: on one line, and nothing that ends a comment.
pub fn comment(text: &str) -> String {
    let plain = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let line: String = plain.filter(|character| !matches!(character, '\u{2028}' | '\u{2029}')).collect();
    line.replace("*/", "* /").replace("?>", "? >").replace("\"\"\"", "'''").replace('\\', "/")
}

impl Beyond {
    fn write(self, escaped: &mut String, character: char) {
        let code = u32::from(character);
        let written = match self {
            Self::Utf16 => character
                .encode_utf16(&mut [0; 2])
                .iter()
                .try_for_each(|unit| write!(escaped, "\\u{unit:04x}")),
            Self::Braced => write!(escaped, "\\u{{{code:x}}}"),
            Self::Wide if code > 0xffff => write!(escaped, "\\U{code:08x}"),
            Self::Wide => write!(escaped, "\\u{code:04x}"),
        };
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_literal_early() {
        assert_eq!(double_quoted("a\"b\\c\n", Beyond::Wide), r#""a\"b\\c\n""#);
        assert_eq!(escaped("`${x}", "`$", Beyond::Utf16), r"\`\${x}");
    }

    #[test]
    fn characters_beyond_ascii_are_spelt_as_the_language_does() {
        assert_eq!(escaped("é😀", "", Beyond::Utf16), "\\u00e9\\ud83d\\ude00");
        assert_eq!(escaped("é😀", "", Beyond::Wide), "\\u00e9\\U0001f600");
        assert_eq!(escaped("é😀", "", Beyond::Braced), "\\u{e9}\\u{1f600}");
    }

    #[test]
    fn a_comment_stays_a_comment() {
        assert_eq!(comment("a\nb */ \"\"\" ?>"), "a b * / ''' ? >");
    }
}

//! Characters of strings, written as a style has them.

use super::style::{Letters, Slashes};
use super::writer::Writer;

impl Writer<'_, '_> {
    /// A string with its characters written in the style.
    pub(super) fn text(&mut self, raw: &[u8]) {
        let mut at = 0;
        while at < raw.len() {
            let run = raw[at..].iter().position(|&byte| !self.stays(byte)).unwrap_or(raw.len() - at);
            self.out.extend_from_slice(&raw[at..at + run]);
            at += run;
            if at < raw.len() {
                at += self.letter(&raw[at..], at == 0 || at + 1 == raw.len());
            }
        }
    }

    /// True for bytes that no style touches.
    fn stays(&self, byte: u8) -> bool {
        match byte {
            b'\\' | b'/' => false,
            b'"' | b'<' | b'>' | b'&' | b'=' | b'\'' | b'+' | b'`' => {
                !matches!(self.style.letters, Letters::Html | Letters::HtmlMore | Letters::Strict)
            }
            0x80.. => matches!(self.style.letters, Letters::Kept | Letters::Raw),
            _ => true,
        }
    }

    /// Writes the character at the start of `raw`; gives how many bytes it took there.
    fn letter(&mut self, raw: &[u8], delimiter: bool) -> usize {
        let (letter, length, escaped) = match raw {
            [b'"', ..] if delimiter => {
                self.out.push(b'"');
                return 1;
            }
            [b'/', ..] => {
                self.slash(false);
                return 1;
            }
            [b'\\', b'/', ..] => {
                self.slash(true);
                return 2;
            }
            [b'\\', b'u', ..] => match unescaped(raw) {
                Some((letter, length)) => (letter, length, true),
                None => return self.copy(&raw[..6]),
            },
            [b'\\', b'"', ..] => {
                if self.style.letters == Letters::Strict {
                    self.changed.letters = true;
                    self.escape('"', true);
                    return 2;
                }
                return self.copy(&raw[..2]);
            }
            [b'\\', ..] => return self.copy(&raw[..raw.len().min(2)]),
            _ => match first_char(raw) {
                Some(letter) => (letter, letter.len_utf8(), false),
                None => return self.copy(&raw[..1]),
            },
        };
        let start = self.out.len();
        self.character(letter, &raw[..length], escaped);
        let (new, old) = (&self.out[start..], &raw[..length]);
        if escaped && new.eq_ignore_ascii_case(old) {
            self.changed.escape_case |= new != old;
        } else {
            self.changed.letters |= new != old;
        }
        length
    }

    fn character(&mut self, letter: char, raw: &[u8], escaped: bool) {
        let must = letter < ' ' || letter == '"' || letter == '\\';
        let escape = match self.style.letters {
            Letters::Kept => None,
            _ if must && escaped => None,
            Letters::Raw => Some(false),
            Letters::Ascii { .. } => Some(!letter.is_ascii()),
            Letters::Html => Some("<>&\u{2028}\u{2029}".contains(letter)),
            Letters::HtmlMore => Some("<>&='\u{2028}\u{2029}".contains(letter)),
            Letters::Strict => Some(!letter.is_ascii() || "&'+<>`".contains(letter)),
        };
        match escape {
            None => self.out.extend_from_slice(raw),
            Some(true) => {
                let capitals =
                    matches!(self.style.letters, Letters::Strict | Letters::Ascii { capitals: true });
                self.escape(letter, capitals);
            }
            Some(false) => {
                let mut bytes = [0; 4];
                self.out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
            }
        }
    }

    fn escape(&mut self, letter: char, capitals: bool) {
        let mut units = [0; 2];
        for unit in letter.encode_utf16(&mut units) {
            let spelt = if capitals { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
            self.out.extend_from_slice(spelt.as_bytes());
        }
    }

    fn slash(&mut self, escaped: bool) {
        let write_escaped = match self.style.slashes {
            Slashes::Kept => escaped,
            Slashes::Escaped => true,
            Slashes::Plain => false,
        };
        self.changed.slashes |= write_escaped != escaped;
        self.out.extend_from_slice(if write_escaped { b"\\/" } else { b"/" });
    }

    fn copy(&mut self, raw: &[u8]) -> usize {
        self.out.extend_from_slice(raw);
        raw.len()
    }
}

/// The character that `\u…` at the start of the bytes spells, and how many bytes it took.
fn unescaped(raw: &[u8]) -> Option<(char, usize)> {
    let unit = |raw: &[u8]| {
        let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = unit(raw)?;
    if let Some(letter) = char::from_u32(u32::from(first)) {
        return Some((letter, 6));
    }
    let second = unit(raw.get(6..)?)?;
    let mut letters = char::decode_utf16([first, second]);
    letters.next()?.ok().map(|letter| (letter, 12))
}

fn first_char(raw: &[u8]) -> Option<char> {
    let chunk = raw[..raw.len().min(4)].utf8_chunks().next()?;
    chunk.valid().chars().next()
}

//! Bodies as text: byte order marks, line breaks, character encodings.

/// Latin-1's neighbour on Windows: what it has in 0x80 to 0x9f.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Characters that templates escape, as most of them do.
const HTML: [(u8, &str); 5] =
    [(b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;"), (b'"', "&quot;"), (b'\'', "&#39;")];
/// Other escapes of the same.
const HTML_OTHERS: [(u8, &str); 7] = [
    (b'"', "&#34;"),
    (b'\'', "&#x27;"),
    (b'\'', "&#039;"),
    (b'\'', "&apos;"),
    (b'/', "&#x2F;"),
    (b'/', "&#47;"),
    (b'=', "&#x3D;"),
];

pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// One way to change a text's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Change {
    WithoutBom,
    WithBom,
    ToLf,
    ToCrlf,
    /// UTF-8 written as Latin-1. Of text that was read wrongly once this is the UTF-8 it came from.
    ToLatin1,
    ToWindows,
    /// Each byte taken for a Latin-1 character and written as UTF-8.
    FromLatin1,
    FromWindows,
    /// UTF-8 written as UTF-16.
    ToUtf16 {
        /// The higher byte first.
        big: bool,
        /// Behind its mark.
        marked: bool,
    },
    /// UTF-16 written as UTF-8, its mark dropped.
    FromUtf16,
    /// Bytes that are no UTF-8 replaced.
    Lossy,
    /// `&amp;` and its like as the characters they stand for.
    FromHtml,
    /// `&`, `<` and `>` escaped for HTML.
    ToHtml,
    /// Quotes too.
    ToHtmlQuoted,
}

impl Change {
    #[cfg(test)]
    const ALL: [Self; 17] = [
        Self::WithoutBom,
        Self::ToLf,
        Self::ToCrlf,
        Self::WithBom,
        Self::ToLatin1,
        Self::FromLatin1,
        Self::ToWindows,
        Self::FromWindows,
        Self::Lossy,
        Self::ToUtf16 { big: false, marked: false },
        Self::ToUtf16 { big: true, marked: false },
        Self::ToUtf16 { big: false, marked: true },
        Self::ToUtf16 { big: true, marked: true },
        Self::FromUtf16,
        Self::FromHtml,
        Self::ToHtml,
        Self::ToHtmlQuoted,
    ];

    /// The changed text; `None` where there is nothing to change.
    pub(super) fn apply(self, body: &[u8]) -> Option<Vec<u8>> {
        let changed = match self {
            Self::WithoutBom => body.strip_prefix(BOM)?.to_vec(),
            Self::WithBom => {
                if body.starts_with(BOM) {
                    return None;
                }
                [BOM, body].concat()
            }
            Self::ToLf => without_cr(body)?,
            Self::ToCrlf => with_cr(body)?,
            Self::ToLatin1 => narrow(body, |letter| u8::try_from(u32::from(letter)).ok())?,
            Self::ToWindows => narrow(body, to_windows)?,
            Self::FromLatin1 => widen(body, char::from)?,
            Self::FromWindows => widen(body, from_windows)?,
            Self::ToUtf16 { big, marked } => to_utf16(body, big, marked)?,
            Self::FromUtf16 => from_utf16(body)?,
            Self::Lossy => match String::from_utf8_lossy(body) {
                std::borrow::Cow::Owned(text) => text.into_bytes(),
                std::borrow::Cow::Borrowed(_) => return None,
            },
            Self::FromHtml => from_html(body)?,
            Self::ToHtml => to_html(body, &HTML[..3]),
            Self::ToHtmlQuoted => to_html(body, &HTML),
        };
        (changed != body).then_some(changed)
    }
}

fn to_utf16(body: &[u8], big: bool, marked: bool) -> Option<Vec<u8>> {
    let mark = marked.then_some(0xfeff);
    let units = mark.into_iter().chain(std::str::from_utf8(body).ok()?.encode_utf16());
    Some(units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect())
}

/// By its mark, or else by where the zeros of its first character stand.
fn from_utf16(body: &[u8]) -> Option<Vec<u8>> {
    let (big, text) = match body {
        [0xfe, 0xff, text @ ..] => (true, text),
        [0xff, 0xfe, text @ ..] => (false, text),
        [0, low, ..] if *low != 0 => (true, body),
        [low, 0, ..] if *low != 0 => (false, body),
        _ => return None,
    };
    let (pairs, odd) = text.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let units: Vec<u16> = pairs.iter().map(unit).collect();
    odd.is_empty().then(|| String::from_utf16(&units).ok().map(String::into_bytes))?
}

fn without_cr(body: &[u8]) -> Option<Vec<u8>> {
    body.contains(&b'\r').then(|| {
        let mut out = Vec::with_capacity(body.len());
        for (at, &byte) in body.iter().enumerate() {
            match byte {
                b'\r' if body.get(at + 1) == Some(&b'\n') => {}
                b'\r' => out.push(b'\n'),
                _ => out.push(byte),
            }
        }
        out
    })
}

fn with_cr(body: &[u8]) -> Option<Vec<u8>> {
    body.contains(&b'\n').then(|| {
        let mut out = Vec::with_capacity(body.len() + body.len() / 16);
        let mut before = 0;
        for &byte in body {
            if byte == b'\n' && before != b'\r' {
                out.push(b'\r');
            }
            out.push(byte);
            before = byte;
        }
        out
    })
}

/// Text in an encoding of one byte a character; `None` where a character has none.
fn narrow(body: &[u8], byte: fn(char) -> Option<u8>) -> Option<Vec<u8>> {
    if body.is_ascii() {
        return None;
    }
    std::str::from_utf8(body).ok()?.chars().map(byte).collect()
}

/// Bytes taken for characters one by one, in UTF-8.
fn widen(body: &[u8], letter: fn(u8) -> char) -> Option<Vec<u8>> {
    if body.is_ascii() {
        return None;
    }
    let text: String = body.iter().map(|&byte| letter(byte)).collect();
    Some(text.into_bytes())
}

fn from_html(body: &[u8]) -> Option<Vec<u8>> {
    if !body.contains(&b'&') {
        return None;
    }
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.iter().position(|&byte| byte == b'&') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let known = HTML.iter().chain(&HTML_OTHERS).find(|(_, spelt)| rest.starts_with(spelt.as_bytes()));
        let (byte, length) = known.map_or((b'&', 1), |(byte, spelt)| (*byte, spelt.len()));
        out.push(byte);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
    Some(out)
}

fn to_html(body: &[u8], escapes: &[(u8, &str)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 16);
    for byte in body {
        match escapes.iter().find(|(letter, _)| letter == byte) {
            Some((_, spelt)) => out.extend_from_slice(spelt.as_bytes()),
            None => out.push(*byte),
        }
    }
    out
}

fn to_windows(letter: char) -> Option<u8> {
    match WINDOWS.iter().position(|&have| have == letter) {
        Some(at) => u8::try_from(at + 0x80).ok(),
        None => u8::try_from(u32::from(letter)).ok().filter(|byte| !(0x80..=0x9f).contains(byte)),
    }
}

fn from_windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte) - 0x80],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_has_its_opposite() {
        let text = "Zürich – 5 €\r\nnext\r\n".as_bytes();
        let there = |change: Change, body: &[u8]| change.apply(body).unwrap();
        assert_eq!(there(Change::WithoutBom, &there(Change::WithBom, text)), text);
        assert_eq!(there(Change::ToCrlf, &there(Change::ToLf, text)), text);
        assert_eq!(there(Change::ToWindows, &there(Change::FromWindows, text)), text);
        assert_eq!(there(Change::ToLatin1, &there(Change::FromLatin1, text)), text);
        assert_eq!(Change::ToLatin1.apply("5 €".as_bytes()), None);
        assert_eq!(there(Change::ToLatin1, "ü".as_bytes()), b"\xfc");
        let html = b"{\"q\":\"a & b < 'c'\"}";
        assert_eq!(there(Change::ToHtml, html), b"{\"q\":\"a &amp; b &lt; 'c'\"}");
        assert_eq!(there(Change::FromHtml, &there(Change::ToHtml, html)), html);
        assert_eq!(there(Change::FromHtml, &there(Change::ToHtmlQuoted, html)), html);
        assert_eq!(Change::FromHtml.apply(b"a & b"), None);
        assert_eq!(Change::Lossy.apply(text), None);
        assert_eq!(there(Change::Lossy, b"a\xff"), "a\u{fffd}".as_bytes());
        for (big, marked) in [(false, false), (true, false), (false, true), (true, true)] {
            assert_eq!(there(Change::FromUtf16, &there(Change::ToUtf16 { big, marked }, text)), text);
        }
        assert_eq!(there(Change::ToUtf16 { big: false, marked: true }, b"a"), b"\xff\xfea\0");
        assert_eq!(there(Change::FromUtf16, b"\xff\xfea\0"), b"a");
        assert_eq!(Change::FromUtf16.apply(b"{\0}"), None, "half a character");
        for change in Change::ALL {
            let always = matches!(change, Change::WithBom | Change::ToUtf16 { .. });
            assert!(always || change.apply(b"plain").is_none(), "{change:?}");
        }
    }
}

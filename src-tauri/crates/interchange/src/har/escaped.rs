use crate::Fault;

/// The bytes of a text of JSON. mitmproxy writes the bytes of a body that is no text as halves of surrogates, in the way
/// of Python: `\udc80` to `\udcff` are the bytes from 128 on.
pub(super) fn bytes(spelt: &str) -> Result<Vec<u8>, Fault> {
    let form = |error: serde_json::Error| Fault::Form(crate::said::of(&error));
    let error = match serde_json::from_str::<String>(spelt) {
        Ok(text) => return Ok(text.into_bytes()),
        Err(error) => error,
    };
    let mut bytes = Vec::with_capacity(spelt.len());
    let mut rest = spelt;
    while let Some((at, byte)) = half(rest) {
        // What stands before it is text, which ends before an escape.
        bytes.extend_from_slice(quoted(&rest[..at]).map_err(form)?.as_bytes());
        bytes.push(byte);
        rest = &rest[at + ESCAPE..];
    }
    if bytes.is_empty() {
        return Err(form(error));
    }
    bytes.extend_from_slice(quoted(rest).map_err(form)?.as_bytes());
    Ok(bytes)
}

/// How long an escape is: `\udc80`.
const ESCAPE: usize = 6;

/// A piece of a text, with or without its own quotes.
fn quoted(piece: &str) -> serde_json::Result<String> {
    let inner = piece.strip_prefix('"').unwrap_or(piece);
    let inner = inner.strip_suffix('"').filter(|inner| !ends_escaped(inner)).unwrap_or(inner);
    serde_json::from_str(&format!("\"{inner}\""))
}

fn ends_escaped(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Where the first such half stands that is no second half of a character, and the byte that it is.
fn half(text: &str) -> Option<(usize, u8)> {
    let mut at = 0;
    let mut is_behind_high = false;
    while let Some(found) = text.get(at..)?.find('\\') {
        is_behind_high &= found == 0;
        at += found;
        let code = text.get(at..at + ESCAPE).and_then(|escape| escape.strip_prefix("\\u"));
        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code {
            Some(code @ 0xdc80..=0xdcff) if !is_behind_high => {
                return Some((at, u8::try_from(code - 0xdc00).unwrap_or_default()));
            }
            Some(code) => {
                is_behind_high = (0xd800..0xdc00).contains(&code);
                at += ESCAPE;
            }
            None => {
                is_behind_high = false;
                at += 2;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_python_escapes_are_bytes_again() {
        let read = |spelt: &str| bytes(spelt).unwrap();
        assert_eq!(read(r#""aé\u00e9\n\ud83d\ude00""#), "aéé\n😀".as_bytes());
        assert_eq!(
            read(r#""\u0000\udc89PNG\r\udcff\ud83d\ude00\udc80""#),
            b"\0\x89PNG\r\xff\xf0\x9f\x98\x80\x80"
        );
        assert_eq!(read(r#""\\udc80\udc80\\""#), b"\\udc80\x80\\");
        assert_eq!(read(r#""\ud83d\udc80""#), "\u{1f480}".as_bytes());
        for bad in [r#""\ud800""#, "5", r#""\udc80"#, r#""\udc80\ud800""#] {
            // Broken off it is still bytes, or told; nothing panics.
            drop(bytes(bad));
        }
        assert!(bytes(r#""\ud800""#).is_err() && bytes("5").is_err());
    }
}

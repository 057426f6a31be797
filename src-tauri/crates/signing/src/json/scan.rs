//! Where the parts of a JSON text stand. The text is known to be JSON; on any other the answers mean
//! nothing, but none of this panics or runs on forever.

use std::ops::Range;

/// A member of an object.
pub(super) struct Member {
    /// The white space in front of its name.
    pub(super) lead: Range<usize>,
    /// Its name, quotes included.
    pub(super) key: Range<usize>,
    /// The colon and the white space around it.
    pub(super) colon: Range<usize>,
    /// Its value.
    pub(super) value: Range<usize>,
}

/// The members of the object that begins at `open`.
pub(super) fn members(text: &[u8], open: usize) -> impl Iterator<Item = Member> {
    let mut next = Some(open + 1);
    std::iter::from_fn(move || {
        let lead = next?;
        let key = skip_space(text, lead);
        if text.get(key) != Some(&b'"') {
            return None;
        }
        let named = skip_string(text, key);
        let colon = skip_space(text, named);
        let value = skip_space(text, colon + 1);
        let end = skip_value(text, value);
        next = following(text, end);
        Some(Member { lead: lead..key, key: key..named, colon: named..value, value: value..end })
    })
}

/// The elements of the list that begins at `open`.
pub(super) fn elements(text: &[u8], open: usize) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(open + 1);
    std::iter::from_fn(move || {
        let value = skip_space(text, next?);
        if matches!(text.get(value), None | Some(b']')) {
            return None;
        }
        let end = skip_value(text, value);
        next = following(text, end);
        Some(value..end)
    })
}

/// Behind the comma that follows, if one does.
fn following(text: &[u8], end: usize) -> Option<usize> {
    let at = skip_space(text, end);
    (text.get(at) == Some(&b',')).then_some(at + 1)
}

pub(super) fn skip_space(text: &[u8], at: usize) -> usize {
    let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    at + text.get(at..).unwrap_or_default().iter().take_while(space).count()
}

fn skip_string(text: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn skip_value(text: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at = skip_string(text, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            b'}' | b']' | b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

//! Each line is a request.

use super::Cut;

/// The next line of what has not been read, of which so many bytes have been looked at before.
pub(super) fn next(unread: &[u8], seen: usize, is_end: bool) -> Option<Cut> {
    let seen = seen.min(unread.len());
    let end = unread.get(seen..)?.iter().position(|byte| *byte == b'\n').map(|at| seen + at);
    match end {
        Some(to) => Some(Cut { from: 0, to, rest: to + 1 }),
        None if is_end && !unread.is_empty() => Some(Cut { from: 0, to: unread.len(), rest: unread.len() }),
        None => None,
    }
}

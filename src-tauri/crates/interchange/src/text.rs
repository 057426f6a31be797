//! Bytes as text, where they are text.

/// The body as text; `None` where it is not UTF-8.
pub(crate) fn of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Whether text can stand in a terminal and in a shell's word: no control characters but tab and line feed.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t'))
}

/// Text that is put together piece by piece.
pub(crate) trait Put {
    /// Adds a piece at the end.
    fn put(&mut self, piece: String);
}

impl Put for String {
    fn put(&mut self, piece: String) {
        if self.is_empty() {
            *self = piece;
        } else {
            self.push_str(&piece);
        }
    }
}

use memchr::memmem;

/// Text with gaps: `*` stands for anything, nothing included; all else for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    /// What stands between the gaps, one at least.
    pieces: Vec<String>,
}

impl Glob {
    /// From what stands between the gaps.
    pub(super) fn new(pieces: Vec<String>) -> Self {
        debug_assert!(!pieces.is_empty());
        Self { pieces }
    }

    /// A text without gaps.
    pub fn text(text: impl Into<String>) -> Self {
        Self { pieces: vec![text.into()] }
    }

    /// The text, where it has no gaps.
    pub fn as_text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What it begins with, where nothing but a gap follows that.
    pub fn as_prefix(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [first, last] if last.is_empty() => Some(first),
            _ => None,
        }
    }

    /// The longest text that whatever fits has in it; it may be empty.
    pub fn longest_piece(&self) -> &str {
        self.pieces.iter().max_by_key(|piece| piece.len()).map_or("", String::as_str)
    }

    /// As a pattern of SQLite's `GLOB`.
    pub fn to_pattern(&self) -> String {
        let escape = |piece: &String| {
            piece.chars().fold(String::new(), |mut pattern, letter| {
                match letter {
                    '*' | '?' | '[' => pattern.extend(['[', letter, ']']),
                    _ => pattern.push(letter),
                }
                pattern
            })
        };
        self.pieces.iter().map(escape).collect::<Vec<_>>().join("*")
    }

    /// Whether the whole text fits.
    pub fn fits(&self, text: &[u8]) -> bool {
        let pieces = self.pieces.as_slice();
        let [first, between @ .., last] = pieces else {
            return pieces.first().is_some_and(|only| only.as_bytes() == text);
        };
        let Some(rest) = text.strip_prefix(first.as_bytes()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_bytes()) else { return false };
        // Each piece as early as it comes leaves the most for those after it.
        for piece in between {
            match memmem::find(rest, piece.as_bytes()) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::new(text.split('*').map(ToOwned::to_owned).collect())
    }

    #[test]
    fn gaps_stand_for_anything_and_nothing() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "a", true),
            ("a*b", "ab", true),
            ("a*b", "a", false),
            ("ab*ba", "aba", false),
            ("*a*", "xax", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(glob(pattern).fits(text.as_bytes()), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn what_has_a_meaning_in_a_pattern_stands_for_itself() {
        assert_eq!(Glob::text("a*[b]?").to_pattern(), "a[*][[]b][?]");
        assert_eq!(glob("/a/*").to_pattern(), "/a/*");
        assert_eq!(glob("/a/*").as_prefix(), Some("/a/"));
        assert_eq!(glob("a*bcd*").longest_piece(), "bcd");
    }
}

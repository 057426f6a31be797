//! A text with some of its places written anew, and everything around them left to the byte.

/// The text so far; its places come in their order.
pub(crate) struct Rewrite<'t> {
    text: &'t str,
    out: String,
    /// Up to here it has been copied.
    copied: usize,
    changed: bool,
}

impl<'t> Rewrite<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text, out: String::new(), copied: 0, changed: false }
    }

    /// Writes this in place of what stands from `begin` to `end`.
    pub(crate) fn replace(&mut self, begin: usize, end: usize, with: &str) {
        if !self.changed {
            // Most texts stay as they are.
            self.out.reserve(self.text.len());
        }
        self.out.push_str(&self.text[self.copied..begin]);
        self.out.push_str(with);
        self.copied = end;
        self.changed = true;
    }

    /// The whole text; `None` where it is as it was.
    pub(crate) fn finish(mut self) -> Option<String> {
        if !self.changed {
            return None;
        }
        self.out.push_str(&self.text[self.copied..]);
        Some(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::Rewrite;

    #[test]
    fn what_is_not_replaced_stays() {
        let mut rewrite = Rewrite::of("a: 1, b: 2");
        rewrite.replace(3, 4, "x");
        rewrite.replace(9, 10, "");
        assert_eq!(rewrite.finish().as_deref(), Some("a: x, b: "));
        assert_eq!(Rewrite::of("a").finish(), None);
    }
}

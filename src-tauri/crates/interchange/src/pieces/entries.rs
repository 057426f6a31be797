use super::Cut;
use crate::har::{LatePages, Pages};

/// The elements of `log.entries`, found by the brackets and the texts of the JSON around them.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// In how many brackets we are.
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// The text that was read last, as far as it may be a key that matters, and the key that it was.
    text: Vec<u8>,
    key: Vec<u8>,
    /// Within the object `log`.
    in_log: bool,
    /// Within its list.
    in_list: bool,
    /// Where in what has not been read the element begins that is not whole yet.
    begins: Option<usize>,
    had_list: bool,
    list_ended: bool,
    /// The list `log.pages` as it comes, and those that were read of it.
    pages_text: Option<Vec<u8>>,
    pages: Pages,
    /// Whether they came behind entries.
    pages_late: bool,
}

/// No longer list of pages is read, in bytes.
const LONGEST_PAGES: usize = 2 << 20;

/// No key that matters is longer.
const LONGEST_KEY: usize = 16;

impl Entries {
    /// The next element of what has not been read, of which so many bytes have been looked at before.
    pub(super) fn next(&mut self, unread: &[u8], seen: usize, is_end: bool) -> Result<Option<Cut>, String> {
        let mut at = seen;
        while let Some(&byte) = unread.get(at) {
            if let Some(cut) = self.step(byte, at) {
                return Ok(Some(cut));
            }
            at += 1;
        }
        if !is_end || self.list_ended {
            // Between elements there is nothing to keep.
            let between = self.begins.is_none() && !unread.is_empty();
            return Ok(between.then_some(Cut { from: 0, to: 0, rest: unread.len() }));
        }
        Err(if self.had_list {
            "it breaks off before the end of its list of entries".to_owned()
        } else {
            "it has no list `log.entries`".to_owned()
        })
    }

    /// The pages that have come.
    pub(super) const fn pages(&self) -> &Pages {
        &self.pages
    }

    /// Those that came behind the entries.
    pub(super) fn late_pages(&self) -> Option<LatePages> {
        LatePages::of(&self.pages).filter(|_| self.pages_late)
    }

    fn step(&mut self, byte: u8, at: usize) -> Option<Cut> {
        if let Some(pages) = self.pages_text.as_mut().filter(|text| text.len() < LONGEST_PAGES) {
            pages.push(byte);
        }
        if self.in_text {
            self.in_text(byte);
            return None;
        }
        let in_elements = self.in_list && self.depth == 3;
        if in_elements && matches!(byte, b',' | b']') {
            let cut = self.begins.take().map(|from| Cut { from, to: at, rest: at + 1 });
            self.outside(byte);
            return cut;
        }
        if in_elements && self.begins.is_none() && !byte.is_ascii_whitespace() {
            self.begins = Some(at);
        }
        self.outside(byte);
        None
    }

    fn in_text(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_text = false,
            _ => {}
        }
        if self.in_text && self.depth <= 2 && self.text.len() <= LONGEST_KEY {
            self.text.push(byte);
        }
    }

    fn outside(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.in_text = true;
                self.text.clear();
            }
            b':' => self.key = std::mem::take(&mut self.text),
            b',' => self.key.clear(),
            b'{' | b'[' => {
                self.depth += 1;
                if self.depth == 2 && byte == b'{' && self.key == b"log" {
                    self.in_log = true;
                } else if self.depth == 3 && byte == b'[' && self.in_log && self.key == b"entries" {
                    (self.in_list, self.had_list) = (true, true);
                } else if self.depth == 3 && byte == b'[' && self.in_log && self.key == b"pages" {
                    self.pages_text = Some(vec![b'[']);
                }
                self.key.clear();
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 2 && self.in_list {
                    (self.in_list, self.list_ended) = (false, true);
                }
                if let Some(text) = self.pages_text.take_if(|_| self.depth == 2) {
                    self.pages = std::str::from_utf8(&text).map(Pages::read).unwrap_or_default();
                    self.pages_late = self.had_list;
                }
                if self.depth == 1 {
                    self.in_log = false;
                }
            }
            _ => {}
        }
    }
}

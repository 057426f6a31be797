//! Writing a document again: white space and the order of keys.

use super::document::{Document, Kind};
use super::style::{Changed, Order, Space, Style};

impl Document<'_> {
    /// The document in another style, and what is different; `None` beyond `limit` bytes.
    pub(in crate::diagnose::bodies) fn write(
        &self,
        style: &Style,
        limit: usize,
    ) -> Option<(Vec<u8>, Changed)> {
        let capacity = (self.text.len() + self.text.len() / 8).min(limit);
        let mut writer = Writer {
            document: self,
            style,
            out: Vec::with_capacity(capacity),
            changed: Changed::default(),
            number: 0,
            rank: if let Order::Other(rank) = style.order { rank } else { 0 },
            limit,
        };
        if style.space == Space::Kept && style.order == Order::Kept {
            writer.in_place()?;
        } else {
            writer.value(0, 0)?;
            writer.out.extend_from_slice(self.tail());
        }
        Some((writer.out, writer.changed))
    }
}

pub(super) struct Writer<'d, 'a> {
    document: &'d Document<'a>,
    pub(super) style: &'d Style,
    pub(super) out: Vec<u8>,
    pub(super) changed: Changed,
    number: usize,
    /// What is left of the number of an order.
    rank: u32,
    limit: usize,
}

impl Writer<'_, '_> {
    /// Every token in its place, with the white space there is.
    fn in_place(&mut self) -> Option<()> {
        let mut end = 0;
        for at in 0..self.document.tokens.len() {
            let token = self.document.tokens[at];
            self.out.extend_from_slice(&self.document.text[end..token.start as usize]);
            end = token.end as usize;
            self.token(at)?;
        }
        self.out.extend_from_slice(&self.document.text[end..]);
        Some(())
    }

    fn token(&mut self, at: usize) -> Option<()> {
        let raw = self.document.slice(at);
        match self.document.tokens[at].kind {
            Kind::Text { plain: false } => self.text(raw),
            Kind::Number => {
                let text = std::str::from_utf8(raw).ok()?;
                let written = self.style.numbers.write(text, self.number);
                self.number += 1;
                match written.filter(|written| written != text) {
                    Some(written) => {
                        self.changed.numbers = true;
                        self.out.extend_from_slice(written.as_bytes());
                    }
                    None => self.out.extend_from_slice(raw),
                }
            }
            _ => self.out.extend_from_slice(raw),
        }
        (self.out.len() <= self.limit).then_some(())
    }

    /// The value that begins at a token; gives the token behind it.
    fn value(&mut self, at: usize, depth: usize) -> Option<usize> {
        let token = self.document.tokens[at];
        if token.kind != Kind::Open {
            self.token(at)?;
            return Some(at + 1);
        }
        let close = token.close as usize;
        let object = self.document.byte(at) == b'{';
        self.out.push(self.document.byte(at));
        let items = self.items(at + 1, close, object)?;
        for (index, &item) in items.iter().enumerate() {
            if index > 0 {
                self.comma(object);
            }
            self.before_item(object, depth + 1, index);
            let mut next = item;
            if object {
                self.token(item)?;
                self.colon();
                next = item + 2;
            }
            self.value(next, depth + 1)?;
        }
        self.before_close(object, depth, items.is_empty());
        self.out.push(self.document.byte(close));
        Some(close + 1)
    }

    /// The first tokens of a container's items, in the style's order.
    fn items(&mut self, first: usize, close: usize, object: bool) -> Option<Vec<usize>> {
        let mut items = Vec::new();
        let mut at = first;
        while at < close {
            items.push(at);
            let value = if object { at + 2 } else { at };
            let token = self.document.tokens.get(value)?;
            let behind = if token.kind == Kind::Open { token.close as usize + 1 } else { value + 1 };
            at = behind + 1;
        }
        if object {
            self.reorder(&mut items);
        }
        Some(items)
    }

    fn reorder(&mut self, items: &mut [usize]) {
        let before = items.to_vec();
        match self.style.order {
            Order::Kept => return,
            Order::Sorted => {
                let document = self.document;
                items.sort_by(|one, other| document.slice(*one).cmp(document.slice(*other)));
            }
            Order::Other(_) => {
                for at in 0..items.len() {
                    let left = u32::try_from(items.len() - at).unwrap_or(1);
                    let pick = usize::try_from(self.rank % left).unwrap_or(0);
                    self.rank /= left;
                    items[at..=at + pick].rotate_right(1);
                }
            }
        }
        self.changed.order |= before != items;
    }

    fn comma(&mut self, object: bool) {
        self.out.push(b',');
        let spaced = match self.style.space {
            Space::Spaced | Space::CommaSpaced => true,
            Space::Jackson => !object,
            _ => false,
        };
        if spaced {
            self.out.push(b' ');
        }
    }

    fn colon(&mut self) {
        let colon: &[u8] = match self.style.space {
            Space::Kept | Space::Compact | Space::CommaSpaced => b":",
            Space::Jackson => b" : ",
            Space::Spaced | Space::ColonSpaced | Space::Indented(_) | Space::IndentedCrlf => b": ",
        };
        self.out.extend_from_slice(colon);
    }

    fn before_item(&mut self, object: bool, depth: usize, index: usize) {
        match self.style.space {
            Space::Indented(by) => self.line("\n", by, depth),
            Space::IndentedCrlf => self.line("\r\n", "  ", depth),
            Space::Jackson if object => self.line("\n", "  ", depth),
            Space::Jackson if index == 0 => self.out.push(b' '),
            _ => {}
        }
    }

    fn before_close(&mut self, object: bool, depth: usize, empty: bool) {
        match self.style.space {
            Space::Jackson if empty => self.out.push(b' '),
            _ if empty => {}
            Space::Indented(by) => self.line("\n", by, depth),
            Space::IndentedCrlf => self.line("\r\n", "  ", depth),
            Space::Jackson if object => self.line("\n", "  ", depth),
            Space::Jackson => self.out.push(b' '),
            _ => {}
        }
    }

    fn line(&mut self, end: &str, by: &str, depth: usize) {
        self.out.extend_from_slice(end.as_bytes());
        for _ in 0..depth {
            self.out.extend_from_slice(by.as_bytes());
        }
    }
}

//! A document taken apart into tokens, without changing a byte.

/// Deeper documents are left alone.
const DEEPEST: usize = 120;
/// Larger documents are left alone: their parts would not fit the bounds of a diagnosis.
const LARGEST: usize = 8 << 20;
/// Keys are not put in more orders than this.
const MOST_ORDERS: u32 = 5040;

/// A document's tokens, in order.
#[derive(Debug)]
pub(in crate::diagnose::bodies) struct Document<'a> {
    pub(super) text: &'a [u8],
    pub(super) tokens: Vec<Token>,
    pub(in crate::diagnose::bodies) traits: Traits,
}

/// What there is in a document for a writer to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::diagnose::bodies) struct Traits {
    pub(in crate::diagnose::bodies) non_ascii: bool,
    pub(in crate::diagnose::bodies) unicode_escapes: bool,
    pub(in crate::diagnose::bodies) slashes: bool,
    pub(in crate::diagnose::bodies) escaped_slashes: bool,
    /// Characters that some writers escape for the sake of HTML.
    pub(in crate::diagnose::bodies) html: bool,
    pub(in crate::diagnose::bodies) numbers: usize,
    pub(in crate::diagnose::bodies) objects_of_several: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// For an opening bracket the index of its closing one.
    pub(super) close: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Comma,
    Colon,
    /// A string, and whether a writer could change anything in it.
    Text {
        plain: bool,
    },
    Number,
    Word,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Value,
    FirstItem,
    FirstKey,
    Key,
    Colon,
    /// A comma or a closing bracket.
    Next,
}

impl<'a> Document<'a> {
    /// Takes a text apart; `None` where it is no JSON object or array, or too large or deep.
    pub(in crate::diagnose::bodies) fn read(text: &'a [u8]) -> Option<Self> {
        if text.len() > LARGEST || !matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return None;
        }
        let mut document = Self { text, tokens: Vec::new(), traits: Traits::default() };
        document.scan()?;
        Some(document)
    }

    fn scan(&mut self) -> Option<()> {
        let mut open: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < self.text.len() {
            let start = at;
            let kind = match self.text[at] {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    at += 1;
                    continue;
                }
                b'{' | b'[' => {
                    open.push(self.tokens.len());
                    Kind::Open
                }
                b'}' | b']' => {
                    let opening = open.pop()?;
                    self.tokens[opening].close = u32::try_from(self.tokens.len()).ok()?;
                    let first = self.text[usize::try_from(self.tokens[opening].start).ok()?];
                    if first + 2 != self.text[at] {
                        return None;
                    }
                    Kind::Close
                }
                b',' => {
                    let in_object = open.last().is_some_and(|&opening| self.byte(opening) == b'{');
                    self.traits.objects_of_several |= in_object;
                    Kind::Comma
                }
                b':' => Kind::Colon,
                b'"' => self.string(&mut at)?,
                b'-' | b'0'..=b'9' => {
                    while self.text.get(at + 1).is_some_and(|byte| b"+-.eE0123456789".contains(byte)) {
                        at += 1;
                    }
                    self.traits.numbers += 1;
                    Kind::Number
                }
                b'a'..=b'z' => {
                    while self.text.get(at + 1).is_some_and(u8::is_ascii_lowercase) {
                        at += 1;
                    }
                    Kind::Word
                }
                _ => return None,
            };
            at += 1;
            if open.len() > DEEPEST || (open.is_empty() && kind != Kind::Close) {
                return None;
            }
            self.tokens.push(Token {
                kind,
                start: u32::try_from(start).ok()?,
                end: u32::try_from(at).ok()?,
                close: 0,
            });
            if open.is_empty() {
                break;
            }
        }
        let rest_is_space = self.text[at..].iter().all(u8::is_ascii_whitespace);
        (open.is_empty() && rest_is_space && self.sound()).then_some(())
    }

    /// Reads a string up to its closing quote and notes what is in it.
    fn string(&mut self, at: &mut usize) -> Option<Kind> {
        let mut plain = true;
        loop {
            *at += 1;
            match *self.text.get(*at)? {
                b'"' => return Some(Kind::Text { plain }),
                b'\\' => {
                    *at += 1;
                    plain = false;
                    match *self.text.get(*at)? {
                        b'u' => {
                            let digits = self.text.get(*at + 1..*at + 5)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            *at += 4;
                            self.traits.unicode_escapes = true;
                        }
                        b'/' => self.traits.escaped_slashes = true,
                        b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        _ => return None,
                    }
                }
                b'/' => {
                    plain = false;
                    self.traits.slashes = true;
                }
                b'<' | b'>' | b'&' | b'=' | b'\'' | b'+' | b'`' => {
                    plain = false;
                    self.traits.html = true;
                }
                0x80.. => {
                    plain = false;
                    self.traits.non_ascii = true;
                }
                _ => {}
            }
        }
    }

    /// Whether tokens follow one another as JSON's do.
    fn sound(&self) -> bool {
        let mut in_object: Vec<bool> = Vec::new();
        let mut due = Due::Value;
        for (at, token) in self.tokens.iter().enumerate() {
            let object = in_object.last().copied().unwrap_or(false);
            due = match (token.kind, due) {
                (Kind::Open, Due::Value | Due::FirstItem) => {
                    in_object.push(self.byte(at) == b'{');
                    if self.byte(at) == b'{' { Due::FirstKey } else { Due::FirstItem }
                }
                (Kind::Close, Due::FirstKey | Due::FirstItem | Due::Next) => {
                    in_object.pop();
                    Due::Next
                }
                (Kind::Comma, Due::Next) if object => Due::Key,
                (Kind::Comma, Due::Next) | (Kind::Colon, Due::Colon) => Due::Value,
                (Kind::Text { .. }, Due::Key | Due::FirstKey) => Due::Colon,
                (Kind::Text { .. } | Kind::Number | Kind::Word, Due::Value | Due::FirstItem) => Due::Next,
                _ => return false,
            };
        }
        true
    }

    /// The numbers, in order.
    pub(in crate::diagnose::bodies) fn numbers(&self) -> impl Iterator<Item = &'a str> {
        let numbers = self.tokens.iter().filter(|token| token.kind == Kind::Number);
        let text = self.text;
        numbers.filter_map(move |token| {
            std::str::from_utf8(&text[token.start as usize..token.end as usize]).ok()
        })
    }

    /// What stands behind the document: white space, as a rule a line break.
    pub(in crate::diagnose::bodies) fn tail(&self) -> &'a [u8] {
        let end = self.tokens.last().map_or(0, |token| token.end as usize);
        &self.text[end..]
    }

    /// In how many orders its keys can stand; 1 where they do not look as if something had sorted them, or
    /// where there are too many.
    pub(in crate::diagnose::bodies) fn orders(&self) -> u32 {
        let mut product: u32 = 1;
        for (at, token) in self.tokens.iter().enumerate() {
            if token.kind != Kind::Open || self.byte(at) != b'{' {
                continue;
            }
            let keys = self.keys(at);
            let in_order = keys.windows(2).all(|pair| pair[0] <= pair[1]);
            let factorial: u32 = (1..=u32::try_from(keys.len()).unwrap_or(u32::MAX).min(12)).product();
            product = product.saturating_mul(factorial);
            if !in_order || keys.len() > 7 || product > MOST_ORDERS {
                return 1;
            }
        }
        product
    }

    /// The keys of the object that begins at a token.
    fn keys(&self, open: usize) -> Vec<&'a [u8]> {
        let close = self.tokens[open].close as usize;
        let mut keys = Vec::new();
        let mut at = open + 1;
        while at + 2 < close {
            keys.push(self.slice(at));
            let value = self.tokens[at + 2];
            let behind = if value.kind == Kind::Open { value.close as usize + 1 } else { at + 3 };
            at = behind + 1;
        }
        keys
    }

    pub(super) fn byte(&self, token: usize) -> u8 {
        self.text[self.tokens[token].start as usize]
    }

    pub(super) fn slice(&self, token: usize) -> &'a [u8] {
        let token = self.tokens[token];
        &self.text[token.start as usize..token.end as usize]
    }
}

//! JSON as text: taken apart without changing a byte, and written again as other writers would.
//!
//! Numbers stay the text they are, and keys that come twice stay twice: a parsed value would have lost both.

/// Deeper documents are left alone.
const DEEPEST: usize = 120;
/// Larger documents are left alone: their parts would not fit the bounds of a diagnosis.
const LARGEST: usize = 8 << 20;
/// Keys are not put in more orders than this.
const MOST_ORDERS: u32 = 5040;

/// A document's tokens, in order.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: &'a [u8],
    tokens: Vec<Token>,
    pub(super) traits: Traits,
}

/// What there is in a document for a writer to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) non_ascii: bool,
    pub(super) unicode_escapes: bool,
    pub(super) slashes: bool,
    pub(super) escaped_slashes: bool,
    /// Characters that some writers escape for the sake of HTML.
    pub(super) html: bool,
    pub(super) numbers: usize,
    pub(super) objects_of_several: bool,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    start: u32,
    end: u32,
    /// For an opening bracket the index of its closing one.
    close: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
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

/// How a document is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) struct Style {
    pub(super) space: Space,
    pub(super) letters: Letters,
    pub(super) slashes: Slashes,
    pub(super) numbers: super::numbers::Numbers,
    pub(super) order: Order,
}

/// White space between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Space {
    /// As it is.
    Kept,
    Compact,
    /// `, ` and `: `, on one line.
    Spaced,
    /// A line for each part, with this before each level and `: ` after keys.
    Indented(&'static str),
    /// As Jackson's default pretty printer: ` : ` after keys, arrays on one line.
    Jackson,
    /// Indented by two, with CRLF.
    IndentedCrlf,
    /// `:` without and `,` with a space after it.
    CommaSpaced,
    /// `: ` and `,` alone.
    ColonSpaced,
}

/// Characters in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Letters {
    Kept,
    /// Nothing escaped that need not be.
    Raw,
    /// Everything beyond ASCII escaped.
    Ascii {
        capitals: bool,
    },
    /// `<`, `>`, `&` and line separators escaped, the rest raw.
    Html,
    /// `<`, `>`, `&`, `=` and `'` escaped, the rest raw.
    HtmlMore,
    /// Everything beyond ASCII and `"&'+<>` and the backtick escaped, in capitals.
    Strict,
}

/// Slashes in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Slashes {
    Kept,
    Escaped,
    Plain,
}

/// Keys in objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Order {
    Kept,
    Sorted,
    /// One of all the orders there are, by its number below [`Document::orders`].
    Other(u32),
}

/// What writing again changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) space: bool,
    pub(super) letters: bool,
    pub(super) slashes: bool,
    pub(super) numbers: bool,
    pub(super) order: bool,
}

impl Style {
    pub(super) const KEPT: Self = Self {
        space: Space::Kept,
        letters: Letters::Kept,
        slashes: Slashes::Kept,
        numbers: super::numbers::Numbers::Kept,
        order: Order::Kept,
    };
}

impl<'a> Document<'a> {
    /// Takes a text apart; `None` where it is no JSON object or array, or too large or deep.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
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
    pub(super) fn numbers(&self) -> impl Iterator<Item = &'a str> {
        let numbers = self.tokens.iter().filter(|token| token.kind == Kind::Number);
        let text = self.text;
        numbers.filter_map(move |token| {
            std::str::from_utf8(&text[token.start as usize..token.end as usize]).ok()
        })
    }

    /// What stands behind the document: white space, as a rule a line break.
    pub(super) fn tail(&self) -> &'a [u8] {
        let end = self.tokens.last().map_or(0, |token| token.end as usize);
        &self.text[end..]
    }

    /// In how many orders its keys can stand; 1 where they do not look as if something had sorted them, or
    /// where there are too many.
    pub(super) fn orders(&self) -> u32 {
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

    /// The document in another style, and what is different; `None` beyond `limit` bytes.
    pub(super) fn write(&self, style: &Style, limit: usize) -> Option<(Vec<u8>, Changed)> {
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

    fn byte(&self, token: usize) -> u8 {
        self.text[self.tokens[token].start as usize]
    }

    fn slice(&self, token: usize) -> &'a [u8] {
        let token = self.tokens[token];
        &self.text[token.start as usize..token.end as usize]
    }
}

struct Writer<'d, 'a> {
    document: &'d Document<'a>,
    style: &'d Style,
    out: Vec<u8>,
    changed: Changed,
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

    /// A string with its characters written in the style.
    fn text(&mut self, raw: &[u8]) {
        let mut at = 0;
        while at < raw.len() {
            let run = raw[at..].iter().position(|&byte| !self.stays(byte)).unwrap_or(raw.len() - at);
            self.out.extend_from_slice(&raw[at..at + run]);
            at += run;
            if at < raw.len() {
                at += self.letter(&raw[at..], at == 0 || at + 1 == raw.len());
            }
        }
    }

    /// True for bytes that no style touches.
    fn stays(&self, byte: u8) -> bool {
        match byte {
            b'\\' | b'/' => false,
            b'"' | b'<' | b'>' | b'&' | b'=' | b'\'' | b'+' | b'`' => {
                !matches!(self.style.letters, Letters::Html | Letters::HtmlMore | Letters::Strict)
            }
            0x80.. => matches!(self.style.letters, Letters::Kept | Letters::Raw),
            _ => true,
        }
    }

    /// Writes the character at the start of `raw`; gives how many bytes it took there.
    fn letter(&mut self, raw: &[u8], delimiter: bool) -> usize {
        let (letter, length, escaped) = match raw {
            [b'"', ..] if delimiter => {
                self.out.push(b'"');
                return 1;
            }
            [b'/', ..] => {
                self.slash(false);
                return 1;
            }
            [b'\\', b'/', ..] => {
                self.slash(true);
                return 2;
            }
            [b'\\', b'u', ..] => match unescaped(raw) {
                Some((letter, length)) => (letter, length, true),
                None => return self.copy(&raw[..6]),
            },
            [b'\\', b'"', ..] => {
                if self.style.letters == Letters::Strict {
                    self.changed.letters = true;
                    self.escape('"', true);
                    return 2;
                }
                return self.copy(&raw[..2]);
            }
            [b'\\', ..] => return self.copy(&raw[..raw.len().min(2)]),
            _ => match first_char(raw) {
                Some(letter) => (letter, letter.len_utf8(), false),
                None => return self.copy(&raw[..1]),
            },
        };
        let start = self.out.len();
        self.character(letter, &raw[..length], escaped);
        self.changed.letters |= self.out[start..] != raw[..length];
        length
    }

    fn character(&mut self, letter: char, raw: &[u8], escaped: bool) {
        let must = letter < ' ' || letter == '"' || letter == '\\';
        let escape = match self.style.letters {
            Letters::Kept => None,
            _ if must && escaped => None,
            Letters::Raw => Some(false),
            Letters::Ascii { .. } => Some(!letter.is_ascii()),
            Letters::Html => Some("<>&\u{2028}\u{2029}".contains(letter)),
            Letters::HtmlMore => Some("<>&='\u{2028}\u{2029}".contains(letter)),
            Letters::Strict => Some(!letter.is_ascii() || "&'+<>`".contains(letter)),
        };
        match escape {
            None => self.out.extend_from_slice(raw),
            Some(true) => {
                let capitals =
                    matches!(self.style.letters, Letters::Strict | Letters::Ascii { capitals: true });
                self.escape(letter, capitals);
            }
            Some(false) => {
                let mut bytes = [0; 4];
                self.out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
            }
        }
    }

    fn escape(&mut self, letter: char, capitals: bool) {
        let mut units = [0; 2];
        for unit in letter.encode_utf16(&mut units) {
            let spelt = if capitals { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
            self.out.extend_from_slice(spelt.as_bytes());
        }
    }

    fn slash(&mut self, escaped: bool) {
        let write_escaped = match self.style.slashes {
            Slashes::Kept => escaped,
            Slashes::Escaped => true,
            Slashes::Plain => false,
        };
        self.changed.slashes |= write_escaped != escaped;
        self.out.extend_from_slice(if write_escaped { b"\\/" } else { b"/" });
    }

    fn copy(&mut self, raw: &[u8]) -> usize {
        self.out.extend_from_slice(raw);
        raw.len()
    }
}

/// The character that `\u…` at the start of the bytes spells, and how many bytes it took.
fn unescaped(raw: &[u8]) -> Option<(char, usize)> {
    let unit = |raw: &[u8]| {
        let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = unit(raw)?;
    if let Some(letter) = char::from_u32(u32::from(first)) {
        return Some((letter, 6));
    }
    let second = unit(raw.get(6..)?)?;
    let mut letters = char::decode_utf16([first, second]);
    letters.next()?.ok().map(|letter| (letter, 12))
}

fn first_char(raw: &[u8]) -> Option<char> {
    let chunk = raw[..raw.len().min(4)].utf8_chunks().next()?;
    chunk.valid().chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, style: Style) -> Option<(String, Changed)> {
        let document = Document::read(text.as_bytes())?;
        let (bytes, changed) = document.write(&style, 1 << 16)?;
        Some((String::from_utf8(bytes).unwrap(), changed))
    }

    #[test]
    fn keeping_everything_gives_the_same_bytes() {
        for text in
            ["{}", "[]", " {\"a\" : [1 , 2.50,{}], \"ü\\u00e9\\/\\n\":null}\n", "[true,false,\"\\\"\"]"]
        {
            assert_eq!(written(text, Style::KEPT), Some((text.to_owned(), Changed::default())), "{text}");
        }
    }

    #[test]
    fn white_space_is_written_as_common_writers_do() {
        let text = "{\"a\":[1,{}],\"b\":{\"c\":\"x\"},\"d\":[]}";
        let in_style = |space| written(text, Style { space, ..Style::KEPT }).unwrap().0;
        assert_eq!(in_style(Space::Spaced), "{\"a\": [1, {}], \"b\": {\"c\": \"x\"}, \"d\": []}");
        let indented =
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": \"x\"\n  },\n  \"d\": []\n}";
        assert_eq!(in_style(Space::Indented("  ")), indented);
        let compact = written(indented, Style { space: Space::Compact, ..Style::KEPT }).unwrap().0;
        assert_eq!(compact, text);
    }

    #[test]
    fn what_was_changed_is_told() {
        let raw = Style { letters: Letters::Raw, ..Style::KEPT };
        let (text, changed) = written("{\"b\":\"\\u00fc\\ud83d\\ude00\",\"a\":1}", raw).unwrap();
        assert_eq!(text, "{\"b\":\"ü😀\",\"a\":1}");
        assert_eq!(changed, Changed { letters: true, ..Changed::default() });
        let sorted = Style { order: Order::Sorted, space: Space::Compact, ..Style::KEPT };
        let (text, changed) = written("{\"b\":{\"d\":1,\"c\":2},\"a\":1}", sorted).unwrap();
        assert_eq!(text, "{\"a\":1,\"b\":{\"c\":2,\"d\":1}}");
        assert!(changed.order);
    }

    #[test]
    fn every_order_of_sorted_keys_comes_once() {
        let document = Document::read(b"{\"a\":1,\"b\":{\"c\":1,\"d\":2},\"e\":3}").unwrap();
        let mut all: Vec<Vec<u8>> = (0..document.orders())
            .map(|rank| Style { order: Order::Other(rank), space: Space::Compact, ..Style::KEPT })
            .map(|style| document.write(&style, 1 << 10).unwrap().0)
            .collect();
        assert_eq!(all.len(), 12);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 12);
        assert_eq!(Document::read(b"{\"b\":1,\"a\":2}").unwrap().orders(), 1);
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        for text in [
            "",
            "17",
            "\"text\"",
            "{",
            "{\"a\"}",
            "{\"a\":1,}",
            "[1,,2]",
            "{a:1}",
            "[1] x",
            "[\"\\x\"]",
            "[}",
        ] {
            assert!(Document::read(text.as_bytes()).is_none(), "{text}");
        }
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(Document::read(deep.as_bytes()).is_none());
    }
}

//! A file that is read as it comes, piece by piece: JSON Lines and HAR, however large. Of what has been read nothing is
//! kept but the request that is not whole yet.

mod entries;
mod lines;

use crate::format::{UTF16, is_utf16};
use crate::read::Intake;
use crate::{Bounds, Import, LatePages, Message, Place, ReadError, ReadFormat, har, jsonl};

/// So much of a file tells its format, in bytes.
pub const START: usize = 64 << 10;

/// A request may stand in so many times the bytes of the largest body: base64 and escapes make it longer, and an entry
/// of a browser holds the answer too.
const LONGER: u64 = 4;
/// And so many bytes more, for all of it that is not its body.
const BESIDE: u64 = 16 << 20;

/// What the beginning of a file looks like: as much of it as there is, or [`START`] bytes.
pub fn format_of(start: &[u8]) -> Option<ReadFormat> {
    ReadFormat::of(start.strip_prefix(BOM).unwrap_or(start))
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a file piece by piece.
#[derive(Debug)]
pub struct Pieces {
    bounds: Bounds,
    format: ReadFormat,
    split: Split,
    /// What is not whole yet.
    unread: Vec<u8>,
    /// So many bytes of it have been looked at.
    seen: usize,
    begun: bool,
    /// How many requests were found, with those that are left out.
    found: usize,
    taken: usize,
    most: usize,
}

#[derive(Debug)]
enum Split {
    Lines,
    Entries(entries::Entries),
}

impl Split {
    /// The pages of a HAR, as far as they have come.
    const fn pages(&self) -> &har::Pages {
        const NONE: &har::Pages = &har::Pages::new();
        match self {
            Self::Lines => NONE,
            Self::Entries(entries) => entries.pages(),
        }
    }
}

/// Where a request ends in what has not been read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    /// It stands between these two.
    from: usize,
    to: usize,
    /// What comes after it begins here.
    rest: usize,
}

impl Pieces {
    /// `None` for a format that is only read whole. Of one file so many requests are read at the most: what
    /// [`Bounds`] says of all requests together holds for those of one piece.
    pub fn new(format: ReadFormat, bounds: Bounds, most: usize) -> Option<Self> {
        let split = match format {
            ReadFormat::JsonLines => Split::Lines,
            ReadFormat::Har => Split::Entries(entries::Entries::default()),
            ReadFormat::Curl | ReadFormat::Raw | ReadFormat::Postman => return None,
        };
        let unread = Vec::new();
        Some(Self { bounds, format, split, unread, seen: 0, begun: false, found: 0, taken: 0, most })
    }

    /// Reads on, and gives the requests that are whole by now, and what is left out. Fails where the rest cannot be
    /// read: what was given before counts.
    pub fn push(&mut self, piece: &[u8]) -> (Import, Result<(), ReadError>) {
        self.unread.extend_from_slice(piece);
        if !self.begun {
            // The mark may come in two pieces.
            let is_cut = matches!(self.unread[..], [0xff | 0xfe]) || BOM.starts_with(&self.unread);
            if self.unread.len() < BOM.len() && is_cut {
                return (Import::nothing(self.format), Ok(()));
            }
            if self.unread.starts_with(BOM) {
                self.unread.drain(..BOM.len());
            }
            self.begun = true;
            if is_utf16(&self.unread) {
                let intake = Intake::new(self.format, &self.bounds);
                return (Import::nothing(self.format), Err(intake.broken(UTF16)));
            }
        }
        self.read(false)
    }

    /// What stands at the end of the file. Fails where it breaks off.
    pub fn finish(&mut self) -> (Import, Result<(), ReadError>) {
        self.read(true)
    }

    /// The pages of a HAR that stood behind its entries, for those that were given before: nothing where they came first.
    pub fn late_pages(&self) -> Option<LatePages> {
        match &self.split {
            Split::Lines => None,
            Split::Entries(entries) => entries.late_pages(),
        }
    }

    fn read(&mut self, is_end: bool) -> (Import, Result<(), ReadError>) {
        let mut intake = Intake::new(self.format, &self.bounds);
        let mut from = 0;
        let done = loop {
            let unread = self.unread.get(from..).unwrap_or_default();
            let cut = match &mut self.split {
                Split::Lines => Ok(lines::next(unread, self.seen - from, is_end)),
                Split::Entries(entries) => entries.next(unread, self.seen - from, is_end),
            };
            let cut = match cut {
                Ok(Some(cut)) => cut,
                Ok(None) => break Ok(()),
                Err(said) => break Err(intake.broken(said)),
            };
            let text = unread.get(cut.from..cut.to).unwrap_or_default();
            // What stands between entries is none of them.
            self.found += usize::from(self.format != ReadFormat::Har || cut.to > cut.from);
            if !text.trim_ascii().is_empty() {
                let (place, message) = match self.format {
                    ReadFormat::Har => (Place::Entry(self.found), har::message_of(text, self.split.pages())),
                    _ => (Place::Line(self.found), jsonl::message(text)),
                };
                let before = intake.len();
                if let Err(error) = intake.take(place, message) {
                    break Err(error);
                }
                self.taken += intake.len() - before;
            }
            from += cut.rest;
            self.seen = from;
            if self.taken > self.most {
                break Err(ReadError::TooMany { most: self.most });
            }
        };
        self.unread.drain(..from.min(self.unread.len()));
        self.seen = self.unread.len();
        let longest = self.bounds.body.saturating_mul(LONGER).saturating_add(BESIDE);
        let done = if done.is_ok() && self.unread.len() as u64 > longest {
            Err(intake.broken(format!("request {} is longer than {longest} bytes", self.found + 1)))
        } else {
            done
        };
        (intake.into_import(), done)
    }
}

impl Import {
    /// Takes in what a part of the same file gave, all but its requests, which are handed back.
    pub fn merge(&mut self, part: Self, bounds: &Bounds) -> Vec<Message> {
        let room = bounds.named.saturating_sub(self.left_out.len());
        self.left_out.extend(part.left_out.into_iter().take(room));
        self.left_out_count += part.left_out_count;
        for note in part.notes {
            if !self.notes.contains(&note) && self.notes.len() < bounds.named {
                self.notes.push(note);
            }
        }
        part.messages
    }

    /// Of which nothing has been read.
    pub const fn nothing(format: ReadFormat) -> Self {
        Self { format, messages: Vec::new(), left_out: Vec::new(), left_out_count: 0, notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINES: &str = "{\"method\": \"POST\", \"url\": \"http://a/1\", \"body\": \"\\u0000é\"}\r\n\n\
        nonsense\n{\"method\": \"GET\", \"url\": \"http://a/2\"}";
    const HAR: &str = r#"  {"other": {"log": {"entries": [1]}}, "log": {"version": "1.2", "pages": [{"entries": [2]}],
        "creator": {"name": "a \"]}[{ \\"}, "entries": [ {"request": {"method": "POST", "url": "http://a/1",
        "headers": [{"name": "X", "value": "]},{\"\\"}]}} ,
        null, "text, ]", [1, {}], {"request": {"method": "GET", "url": "http://a/2", "headers": []}}], "comment": "[]"}}"#;

    fn read_in(text: &[u8], format: ReadFormat, sizes: &[usize]) -> (Import, Option<ReadError>) {
        let bounds = Bounds::default();
        let mut pieces = Pieces::new(format, bounds, 1000).unwrap();
        let mut all = Import::nothing(format);
        let mut rest = text;
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
            let (part, done) = pieces.push(piece);
            let messages = all.merge(part, &bounds);
            all.messages.extend(messages);
            if let Err(error) = done {
                return (all, Some(error));
            }
            rest = after;
        }
        let (part, done) = pieces.finish();
        let messages = all.merge(part, &bounds);
        all.messages.extend(messages);
        (all, done.err())
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(sizes in prop::collection::vec(1_usize..90, 1..8)) {
            for (text, format) in [(LINES, ReadFormat::JsonLines), (HAR, ReadFormat::Har)] {
                let marked = [BOM, text.as_bytes()].concat();
                for text in [text.as_bytes(), &marked] {
                    let whole = crate::read(text, Some(format), &Bounds::default()).unwrap();
                    let (parts, error) = read_in(text, format, &sizes);
                    prop_assert_eq!(error, None);
                    prop_assert_eq!(&whole.messages, &parts.messages);
                    prop_assert_eq!(whole.left_out_count, parts.left_out_count);
                    let places = |import: &Import| import.left_out.iter().map(|left| left.place.clone()).collect::<Vec<_>>();
                    prop_assert_eq!(places(&whole), places(&parts));
                }
            }
        }

        #[test]
        fn what_is_no_file_of_it_breaks_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..50) {
            for format in [ReadFormat::JsonLines, ReadFormat::Har] {
                read_in(&bytes, format, &[size]);
            }
        }
    }

    #[test]
    fn a_har_that_breaks_off_says_after_which_entry() {
        let at = HAR.find("null").unwrap();
        let (import, error) = read_in(&HAR.as_bytes()[..at], ReadFormat::Har, &[7]);
        assert_eq!(import.messages.len(), 1);
        assert!(error.unwrap().to_string().contains("before the end of its list of entries"));
        for (text, word) in
            [("{}", "no list `log.entries`"), ("{\"log\": {\"entries\": 5}}", "no list"), ("[", "no list")]
        {
            let (_, error) = read_in(text.as_bytes(), ReadFormat::Har, &[7]);
            assert!(error.unwrap().to_string().contains(word), "{text}");
        }
    }

    #[test]
    fn a_request_that_never_ends_is_not_waited_for() {
        let bounds = Bounds { body: 1000, ..Bounds::default() };
        let mut pieces = Pieces::new(ReadFormat::JsonLines, bounds, 1000).unwrap();
        let piece = vec![b'a'; 1 << 20];
        let ends = (0..20).find(|_| pieces.push(&piece).1.is_err());
        assert_eq!(ends, Some(16), "after sixteen MiB and some");
    }

    #[test]
    fn there_is_a_most_of_requests() {
        let line = "{\"method\": \"GET\", \"url\": \"http://a/\"}\n".repeat(5);
        let mut pieces = Pieces::new(ReadFormat::JsonLines, Bounds::default(), 3).unwrap();
        let (import, done) = pieces.push(line.as_bytes());
        assert!(import.messages.len() >= 3 && matches!(done, Err(ReadError::TooMany { most: 3 })));
    }
}

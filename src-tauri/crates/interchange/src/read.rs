use crate::format::{UTF16, is_utf16};
use crate::{
    Bounds, Fault, LeftOut, Message, Place, ReadError, ReadFormat, curl, har, headers, jsonl, postman, raw,
    recorded,
};

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// What it is.
    pub format: ReadFormat,
    /// The requests, in the order of the file.
    pub messages: Vec<Message>,
    /// What is left out, the first few.
    pub left_out: Vec<LeftOut>,
    /// How many are left out altogether.
    pub left_out_count: usize,
    /// What somebody should know, in sentences.
    pub notes: Vec<String>,
}

/// Reads a file; its format is told by its content unless it is said.
pub fn read(content: &[u8], format: Option<ReadFormat>, bounds: &Bounds) -> Result<Import, ReadError> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let format = format.or_else(|| ReadFormat::of(content)).ok_or(ReadError::UnknownFormat)?;
    let mut intake = Intake::new(format, bounds);
    if is_utf16(content) {
        return Err(intake.broken(UTF16));
    }
    match format {
        ReadFormat::Har => har::read(content, &mut intake)?,
        ReadFormat::Curl => curl::read(content, &mut intake)?,
        ReadFormat::Raw => raw::read(content, &mut intake)?,
        ReadFormat::Postman => postman::read(content, &mut intake)?,
        ReadFormat::JsonLines => jsonl::read(content, &mut intake)?,
    }
    let import = intake.import;
    if import.messages.is_empty() && import.left_out_count == 0 {
        Err(ReadError::Nothing)
    } else {
        Ok(import)
    }
}

/// The end of the year 9999, in Unix milliseconds.
const LATEST: i64 = 253_402_300_799_999;

/// What is being read.
pub(crate) struct Intake<'b> {
    pub(crate) bounds: &'b Bounds,
    /// How many bytes the requests have.
    total: u64,
    import: Import,
}

impl<'b> Intake<'b> {
    /// Nothing taken in yet.
    pub(crate) const fn new(format: ReadFormat, bounds: &'b Bounds) -> Self {
        Self { bounds, total: 0, import: Import::nothing(format) }
    }

    /// How many requests were taken in.
    pub(crate) const fn len(&self) -> usize {
        self.import.messages.len()
    }

    pub(crate) fn into_import(self) -> Import {
        self.import
    }

    /// Takes a request in, or notes why it is left out. Fails where there are too many.
    pub(crate) fn take(&mut self, place: Place, found: Result<Message, Fault>) -> Result<(), ReadError> {
        match found.and_then(|message| self.checked(message)) {
            Ok(message) => {
                if self.import.messages.len() == self.bounds.requests {
                    return Err(ReadError::TooMany { most: self.bounds.requests });
                }
                self.total += size(&message);
                if self.total > self.bounds.total {
                    return Err(ReadError::TooLarge { most: self.bounds.total });
                }
                self.import.messages.push(message);
            }
            Err(fault) => {
                self.import.left_out_count += 1;
                if self.import.left_out.len() < self.bounds.named {
                    self.import.left_out.push(LeftOut { place, fault });
                }
            }
        }
        Ok(())
    }

    /// Tells something about the whole; each sentence once.
    pub(crate) fn note(&mut self, sentence: String) {
        if !self.import.notes.contains(&sentence) && self.import.notes.len() < self.bounds.named {
            self.import.notes.push(sentence);
        }
    }

    /// What the file is said to be, broken.
    pub(crate) fn broken(&self, said: impl Into<String>) -> ReadError {
        ReadError::Broken { format: self.import.format, said: said.into() }
    }

    fn checked(&self, mut message: Message) -> Result<Message, Fault> {
        let size = message.body.len() as u64;
        if size > self.bounds.body {
            return Err(Fault::BodyTooLarge { size, most: self.bounds.body });
        }
        recorded::tidy(&mut message, self.bounds);
        // What is malformed, and says so, is kept as malformed as it came.
        let is_broken = message.fault.is_some();
        let is_two = message.http_version.as_deref() == Some("HTTP/2.0");
        headers::check(&message.headers, self.bounds, (is_two, is_broken))?;
        let fits = |text: &str, most: usize| {
            text.len() <= most && (is_broken || !text.bytes().any(|byte| byte <= b' ' || byte == 0x7f))
        };
        let longest = if is_broken { LONGEST_BROKEN } else { 64 };
        if message.method.len() > longest || !(is_broken || headers::is_token(&message.method)) {
            return Err(Fault::Method);
        }
        let addressed = message.addressed.as_deref().unwrap_or_default();
        let query = message.query.as_deref().unwrap_or_default();
        let most = if is_broken { self.bounds.broken_head() } else { 1 << 20 };
        if !fits(addressed, 8192) || !fits(&message.path, most) || !fits(query, most) {
            return Err(Fault::Url);
        }
        tidy(&mut message);
        match message.at.map(hookbench_model::Timestamp::unix_ms) {
            Some(at) if !(0..=LATEST).contains(&at) => Err(Fault::Time),
            _ => Ok(message),
        }
    }
}

/// How many bytes a request takes.
fn size(message: &Message) -> u64 {
    let headers: usize =
        message.headers.iter().map(|(name, value)| name.len() + value.as_bytes().len()).sum();
    let query = message.query.as_ref().map_or(0, String::len);
    let kept = message.kept.as_ref().map_or(0, String::len);
    let head = message.wire.head.as_ref().map_or(0, bytes::Bytes::len);
    (message.body.len() + headers + head + message.path.len() + query + kept + message.note.len()) as u64
}

/// The most characters of a note, the most tags, and the most characters of one, as a person may write them.
const LONGEST_NOTE: usize = 10_000;
const MOST_TAGS: usize = 50;
const LONGEST_TAG: usize = 64;
/// The longest text in the place of a malformed request's method or version, in bytes.
const LONGEST_BROKEN: usize = 400;
/// The longest address with its port, in bytes.
const LONGEST_ADDRESS: usize = 100;

/// Cuts what is told beside a request to what may be told, and leaves out what is none of it.
fn tidy(message: &mut Message) {
    let is_version = |version: &String| {
        let digits = version.strip_prefix("HTTP/").unwrap_or_default();
        matches!(digits.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'9', b'.', b'0'..=b'9'])
    };
    let is_broken = message.fault.is_some();
    let fits = |version: &String| is_version(version) || (is_broken && version.len() <= LONGEST_BROKEN);
    message.http_version = message.http_version.take().filter(fits);
    let is_address =
        |address: &String| address.len() <= LONGEST_ADDRESS && !address.chars().any(char::is_control);
    message.remote_addr = message.remote_addr.take().filter(is_address);
    if let Some((end, _)) = message.note.char_indices().nth(LONGEST_NOTE) {
        message.note.truncate(end);
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in message.tags.iter().map(|tag| tag.trim()) {
        let fits =
            !tag.is_empty() && tag.chars().count() <= LONGEST_TAG && !tag.chars().any(char::is_control);
        if fits && tags.len() < MOST_TAGS && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    message.tags = tags;
}

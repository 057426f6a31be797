use crate::{
    Bounds, Fault, LeftOut, Message, Place, ReadError, ReadFormat, curl, har, headers, jsonl, postman, raw,
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
    let mut intake = Intake {
        bounds,
        import: Import {
            format,
            messages: Vec::new(),
            left_out: Vec::new(),
            left_out_count: 0,
            notes: Vec::new(),
        },
    };
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
    import: Import,
}

impl Intake<'_> {
    /// Takes a request in, or notes why it is left out. Fails where there are too many.
    pub(crate) fn take(&mut self, place: Place, found: Result<Message, Fault>) -> Result<(), ReadError> {
        match found.and_then(|message| self.checked(message)) {
            Ok(message) => {
                if self.import.messages.len() == self.bounds.requests {
                    return Err(ReadError::TooMany { most: self.bounds.requests });
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

    fn checked(&self, message: Message) -> Result<Message, Fault> {
        let size = message.body.len() as u64;
        if size > self.bounds.body {
            return Err(Fault::BodyTooLarge { size, most: self.bounds.body });
        }
        headers::check(&message.headers, self.bounds)?;
        let fits = |text: &str, most: usize| {
            text.len() <= most && !text.bytes().any(|byte| byte <= b' ' || byte == 0x7f)
        };
        if message.method.len() > 64 || !headers::is_token(&message.method) {
            return Err(Fault::Method);
        }
        let addressed = message.addressed.as_deref().unwrap_or_default();
        let query = message.query.as_deref().unwrap_or_default();
        if !fits(addressed, 8192) || !fits(&message.path, 1 << 20) || !fits(query, 1 << 20) {
            return Err(Fault::Url);
        }
        match message.at.map(hookbench_model::Timestamp::unix_ms) {
            Some(at) if !(0..=LATEST).contains(&at) => Err(Fault::Time),
            _ => Ok(message),
        }
    }
}

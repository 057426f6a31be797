use hookbench_signing::VerificationStatus;

use super::glob::Glob;
use super::json_path::{JsonPath, JsonTest};
use crate::{AddressRule, Colour, Timestamp};

/// Conditions, joined.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All of these hold; none at all always does.
    All(Vec<Self>),
    /// One of these holds at least.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// One condition.
    Term(Term),
}

impl Node {
    /// Whether one of the conditions in it is so.
    pub fn has(&self, is_so: impl Fn(&Term) -> bool + Copy) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(|node| node.has(is_so)),
            Self::Not(node) => node.has(is_so),
            Self::Term(term) => is_so(term),
        }
    }
}

/// One condition on a captured request.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// The text stands in an id, the path, the query, the type, the note, a header (in whose name letter case makes no
    /// difference) or the body.
    Anywhere(String),
    /// A text of it is so.
    Text(TextField, TextTest),
    /// The status that was answered.
    Status(NumberRange),
    /// The size of the body in bytes.
    Size(NumberRange),
    /// It came from an address of this network.
    Network(AddressRule),
    /// What checking its signature gave.
    Verdict(VerificationStatus),
    /// Something that is so or not.
    Mark(Mark),
    /// It has the colour, or any where none is named.
    Colour(Option<Colour>),
    /// It has a header of this name (in small letters), with such a value where one is wanted.
    Header(String, Option<TextTest>),
    /// Its body is JSON and has something there, such a value where one is wanted.
    Json(JsonPath, Option<JsonTest>),
    /// Received at or after.
    Since(Timestamp),
    /// Received before.
    Until(Timestamp),
}

impl Term {
    /// Whether the body has to be read to know.
    pub const fn reads_body(&self) -> bool {
        matches!(self, Self::Anywhere(_) | Self::Text(TextField::Body, _) | Self::Json(..))
    }
}

/// Which text of a captured request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextField {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The query.
    Query,
    /// Path and query.
    Url,
    /// The event's type.
    Type,
    /// The provider's id of the event.
    EventId,
    /// The slug of its inbox.
    Inbox,
    /// The content type, without regard to case.
    Content,
    /// Address and port of its sender.
    From,
    /// A tag of it.
    Tag,
    /// The note.
    Note,
    /// The version of HTTP.
    Version,
    /// The body.
    Body,
}

/// How a text has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// All of it fits.
    Is(Glob),
    /// This stands in it.
    Holds(String),
}

impl TextTest {
    /// Whether a text is so.
    pub fn fits(&self, text: &[u8]) -> bool {
        match self {
            Self::Is(glob) => glob.fits(text),
            Self::Holds(part) => memchr::memmem::find(text, part.as_bytes()).is_some(),
        }
    }

    /// A text that whatever is so has in it; it may be empty.
    pub fn part(&self) -> &str {
        match self {
            Self::Is(glob) => glob.longest_piece(),
            Self::Holds(part) => part,
        }
    }
}

/// From one number to another, both of them included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberRange {
    /// The lowest.
    pub low: u64,
    /// The highest.
    pub high: u64,
}

impl NumberRange {
    /// Whether the number is among them.
    pub const fn holds(self, number: u64) -> bool {
        self.low <= number && number <= self.high
    }
}

/// What is so of a captured request, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// A person pinned it.
    Pinned,
    /// It broke off, or could not be understood.
    Fault,
    /// It was a handshake of its provider, answered as such.
    Handshake,
    /// Hookbench itself sent it.
    Ours,
    /// It has a note.
    Noted,
    /// It has tags.
    Tagged,
    /// Its body differed from what was known before it.
    Drifted,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Pinned, Self::Fault, Self::Handshake, Self::Ours, Self::Noted, Self::Tagged, Self::Drifted];

    /// Its word after `is:`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Fault => "fault",
            Self::Handshake => "handshake",
            Self::Ours => "ours",
            Self::Noted => "noted",
            Self::Tagged => "tagged",
            Self::Drifted => "drifted",
        }
    }
}

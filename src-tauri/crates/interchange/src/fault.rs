use std::fmt;

use crate::ReadFormat;

/// Where in a file something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The entry of a list, counted from 1.
    Entry(usize),
    /// The line, counted from 1.
    Line(usize),
    /// A command, counted from 1.
    Command(usize),
    /// A request, counted from 1.
    Request(usize),
    /// A thing by its names, from the outermost folder in.
    Named(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(number) => write!(f, "entry {number}"),
            Self::Line(number) => write!(f, "line {number}"),
            Self::Command(number) => write!(f, "command {number}"),
            Self::Request(number) => write!(f, "request {number}"),
            Self::Named(name) => write!(f, "“{name}”"),
        }
    }
}

/// What is wrong with one request of a file, to be read after its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// It has not the form that the format says.
    #[error("it is not as the format has it: {0}")]
    Form(String),
    /// The body is larger than a captured request may be.
    #[error("its body has {size} bytes, and a captured request may have {most}")]
    BodyTooLarge {
        /// How large it is, in bytes.
        size: u64,
        /// How large it may be.
        most: u64,
    },
    /// There are more headers than a captured request may have, or they are larger.
    #[error("its headers are too many or too large")]
    HeadTooLarge,
    /// The method is none.
    #[error("its method is no word of HTTP")]
    Method,
    /// The URL is none of HTTP's.
    #[error("its URL is none that a request can be sent to: it must begin with http:// or https://")]
    Url,
    /// There is no URL.
    #[error("it names no URL")]
    NoUrl,
    /// A header's name is none.
    #[error("it has a header whose name is none of HTTP’s")]
    HeaderName,
    /// A header's value is none.
    #[error("its header {0} has a line break or a zero byte in its value")]
    HeaderValue(String),
    /// The time is none.
    #[error("its time is none: it must be RFC 3339, from 1970 to 9999")]
    Time,
    /// Bytes are not the base64 that they are said to be.
    #[error("its {0} is not base64")]
    Base64(&'static str),
    /// The body is in a file of somebody's machine.
    #[error("it reads from the file {0}, which is not part of what is imported")]
    File(String),
    /// The command has an option that is not known.
    #[error("it has the option {0}, which is not known here")]
    Option(String),
    /// The command's option wants a value.
    #[error("its option {0} has no value")]
    OptionValue(String),
    /// The command is not curl.
    #[error("it is not a curl command but {0}")]
    NotCurl(String),
    /// What the shell would put there is not known.
    #[error("it uses {0} of the shell, which only a shell can fill in")]
    Shell(String),
    /// A quotation mark has no other.
    #[error("it has a quotation mark that is not closed")]
    Quote,
    /// The first line is no request line.
    #[error("its first line is not METHOD, target and version")]
    RequestLine,
    /// A line of the head is no header.
    #[error("line {0} of it is no header")]
    HeaderLine(usize),
    /// The body's chunks are broken.
    #[error("its chunks are broken")]
    Chunks,
    /// The body ends before its length.
    #[error("it announces a body of {announced} bytes, and {there} are there")]
    Short {
        /// What `Content-Length` says.
        announced: u64,
        /// What follows.
        there: u64,
    },
    /// It did not come whole and well formed, as the file says of it.
    #[error(
        "it did not come whole and well formed ({0}), which raw HTTP cannot say of it: HAR and JSON Lines bring it back"
    )]
    NotWhole(String),
    /// Variables stand in one another too often.
    #[error("its variables stand in one another too often to be filled in")]
    Variables,
    /// A command names too many URLs.
    #[error("it names more than {0} URLs")]
    TooManyUrls(usize),
    /// Folders lie too deep.
    #[error("it lies too deep in folders")]
    TooDeep,
}

/// One request of a file that is left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Which one.
    pub place: Place,
    /// Why.
    pub fault: Fault,
}

/// Why a whole file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is of no format that is known.
    #[error(
        "is of no format that is known: HAR, cURL commands, raw HTTP, a Postman collection or JSON Lines are read"
    )]
    UnknownFormat,
    /// It is broken.
    #[error("cannot be read as {}: {said}", .format.title())]
    Broken {
        /// What it was read as.
        format: ReadFormat,
        /// What is wrong, and where.
        said: String,
    },
    /// It holds more than is taken.
    #[error("holds more than {most} requests: split it")]
    TooMany {
        /// How many are taken.
        most: usize,
    },
    /// What is in it is larger than what is taken.
    #[error("makes requests of more than {most} bytes together: split it")]
    TooLarge {
        /// How many bytes are taken.
        most: u64,
    },
    /// There is nothing in it.
    #[error("holds no request")]
    Nothing,
}

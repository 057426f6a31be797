use std::fmt::Display;
use std::path::PathBuf;

use hookbench_model::Noun;

use crate::Trouble;

/// Why the store could not do what it was asked. Callers tell the cases apart by variant.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the folder open.
    #[error("the data folder {} is open in another Hookbench{}", .folder.display(), process(*.holder))]
    Locked {
        /// The data folder.
        folder: PathBuf,
        /// The other process, where it could be read.
        holder: Option<u32>,
    },
    /// A newer Hookbench has written this folder.
    #[error("the data folder was written by a newer Hookbench (schema {found}; this one knows {known})")]
    SchemaTooNew {
        /// The schema in the folder.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// The schema could not be brought up to date; the copy made before is beside the database.
    #[error("the database could not be brought up to date")]
    Migration {
        /// What failed.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// A file or folder could not be read or written.
    #[error("{} could not be read or written", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The key that the secrets are encrypted with cannot be had, or is another one.
    #[error("the key file {} {problem}", .path.display())]
    Key {
        /// Where the key should be.
        path: PathBuf,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// The disk is full; nothing of the write was kept.
    #[error("the disk is full")]
    Full,
    /// The folder or its files cannot be written to.
    #[error("the data folder is read-only")]
    ReadOnly,
    /// Another program keeps the database locked; nothing of the write was kept.
    #[error("another program keeps the database locked")]
    Busy,
    /// The data folder is no longer where it was: what is written now would not be found again.
    #[error("the data folder {} has been moved or removed while Hookbench runs", .folder.display())]
    Gone {
        /// Where it was.
        folder: PathBuf,
    },
    /// The disk could not read or write; nothing of the write was kept.
    #[error("the disk that holds the data folder failed to read or write (SQLite error {code})")]
    Disk {
        /// `SQLite`'s extended result code.
        code: u32,
    },
    /// The files of the database cannot be opened.
    #[error("the files of the database cannot be opened: too many files may be open, or they are not there")]
    NoFiles,
    /// The database holds something that cannot be read.
    #[error("the database is damaged: {what}")]
    Corrupt {
        /// What could not be read.
        what: String,
        /// What the decoder or SQLite said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// There is no such thing.
    #[error("there is no {} {id}", .noun.as_str())]
    NotFound {
        /// What kind of thing.
        noun: Noun,
        /// Its id, in text form.
        id: String,
    },
    /// A field clashes with what is there.
    #[error("{message}")]
    Conflict {
        /// The field, in the contract's words.
        field: &'static str,
        /// The clash in a sentence.
        message: String,
    },
    /// It is not in a state that allows this.
    #[error("{} {id} is {status}", .noun.as_str())]
    WrongState {
        /// What kind of thing.
        noun: Noun,
        /// Its id, in text form.
        id: String,
        /// Where it stands, in the contract's words.
        status: &'static str,
    },
    /// The store has been shut down.
    #[error("the data folder has been closed")]
    Closed,
    /// A write panicked; nothing of it was kept, and the writer goes on.
    #[error("a write to the database failed unexpectedly")]
    Panicked,
    /// Anything else that SQLite said.
    #[error("the database refused")]
    Database {
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
}

/// What is wrong with the key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// There are secrets and no key.
    #[error("is missing, and the secrets in the database cannot be read without it")]
    Missing,
    /// It is no key.
    #[error("holds no key")]
    Malformed,
    /// It is the key of another folder.
    #[error("belongs to another data folder: it does not open the secrets of this one")]
    Wrong,
    /// The key is in the system's keychain, which is locked or not there.
    #[error(
        "says that the key is in the system's keychain, which is locked or cannot be reached: unlock it, or start \
         Hookbench in your desktop session"
    )]
    KeychainShut,
    /// Somebody else owns it.
    #[error(
        "belongs to another user, and this one may not read it or close it to others: start Hookbench as its owner, \
         or give the file to this user"
    )]
    Foreign,
    /// The keychain no longer has it.
    #[error(
        "says that the key is in the system's keychain, which does not have it: it was removed there, or the folder \
         comes from another machine or account"
    )]
    NotInKeychain,
}

fn process(holder: Option<u32>) -> String {
    holder.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

impl StoreError {
    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io { path: path.into(), source },
        }
    }

    /// What keeps the store from writing, where this is no fault of what was to be written.
    pub fn trouble(&self) -> Option<Trouble> {
        Some(match self {
            Self::Full => Trouble::Full,
            Self::ReadOnly => Trouble::ReadOnly,
            Self::Busy => Trouble::Busy,
            Self::Gone { .. } => Trouble::Gone,
            Self::NoFiles => Trouble::NoFiles,
            Self::Io { source, .. } if is_out_of_files(source) => Trouble::NoFiles,
            Self::Io { .. } | Self::Disk { .. } => Trouble::Disk,
            _ => return None,
        })
    }

    /// The same once more, where every other write would meet it too: a full disk may still have room for less.
    pub(crate) fn for_everybody(&self) -> Option<Self> {
        match self {
            Self::ReadOnly => Some(Self::ReadOnly),
            Self::Busy => Some(Self::Busy),
            Self::Gone { folder } => Some(Self::Gone { folder: folder.clone() }),
            Self::Disk { code } => Some(Self::Disk { code: *code }),
            Self::NoFiles => Some(Self::NoFiles),
            _ => None,
        }
    }

    pub(crate) fn not_found(noun: Noun, id: impl Display + Copy) -> Self {
        Self::NotFound { noun, id: id.to_string() }
    }

    pub(crate) fn wrong_state(noun: Noun, id: impl Display + Copy, status: &'static str) -> Self {
        Self::WrongState { noun, id: id.to_string(), status }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into(), source: None }
    }

    pub(crate) fn undecodable(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { what: what.into(), source: Some(source.into()) }
    }

    /// A conflict on that field, where this is `SQLite` refusing a second row with a unique value.
    pub(crate) fn or_conflict(self, field: &'static str, message: impl FnOnce() -> String) -> Self {
        match self {
            Self::Database { source: sqlx::Error::Database(error) } if error.is_unique_violation() => {
                Self::Conflict { field, message: message() }
            }
            other => other,
        }
    }
}

/// Whether this process, or the machine, can open no more files.
fn is_out_of_files(error: &std::io::Error) -> bool {
    // ENFILE and EMFILE.
    cfg!(unix) && error.raw_os_error().is_some_and(|code| code == 23 || code == 24)
}

/// Primary result codes, <https://www.sqlite.org/rescode.html>.
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const IO: u32 = 10;
const CANNOT_OPEN: u32 = 14;
const READONLY: u32 = 8;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const NOT_A_DATABASE: u32 = 26;

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        let code = match &source {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<u32>().ok()),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                return Self::undecodable("a row cannot be read", source);
            }
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => return Self::Closed,
            _ => None,
        };
        match code.map(|code| code & 0xff) {
            Some(BUSY | LOCKED) => Self::Busy,
            Some(IO) => Self::Disk { code: code.unwrap_or(IO) },
            Some(CANNOT_OPEN) => Self::NoFiles,
            Some(FULL) => Self::Full,
            Some(READONLY) => Self::ReadOnly,
            Some(CORRUPT | NOT_A_DATABASE) => Self::undecodable("SQLite cannot read its file", source),
            _ => Self::Database { source },
        }
    }
}

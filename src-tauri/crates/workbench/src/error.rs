use std::path::PathBuf;

use hookbench_capture::faults::CertificateError;
use hookbench_capture::{CaptureError, IdentityError, MakeError};
use hookbench_store::StoreError;

/// What is wrong with one field of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as a path in the contract's words: `retry.delays_ms`, `enabled_events[2]`.
    pub field: String,
    /// What is wrong with it, to be read after the field's name.
    pub message: String,
}

/// Why the workbench could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum WorkbenchError {
    /// Some fields are wrong; all of them are named.
    #[error("not valid: {}", in_words(.errors))]
    Invalid {
        /// The fields, in their order.
        errors: Vec<FieldError>,
    },
    /// What was asked for does not exist.
    #[error("there is no {what}")]
    NotFound {
        /// What, with its id.
        what: String,
    },
    /// It is not in a state that allows this.
    #[error("{message}")]
    WrongState {
        /// Why not, as a sentence.
        message: String,
    },
    /// It is larger than is allowed.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The most it may be, in bytes.
        limit: usize,
    },
    /// An import could not be finished; what was written before stays.
    #[error("{imported} requests were imported into {inbox} before it failed")]
    Partly {
        /// How many requests were written.
        imported: u64,
        /// What their inbox is called.
        inbox: String,
        /// Why the rest was not.
        source: Box<WorkbenchError>,
    },
    /// It was not finished, as the workbench is stopping.
    #[error("the workbench is stopping")]
    Stopping,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The capture receiver could not begin.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The receiver's certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] MakeError),
    /// The receiver's certificate cannot be shown.
    #[error("the certificate {0}")]
    Identity(#[from] IdentityError),
    /// There are no certificates for fault receivers.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// There is no folder that a workspace could live in.
    #[error("there is no home folder to keep a workspace in: name one with --data or HOOKBENCH_DATA")]
    NoDataFolder,
    /// A demo was asked for in a folder that holds somebody's workspace.
    #[error("{} holds a workspace that is no demo: give a demo a folder of its own, or none", .folder.display())]
    NoDemo {
        /// The folder.
        folder: PathBuf,
    },
    /// A demo's workspace was opened as if it were none: the times in it are made.
    #[error("{} holds a demo: open it with --demo", .folder.display())]
    IsDemo {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of the data folder beside the store could not be read or written.
    #[error("{} could not be read or written", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

fn in_words(errors: &[FieldError]) -> String {
    let one = |error: &FieldError| format!("{}: {}", error.field, error.message);
    errors.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl WorkbenchError {
    /// One field is wrong.
    pub(crate) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { errors: vec![FieldError { field: field.into(), message: message.into() }] }
    }

    pub(crate) fn not_found(noun: &str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { what: format!("{noun} {id}") }
    }

    pub(crate) fn wrong_state(message: impl Into<String>) -> Self {
        Self::WrongState { message: message.into() }
    }
}

/// What the methods of this crate give.
pub type Result<T, E = WorkbenchError> = std::result::Result<T, E>;

/// Gathers what is wrong with the fields of one thing, so that all of it is told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// The value, or a note of what is wrong with it.
    pub(crate) fn take<T, E: std::fmt::Display>(&mut self, field: &str, given: Result<T, E>) -> Option<T> {
        given.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// Notes a fault unless it holds.
    pub(crate) fn unless(&mut self, holds: bool, field: &str, message: impl FnOnce() -> String) {
        if !holds {
            self.add(field, message());
        }
    }

    /// Whether nothing was noted.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes over what was noted elsewhere.
    pub(crate) fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Fails with everything that was noted, if anything was.
    pub(crate) fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(WorkbenchError::Invalid { errors: self.0 }) }
    }
}

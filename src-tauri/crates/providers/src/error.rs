//! What can be wrong with a profile's files.

/// A profile that cannot be used, with the file and the field at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {field}: {problem}")]
pub struct ProfileError {
    /// The file, below the folder of profiles.
    pub file: String,
    /// The field, as a path: `events[2].type`, or a place in a sample: `/data/id`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A fault whose file is not known yet: the checks see fields, the loader sees files.
#[derive(Debug)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) problem: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }

    pub(crate) fn in_file(self, file: &str) -> ProfileError {
        ProfileError { file: file.to_owned(), field: self.field, problem: self.problem }
    }
}

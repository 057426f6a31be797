//! What is wrong with documents: all of it that can be found at once.

/// The most faults that are told at once.
pub(super) const MOST_TOLD: usize = 20;

/// One thing for which documents could not be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{document}: {place}: {problem}")]
pub struct ImportError {
    /// Which of the documents, counted from 0.
    pub index: usize,
    /// Its name.
    pub document: String,
    /// Where in it: a JSON pointer, or line and column.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

/// Why documents could not be imported: at least one fault, in the order of the documents, and twenty at the most.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", said(.faults))]
pub struct ImportErrors {
    /// The faults.
    pub faults: Vec<ImportError>,
    /// Whether the documents were read no further because there were so many.
    pub more: bool,
}

fn said(faults: &[ImportError]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A fault whose document is not named yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) place: String,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }

    /// The same, of this document.
    pub(super) fn of(self, index: usize, document: &str) -> ImportError {
        let place = if self.place.is_empty() { "/".to_owned() } else { self.place };
        ImportError { index, document: document.to_owned(), place, problem: self.problem }
    }
}

/// The faults of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes one, once: what several events refer to is wrong once.
    pub(super) fn add(&mut self, fault: Fault) {
        if !self.is_full() && !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    /// The value, or a note of what is wrong with it.
    pub(super) fn take<T>(&mut self, read: Result<T, impl Into<Self>>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(faults) => {
                faults.into().0.into_iter().for_each(|fault| self.add(fault));
                None
            }
        }
    }

    /// Whether no more are noted.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() == MOST_TOLD
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Fault> {
        self.0.into_iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

use hookbench_snippets::{Language, Snippet, snippet};

use crate::Workbench;
use crate::error::{Faults, Result, WorkbenchError};
use crate::signatures::{SchemeChoice, scheme};

impl Workbench {
    /// The languages that receivers of a scheme can be had in.
    pub fn snippet_languages(&self, scheme: &str) -> Result<&'static [Language]> {
        match self.library().scheme(scheme) {
            Some(_) => Ok(&Language::ALL),
            None => Err(WorkbenchError::not_found("scheme", scheme)),
        }
    }

    /// The receiver of a scheme in a language.
    pub fn snippet(&self, scheme: &str, language: &str) -> Result<Snippet> {
        let scheme =
            self.library().scheme(scheme).ok_or_else(|| WorkbenchError::not_found("scheme", scheme))?;
        let language =
            Language::from_name(language).ok_or_else(|| WorkbenchError::not_found("language", language))?;
        Ok(snippet(&scheme, language))
    }

    /// The receiver of a scheme that need not be saved.
    pub fn snippet_of(&self, choice: SchemeChoice, language: &str) -> Result<Snippet> {
        let mut faults = Faults::default();
        let scheme = scheme(&mut faults, choice, self.library());
        let wanted = Language::from_name(language);
        faults.unless(wanted.is_some(), "language", || {
            let names: Vec<&str> = Language::ALL.into_iter().map(Language::as_str).collect();
            format!("is none of {}", names.join(", "))
        });
        faults.finish()?;
        let (Some(scheme), Some(language)) = (scheme, wanted) else {
            return Err(WorkbenchError::field("scheme", "could not be read"));
        };
        Ok(snippet(&scheme, language))
    }
}

use hookbench_providers::Library;
use hookbench_signing::Scheme;
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
        Ok(snippet(&scheme, language, answered(self.library(), &scheme)))
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
        Ok(snippet(&scheme, language, answered(self.library(), &scheme)))
    }
}

/// What a receiver of the scheme answers: 200, unless a provider that signs so takes something else for
/// success.
fn answered(library: &Library, scheme: &Scheme) -> u16 {
    let profiles = library.profiles();
    let strict = profiles
        .iter()
        .filter(|profile| profile.scheme().id() == scheme.id())
        .find(|profile| !profile.success().accepts(200));
    strict.map_or(200, |profile| profile.success().usual_status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_takes_what_the_receiver_of_its_scheme_answers_for_success() {
        let library = Library::builtin();
        for profile in library.profiles() {
            let status = answered(&library, profile.scheme());
            let who = profile.id();
            assert!(profile.success().accepts(status), "{who:?} is answered {status}");
            for language in Language::ALL {
                let code = snippet(profile.scheme(), language, status).code;
                let named = if status == 204 { "NO_CONTENT" } else { "StatusCode::OK" };
                let said =
                    [format!("({status}"), format!("= {status}"), format!("({named}"), format!("::{named}")];
                assert!(
                    said.iter().any(|said| code.contains(said)),
                    "{who:?} in {}:\n{code}",
                    language.title()
                );
            }
        }
        let of = |id: &str| answered(&library, &library.scheme(id).unwrap());
        assert_eq!((of("discord"), of("mailgun"), of("stripe")), (204, 200, 200));
    }
}

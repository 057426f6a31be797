//! Documents that come with events. Those that are embedded are read when first asked for: all of them together
//! would take more memory than everything else, and hardly any is used in one run.

use crate::error::{FieldError, ProfileError};
use crate::load::Files;
use crate::slot::Place;
use crate::template::JsonTemplate;
use include_dir::{Dir, include_dir};
use serde_json::Value;
use std::sync::OnceLock;

static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");

/// The files that Hookbench comes with, by their path below the folder of profiles.
pub(crate) fn embedded() -> Files<'static> {
    let mut files = Vec::new();
    collect(&PROFILES, &mut files);
    Files { by_path: files.into_iter().collect(), embedded: true }
}

/// What is read from the text of a file.
pub(crate) trait Document: Sized {
    fn read(text: &str) -> Result<Self, FieldError>;
}

/// A document at hand, or one that is embedded and read when it is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Kept<T> {
    Here(T),
    Embedded { path: String, read: OnceLock<T> },
}

impl<T: Document> Kept<T> {
    /// The document of a file that is there. Embedded ones are not checked here: the tests read them all.
    pub(crate) fn of(path: &str, text: &str, files: &Files<'_>) -> Result<Self, ProfileError> {
        if files.embedded {
            return Ok(Self::Embedded { path: path.to_owned(), read: OnceLock::new() });
        }
        T::read(text).map(Self::Here).map_err(|error| error.in_file(path))
    }

    pub(crate) fn get(&self) -> &T {
        match self {
            Self::Here(document) => document,
            Self::Embedded { path, read } => read.get_or_init(|| read_embedded(path)),
        }
    }
}

#[expect(clippy::expect_used, reason = "the tests read every embedded file")]
fn read_embedded<T: Document>(path: &str) -> T {
    let file = PROFILES.get_file(path).expect("it was there when its profile was read");
    let text = file.contents_utf8().expect("embedded documents are UTF-8");
    T::read(text).expect("embedded documents are sound")
}

impl Document for JsonTemplate {
    fn read(text: &str) -> Result<Self, FieldError> {
        Self::parse(text, Place::Sample)
    }
}

/// A JSON Schema.
impl Document for Value {
    fn read(text: &str) -> Result<Self, FieldError> {
        let schema: Self =
            serde_json::from_str(text).map_err(|error| FieldError::new("", error.to_string()))?;
        if schema.is_object() { Ok(schema) } else { Err(FieldError::new("", "a schema is an object")) }
    }
}

fn collect<'a>(folder: &'a Dir<'a>, files: &mut Vec<(String, &'a [u8])>) {
    for file in folder.files() {
        // Paths are written with slashes wherever this is built.
        let parts: Vec<_> = file.path().iter().map(|part| part.to_string_lossy()).collect();
        files.push((parts.join("/"), file.contents()));
    }
    folder.dirs().for_each(|inner| collect(inner, files));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn every_embedded_file_is_sound() {
        let files = embedded().by_path;
        let checked = Catalog::from_files(files).map(|catalog| catalog.iter().len());
        assert_eq!(checked.map_err(|error| error.to_string()), Ok(Catalog::builtin().iter().len()));
    }

    #[test]
    fn embedded_documents_wait_until_they_are_asked_for() {
        let files = embedded();
        let path = files.by_path.keys().find(|path| path.ends_with(".schema.json")).unwrap();
        let kept: Kept<Value> = Kept::of(path, "not even JSON", &files).unwrap();
        assert!(matches!(&kept, Kept::Embedded { read, .. } if read.get().is_none()));
        assert!(kept.get().is_object());
        let checked = Files { by_path: files.by_path, embedded: false };
        assert!(Kept::<Value>::of("a.json", "not even JSON", &checked).is_err());
        assert!(Kept::<Value>::of("a.json", "[]", &checked).is_err());
    }
}

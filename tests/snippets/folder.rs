//! The receivers of a language, written to a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use hookbench_signing::{Scheme, SchemeCatalog};
use hookbench_snippets::{Input, Language, snippet};

/// One receiver on the disk.
#[derive(Debug)]
pub struct Receiver {
    /// The scheme.
    pub scheme: &'static Scheme,
    /// Its file, in a folder of its own.
    pub file: PathBuf,
    /// Commands that install what the language does not bring along.
    pub dependencies: Vec<String>,
    /// What its verifying function is given after headers, body and secrets.
    pub inputs: Vec<Input>,
}

/// Schemes as users might write them, in every shape that those that Hookbench comes with do not have.
static OWN: LazyLock<SchemeCatalog> =
    LazyLock::new(|| SchemeCatalog::from_json(include_str!("own.json")).expect("own.json is sound"));

/// Every scheme that Hookbench comes with, and some of users' own.
pub fn catalogue() -> impl Iterator<Item = &'static Scheme> {
    SchemeCatalog::builtin().iter().chain(OWN.iter())
}

/// Writes the receiver of every scheme below `folder`, each as `<scheme>/<its own file name>`.
///
/// # Panics
/// When the folder takes no files.
pub fn receivers(language: Language, folder: &Path) -> Vec<Receiver> {
    catalogue()
        .map(|scheme| {
            let receiver = snippet(scheme, language, 200);
            let own = folder.join(scheme.id());
            let file = own.join(language.filename());
            let written = fs::create_dir_all(&own).and_then(|()| fs::write(&file, &receiver.code));
            assert!(written.is_ok(), "{}: {written:?}", file.display());
            Receiver { scheme, file, dependencies: receiver.dependencies, inputs: receiver.inputs }
        })
        .collect()
}

//! Which languages this machine has, and what is needed to run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookbench_snippets::Language;
use tempfile::TempDir;

/// True where the language's tools are installed; says so where they are not. Node, Python and Rust have to
/// be there, and are not asked for.
pub(crate) fn is_there(language: Language) -> bool {
    let (program, version) = match language {
        Language::Go => ("go", "version"),
        Language::Ruby => ("ruby", "--version"),
        Language::Php => ("php", "--version"),
        Language::Java => ("javac", "-version"),
        Language::CSharp if crate::csharp::reads_json() => ("mcs", "--version"),
        Language::CSharp => ("mcs", "the package libmono-system-web-extensions4.0-cil is missing"),
        Language::Node | Language::Python | Language::Rust => return true,
    };
    let tried = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = tried.is_ok_and(|status| status.success());
    if !there {
        println!("{}: not on this machine, so its receivers were not run", language.title());
    }
    there
}

/// The Python that has the library `cryptography`: the one that `cargo xtask test` installs.
pub(crate) fn python() -> PathBuf {
    let installed = || {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
        target.join(if cfg!(windows) { "python/Scripts/python.exe" } else { "python/bin/python" })
    };
    std::env::var_os("HOOKBENCH_PYTHON").map_or_else(installed, PathBuf::from)
}

/// The library that receivers in Java read JSON with, where Debian's `libgoogle-gson-java` puts it.
pub(crate) fn gson() -> &'static Path {
    Path::new("/usr/share/java/gson.jar")
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for receivers")
}

pub(crate) fn write(file: &Path, text: &str) {
    fs::write(file, text).expect("the folder takes files");
}

/// Runs a tool that has to succeed.
pub(crate) fn run(tool: &mut Command) {
    let output = tool.output().unwrap_or_else(|error| panic!("{tool:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{tool:?}\n{}{}", text(&output.stdout), text(&output.stderr));
}

//! The stages, in the order they run: what is quick to fail comes first.

use std::fs;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::contract;
use crate::error::Error;
use crate::judges;
use crate::process;
use crate::project::Project;
use crate::system::{self, Need};
use crate::ui;

/// One check. The name on the command line is the variant's, in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Stage {
    /// System packages and cargo-nextest.
    System,
    /// Packages of npm and PyPI: the UI's, and those that judge signatures.
    Packages,
    /// rustfmt.
    Format,
    /// The linter and the formatter of the UI.
    UiLint,
    /// svelte-check and TypeScript.
    UiCheck,
    /// Vitest.
    UiUnit,
    /// The UI as the programs carry it.
    UiBuild,
    /// Clippy over the whole workspace, warnings are errors.
    Clippy,
    /// Every program and Rust test, compiled.
    Build,
    /// The committed OpenAPI document and types are the code's.
    Contract,
    /// The UI in Chromium against the real headless server.
    Browser,
    /// Every Rust test, with the real window under a private X server.
    Rust,
}

pub(super) const ALL: &[Stage] = &[
    Stage::System,
    Stage::Packages,
    Stage::Format,
    Stage::UiLint,
    Stage::UiCheck,
    Stage::UiUnit,
    Stage::UiBuild,
    Stage::Clippy,
    Stage::Build,
    Stage::Contract,
    Stage::Browser,
    Stage::Rust,
];

/// What a stage says in a line of the report, and how it ended.
type Outcome = (Vec<String>, Result<(), Error>);

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Packages => "packages",
            Self::Format => "format",
            Self::UiLint => "ui-lint",
            Self::UiCheck => "ui-check",
            Self::UiUnit => "ui-unit",
            Self::UiBuild => "ui-build",
            Self::Clippy => "clippy",
            Self::Build => "build",
            Self::Contract => "contract",
            Self::Browser => "browser",
            Self::Rust => "rust",
        }
    }

    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::System => "system packages and cargo-nextest",
            Self::Packages => "packages of npm and PyPI, as they are pinned",
            Self::Format => "rustfmt",
            Self::UiLint => "ESLint and Prettier",
            Self::UiCheck => "svelte-check and TypeScript",
            Self::UiUnit => "Vitest",
            Self::UiBuild => "the UI as the programs carry it",
            Self::Clippy => "clippy, warnings are errors",
            Self::Build => "every program and Rust test, compiled",
            Self::Contract => "the committed OpenAPI document and types are the code's",
            Self::Browser => "the UI in Chromium against the real headless server",
            Self::Rust => "every Rust test, the real window among them",
        }
    }

    /// The stages without whose success this one cannot tell anything.
    pub(super) fn needs(self) -> &'static [Self] {
        match self {
            Self::System | Self::Packages | Self::Format => &[],
            Self::UiLint | Self::UiCheck | Self::UiUnit | Self::UiBuild => &[Self::Packages],
            Self::Clippy | Self::Build => &[Self::System, Self::UiBuild],
            Self::Contract | Self::Browser | Self::Rust => &[Self::Packages, Self::Build],
        }
    }

    pub(super) fn run(self, project: &Project) -> Outcome {
        let result = match self {
            Self::System => system::prepare(project, Need::Tests).and_then(|()| nextest_is_there(project)),
            Self::Packages => ui::install(project).and_then(|()| judges::install(project)),
            Self::Format => process::run(project.cargo().args(["fmt", "--all", "--", "--check"])),
            Self::UiLint => ui::script(project, "lint").and_then(|()| scripts_are_formatted(project)),
            Self::UiCheck => ui::script(project, "check"),
            Self::UiUnit => ui::script(project, "test"),
            Self::UiBuild => ui::build(project),
            Self::Clippy => {
                let mut cargo = project.cargo();
                cargo.args([
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--locked",
                    "--",
                    "--deny",
                    "warnings",
                ]);
                process::run(&mut cargo)
            }
            Self::Build => {
                process::run(project.cargo().args(["nextest", "run", "--workspace", "--locked", "--no-run"]))
            }
            Self::Contract => contract::check(project),
            Self::Browser => browser(project),
            Self::Rust => return rust(project),
        };
        (Vec::new(), result)
    }
}

/// Debian has no package of it, and cargo brings it.
fn nextest_is_there(project: &Project) -> Result<(), Error> {
    if process::succeeds(project.cargo().args(["nextest", "--version"])) {
        return Ok(());
    }
    crate::console::say("Installing cargo-nextest, which runs the Rust tests");
    process::run(project.cargo().args(["install", "--locked", "cargo-nextest"]))
}

/// The browser's scripts lie outside `ui` and are written as the UI is.
fn scripts_are_formatted(project: &Project) -> Result<(), Error> {
    let mut npm = ui::npm(project);
    npm.args([
        "exec",
        "--offline",
        "--",
        "prettier",
        "--config",
        ".prettierrc",
        "--check",
        "../tests/**/*.mjs",
    ]);
    process::run(&mut npm)
}

/// The tests start the server themselves, each in a folder of its own.
fn browser(project: &Project) -> Result<(), Error> {
    let mut node = process::program("node", project.root());
    node.args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
        .args(browser_tests(project)?)
        .env("HOOKBENCH_BIN", project.binary("hookbench", false))
        .env("HOOKBENCH_CHROMIUM", system::browser(project).unwrap_or_else(|| "chromium".into()));
    process::run(&mut node)
}

/// Named one by one: what a folder means to `node --test` differs from version to version.
fn browser_tests(project: &Project) -> Result<Vec<PathBuf>, Error> {
    let folder = project.root().join("tests/browser");
    let entries = fs::read_dir(&folder).map_err(|source| Error::File { path: folder, source })?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut tests: Vec<PathBuf> =
        paths.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    tests.sort();
    Ok(tests)
}

fn rust(project: &Project) -> Outcome {
    let mut cargo = project.cargo();
    cargo
        .args(["nextest", "run", "--workspace", "--locked"])
        .env("HOOKBENCH_PYTHON", judges::python(project));
    if process::is_watched() {
        cargo.args(["--color", "always"]);
    }
    process::run_and_keep(&mut cargo, |line| line.contains("Summary"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_called_on_the_command_line_what_the_report_calls_it() {
        for stage in ALL {
            let value = stage.to_possible_value().unwrap();
            assert_eq!(value.get_name(), stage.name());
        }
        assert_eq!(ALL.len(), Stage::value_variants().len(), "every stage runs");
    }

    #[test]
    fn what_a_stage_needs_runs_before_it() {
        for (place, stage) in ALL.iter().enumerate() {
            for need in stage.needs() {
                assert!(ALL[..place].contains(need), "{} needs {}", stage.name(), need.name());
            }
        }
    }
}

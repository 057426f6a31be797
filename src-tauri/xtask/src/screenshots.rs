//! `cargo xtask screenshots`: every screen, to be looked at.

use clap::Args;

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::Project;
use crate::system::{self, Need};
use crate::ui;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Also picture the real window (for the README), which takes a build of the desktop app.
    #[arg(long)]
    window: bool,
    /// Only screens whose name contains this.
    #[arg(long)]
    only: Option<String>,
}

pub(crate) fn take(project: &Project, options: &Options) -> Result<(), Error> {
    system::prepare(project, Need::Tests)?;
    ui::install(project)?;
    ui::build(project)?;
    process::run(project.cargo().args(["build", "--package", "hookbench-cli"]))?;
    let out = project.folder("screenshots".into())?;
    let mut node = process::program("node", project.root());
    node.arg("tests/browser/screenshots.mjs")
        .env("HOOKBENCH_BIN", project.binary("hookbench", false))
        .env("HOOKBENCH_CHROMIUM", system::browser(project).unwrap_or_else(|| "chromium".into()))
        .env("SCREENSHOTS_ONLY", options.only.as_deref().unwrap_or_default())
        .env("SCREENSHOTS_OUT", &out);
    process::run(&mut node)?;
    if options.window {
        picture_window(project)?;
    }
    say(format!("Pictures are in {}", out.display()));
    Ok(())
}

/// The desktop tests already drive the real window; one of them keeps what it saw where it is told to.
fn picture_window(project: &Project) -> Result<(), Error> {
    let mut nextest = project.cargo();
    nextest
        .args(["nextest", "run", "--package", "hookbench-desktop", "--test", "desktop"])
        .args(["--filterset", "test(picture::)"])
        .env("HOOKBENCH_PICTURES", project.root().join("screenshots"));
    process::run(&mut nextest)
}

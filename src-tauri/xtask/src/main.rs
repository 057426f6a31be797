//! `cargo xtask …`: everything one does to the source tree, in one place and the same on every machine.
//!
//! Each command is a file; what they share is [`project`] (where things are), [`process`] (running other
//! programs), [`system`] (packages of the operating system) and [`ui`] (npm).

mod bench;
mod console;
mod contract;
mod error;
mod judges;
mod process;
mod project;
mod run;
mod screenshots;
mod system;
mod test;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::project::Project;

/// Set up, run, test and measure Hookbench from its source tree.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what is missing, build, and open the window; without a display, serve the UI to a browser.
    Run(run::Options),
    /// Run every check, or the stages named.
    Test(test::Options),
    /// Refresh what is generated from the code: `ui/openapi.json` and the UI's types.
    Generate,
    /// Picture every screen, light and dark, in two sizes, into `screenshots/`.
    Screenshots(screenshots::Options),
    /// Measure against bare peers; prints a table and writes JSON into `bench-results/`.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &Command) -> Result<(), Error> {
    let project = Project::locate();
    match command {
        Command::Run(options) => run::run(&project, options),
        Command::Test(options) => test::run(&project, options),
        Command::Generate => contract::generate(&project),
        Command::Screenshots(options) => screenshots::take(&project, options),
        Command::Bench(options) => bench::run(&project, options),
    }
}

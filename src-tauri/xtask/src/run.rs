//! `cargo xtask run`: from a bare machine to the window.

use clap::Args;

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::Project;
use crate::system::{self, Need};
use crate::ui;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Serve the UI to a browser instead of opening the window.
    #[arg(long)]
    headless: bool,
    /// A throw-away workspace with a believable day of traffic.
    #[arg(long)]
    demo: bool,
    /// Build optimised: slower to build, faster to run.
    #[arg(long)]
    release: bool,
    /// Passed on to the program, such as `--data DIR` or `--capture 127.0.0.1:4801`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<(), Error> {
    let headless = options.headless || !system::has_display();
    if headless && !options.headless {
        say(
            "No display (neither DISPLAY nor WAYLAND_DISPLAY is set): serving the same UI to a browser instead.",
        );
    }
    system::prepare(project, if headless { Need::Server } else { Need::Window })?;
    ui::install(project)?;
    ui::build(project)?;
    let (package, binary) =
        if headless { ("hookbench-cli", "hookbench") } else { ("hookbench-desktop", "hookbench-desktop") };
    let mut build = project.cargo();
    build.args(["build", "--package", package, "--bin", binary]);
    if options.release {
        build.arg("--release");
    }
    process::run(&mut build)?;
    start(project, options, binary, headless)
}

fn start(project: &Project, options: &Options, binary: &str, headless: bool) -> Result<(), Error> {
    let path = project.binary(binary, options.release);
    let mut command = process::program(&path.to_string_lossy(), project.root());
    if headless {
        command.arg("serve");
    }
    if options.demo {
        command.arg("--demo");
    }
    process::become_program(command.args(&options.arguments))
}

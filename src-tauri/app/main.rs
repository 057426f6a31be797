//! The window: a webview around the contract's own router, and what only a window has.
//!
//! Nothing here knows what a webhook is. The page asks the router through [`protocol`], hears of changes
//! through [`changes`], and everything else is the window's own: [`window`], [`tray`], [`notification`],
//! [`files`].

mod arguments;
mod batch;
mod changes;
mod complaint;
mod display;
mod engine;
mod files;
mod indicator;
mod instance;
mod notification;
mod protocol;
mod shell;
mod system;
mod tray;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("HOOKBENCH_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match shell::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            complaint::tell(&error);
            ExitCode::FAILURE
        }
    }
}

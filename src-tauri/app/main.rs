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
mod socket;
mod system;
mod tray;
mod window;

use std::process::ExitCode;

use crate::arguments::Arguments;

/// Deliveries and captures take and give back much memory across threads, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is logged without `HOOKBENCH_LOG`. A missing session bus is no news: the data folder's lock stands in; nor is a
/// certificate that is refused, which the attempt's record says.
const USUAL_LOG: &str = "warn,rustls_platform_verifier=off,tauri_plugin_single_instance=error";

fn main() -> ExitCode {
    let arguments = Arguments::typed();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("HOOKBENCH_LOG").unwrap_or_else(|_| USUAL_LOG.into()),
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

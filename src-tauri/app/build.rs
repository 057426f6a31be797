//! Prepares the window's build: its capabilities, and a built UI to carry.

use std::path::Path;
use std::process::{Command, ExitCode};

/// The window's own commands; each has to be allowed by a capability.
const COMMANDS: &[&str] = &["subscribe_changes", "save_file", "save_answer", "open_file"];

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=src-tauri/app/capabilities");
    println!("cargo:rerun-if-changed=ui/dist/index.html");
    if let Err(problem) = ui_is_built() {
        println!("cargo:warning={problem}");
        return ExitCode::FAILURE;
    }
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/app/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    match tauri_build::try_build(attributes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo:warning={error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the UI where there is none yet, so that a plain `cargo build` works in a fresh clone. Keeping it
/// up to date is the task runner's work.
fn ui_is_built() -> Result<(), String> {
    let ui = Path::new("ui");
    if ui.join("dist/index.html").exists() {
        return Ok(());
    }
    if !ui.join("node_modules").exists() {
        npm(ui, &["ci"])?;
    }
    npm(ui, &["run", "build"])
}

fn npm(ui: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let spelled = format!("npm {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(ui)
        .output()
        .map_err(|error| format!("the UI has to be built and npm could not be started: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{spelled}` in ui ended with {}: {}", output.status, said.replace('\n', " | ")))
    }
}

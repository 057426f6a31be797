//! The command line beside an open window: it works in the window's workspace, over a socket in the folder.

use std::path::Path;
use std::process::Command;

use crate::desk::{Desk, System};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_works_in_the_workspace_that_the_window_has_open() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let data = desk.data();
    // The two binaries are built side by side.
    let hookbench = Path::new(env!("CARGO_BIN_EXE_hookbench-desktop")).with_file_name("hookbench");
    assert!(hookbench.exists(), "the command line is built with `--workspace`: {}", hookbench.display());
    let create = ["--json", "endpoints", "create", "http://127.0.0.1:9/typed", "--provider", "pulsewave"];
    let mut command = Command::new(hookbench);
    command.arg("--data").arg(&data).args(create);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    window.control("Endpoints").await.click().await.unwrap();
    window.shows("http://127.0.0.1:9/typed").await;
    window.close().await;
}

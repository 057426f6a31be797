//! The data folder is not as it should be: read-only, somebody else's, damaged, open elsewhere, or gone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use reqwest::Method;
use tokio::process::Command;

use crate::disk::is_root;
use crate::peer::{capture, captured, event, inbox, trouble, well_again};
use crate::support::{Server, binary, clean, folder, hookbench, text};

/// The size of a page of the database, in bytes.
const PAGE: usize = 16 << 10;
const ANYWHERE: [&str; 5] = ["serve", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"];

/// A workspace in which one request was captured, stopped again.
async fn workspace(data: &Path) {
    let server = Server::start(data).await;
    inbox(&server).await;
    assert_eq!(capture(&server, "kept", 10).await.0, 200);
    assert!(server.stop().await.0.success());
}

/// That the request is still there.
async fn is_whole(data: &Path) {
    let server = Server::start(data).await;
    assert_eq!(captured(&server).await, ["kept"]);
    assert!(server.stop().await.0.success());
}

/// Runs a program that permissions bind: root's do not, until they are given up.
fn bound(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-all", "--inh-caps=-all", program]);
    command
}

/// Starts the server, bound by permissions, where it cannot; what it said on standard error.
async fn refused(data: &Path) -> String {
    let mut command = bound(binary());
    clean(&mut command);
    let output = command.arg("--data").arg(data).args(ANYWHERE).output().await.expect("it runs");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(!words.contains("panicked"), "{words}");
    words
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

#[tokio::test]
async fn a_read_only_folder_is_named_and_left_alone() {
    let data = folder();
    workspace(data.path()).await;
    fs::remove_file(data.path().join("lock")).expect("it is there");
    permit(data.path(), 0o500);
    let touched = bound("touch").arg(data.path().join("new")).output().await.expect("touch runs");
    assert!(!touched.status.success(), "permissions do not bind this test, so it tells nothing");
    let words = refused(data.path()).await;
    assert!(words.contains(&data.path().display().to_string()), "{words}");
    assert!(words.contains("Permission denied"), "{words}");
    permit(data.path(), 0o700);
    is_whole(data.path()).await;
}

#[tokio::test]
async fn a_read_only_database_is_named_and_left_alone() {
    let data = folder();
    workspace(data.path()).await;
    let database = data.path().join("hookbench.db");
    permit(&database, 0o400);
    let words = refused(data.path()).await;
    assert!(words.contains("hookbench.db") && words.contains("Permission denied"), "{words}");
    permit(&database, 0o600);
    is_whole(data.path()).await;
}

#[tokio::test]
async fn somebody_else_s_key_is_told_from_a_broken_one() {
    let data = folder();
    workspace(data.path()).await;
    let key = data.path().join("key");
    // Only root can give a file away; for others one that even its owner may not read must do.
    let modes: &[u32] = if is_root() { &[0o600, 0o644] } else { &[0o000] };
    for mode in modes {
        if is_root() {
            std::os::unix::fs::chown(&key, Some(12345), Some(12345)).expect("root may");
        }
        permit(&key, *mode);
        let words = refused(data.path()).await;
        assert!(words.contains(&key.display().to_string()), "{mode:o}: {words}");
        assert!(words.contains("belongs to another user"), "{mode:o}: {words}");
    }
    if is_root() {
        std::os::unix::fs::chown(&key, Some(0), Some(0)).expect("root may");
    }
    permit(&key, 0o600);
    is_whole(data.path()).await;
}

#[tokio::test]
async fn a_second_server_is_told_which_process_has_the_folder() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let output = hookbench(data.path()).args(ANYWHERE).output().await.expect("it runs");
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains(&format!("(process {})", server.pid())), "{words}");
    assert!(words.contains("is open in another Hookbench"), "{words}");
    assert!(server.stop().await.0.success(), "the first one is as it was");
}

#[tokio::test]
async fn a_damaged_database_is_named_and_left_as_it_is() {
    let data = folder();
    workspace(data.path()).await;
    let database = data.path().join("hookbench.db");
    let mut bytes = fs::read(&database).expect("it is there");
    for byte in bytes.iter_mut().skip(PAGE) {
        *byte = 0xa5;
    }
    fs::write(&database, &bytes).expect("it is ours");
    let words = refused(data.path()).await;
    assert!(words.contains("the database is damaged"), "{words}");
    assert!(words.contains(&data.path().display().to_string()), "{words}");
    // SQLite counts in the first page that it was opened.
    assert!(fs::read(&database).expect("it is there")[PAGE..] == bytes[PAGE..], "it was written to");
}

#[tokio::test]
async fn a_folder_that_is_moved_away_refuses_until_it_is_back() {
    let around = folder();
    let (here, away) = (around.path().join("here"), around.path().join("away"));
    let server = Server::start(&here).await;
    inbox(&server).await;
    assert_eq!(capture(&server, "kept", 10).await.0, 200);

    fs::rename(&here, &away).expect("it is ours");
    let (status, words) = capture(&server, "refused", 10).await;
    assert_eq!(status, 503, "{words}");
    assert!(words.contains("moved or removed"), "{words}");
    let sent = server.send(Method::POST, "/v1/events", Some(&event("refused", 0))).await;
    assert_eq!((sent.status.as_u16(), text(&sent.body, "type")), (503, "folder-gone"), "{}", sent.body);
    assert_eq!(trouble(&server).await["kind"], "folder_gone");

    fs::rename(&away, &here).expect("it is ours");
    well_again(&server).await;
    assert_eq!(capture(&server, "after", 10).await.0, 200);
    assert!(server.stop().await.0.success());
    let server = Server::start(&here).await;
    let there = captured(&server).await;
    assert!(there.contains(&"kept".to_owned()) && there.contains(&"after".to_owned()), "{there:?}");
}

#[tokio::test]
async fn a_folder_that_is_removed_refuses_and_the_server_can_be_stopped() {
    let around = folder();
    let here = around.path().join("here");
    let server = Server::start(&here).await;
    inbox(&server).await;
    fs::remove_dir_all(&here).expect("it is ours");
    let (status, words) = capture(&server, "refused", 10).await;
    assert_eq!(status, 503, "{words}");
    assert_eq!(trouble(&server).await["kind"], "folder_gone");
    let (status, log) = server.stop().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!here.exists(), "nothing was made in its place");
}

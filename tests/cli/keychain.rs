//! The key of the secrets in a real keychain: a session bus and GNOME's keyring of the test's own.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::{folder, hookbench};

/// A person's session: their folders, their bus, their unlocked keychain.
struct Session {
    home: TempDir,
    bus: Child,
    address: String,
}

impl Session {
    fn start() -> Self {
        let home = folder();
        let mut bus = Self::program(home.path(), "dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed (Debian: dbus-daemon)");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().expect("it is piped")).read_line(&mut address).expect("an address");
        let session = Self { home, bus, address: address.trim().to_owned() };
        // It goes into the background once it serves, and ends with the bus.
        let mut keyring = Self::program(session.home.path(), "gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &session.address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon is installed (Debian: gnome-keyring)");
        keyring.stdin.take().expect("it is piped").write_all(b"password").expect("it reads the password");
        assert!(keyring.wait().expect("it starts").success());
        session
    }

    fn program(home: &Path, name: &str) -> Command {
        let mut command = Command::new(name);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(variable, home);
        }
        command
    }

    /// Runs the command line on a folder, inside this session.
    async fn run(&self, data: &Path, arguments: &[&str]) -> Output {
        let mut command = hookbench(data);
        command.env_remove("HOOKBENCH_KEYS").env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.env("HOME", self.home.path()).env("XDG_RUNTIME_DIR", self.home.path());
        command.args(arguments).output().await.expect("it runs")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

const CREATE: &[&str] = &[
    "endpoints",
    "create",
    "http://127.0.0.1:9/",
    "--provider",
    "github",
    "--secret",
    "correct horse battery",
];
const LIST: &[&str] = &["--json", "endpoints", "list"];

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn the_key_of_a_new_workspace_is_in_the_keychain_and_nowhere_else() {
    let session = Session::start();
    let data = folder();
    let made = session.run(data.path(), CREATE).await;
    assert!(made.status.success(), "{}", said(&made));

    let note = std::fs::read_to_string(data.path().join("key")).expect("the file names the entry");
    assert!(note.starts_with("keychain:workspace "), "{note}");
    let again = session.run(data.path(), LIST).await;
    assert!(again.status.success() && said(&again).contains("…tery"), "{}", said(&again));

    let elsewhere = Session::start();
    let refused = elsewhere.run(data.path(), LIST).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("comes from another machine or account"), "{}", said(&refused));

    let found = session.run(data.path(), LIST).await;
    assert!(found.status.success(), "nothing was lost by the refusal: {}", said(&found));
}

#[tokio::test]
async fn a_keychain_that_cannot_be_reached_is_told_and_a_new_workspace_does_without() {
    let data = folder();
    let gone = {
        let session = Session::start();
        let made = session.run(data.path(), CREATE).await;
        assert!(made.status.success(), "{}", said(&made));
        session.address.clone()
    };
    let run = async |data: &Path, arguments: &[&str]| {
        let mut command = hookbench(data);
        command.env_remove("HOOKBENCH_KEYS").env("DBUS_SESSION_BUS_ADDRESS", &gone);
        command.args(arguments).output().await.expect("it runs")
    };
    let refused = run(data.path(), LIST).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("keychain, which is locked or cannot be reached"), "{}", said(&refused));

    let other = folder();
    let made = run(other.path(), CREATE).await;
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(std::fs::metadata(other.path().join("key")).expect("a key file").len(), 32);
}

#[tokio::test]
async fn whoever_wants_a_file_gets_one() {
    let session = Session::start();
    let data = folder();
    let made = session.run(data.path(), &[&["--keys", "file"], CREATE].concat()).await;
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(std::fs::metadata(data.path().join("key")).expect("a key file").len(), 32);
    let wrong = session.run(data.path(), &["--keys", "cellar", "endpoints", "list"]).await;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("`keychain` or in a `file`"), "{}", said(&wrong));
}

//! A disk that has room for little, and can be filled and emptied.
//!
//! Where this user may mount, it is a small file system of its own, seen by the server alone. Where nobody may (in
//! some containers), the system is told to let the server write no byte more: its writes fail in the same places, and
//! only the name of the trouble is another.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Server, binary, clean, folder};

/// The size of the small file system: room for a database and its log with the largest answers in both.
const BYTES: usize = 96 << 20;
const BALLAST: &str = "ballast";

/// A disk for one workspace.
pub(crate) enum Disk {
    /// A file system in a name space of mounts, which a process keeps alive.
    Small { keeper: Child, place: TempDir },
    /// A folder of the usual disk.
    Usual(TempDir),
}

impl Disk {
    #[expect(clippy::print_stdout, reason = "which of the two it is belongs into the log of the run")]
    pub(crate) async fn new() -> Self {
        let place = folder();
        if let Some(keeper) = keeper(place.path()).await {
            return Self::Small { keeper, place };
        }
        println!(
            "no small file system can be mounted here: the server is kept from writing by its limit instead"
        );
        Self::Usual(place)
    }

    /// What a write meets when it is full, in the words of the health.
    pub(crate) fn trouble(&self) -> &'static str {
        match self {
            Self::Small { .. } => "disk_full",
            Self::Usual(_) => "disk_failed",
        }
    }

    /// The same in the words of a problem, with its status.
    pub(crate) fn problem(&self) -> (u16, &'static str) {
        match self {
            Self::Small { .. } => (507, "disk-full"),
            Self::Usual(_) => (503, "disk-failed"),
        }
    }

    /// Starts the server on it.
    pub(crate) async fn serve(&self) -> Server {
        let mut command = match self {
            Self::Small { keeper, .. } => {
                let mut command = Command::new("nsenter");
                command.args(["--target", &keeper.id().expect("it lives").to_string(), "--mount"]);
                if !is_root() {
                    command.args(["--user", "--preserve-credentials"]);
                }
                command.arg(binary());
                command
            }
            Self::Usual(_) => {
                // A write beyond the limit sends a signal that ends a process, unless it is ignored.
                let mut command = Command::new("sh");
                command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", binary()]);
                command
            }
        };
        let place = match self {
            Self::Small { place, .. } | Self::Usual(place) => place,
        };
        clean(&mut command);
        command.arg("--data").arg(place.path().join("data"));
        Server::run(command, &[]).await
    }

    /// Takes all the room that is left.
    pub(crate) async fn fill(&self, server: &Server) {
        match self {
            Self::Small { .. } => {
                let mut ballast = File::create(self.inside().join(BALLAST)).expect("a file");
                let some = vec![0; 4096];
                while ballast.write_all(&some).is_ok() {}
            }
            Self::Usual(_) => limit(server, "0").await,
        }
    }

    /// Gives the room back.
    pub(crate) async fn make_room(&self, server: &Server) {
        match self {
            Self::Small { .. } => self.empty(),
            Self::Usual(_) => limit(server, "unlimited").await,
        }
    }

    /// Gives the room back where no server runs: the limit of one ended with it.
    pub(crate) fn empty(&self) {
        if matches!(self, Self::Small { .. }) {
            fs::remove_file(self.inside().join(BALLAST)).expect("it is there");
        }
    }

    /// The small file system as it is seen from outside.
    fn inside(&self) -> PathBuf {
        let Self::Small { keeper, place } = self else { unreachable!("asked of small ones only") };
        let path = place.path().strip_prefix("/").expect("it is absolute");
        Path::new("/proc").join(keeper.id().expect("it lives").to_string()).join("root").join(path)
    }
}

/// The process that keeps a small file system mounted there; `None` where this user may not mount.
async fn keeper(place: &Path) -> Option<Child> {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    // It ends with its standard input, and so with this test.
    let script = "mount -t tmpfs -o \"size=$2,mode=0700\" hookbench \"$1\" && echo mounted && exec cat";
    let mut keeper = command
        .args(["--mount", "sh", "-c", script, "sh"])
        .arg(place)
        .arg(BYTES.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut said = BufReader::new(keeper.stdout.take()?).lines();
    (said.next_line().await.ok()?? == "mounted").then_some(keeper)
}

async fn limit(server: &Server, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let set = Command::new("prlimit").args(["--pid", &server.pid().to_string(), &limit]).status().await;
    assert!(set.expect("prlimit runs").success());
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").expect("Linux").uid() == 0
}

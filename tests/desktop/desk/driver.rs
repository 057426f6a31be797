//! `WebKitWebDriver`: starts the program and speaks to its page.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::net::TcpStream;

/// Between two looks whether the driver listens yet.
const GLANCE: Duration = Duration::from_millis(20);

/// One driver, for one session.
pub(crate) struct Driver {
    child: Child,
    port: u16,
    /// Closed once neither the driver nor anything it started can write to its error stream any more.
    ended: Receiver<()>,
}

impl Driver {
    pub(crate) async fn start(furnish: impl Fn(&mut Command)) -> Self {
        let mut driver = Self::launch(&furnish);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, driver.port)).await.is_err() {
            if driver.child.try_wait().unwrap().is_some() {
                // Somebody took the port between finding and using it.
                driver = Self::launch(&furnish);
            }
            tokio::time::sleep(GLANCE).await;
        }
        driver
    }

    fn launch(furnish: &impl Fn(&mut Command)) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut command = Command::new("WebKitWebDriver");
        furnish(&mut command);
        command.arg(format!("--port={port}"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().expect("WebKitWebDriver is installed (Debian: webkit2gtk-driver)");
        let mut errors = child.stderr.take().unwrap();
        let (alive, ended) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = io::copy(&mut errors, &mut io::stderr());
            drop(alive);
        });
        Self { child, port, ended }
    }

    /// Starts the program and waits until its page can be spoken to. One at a time on this machine: the driver
    /// chooses a free port for the program to listen on, and until the program does, another driver may choose
    /// the same one.
    pub(crate) async fn open(&self, binary: &str, arguments: &[&str]) -> Client {
        let options = json!({ "binary": binary, "args": arguments });
        let capabilities = Capabilities::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let _turn = turn().await;
        builder.connect(&format!("http://127.0.0.1:{}", self.port)).await.expect("the window opens")
    }
}

/// Held while a window opens; given back when the file is closed, however the test ends.
async fn turn() -> File {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a-window-opens.lock");
    let file = File::create(path).unwrap();
    let taken = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    taken.await.unwrap().expect("a file can be locked")
}

/// Leaves nothing behind. A driver that is ended at once may not have ended the window yet, so the whole group
/// is ended, and waited for.
impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
        let _ = self.ended.recv();
    }
}

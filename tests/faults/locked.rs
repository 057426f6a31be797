//! Another program keeps the database locked: nobody hangs, what is refused says why, and all goes on by itself.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::peer::{capture, captured, event, inbox, one_under_way, send, trouble, well_again};
use crate::support::{Server, folder, hookbench, text};

/// A program that has the database locked until it is told to let go.
struct Holder(Child);

impl Holder {
    /// Locks it against writers, or against readers too where nobody else has it open.
    async fn lock(data: &Path, mode: &str) -> Self {
        let script = "import sqlite3, sys\n\
                      database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)\n\
                      database.execute('PRAGMA locking_mode = ' + sys.argv[2])\n\
                      database.execute('BEGIN EXCLUSIVE')\n\
                      database.execute(\"INSERT INTO kinds (provider, event_type) VALUES ('other', 'program')\")\n\
                      print('locked', flush=True)\n\
                      sys.stdin.read()\n\
                      database.execute('ROLLBACK')\n";
        let python = std::env::var("HOOKBENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut child = Command::new(python)
            .args(["-c", script])
            .arg(data.join("hookbench.db"))
            .arg(mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python runs");
        let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        assert_eq!(said.next_line().await.expect("it can be read").as_deref(), Some("locked"));
        Self(child)
    }

    async fn let_go(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().await.expect("it ends").success());
    }
}

#[tokio::test]
async fn a_lock_in_the_middle_of_work_refuses_and_loses_nothing() {
    let data = folder();
    let (server, peer, under_way) = one_under_way(data.path()).await;
    inbox(&server).await;

    let holder = Holder::lock(data.path(), "normal").await;
    many_are_refused_together(&server).await;
    let (event, setting) = (event("refused", 0), json!({"max_in_flight": 7}));
    let (captured_one, sent, patched) = tokio::join!(
        capture(&server, "refused", 10),
        server.send(Method::POST, "/v1/events", Some(&event)),
        server.send(Method::PATCH, "/v1/settings", Some(&setting)),
    );
    assert_eq!(captured_one.0, 503, "{}", captured_one.1);
    assert!(captured_one.1.contains("keeps the database of this Hookbench locked"), "{}", captured_one.1);
    for refused in [sent, patched] {
        assert_eq!((refused.status.as_u16(), text(&refused.body, "type")), (503, "database-locked"));
        assert!(text(&refused.body, "detail").contains("Another program"), "{}", refused.body);
    }
    assert_eq!(trouble(&server).await["kind"], "database_locked");
    assert_eq!(server.get(&under_way).await["status"], "in_flight", "reading goes on");
    peer.open();

    holder.let_go().await;
    well_again(&server).await;
    server.until(&under_way, |now| now["status"] == "delivered").await;
    assert_eq!(capture(&server, "kept", 10).await.0, 200);
    let after = send(&server, "after").await;
    server.until(&after, |now| now["status"] == "delivered").await;
    assert_eq!(peer.arrivals(), ["under-way", "after"]);
    assert_eq!(captured(&server).await, ["kept"]);
    assert!(server.stop().await.0.success());
}

/// The lock is waited for once, and not by each of those that come together.
async fn many_are_refused_together(server: &Server) {
    let began = Instant::now();
    let markers: Vec<String> = (0..40).map(|number| format!("together-{number}")).collect();
    let refused = join_all(markers.iter().map(|marker| capture(server, marker, 10))).await;
    for (status, words) in refused {
        assert_eq!(status, 503, "{words}");
    }
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_lock_at_the_start_is_named_and_a_later_start_works() {
    let data = folder();
    let server = Server::start(data.path()).await;
    inbox(&server).await;
    assert_eq!(capture(&server, "kept", 10).await.0, 200);
    assert!(server.stop().await.0.success());

    let holder = Holder::lock(data.path(), "exclusive").await;
    let refused = hookbench(data.path())
        .args(["serve", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
        .output()
        .await
        .expect("it runs");
    let words = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{words}");
    assert!(words.contains("another program keeps the database locked"), "{words}");
    assert!(words.contains(&data.path().display().to_string()), "{words}");
    holder.let_go().await;

    let server = Server::start(data.path()).await;
    assert_eq!(captured(&server).await, ["kept"]);
}

#[tokio::test]
async fn a_stop_while_the_database_is_locked_ends_and_what_was_cut_off_goes_on_later() {
    let data = folder();
    let (server, peer, under_way) = one_under_way(data.path()).await;
    let holder = Holder::lock(data.path(), "normal").await;
    peer.open();
    server.signal("-TERM").await;
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    holder.let_go().await;

    let server = Server::start(data.path()).await;
    let done = server.until(&under_way, |now| now["status"] == "delivered").await;
    assert_eq!(done["attempts"][0]["outcome"], "interrupted", "{done}");
    assert_eq!(peer.arrivals(), ["under-way", "under-way"]);
}

//! What a person reads when the program cannot start.

use std::path::Path;

use crate::support::{folder, hookbench};

/// Starts the server where it cannot; what it said on standard error.
async fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = hookbench(data).arg("serve").args(arguments).output().await.expect("it runs");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(!words.contains("panicked"), "{words}");
    words
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address").to_string();
    for flags in [["--api", &addr, "--capture", "127.0.0.1:0"], ["--api", "127.0.0.1:0", "--capture", &addr]]
    {
        let data = folder();
        let words = refused(data.path(), &flags).await;
        assert!(words.contains(&addr) && words.contains("in use"), "{words}");
    }
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_named() {
    let data = folder();
    let file = data.path().join("taken");
    std::fs::write(&file, "not a folder").expect("a file");
    let words = refused(&file, &["--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"]).await;
    assert!(words.contains(&file.display().to_string()), "{words}");
}

#[tokio::test]
async fn a_database_that_is_none_is_named_and_left_alone() {
    let data = folder();
    let file = data.path().join("hookbench.db");
    std::fs::write(&file, "this is not a database, and somebody may want it").expect("a file");
    let words = refused(data.path(), &["--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"]).await;
    assert!(words.contains("hookbench.db") || words.contains("database"), "{words}");
    assert_eq!(
        std::fs::read_to_string(&file).expect("it is there"),
        "this is not a database, and somebody may want it"
    );
}

//! A second start on the same workspace, where no session bus can tell the two of one another.

use crate::desk::{Desk, System};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_on_the_same_folder_says_why_it_cannot_open() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let data = desk.data();
    let mut second = desk.program();
    second.arg("--data").arg(&data).args(["--capture", "127.0.0.1:0"]);
    let output = tokio::task::spawn_blocking(move || second.output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(data.to_str().unwrap()), "the message names the folder: {said}");
    assert!(said.contains("open in another Hookbench"), "the message says who has it: {said}");
    window.find("nav").await;
    window.close().await;
}

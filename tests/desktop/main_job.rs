//! The main job, by clicking in the real window.

use crate::desk::{Desk, System};

/// The first minute: "Try it" makes both ends, sends an event, and shows that it was delivered, captured
/// and verified.
#[tokio::test(flavor = "multi_thread")]
async fn try_it_shows_both_ends() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    window.shows("Send a webhook and watch both ends").await;
    window.control("Make both ends and send").await.click().await.unwrap();
    window.shows("Delivered").await;
    window.shows("Valid").await;
    window.close().await;
}

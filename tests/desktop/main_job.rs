//! The main job, by clicking in the real window.

use crate::desk::{Desk, System, Window, post};

/// The first minute: "Try it" makes both ends, sends an event, and shows that it was delivered, captured
/// and verified.
#[tokio::test(flavor = "multi_thread")]
async fn try_it_shows_both_ends() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    window.shows("Send a webhook and watch both ends").await;
    window.press("Make both ends and send").await;
    window.shows("Delivered").await;
    window.shows("Valid").await;
    window.close().await;
}

/// Both ends made by hand, through their dialogs: an event is delivered, captured, valid and joined. Then the
/// inbox breaks, the next event waits for its retry, the inbox is mended, and a retry by hand gets through.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_captured_and_retried() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    make_inbox(&window).await;
    make_endpoint(&window).await;

    send(&window).await;
    window.shows("Delivered at once: the server answered 200.").await;
    window.press("What the inbox received").await;
    window.shows("The signature is valid").await;
    window.shows("Sent by Hookbench: delivery").await;
    window.find("a.origin").await.click().await.unwrap();
    window.shows("Delivered at once: the server answered 200.").await;
    window.shows("Attempt 1 of").await;

    answer(&window, "503").await;
    send(&window).await;
    window.shows("failed: the server answered 503. Next: in").await;

    answer(&window, "200").await;
    window.press("Deliveries").await;
    window.find("[role='grid'] [role='row'][aria-rowindex='2']").await.click().await.unwrap();
    window.shows("failed: the server answered 503. Next: in").await;
    window.press("Retry now").await;
    window.shows("Delivered after 2 attempts: the server answered 200.").await;
    window.close().await;
}

/// What another program sends to an inbox stands in the list at once, without a key being pressed.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_sends_appears_by_itself() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    make_inbox(&window).await;
    window.shows("Nothing has arrived yet").await;
    let address = window.find(".first .line .mono").await.text().await.unwrap();

    assert_eq!(post(&address, "/first", "{}"), 200);
    window.shows("/first").await;
    // The list is there now, and follows what comes.
    assert_eq!(post(&address, "/second?by=curl", "{}"), 200);
    window.shows("/second?by=curl").await;
    window.close().await;
}

async fn make_inbox(window: &Window) {
    window.press("Inbox").await;
    window.press("Create an inbox").await;
    window.fill("Name", "Orders").await;
    window.choose("Provider", "Pulsewave").await;
    submit(window, "Create the inbox").await;
}

async fn make_endpoint(window: &Window) {
    window.press("Endpoints").await;
    window.press("New endpoint").await;
    window.fill("Name", "Order handler").await;
    window.choose("Provider", "Pulsewave").await;
    window.choose("Delivers to", "The inbox “Orders”").await;
    window.press("Create the endpoint").await;
    // Its secret is shown this once; the inbox has been given it.
    submit(window, "Done").await;
}

/// Composes an event from the profile's sample and sends it.
async fn send(window: &Window) {
    window.press("Compose").await;
    window.choose("Provider", "Pulsewave").await;
    window.choose("Event", "message.sent").await;
    window.press("Send to 1 endpoint").await;
}

/// Has the inbox answer with this status from now on.
async fn answer(window: &Window, status: &str) {
    window.press("Inbox").await;
    window.press("Edit").await;
    window.fill("Status", status).await;
    submit(window, "Save").await;
    window.shows(&format!("answers {status}")).await;
}

/// Presses the button that ends a dialog, and waits until the dialog is gone.
async fn submit(window: &Window, says: &str) {
    window.press(says).await;
    window.lacks("[role='dialog']").await;
}

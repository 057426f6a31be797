//! From where inboxes are reached, in the real window.

use crate::desk::{Desk, System};
use serde_json::Value;

/// A certificate is made as soon as it is chosen, its authority is saved by the desktop's dialog, and what is given
/// instead is refused at its field where it is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_made_and_its_authority_is_saved() {
    let desk = Desk::with_bus(System::Light);
    let dialog = desk.saving().await;
    let window = desk.open().await;
    window.go("#/settings?at=reach").await;
    window.shows("Only this machine reaches them now.").await;
    window.pick("A certificate that Hookbench makes").await;
    window.find("dl[aria-label='The certificate that Hookbench made']").await;
    window.press("Download hookbench-ca.pem").await;
    assert!(dialog.saved("hookbench-ca.pem").await.starts_with(b"-----BEGIN CERTIFICATE-----"));

    let broken = desk.own("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n").unwrap();
    window.pick("A certificate of your own").await;
    window.give("form input[type='file']", &broken).await;
    window.until("document.querySelector('form textarea').value.includes('none')").await;
    window.press("Use this certificate").await;
    window.find("form textarea[aria-invalid='true']").await;
    let settings = window.call("GET", "/v1/settings", &Value::Null).await;
    assert_eq!(settings["reach"]["tls"], "made", "what holds is what was made");
    window.close().await;
}

/// What a switch of the settings asks first is asked in the window too, and "no" leaves all as it was.
#[tokio::test(flavor = "multi_thread")]
async fn opening_to_the_network_is_asked_about_first() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    window.go("#/settings?at=reach").await;
    window.shows("Only this machine reaches them now.").await;
    window.flip("Other machines of the network may send to the inboxes").await;
    window.shows("Open every inbox to the network?").await;
    window.press("Keep it closed").await;
    window.lacks("[role='dialog']").await;
    let settings = window.call("GET", "/v1/settings", &Value::Null).await;
    assert_eq!(settings["reach"]["lan"], false);
    window.close().await;
}

//! Pictures of the real window with a day of traffic in it, light and dark. Where `HOOKBENCH_PICTURES` names
//! a folder they are kept there.

use fantoccini::wd::Locator;

use crate::desk::{Desk, System};

#[tokio::test(flavor = "multi_thread")]
async fn light() {
    take(System::Light, "window-light.png").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dark() {
    take(System::Dark, "window-dark.png").await;
}

async fn take(system: System, name: &str) {
    let desk = Desk::set(system);
    let window = desk.open_with(&["--demo", "--capture", "127.0.0.1:0"]).await;
    // One that an attempt was made of: the newest of all may have been paused before its first. The list holds no
    // others, so it is one still where the rows move on between the look and the click.
    window.run("location.hash = '#/deliveries?status=delivered'").await;
    let delivered = Locator::XPath("//*[@role='grid']//*[@role='row'][.//*[normalize-space(.)='Delivered']]");
    window.client.wait().for_element(delivered).await.unwrap().click().await.unwrap();
    window.shows("Attempt").await;
    let picture = window.picture().await;
    assert!(picture.starts_with(b"\x89PNG"), "a picture is a PNG file");
    let shades = desk.screen.frame().shades();
    assert!(shades > 16, "a window that shows something has more than {shades} shades");
    if let Some(folder) = std::env::var_os("HOOKBENCH_PICTURES") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(name), picture).unwrap();
    }
    window.close().await;
}

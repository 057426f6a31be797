//! How the window comes up.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::desk::{Desk, Frame, System};

fn white(frame: &Frame) -> f64 {
    frame.share(|pixel| pixel.iter().all(|part| *part > 0xd0))
}

/// The ground of the dark theme, as the screen may round it.
fn dark_ground(frame: &Frame) -> f64 {
    frame.share(|[r, g, b]| {
        (0x0d..=0x22).contains(&r) && (0x10..=0x26).contains(&g) && (0x12..=0x2a).contains(&b)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_shows_the_interface() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    window.find("nav").await;
    let title = window.client.title().await.unwrap();
    assert!(title.ends_with("Hookbench"), "{title}");
    assert!(white(&desk.screen.frame()) > 0.3, "a light system gets a light window");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_reaches_the_contract_without_a_port() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let health = window
        .run_async("fetch('hookbench://localhost/v1/health').then(r => done(r.status), e => done(String(e)))")
        .await;
    assert_eq!(health, 200);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_a_language_even_where_the_system_has_none() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let written = window.run("return new Intl.NumberFormat(navigator.language).format(1234)").await;
    assert_eq!(written, "1,234");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_reaches_nothing_but_the_contract() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = format!("http://{}/", listener.local_addr().unwrap());
    let script = format!(
        "fetch({elsewhere:?}, {{mode: 'no-cors'}}).then(() => done('reached'), () => done('refused'))"
    );
    assert_eq!(window.run_async(&script).await, "refused");
    window.close().await;
}

/// In a dark system no frame between start and page is white: every pixel the screen had is looked at, as
/// fast as it can be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_dark_system_never_sees_a_white_window() {
    let desk = Desk::set(System::Dark);
    let opened = AtomicBool::new(false);
    let (worst, window) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut worst = 0.0_f64;
            while !opened.load(Ordering::Relaxed) {
                worst = worst.max(white(&desk.screen.frame()));
            }
            worst
        });
        let window = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let window = desk.open().await;
                window.find("nav").await;
                window.picture().await;
                window
            })
        });
        opened.store(true, Ordering::Relaxed);
        (watcher.join().unwrap(), window)
    });
    assert!(worst < 0.05, "{:.0} % of the screen was white at one moment", worst * 100.0);
    let ground = dark_ground(&desk.screen.frame());
    assert!(ground > 0.3, "the page is dark at the end: {:.0} % of the screen", ground * 100.0);
    window.close().await;
}

/// The theme chosen in the page is the workspace's: the window wears it at once, and when it opens again.
#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_theme_is_worn_by_the_window_from_then_on() {
    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    window.press("Settings").await;
    window.pick("Dark").await;
    window.find(":root[data-theme='dark']").await;
    window.run_async(&until_the_setting_is("dark")).await;
    window.picture().await;
    assert!(dark_ground(&desk.screen.frame()) > 0.3, "the window turned dark");
    window.close().await;

    let again = desk.open().await;
    again.find("nav").await;
    // Another program chooses; the page and its window follow.
    let light = "fetch('hookbench://localhost/v1/settings', { method: 'PATCH', body: '{\"theme\":\"light\"}',
        headers: { 'content-type': 'application/json' } }).then(answer => done(answer.status))";
    assert!(dark_ground(&desk.screen.frame()) > 0.3, "the window opened dark");
    assert_eq!(again.run_async(light).await, 200);
    again.find(":root[data-theme='light']").await;
    again.picture().await;
    assert!(white(&desk.screen.frame()) > 0.3, "the window followed");
    again.close().await;
}

/// A script that ends once the workspace has this theme.
fn until_the_setting_is(theme: &str) -> String {
    format!(
        "const look = () => fetch('hookbench://localhost/v1/settings').then(answer => answer.json())
            .then(settings => settings.theme === {theme:?} ? done(true) : setTimeout(look, 20));
        look();"
    )
}

#[test]
fn without_a_display_it_says_so_and_ends() {
    let output = Command::new(env!("CARGO_BIN_EXE_hookbench-desktop"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("hookbench-desktop: no display: neither DISPLAY nor WAYLAND_DISPLAY"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

//! A workspace of very many captured requests, in the real window: captured through its own receiver, read and
//! scrolled in its own page under an X server of its own.
//!
//! `cargo xtask bench million -- 1000000` captures so many; 100,000 unless given. One JSON line is printed for
//! each thing measured, with the goal beside it where there is one.

#![cfg_attr(
    not(target_os = "linux"),
    allow(unused_crate_dependencies, reason = "it needs an X server and WebKitGTK")
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints its figures"
)]

#[cfg(target_os = "linux")]
#[path = "../../../../tests/desktop/desk/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the window's tests use the rest of it")]
mod desk;
#[cfg(target_os = "linux")]
mod flood;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod page;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let wanted = std::env::args().find_map(|word| word.parse().ok());
    runtime.block_on(measure(wanted.unwrap_or(100_000)));
}

#[cfg(target_os = "linux")]
async fn measure(count: usize) {
    use desk::{Desk, System};
    use serde_json::json;

    let desk = Desk::set(System::Light);
    let window = desk.open().await;
    let inbox = page::make_inbox(&window).await;
    let idle = memory::taken(&desk.data());

    let flooded = flood::flood(&inbox, count).await;
    let (first, last) = (flooded.first_tenth_per_s, flooded.last_tenth_per_s);
    let captured = json!({
        "path": format!("capture of {count} beside the window: the last tenth against the first"),
        "connections": flood::CONNECTIONS, "ratio": last / first, "goal": null,
        "first_per_s": first.round(), "last_per_s": last.round(),
    });
    println!("{captured}");

    let rested = memory::at_rest(&desk.data()).await;
    println!("at rest {:.0} s after the last of {count} was captured", rested.as_secs_f64());
    let full = memory::taken(&desk.data());
    let kept = json!({
        "path": format!("memory with {count} captured, PSS of all the window's processes"),
        "idle_mib": idle / 1024, "mib": full / 1024, "goal": null,
    });
    println!("{kept}");

    for line in page::lists(&window, count).await {
        println!("{line}");
    }
    for line in page::screens(&window, count).await {
        println!("{line}");
    }
    for line in page::frames(&window, count).await {
        println!("{line}");
    }
    let read = memory::taken(&desk.data());
    println!(
        "{}",
        json!({"path": format!("memory after scrolling {count}"), "mib": read / 1024, "goal": null})
    );
    window.close().await;
}

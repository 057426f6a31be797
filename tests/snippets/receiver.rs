//! One of the receivers in Rust, as whoever copied it would run it: `receiver <scheme>`.

#[path = "receivers.rs"]
mod receivers;

/// What receivers are given when they are called directly, as nobody does here.
struct Given<'a> {
    method: &'a str,
    url: &'a str,
    now_ms: i64,
}

fn main() {
    let Some(scheme) = std::env::args().nth(1) else { panic!("say of which scheme") };
    receivers::serve(&scheme);
}

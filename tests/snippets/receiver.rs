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
    let scheme = std::env::args().nth(1).expect("it is told the scheme");
    receivers::serve(&scheme);
}

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
    match std::env::args().nth(1).as_deref() {
        Some("stripe") => receivers::of_stripe::main(),
        Some("smsportal") => receivers::of_smsportal::main(),
        Some("standardwebhooks_v1a") => receivers::of_standardwebhooks_v1a::main(),
        Some("mollie") => receivers::of_mollie::main(),
        other => panic!("no receiver for {other:?}"),
    }
}

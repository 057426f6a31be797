// What is checked here is what people copy, in a crate of their own, without our lints.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::pedantic,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "what is checked here is what people copy, in a crate of their own, without our lints"
)]

include!(concat!(env!("OUT_DIR"), "/receivers.rs"));

#![allow(
    unreachable_pub,
    reason = "what is checked here is what people copy, in a crate of their own, without our lints"
)]

include!(concat!(env!("OUT_DIR"), "/copies.rs"));

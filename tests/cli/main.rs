//! The command line, as somebody types it: alone on a folder, and beside a running server.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod alone;
mod beside;
mod captured;
mod demos;
mod keychain;
mod log;
mod usage;

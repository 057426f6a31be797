//! Faults against the real binary: it is killed, its folder is taken away, its ports are taken.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod kills;
mod start;

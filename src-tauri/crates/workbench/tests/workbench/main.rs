//! The workbench over its real parts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod demo;
mod edits;
mod exports;
mod lifecycle;
mod loops;
mod planned;
mod replays;
mod retention;
mod secrets;
mod shapes;
mod trials;

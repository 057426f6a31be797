//! The workbench over its real parts.

mod bench;
mod demo;
mod lifecycle;
mod replays;

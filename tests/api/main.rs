//! The main jobs, against the real binary over its contract.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod broken_record;
mod closed_loop;
mod exact_record;
mod finding;
mod hostile_wire;
mod http2_export;
mod metrics;
mod node_receiver;
mod recovery;
mod relay;
mod round_trip;
mod virtual_time;

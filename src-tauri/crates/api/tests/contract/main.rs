//! The contract, held over the real parts: a store on disk, the receiver on a port, the engine at work.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod afresh;
mod answers;
mod bench;
mod changes;
mod choices;
mod clock;
mod conflicts;
mod diagnosis;
mod door;
mod drafts;
mod due_next;
mod faults;
mod filters;
mod happy;
mod idempotency;
mod imports;
mod interchange;
mod large;
mod metrics;
mod own;
mod pages;
mod policies;
mod raw;
mod reach;
mod refusals;
mod routes;
mod scheduling;
mod searching;
mod secrets;
mod shapes;
mod snippets;
mod veiled;
mod veiled_query;

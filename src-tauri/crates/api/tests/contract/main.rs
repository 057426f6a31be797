//! The contract, held over the real parts: a store on disk, the receiver on a port, the engine at work.

mod bench;
mod changes;
mod door;
mod happy;
mod idempotency;
mod pages;
mod raw;
mod refusals;
mod routes;

//! The delivery engine: plan, build, send, record.
//!
//! [`plan`] and [`build`] are pure: values and a time in, values out. [`send`] makes one exchange over HTTP.
//! The [`DeliveryEngine`] stands around them: it claims what is due in the store, sends it, and records what
//! came of it. Nothing here knows SQL, or the contract's wire form.

pub mod build;
pub mod plan;
mod policy;
pub mod send;
mod worker;

pub use policy::{Policy, policy_of};
pub use worker::{DeliveryEngine, EngineParts, EngineStatus};

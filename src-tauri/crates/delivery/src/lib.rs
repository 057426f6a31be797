//! The delivery engine: plan, build, send, record.
//!
//! [`plan`] and [`build`] are pure: values and a time in, values out. [`send`] makes one exchange over HTTP.
//! The [`DeliveryEngine`] stands around them: it claims what is due in the store, sends it, and records what
//! came of it. Nothing here knows SQL, or the contract's wire form.

mod alerts;
pub mod breaker;
pub mod build;
mod nearing;
pub mod plan;
mod policy;
pub mod send;
mod wire;
mod worker;

pub use nearing::{Nearing, nearing};
pub use policy::{Policy, policy_of, policy_to, relayed};
pub use wire::{Chance, Wire};
pub use worker::{DeliveryEngine, EndpointStanding, EngineParts, EngineStatus, Pace, Rest};

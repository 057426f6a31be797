//! The workspace's time: real, or in a demo made by hand.

mod demo_clock;
mod keeper;
mod machine;
mod pacer;
mod seen;
mod wish;

pub(crate) use demo_clock::{DemoClock, RealWaits};
pub(crate) use machine::watch as watch_machine;
pub use machine::{MachineEvent, MachineNotice};
pub(crate) use pacer::run as run_pacer;
pub use seen::{TimeEdit, TimeMode, TimeSeen};
pub(crate) use wish::{DemoTime, LEAST_TOLD_MS, Resting};

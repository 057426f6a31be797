//! Faults against the real binary: it is killed and stopped, its disk is filled, its folder taken away, its database
//! locked, its ports are taken, its files run out.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod full;
mod imports;
mod kills;
mod locked;
mod peer;
#[cfg(target_os = "linux")]
mod place;
mod reach;
mod start;
#[cfg(unix)]
mod stop;

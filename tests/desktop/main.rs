//! The real window: the built program under an X server of its own, driven over `WebKitWebDriver`.

#![cfg(all(test, target_os = "linux"))]

mod desk;
mod second;
mod start;

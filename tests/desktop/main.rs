//! The real window: the built program under an X server of its own, driven over `WebKitWebDriver`.

#![cfg(test)]
#![cfg(target_os = "linux")]

mod command_line;
mod desk;
mod files;
mod main_job;
mod many;
mod picture;
mod reach;
mod reading;
mod second;
mod session;
mod start;

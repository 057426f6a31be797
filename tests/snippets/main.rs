//! Every receiver that Hookbench writes, run (and what a request is copied as in Rust, and saved as for a test): for every scheme it comes with, in every language that this
//! machine has. Each is asked the same cases, and has to share the verdict of Hookbench's own `verify`.

#![cfg(test)]
#![expect(clippy::print_stdout, reason = "which languages were run, and on what, is for people to read")]

mod agreement;
mod copied;
mod crates;
mod csharp;
mod languages;
mod malformed;
mod raw_server;
mod rust;
mod saved;
mod serving;
mod tools;

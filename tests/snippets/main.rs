//! Every receiver that Hookbench writes, run: for every scheme it comes with, in every language that this
//! machine has. Each is asked the same cases, and has to share the verdict of Hookbench's own `verify`.

#![cfg(test)]

mod agreement;
mod languages;
mod rust;
mod serving;
mod tools;

//! The house's rules, held against what cargo and the sources say: who may use whom, and which foreign
//! library has which owner. Whoever breaks one is named.

#![cfg(test)]

mod edges;
mod owners;
mod rules;
mod secrets;

use std::path::{Path, PathBuf};

/// The workspace's folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("xtask lies two folders below the root").to_path_buf()
}

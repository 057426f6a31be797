//! What every receiver is asked: requests signed by Hookbench, as they are and tampered with, each with the
//! verdict of Hookbench's own `verify`.

#![expect(clippy::expect_used, reason = "a case that cannot be made is a test that fails")]

mod case;
mod folder;

pub use case::{Case, cases, request};
pub use folder::{Receiver, catalogue, receivers};

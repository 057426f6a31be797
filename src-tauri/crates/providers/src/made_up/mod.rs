//! What samples speak of: made up throughout, so that nobody is called, written to or visited.

pub(crate) mod address;
pub(crate) mod person;
pub(crate) mod run;
pub(crate) mod things;

use rand::{Rng, RngCore};

pub(crate) fn pick<T: Copy>(choices: &[T], rng: &mut dyn RngCore) -> T {
    choices[rng.random_range(0..choices.len())]
}

//! The people that samples speak of: made up, and the same throughout one payload.

use rand::{Rng, RngCore};

const FIRST: [&str; 16] = [
    "Ada", "Amara", "Bilal", "Chen", "Dilnoza", "Elena", "Femi", "Grace", "Hana", "Ivan", "Joana", "Kofi",
    "Linus", "Mina", "Noor", "Tariq",
];
const LAST: [&str; 16] = [
    "Abara", "Becker", "Costa", "Dlamini", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kaya",
    "Lovelace", "Moreau", "Novak", "Okafor", "Singh",
];

/// Area codes whose 555-01xx numbers are set aside for fiction.
const AREAS: [&str; 8] = ["202", "206", "212", "303", "312", "415", "617", "713"];

pub(crate) struct Person {
    first: &'static str,
    last: &'static str,
}

impl Person {
    pub(crate) fn made_up(rng: &mut dyn RngCore) -> Self {
        Self { first: pick(&FIRST, rng), last: pick(&LAST, rng) }
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// At a domain that RFC 2606 sets aside, so that nobody gets the mail.
    pub(crate) fn email(&self) -> String {
        format!("{}.{}@example.com", self.first.to_lowercase(), self.last.to_lowercase())
    }
}

/// A number in E.164 that reaches nobody.
pub(crate) fn phone(rng: &mut dyn RngCore) -> String {
    format!("+1{}55501{:02}", pick(&AREAS, rng), rng.random_range(0..100))
}

pub(crate) fn pick<T: Copy>(choices: &[T], rng: &mut dyn RngCore) -> T {
    choices[rng.random_range(0..choices.len())]
}

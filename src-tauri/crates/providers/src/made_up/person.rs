//! The people and companies that samples speak of: the same throughout one payload.

use super::pick;
use rand::{Rng, RngCore};

const FIRST: [&str; 24] = [
    "Ada", "Amara", "Bilal", "Chen", "Dilnoza", "Elena", "Femi", "Grace", "Hana", "Ivan", "Joana", "Kofi",
    "Linus", "Mina", "Noor", "Tariq", "Aiko", "Bruno", "Camila", "Dario", "Esther", "Luca", "Priya", "Yusuf",
];
const LAST: [&str; 24] = [
    "Abara", "Becker", "Costa", "Dlamini", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kaya",
    "Lovelace", "Moreau", "Novak", "Okafor", "Singh", "Almeida", "Berg", "Castillo", "Demir", "Iyer",
    "Kimura", "Rossi", "Tanaka",
];
const COMPANY: [&str; 16] = [
    "Alder",
    "Bluefin",
    "Cobalt",
    "Driftwood",
    "Ember",
    "Fernhill",
    "Granite",
    "Harbour",
    "Juniper",
    "Lakeside",
    "Meadow",
    "Northwind",
    "Orchard",
    "Quarry",
    "Saltmarsh",
    "Willow",
];
const TRADE: [&str; 8] =
    ["Analytics", "Bakery", "Books", "Cycles", "Logistics", "Outfitters", "Software", "Studio"];

/// Area codes whose 555-01xx numbers are set aside for fiction.
const AREAS: [&str; 8] = ["202", "206", "212", "303", "312", "415", "617", "713"];

/// Somebody, and the company they work for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    first: &'static str,
    last: &'static str,
    company: &'static str,
    trade: &'static str,
}

/// What of a person is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PersonPart {
    Name,
    FirstName,
    LastName,
    Username,
    Email,
    Company,
    /// The company's domain.
    Domain,
}

impl Person {
    pub(crate) fn made_up(rng: &mut dyn RngCore) -> Self {
        Self {
            first: pick(&FIRST, rng),
            last: pick(&LAST, rng),
            company: pick(&COMPANY, rng),
            trade: pick(&TRADE, rng),
        }
    }

    pub(crate) fn part(&self, part: PersonPart) -> String {
        match part {
            PersonPart::Name => format!("{} {}", self.first, self.last),
            PersonPart::FirstName => self.first.to_owned(),
            PersonPart::LastName => self.last.to_owned(),
            PersonPart::Username => format!("{}-{}", self.first, self.last).to_lowercase(),
            // At a domain that RFC 2606 sets aside, so that nobody gets the mail.
            PersonPart::Email => format!("{}.{}@example.com", self.first, self.last).to_lowercase(),
            PersonPart::Company => format!("{} {}", self.company, self.trade),
            PersonPart::Domain => format!("{}.example", self.company.to_lowercase()),
        }
    }
}

impl PersonPart {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "username" => Self::Username,
            "email" => Self::Email,
            "company" => Self::Company,
            "domain" => Self::Domain,
            _ => return None,
        })
    }
}

/// A number in E.164 that reaches nobody.
pub(crate) fn phone(rng: &mut dyn RngCore) -> String {
    format!("+1{}55501{:02}", pick(&AREAS, rng), rng.random_range(0..100))
}

//! The addresses that samples speak of. Town, region and country belong together; streets are made up.

use super::pick;
use rand::{Rng, RngCore};

const STREETS: [&str; 8] = [
    "Example Street",
    "Sample Road",
    "Harbour Lane",
    "Mill Lane",
    "Station Road",
    "Orchard Way",
    "Park Avenue",
    "Bridge Street",
];

#[derive(Debug)]
struct Town {
    city: &'static str,
    region: &'static str,
    region_code: &'static str,
    postcode: &'static str,
    country: &'static str,
    country_code: &'static str,
}

const fn town(
    city: &'static str,
    region: (&'static str, &'static str),
    postcode: &'static str,
    country: (&'static str, &'static str),
) -> Town {
    let (region, region_code) = region;
    let (country, country_code) = country;
    Town { city, region, region_code, postcode, country, country_code }
}

static TOWNS: [Town; 10] = [
    town("Portland", ("Oregon", "OR"), "97205", ("United States", "US")),
    town("Austin", ("Texas", "TX"), "78701", ("United States", "US")),
    town("Toronto", ("Ontario", "ON"), "M5H 2N2", ("Canada", "CA")),
    town("Bristol", ("England", "ENG"), "BS1 4DJ", ("United Kingdom", "GB")),
    town("Hamburg", ("Hamburg", "HH"), "20095", ("Germany", "DE")),
    town("Lyon", ("Auvergne-Rhône-Alpes", "ARA"), "69002", ("France", "FR")),
    town("Utrecht", ("Utrecht", "UT"), "3511 AA", ("Netherlands", "NL")),
    town("Cape Town", ("Western Cape", "WC"), "8001", ("South Africa", "ZA")),
    town("Melbourne", ("Victoria", "VIC"), "3000", ("Australia", "AU")),
    town("Porto", ("Porto", "13"), "4000-322", ("Portugal", "PT")),
];

/// One address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address {
    number: u16,
    street: &'static str,
    town: &'static Town,
}

/// What of an address is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressPart {
    Street,
    City,
    Region,
    RegionCode,
    Postcode,
    Country,
    CountryCode,
}

impl Address {
    pub(crate) fn made_up(rng: &mut dyn RngCore) -> Self {
        let town = &TOWNS[rng.random_range(0..TOWNS.len())];
        Self { number: rng.random_range(1..180), street: pick(&STREETS, rng), town }
    }

    pub(crate) fn part(&self, part: AddressPart) -> String {
        match part {
            AddressPart::Street => format!("{} {}", self.number, self.street),
            AddressPart::City => self.town.city.to_owned(),
            AddressPart::Region => self.town.region.to_owned(),
            AddressPart::RegionCode => self.town.region_code.to_owned(),
            AddressPart::Postcode => self.town.postcode.to_owned(),
            AddressPart::Country => self.town.country.to_owned(),
            AddressPart::CountryCode => self.town.country_code.to_owned(),
        }
    }
}

impl AddressPart {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "street" => Self::Street,
            "city" => Self::City,
            "region" => Self::Region,
            "region_code" => Self::RegionCode,
            "postcode" => Self::Postcode,
            "country" => Self::Country,
            "country_code" => Self::CountryCode,
            _ => return None,
        })
    }
}

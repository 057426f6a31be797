//! Goods, sentences and machines that samples speak of.

use super::pick;
use rand::{Rng, RngCore};

const PRODUCTS: [&str; 12] = [
    "Ceramic mug",
    "Canvas tote bag",
    "Wool blanket",
    "Desk lamp",
    "Notebook, dotted",
    "Rain jacket",
    "Coffee beans, 1 kg",
    "Travel kettle",
    "Trail shoes",
    "Paper calendar",
    "Oak cutting board",
    "Linen shirt",
];
const SENTENCES: [&str; 12] = [
    "Hello, I have a question about my order.",
    "Thanks, that worked.",
    "Could you call me back tomorrow morning?",
    "The parcel arrived today.",
    "See you at noon.",
    "Please send me the invoice again.",
    "The new build is ready to be tried.",
    "I cannot sign in since this morning.",
    "Great talk yesterday!",
    "We moved the meeting to Thursday.",
    "Is the blue one still to be had?",
    "Everything looks fine on our side.",
];
const WORDS: [&str; 24] = [
    "amber", "anchor", "basil", "beacon", "cedar", "comet", "delta", "echo", "falcon", "garden", "harbor",
    "island", "jasper", "kernel", "lantern", "maple", "nebula", "orbit", "pepper", "quartz", "river",
    "summit", "timber", "violet",
];
const CURRENCIES: [&str; 6] = ["EUR", "USD", "GBP", "CAD", "AUD", "SEK"];
const USER_AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36",
];

/// The first three bytes of the addresses that RFC 5737 sets aside for documents.
const IPV4_BLOCKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Product,
    Sentence,
    Word,
    Currency,
    UserAgent,
    Ipv4,
    Ipv6,
}

impl Thing {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "product" => Self::Product,
            "sentence" => Self::Sentence,
            "word" => Self::Word,
            "currency" => Self::Currency,
            "user_agent" => Self::UserAgent,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            _ => return None,
        })
    }

    pub(crate) fn made_up(self, rng: &mut dyn RngCore) -> String {
        match self {
            Self::Product => pick(&PRODUCTS, rng).to_owned(),
            Self::Sentence => pick(&SENTENCES, rng).to_owned(),
            Self::Word => pick(&WORDS, rng).to_owned(),
            Self::Currency => pick(&CURRENCIES, rng).to_owned(),
            Self::UserAgent => pick(&USER_AGENTS, rng).to_owned(),
            Self::Ipv4 => format!("{}.{}", pick(&IPV4_BLOCKS, rng), rng.random_range(1..255)),
            // RFC 3849's block for documents.
            Self::Ipv6 => format!("2001:db8::{:x}", rng.random_range(1..0xffff)),
        }
    }
}

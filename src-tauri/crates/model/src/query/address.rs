use super::term::{Term, TextField, TextTest};
use super::value::Value;
use crate::AddressRule;

/// What `from:` takes, in words.
pub(super) const WANTED: &str =
    "an address such as 127.0.0.1, the beginning of one, a network such as 10.0.0.0/8, or text in quotes";

/// A network, one address, or text in an address: in quotes, after `~`, or where it may be a part of one.
pub(super) fn from(value: Value<'_>) -> Option<Term> {
    let holds = |value: Value<'_>| Term::Text(TextField::From, TextTest::Holds(value.text()));
    if value.is_empty() {
        return None;
    }
    if value.is_quoted() {
        return Some(holds(value));
    }
    if let Some(part) = value.after("~") {
        return Some(holds(part));
    }
    let text = value.text();
    if let Ok(network) = text.parse::<AddressRule>() {
        return Some(Term::Network(network));
    }
    (!text.contains('/') && !is_no_ipv4(&text)).then(|| holds(value))
}

/// Whether it is made of what IPv4 addresses are made of, and stands in none of them: `999.1.1.1`, `1..2`.
fn is_no_ipv4(text: &str) -> bool {
    let (address, port) = text.split_once(':').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let numbers: Vec<&str> = address.split('.').collect();
    if numbers.len() == 1 || !numbers.iter().copied().all(is_digits) || !is_digits(port) {
        return false;
    }
    let is_at_end = |at: usize| at == 0 || at + 1 == numbers.len();
    let fits = |at: usize, number: &str| match number {
        "" => is_at_end(at),
        number => number.parse::<u8>().is_ok(),
    };
    let is_address = numbers.len() <= 4 && numbers.iter().enumerate().all(|(at, number)| fits(at, number));
    !is_address || !(port.is_empty() || port.parse::<u16>().is_ok())
}

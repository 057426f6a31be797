use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One HTTP status or several that follow each other, written `406`, `500-504` or `5xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusRange {
    first: u16,
    last: u16,
}

/// Why a text is no range of statuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no status: write one such as 406, 500-504 or 5xx, from 100 to 599")]
pub struct StatusRangeError(String);

impl StatusRange {
    /// The lowest and the highest of them.
    pub const fn bounds(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// This status alone.
    pub const fn one(status: u16) -> Self {
        Self { first: status, last: status }
    }

    /// Whether a status lies in it.
    pub const fn contains(self, status: u16) -> bool {
        self.first <= status && status <= self.last
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(hundreds) = text.strip_suffix("xx") {
            let first = status(&format!("{hundreds}00"))?;
            return Some(Self { first, last: first + 99 });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (status(first.trim())?, status(last.trim())?);
        (first <= last).then_some(Self { first, last })
    }
}

fn status(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|status| digits && (100..600).contains(status))
}

impl FromStr for StatusRange {
    type Err = StatusRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.trim()).ok_or_else(|| StatusRangeError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for StatusRange {
    type Error = StatusRangeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<StatusRange> for String {
    fn from(range: StatusRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for StatusRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) if first % 100 == 0 && last == first + 99 => write!(f, "{}xx", first / 100),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_back_as_they_were_written() {
        for (text, inside, outside) in [("406", 406, 407), ("500-504", 504, 505), ("5xx", 599, 499)] {
            let range: StatusRange = text.parse().unwrap();
            assert_eq!(range.to_string(), text);
            assert!(range.contains(inside) && !range.contains(outside), "{text}");
        }
    }

    #[test]
    fn what_is_no_status_is_refused() {
        for bad in ["", "99", "600", "6xx", "504-500", "+20", "2x", "xx", "20 0", "1000"] {
            assert!(bad.parse::<StatusRange>().is_err(), "{bad}");
        }
    }
}

use serde::{Deserialize, Serialize};

/// What a text may be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextFormat {
    /// A time: `2025-11-21T05:00:00Z`.
    DateTime,
    /// A day: `2025-11-21`.
    Date,
    /// A UUID.
    Uuid,
    /// An e-mail address.
    Email,
    /// A URL with a host.
    Url,
    /// A number, as text.
    Number,
}

impl TextFormat {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::DateTime, Self::Date, Self::Uuid, Self::Email, Self::Url, Self::Number];

    /// Its name: that of JSON Schema where that has one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::Uuid => "uuid",
            Self::Email => "email",
            Self::Url => "uri",
            Self::Number => "number",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether a text is written so.
    fn is_of(self, text: &str) -> bool {
        match self {
            Self::DateTime => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            Self::Date => text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
            Self::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            Self::Email => is_email(text),
            Self::Url => is_url(text),
            Self::Number => is_number(text),
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |text: &str| text.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '@');
    let labels = host.split('.').all(|label| !label.is_empty());
    !name.is_empty() && host.contains('.') && labels && plain(name) && plain(host)
}

fn is_url(text: &str) -> bool {
    let has_scheme = ["http://", "https://", "ws://", "wss://"].iter().any(|scheme| text.starts_with(scheme));
    has_scheme && !text.contains(char::is_whitespace) && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// The formats that all of some texts have; all formats where there was no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Formats(u8);

/// Longer texts are of no format.
const LONGEST: usize = 2048;

impl Default for Formats {
    fn default() -> Self {
        Self(TextFormat::ALL.iter().fold(0, |all, format| all | format.bit()))
    }
}

impl Formats {
    /// Leaves those that this text has too.
    pub(super) fn narrow(&mut self, text: &str) {
        for format in TextFormat::ALL {
            if self.0 & format.bit() != 0 && (text.len() > LONGEST || !format.is_of(text)) {
                self.0 &= !format.bit();
            }
        }
    }

    /// Leaves those that both have.
    pub(super) fn join(&mut self, other: Self) {
        self.0 &= other.0;
    }

    /// The one that all had.
    pub(super) fn agreed(self) -> Option<TextFormat> {
        TextFormat::ALL.into_iter().find(|format| self.0 & format.bit() != 0)
    }
}

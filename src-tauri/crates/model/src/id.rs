use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// Crockford's base32 in lower case, unpadded: 26 characters for 16 bytes. Its digits sort as the
/// bytes do, so ids sort by creation time as text too. Source: <https://www.crockford.com/base32.html>.
static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    form.translate.from.push_str("ABCDEFGHJKMNPQRSTVWXYZoOiIlL");
    form.translate.to.push_str("abcdefghjkmnpqrstvwxyz001111");
    #[expect(clippy::expect_used, reason = "a constant specification that every test of this module uses")]
    form.encoding().expect("the Crockford alphabet is a valid base32 specification")
});

/// Why a text is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {noun} id: it must be `{prefix}` and 26 characters of Crockford base32")]
pub struct IdParseError {
    text: String,
    noun: &'static str,
    prefix: &'static str,
}

/// Ids made within one millisecond by this process are told apart, and kept in order, by this count.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A `UUIDv7` (RFC 9562): 48 bits of milliseconds, 26 bits of count, 48 bits of chance.
fn new_uuid(now: Timestamp) -> Uuid {
    let ms = u64::try_from(now.unix_ms()).unwrap_or(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let count = u32::from_be_bytes(count) & 0x03ff_ffff;
    let mut tail = [0; 10];
    tail.copy_from_slice(&Uuid::new_v4().as_bytes()[6..]);
    // The version takes the top 4 bits of byte 0 and the variant the top 2 of byte 2: the count goes
    // into the 12 bits and the 14 bits that they leave, so that it sorts before the chance bits.
    let [high, low] = u16::try_from(count >> 14).unwrap_or(0).to_be_bytes();
    (tail[0], tail[1]) = (high, low);
    let [high, low] = u16::try_from(count & 0x3fff).unwrap_or(0).to_be_bytes();
    (tail[2], tail[3]) = (high, low);
    Builder::from_unix_timestamp_millis(ms, &tail).into_uuid()
}

fn lowest_uuid(at: Timestamp) -> Uuid {
    let ms = u64::try_from(at.unix_ms()).unwrap_or(0);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    Uuid::from_bytes(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, unique, that sorts after all made earlier (and, in this process, within the
            /// same millisecond).
            pub fn new(now: Timestamp) -> Self {
                Self(new_uuid(now))
            }

            /// The lowest id that can have been made at `at`: with it a range of times is a range of ids.
            pub fn lowest_at(at: Timestamp) -> Self {
                Self(lowest_uuid(at))
            }

            /// The 16 bytes of the UUID; they sort by creation time.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From the 16 bytes of the UUID.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// When it was made.
            pub fn created_at(&self) -> Timestamp {
                let mut ms = [0; 8];
                ms[2..].copy_from_slice(&self.0.as_bytes()[..6]);
                Timestamp::from_unix_ms(i64::try_from(u64::from_be_bytes(ms)).unwrap_or(i64::MAX))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(&CROCKFORD.encode(self.0.as_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix($prefix)
                    .and_then(|digits| CROCKFORD.decode(digits.as_bytes()).ok())
                    .and_then(|bytes| Uuid::from_slice(&bytes).ok())
                    .map(Self)
                    .ok_or_else(|| IdParseError { text: text.chars().take(80).collect(), noun: $noun, prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// Names an endpoint: `ep_…`.
    EndpointId, "ep_", "an endpoint"
);
id!(
    /// Names an event: `evt_…`.
    EventId, "evt_", "an event"
);
id!(
    /// Names a delivery: `dlv_…`.
    DeliveryId, "dlv_", "a delivery"
);
id!(
    /// Names an inbox: `inb_…`.
    InboxId, "inb_", "an inbox"
);
id!(
    /// Names a captured request: `req_…`.
    RequestId, "req_", "a captured request"
);
id!(
    /// Names a replay: `rpl_…`.
    ReplayId, "rpl_", "a replay"
);
id!(
    /// Names a shape: `shp_…`.
    ShapeId, "shp_", "a shape"
);
id!(
    /// Names a drift: `dft_…`.
    DriftId, "dft_", "a drift"
);
id!(
    /// Names a saved filter: `svf_…`.
    SavedFilterId, "svf_", "a saved filter"
);
id!(
    /// Names a fault receiver: `flt_…`.
    FaultReceiverId, "flt_", "a fault receiver"
);
id!(
    /// Names a rule of an inbox's answers: `rul_…`.
    RuleId, "rul_", "a rule"
);
id!(
    /// Names a target of an inbox's relay: `tgt_…`.
    RelayTargetId, "tgt_", "a target"
);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_123);

    #[test]
    fn text_form_reads_back_and_upper_case_digits_too() {
        let id = EventId::new(NOW);
        let text = id.to_string();
        assert_eq!(text.len(), "evt_".len() + 26);
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(format!("evt_{}", text[4..].to_uppercase()).parse(), Ok(id));
    }

    #[test]
    fn ids_sort_by_time_then_by_making_as_bytes_and_as_text() {
        let mut ids: Vec<DeliveryId> = (0..5000).map(|_| DeliveryId::new(NOW)).collect();
        ids.push(DeliveryId::new(NOW.plus_ms(1)));
        assert!(ids.is_sorted());
        assert!(ids.iter().map(ToString::to_string).is_sorted());
        assert!(DeliveryId::lowest_at(NOW) < ids[0]);
        assert!(ids[4999] < DeliveryId::lowest_at(NOW.plus_ms(1)));
        assert_eq!(ids[0].created_at(), NOW);
        assert_eq!(Uuid::from_bytes(*ids[7].as_bytes()).get_version_num(), 7);
    }

    #[test]
    fn a_foreign_or_broken_id_is_refused_with_what_was_wanted() {
        let other = EndpointId::new(NOW).to_string();
        for text in ["", "evt_", "evt_zz", other.as_str(), "evt_uuuuuuuuuuuuuuuuuuuuuuuuuu"] {
            let error = text.parse::<EventId>().expect_err(text).to_string();
            assert!(error.contains("`evt_` and 26"), "{error}");
        }
    }
}

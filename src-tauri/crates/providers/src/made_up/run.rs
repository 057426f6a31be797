//! Ids and numbers by chance.

use super::pick;
use data_encoding::BASE64;
use hookbench_model::Timestamp;
use rand::{Rng, RngCore};
use uuid::{Builder, Uuid};

/// The letters and digits that a run is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Lower-case letters and digits.
    Alnum,
    /// Upper-case letters and digits.
    Upper,
    /// Letters of both cases and digits.
    Base62,
    /// Lower-case letters.
    Letters,
    Hex,
    Digits,
}

/// Crockford's base32, without the letters that are taken for digits.
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// When the ids of the snowflake form begin to count: 2015-01-01T00:00:00Z.
const SNOWFLAKE_EPOCH_MS: i64 = 1_420_070_400_000;

impl Alphabet {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "alnum" => Self::Alnum,
            "upper" => Self::Upper,
            "base62" => Self::Base62,
            "letters" => Self::Letters,
            "hex" => Self::Hex,
            "digits" => Self::Digits,
            _ => return None,
        })
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Alnum => b"abcdefghijklmnopqrstuvwxyz0123456789",
            Self::Upper => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            Self::Base62 => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            Self::Letters => b"abcdefghijklmnopqrstuvwxyz",
            Self::Hex => b"0123456789abcdef",
            Self::Digits => b"0123456789",
        }
    }

    pub(crate) fn run(self, length: usize, rng: &mut dyn RngCore) -> String {
        (0..length).map(|_| char::from(pick(self.bytes(), rng))).collect()
    }
}

pub(crate) fn uuid(rng: &mut dyn RngCore) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// So many random bytes in padded base64.
pub(crate) fn base64(bytes: usize, rng: &mut dyn RngCore) -> String {
    let mut random = vec![0; bytes];
    rng.fill_bytes(&mut random);
    BASE64.encode(&random)
}

/// A number of so many digits, the first not 0.
pub(crate) fn int(length: usize, rng: &mut dyn RngCore) -> i64 {
    let low = 10_i64.pow(u32::try_from(length - 1).unwrap_or(0));
    rng.random_range(low..low * 10)
}

/// A ULID in lower case: 48 bits of milliseconds, then 80 of chance.
pub(crate) fn ulid(now: Timestamp, rng: &mut dyn RngCore) -> String {
    let time = u128::try_from(now.unix_ms().max(0)).unwrap_or(0) & ((1 << 48) - 1);
    let chance = (u128::from(rng.next_u64()) << 16) | u128::from(rng.next_u32() & 0xffff);
    let value = (time << 80) | chance;
    let digit = |at: u32| CROCKFORD[usize::try_from((value >> (at * 5)) & 31).unwrap_or(0)];
    (0..26).rev().map(|at| char::from(digit(at))).collect()
}

/// An id of the snowflake form: milliseconds since 2015, then 22 bits of chance.
pub(crate) fn snowflake(now: Timestamp, rng: &mut dyn RngCore) -> u64 {
    let time = u64::try_from(now.unix_ms().saturating_sub(SNOWFLAKE_EPOCH_MS).max(0)).unwrap_or(0);
    ((time & ((1 << 41) - 1)) << 22) | u64::from(rng.next_u32() >> 10)
}

/// A UUID that a text always gives again, for ids that are derived from others.
pub(crate) fn uuid_of(text: &str) -> Uuid {
    let [high, low] = [hash(&[b"high ", text.as_bytes()]), hash(&[b"low ", text.as_bytes()])];
    Builder::from_random_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes()).into_uuid()
}

/// A number of so many digits that the same bytes always give again, the first not 0.
pub(crate) fn int_of(bytes: &[u8], length: usize) -> i64 {
    let low = 10_u64.pow(u32::try_from(length - 1).unwrap_or(0));
    i64::try_from(low + hash(&[bytes]) % (low * 9)).unwrap_or(i64::MAX)
}

/// FNV-1a with a last stirring: stable over versions and machines, which is all that is wanted of it.
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = parts.iter().flat_map(|part| part.iter()).fold(0xcbf2_9ce4_8422_2325, step);
    let stirred = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    stirred ^ (stirred >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn ids_of_time_sort_by_it() {
        let mut rng = StdRng::seed_from_u64(1);
        let at = |ms| Timestamp::from_unix_ms(ms);
        let early = ulid(at(1_705_488_600_042), &mut rng);
        assert_eq!((early.len(), &early[..10]), (26, "01hmbgnjza"));
        assert!(early < ulid(at(1_705_488_600_043), &mut rng));
        assert!(snowflake(at(1_705_488_600_042), &mut rng) < snowflake(at(1_705_488_600_043), &mut rng));
        assert_eq!(snowflake(at(1_705_488_600_042), &mut rng) >> 22, 285_418_200_042);
    }

    #[test]
    fn derived_ids_come_again_and_differ_by_what_they_come_from() {
        assert_eq!(uuid_of("evt_1"), uuid_of("evt_1"));
        assert_ne!(uuid_of("evt_1"), uuid_of("evt_2"));
        assert_eq!(uuid_of("").get_version_num(), 4);
        for length in [1, 9, 18] {
            assert_eq!(int_of(b"ep", length).to_string().len(), length);
        }
        assert_ne!(int_of(&[7; 16], 9), int_of(&[8; 16], 9));
    }
}

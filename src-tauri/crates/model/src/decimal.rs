use std::borrow::Cow;
use std::cmp::Ordering;

/// No exponent is taken for larger, nor for less than its opposite: nobody writes a number in which that shows.
const FURTHEST: i64 = i64::MAX / 4;

/// A number by its exact value, however many digits it has: no digit is lost as it is where one is read as a float.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    is_negative: bool,
    /// Where the point stands, counted from before the first digit.
    point: i64,
    /// Without zeros at either end; there are none of zero.
    digits: String,
}

impl Decimal {
    /// A number as JSON writes it, or with a plus, without digits before or behind its point, or with idle zeros: `12`,
    /// `-1.50`, `3e8`, `.5`, `007`. `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && part.is_empty()) || !is_digits(whole) || !is_digits(part) {
            return None;
        }
        let all: Cow<'_, str> = if part.is_empty() { whole.into() } else { [whole, part].concat().into() };
        let from_first = all.trim_start_matches('0');
        let digits = from_first.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { is_negative: false, point: 0, digits: String::new() });
        }
        let idle = i64::try_from(all.len() - from_first.len()).ok()?;
        let point = i64::try_from(whole.len()).ok()? - idle;
        Some(Self { is_negative, point: point.saturating_add(exponent), digits: digits.to_owned() })
    }

    /// -1, 0 or 1.
    const fn sign(&self) -> i8 {
        if self.digits.is_empty() {
            0
        } else if self.is_negative {
            -1
        } else {
            1
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_exponent(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    // What has too many digits to be read is as large as any may be.
    let exponent = digits.parse::<i64>().unwrap_or(FURTHEST).min(FURTHEST);
    Some(if is_negative { -exponent } else { exponent })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without zeros at their ends digits compare as texts do.
        let sizes = (self.point, &self.digits).cmp(&(other.point, &other.digits));
        let sizes = if self.is_negative { sizes.reverse() } else { sizes };
        self.sign().cmp(&other.sign()).then(sizes)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Decimal {
        Decimal::read(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn numbers_are_equal_by_value_and_in_order_to_the_last_digit() {
        for (one, other) in [
            ("0", "-0"),
            ("0", "0.00e7"),
            ("1", "1.0"),
            ("1.50", "15e-1"),
            ("1000", "1E+3"),
            ("-12", "-0.012e3"),
            ("0.001", "1e-3"),
            ("+5", "5."),
            ("007", "7"),
            (".5", "0.5"),
            ("12345678901234567890123", "1.2345678901234567890123e22"),
        ] {
            assert_eq!(read(one), read(other), "{one} {other}");
        }
        let ordered = [
            "-1e99999999999999999999",
            "-12345678901234567890124",
            "-12345678901234567890123",
            "-1.5",
            "-1.25",
            "-1e-9",
            "0",
            "1e-9",
            "0.1",
            "0.10000000000000000001",
            "0.9",
            "1",
            "9",
            "10",
            "9007199254740992",
            "9007199254740992.5",
            "9007199254740993",
            "12345678901234567890123",
            "12345678901234567890124",
            "1e400",
            "1e401",
            "1e99999999999999999999",
        ];
        for pair in ordered.windows(2) {
            assert!(read(pair[0]) < read(pair[1]) && read(pair[1]) > read(pair[0]), "{pair:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "", ".", "-", "+-5", "e5", "1e", "1e+", "1e1.5", "1.2.3", "1_000", "0x1f", "inf", "NaN", " 1",
            "1 ",
        ] {
            assert_eq!(Decimal::read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_compare_as_they_do(one in any::<i128>(), other in any::<i128>(), near in -2_i128..3) {
            for other in [other, one.saturating_add(near)] {
                let (first, second) = (read(&one.to_string()), read(&format!("{other}.0")));
                prop_assert_eq!(first.cmp(&second), one.cmp(&other));
                prop_assert_eq!(first == second, one == other);
            }
        }
    }
}

//! Numbers in JSON, written as other writers would.

/// How numbers are written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Numbers {
    Kept,
    /// As JavaScript does: `1.0` is `1`, `1e2` is `100`.
    JavaScript,
    /// As Python does: `1e2` is `100.0`, `1.50` is `1.5`.
    Python,
    /// Exponents written out: `1e2` is `100`.
    WithoutExponents,
    /// Every whole number with `.0`.
    WholeAsFloat,
    /// Every number with a fraction with two digits behind the point.
    TwoDigits,
    /// Every number as an amount of money, with two digits behind the point: `3` is `3.00`, `12.5` is `12.50`.
    Money,
    /// One number, counted from 0, with something appended.
    One {
        index: u16,
        with: Ending,
    },
    /// Several numbers, each in a way of its own.
    Mixed(Mixed),
}

/// Which of the first numbers of a document lost what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) struct Mixed([Option<Ending>; Mixed::MOST]);

impl Mixed {
    /// Documents with more numbers than this have no several of them changed.
    pub(super) const MOST: usize = 8;
    /// More combinations than this are not tried.
    const MOST_COMBINED: usize = 1_500;

    /// Every combination of changes to two numbers or more, those with fewer changes first; of many numbers only
    /// the likely changes.
    pub(super) fn all(numbers: &[&str]) -> Vec<Self> {
        if numbers.len() > Self::MOST {
            return Vec::new();
        }
        let mut all = Self::of(numbers, &Ending::ALL)
            .or_else(|| Self::of(numbers, &[Ending::PointZero, Ending::Zero, Ending::PointZeroZero]))
            .unwrap_or_default();
        all.retain(|mixed| mixed.changes() > 1);
        all.sort_by_key(|mixed| mixed.changes());
        all
    }

    /// `None` where there are too many.
    fn of(numbers: &[&str], endings: &[Ending]) -> Option<Vec<Self>> {
        let mut all = vec![Self([None; Self::MOST])];
        for (at, text) in numbers.iter().enumerate() {
            let mut spelt: Vec<String> = vec![(*text).to_owned()];
            let mut new_spelling = |ending: &Ending| {
                let new = ending.write(text).filter(|new| !spelt.contains(new))?;
                spelt.push(new);
                Some(*ending)
            };
            let endings: Vec<Ending> = endings.iter().filter_map(&mut new_spelling).collect();
            let with = |mixed: &Self, ending: Ending| {
                let mut mixed = *mixed;
                mixed.0[at] = Some(ending);
                mixed
            };
            let longer: Vec<Self> =
                all.iter().flat_map(|mixed| endings.iter().map(move |&ending| with(mixed, ending))).collect();
            all.extend(longer);
            if all.len() > Self::MOST_COMBINED {
                return None;
            }
        }
        Some(all)
    }

    fn changes(self) -> usize {
        self.0.iter().flatten().count()
    }
}

/// What one number may have lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Ending {
    /// `5` was `5.0`.
    PointZero,
    /// `5` was `5.00`.
    PointZeroZero,
    /// `5.1` was `5.10`.
    Zero,
    /// `100` was `1e2`.
    Exponent,
    /// `100` was `1E2`.
    CapitalExponent,
    /// `100` was `1e+2`.
    SignedExponent,
    /// `10000000` was `1.0E7`, as Java writes it.
    JavaExponent,
    /// `1.50` was `1.5`, as JavaScript writes it.
    JavaScript,
    /// `100.0` was `1e2`, as Python writes it.
    FloatExponent,
    /// `0` was `-0.0`.
    NegativeZero,
}

impl Ending {
    pub(super) const ALL: [Self; 10] = [
        Self::PointZero,
        Self::Zero,
        Self::PointZeroZero,
        Self::Exponent,
        Self::CapitalExponent,
        Self::SignedExponent,
        Self::JavaExponent,
        Self::JavaScript,
        Self::FloatExponent,
        Self::NegativeZero,
    ];

    fn write(self, text: &str) -> Option<String> {
        let whole = is_whole(text);
        match self {
            Self::PointZero => whole.then(|| format!("{text}.0")),
            Self::PointZeroZero => whole.then(|| format!("{text}.00")),
            Self::Zero => (!whole && !text.contains(['e', 'E'])).then(|| format!("{text}0")),
            Self::Exponent => exponent(text, "e"),
            Self::CapitalExponent => exponent(text, "E"),
            Self::SignedExponent => exponent(text, "e+"),
            Self::JavaScript => java_script(text),
            Self::NegativeZero => matches!(text, "0" | "0.0").then(|| "-0.0".to_owned()),
            Self::FloatExponent => exponent(text.strip_suffix(".0")?, "e"),
            Self::JavaExponent => {
                let (digits, zeros) = mantissa(text)?;
                let (first, rest) = digits.split_at(digits.len().min(1));
                let rest = if rest.is_empty() { "0" } else { rest };
                let power = zeros + digits.len() - 1;
                (power >= 7).then(|| format!("{first}.{rest}E{power}"))
            }
        }
    }
}

impl Numbers {
    /// The number in this way; `None` where it stays as it is.
    pub(super) fn write(self, text: &str, index: usize) -> Option<String> {
        match self {
            Self::JavaScript => java_script(text),
            Self::Python => python(text),
            Self::WithoutExponents => text.contains(['e', 'E']).then(|| java_script(text)).flatten(),
            Self::WholeAsFloat => Ending::PointZero.write(text),
            Self::TwoDigits => two_digits(text),
            Self::Money => Ending::PointZeroZero.write(text).or_else(|| two_digits(text)),
            Self::One { index: wanted, with } if usize::from(wanted) == index => with.write(text),
            Self::Mixed(mixed) => mixed.0.get(index).copied().flatten()?.write(text),
            Self::Kept | Self::One { .. } => None,
        }
    }
}

fn is_whole(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

/// A positive whole number as its digits without the zeros at its end, and how many those are.
fn mantissa(text: &str) -> Option<(&str, usize)> {
    let digits = text.trim_end_matches('0');
    let zeros = text.len() - digits.len();
    let fits = is_whole(text) && !text.starts_with('-') && zeros > 0 && !digits.is_empty();
    fits.then_some((digits, zeros))
}

/// `100` as `1e2`, `1200` as `1.2e3`.
fn exponent(text: &str, letter: &str) -> Option<String> {
    let (digits, zeros) = mantissa(text)?;
    let (first, rest) = digits.split_at(1);
    let power = zeros + rest.len();
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{first}{point}{rest}{letter}{power}"))
}

fn two_digits(text: &str) -> Option<String> {
    if text.contains(['e', 'E']) {
        return None;
    }
    let (_, fraction) = text.split_once('.')?;
    (fraction.len() == 1).then(|| format!("{text}0"))
}

fn java_script(text: &str) -> Option<String> {
    let exact = is_whole(text) && text.len() < 16 && text != "-0";
    if exact {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    if !number.is_finite() {
        return None;
    }
    let size = number.abs();
    if number == 0.0 {
        return Some("0".to_owned());
    }
    if (1e-6..1e21).contains(&size) {
        return Some(format!("{number}"));
    }
    let spelt = format!("{number:e}");
    Some(if size >= 1.0 { spelt.replace('e', "e+") } else { spelt })
}

fn python(text: &str) -> Option<String> {
    if is_whole(text) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let size = number.abs();
    if !number.is_finite() {
        return None;
    }
    if number == 0.0 || (1e-4..1e16).contains(&size) {
        let spelt = format!("{number}");
        return Some(if is_whole(&spelt) { format!("{spelt}.0") } else { spelt });
    }
    let spelt = format!("{number:e}");
    let (digits, power) = spelt.split_once('e')?;
    let (sign, power) = power.strip_prefix('-').map_or(("+", power), |power| ("-", power));
    Some(format!("{digits}e{sign}{power:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_writes_them() {
        for (text, js, py) in [
            ("1.0", Some("1"), Some("1.0")),
            ("1e2", Some("100"), Some("100.0")),
            ("1.50", Some("1.5"), Some("1.5")),
            ("-0.0", Some("0"), Some("-0.0")),
            ("1E400", None, None),
            ("42", None, None),
            ("1e21", Some("1e+21"), Some("1e+21")),
            ("0.00000012", Some("1.2e-7"), Some("1.2e-07")),
            ("12345678901234567890", Some("12345678901234567000"), None),
        ] {
            assert_eq!(java_script(text).as_deref(), js, "{text}");
            assert_eq!(python(text).as_deref(), py, "{text}");
        }
    }

    #[test]
    fn several_numbers_are_changed_each_in_its_way() {
        let written = |mixed: &Mixed, numbers: &[&str]| {
            let one = |(at, text): (usize, &&str)| {
                Numbers::Mixed(*mixed).write(text, at).unwrap_or_else(|| (*text).to_owned())
            };
            numbers.iter().enumerate().map(one).collect::<Vec<_>>()
        };
        let numbers = ["12.5", "3", "1000"];
        let all = Mixed::all(&numbers);
        let has = |wanted: [&str; 3]| all.iter().any(|mixed| written(mixed, &numbers) == wanted);
        assert!(has(["12.50", "3.00", "1e3"]) && has(["12.50", "3.0", "1000"]));
        assert!(!has(numbers) && !has(["12.50", "3", "1000"]));
        assert_eq!(Mixed::all(&["1"; 9]), []);
        assert!(Mixed::all(&["100"; 6]).len() > 700);
    }

    #[test]
    fn what_a_number_lost_can_be_put_back() {
        let all = |text: &str| {
            let written = Ending::ALL.into_iter().filter_map(|with| with.write(text));
            written.filter(|written| written != text).collect::<Vec<_>>()
        };
        assert_eq!(all("5"), ["5.0", "5.00"]);
        assert_eq!(all("100"), ["100.0", "100.00", "1e2", "1E2", "1e+2"]);
        assert_eq!(all("5.1"), ["5.10"]);
        assert!(all("12000000").contains(&"1.2E7".to_owned()));
        assert_eq!(all("0"), ["0.0", "0.00", "-0.0"]);
        assert_eq!(all("1000.0"), ["1000.00", "1000", "1e3"]);
        assert_eq!(Numbers::TwoDigits.write("19.9", 0).as_deref(), Some("19.90"));
        let money = |text| Numbers::Money.write(text, 0);
        assert_eq!([money("3"), money("12.5")].map(Option::unwrap), ["3.00", "12.50"]);
        assert_eq!([money("12.55"), money("1e2")], [None, None]);
    }
}

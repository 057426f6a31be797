use std::cmp;

use super::glob::Glob;
use super::lex::Letter;
use super::value::{Value, is};
use crate::Decimal;

/// The longest path, in steps.
const LONGEST: usize = 32;

/// A way into a JSON document: `data.items[*].id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath(Vec<JsonStep>);

/// One step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonStep {
    /// The field of an object; an item of an array too, where it is a number.
    Key(String),
    /// The item of an array, from 0.
    Item(usize),
    /// Any field or item.
    Any,
}

/// How a value of a JSON document has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTest {
    /// The text fits; numbers, truths and null too by what they are written as, unless a text is asked for.
    Is {
        /// What fits.
        glob: Glob,
        /// The number that it is, where it is one: whatever has its value fits too.
        number: Option<Decimal>,
        /// Whether only texts do.
        text_only: bool,
    },
    /// A text, or a scalar as it is written, has this in it.
    Holds(String),
    /// A number that compares so.
    Number(Ordering, Decimal),
}

/// How a number compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Ordering {
    /// Whether a number that compares so with the limit is so.
    const fn allows(self, to_limit: cmp::Ordering) -> bool {
        match self {
            Self::Above => to_limit.is_gt(),
            Self::AtLeast => to_limit.is_ge(),
            Self::Below => to_limit.is_lt(),
            Self::AtMost => to_limit.is_le(),
        }
    }
}

impl JsonPath {
    /// The steps, one at least.
    pub fn steps(&self) -> &[JsonStep] {
        &self.0
    }

    /// `a.b[0].*`; a key that has signs in it is quoted. `None` where it is no path.
    pub(super) fn read(letters: &[Letter]) -> Option<Self> {
        let letters = match letters {
            // As others write it.
            [root, dot, ..] if is(root, '$') && (is(dot, '.') || is(dot, '[')) => &letters[1..],
            _ => letters,
        };
        let letters = letters.strip_prefix(&[]).filter(|letters| !letters.is_empty())?;
        let letters = if is(&letters[0], '.') { &letters[1..] } else { letters };
        let mut steps = Vec::new();
        for piece in letters.split(|letter| is(letter, '.')) {
            let mut parts = piece.split(|letter| is(letter, '['));
            let key = parts.next()?;
            let mut items = parts.peekable();
            match key {
                [] if steps.is_empty() && items.peek().is_some() => {}
                [] => return None,
                [only] if is(only, '*') => steps.push(JsonStep::Any),
                _ => steps.push(JsonStep::Key(key.iter().map(|letter| letter.sign).collect())),
            }
            for item in items {
                let (end, item) = item.split_last()?;
                if !is(end, ']') {
                    return None;
                }
                let text: String = item.iter().map(|letter| letter.sign).collect();
                steps.push(match text.as_str() {
                    "*" | "" => JsonStep::Any,
                    text => JsonStep::Item(text.parse().ok()?),
                });
            }
        }
        (steps.len() <= LONGEST).then_some(Self(steps))
    }
}

/// What is wanted of the value, after one of the signs; `None` where it has to be a number and is none.
pub(super) fn read_test(sign: char, value: Value<'_>) -> Option<JsonTest> {
    let number = |value: Value<'_>| Decimal::read(&value.text());
    Some(match (sign, value.after("=")) {
        ('>', Some(value)) => JsonTest::Number(Ordering::AtLeast, number(value)?),
        ('>', None) => JsonTest::Number(Ordering::Above, number(value)?),
        ('<', Some(value)) => JsonTest::Number(Ordering::AtMost, number(value)?),
        ('<', None) => JsonTest::Number(Ordering::Below, number(value)?),
        ('~', _) => JsonTest::Holds(value.text()),
        _ => {
            let glob = value.glob();
            let number = glob.as_text().and_then(Decimal::read);
            JsonTest::Is { number, glob, text_only: value.is_quoted() }
        }
    })
}

impl JsonTest {
    /// Whether a text is so.
    pub fn fits_text(&self, text: &str) -> bool {
        match self {
            Self::Is { glob, .. } => glob.fits(text.as_bytes()),
            Self::Holds(part) => text.contains(part.as_str()),
            Self::Number(..) => false,
        }
    }

    /// Whether a number is so, which is given as it is written: by its exact value, or by that text.
    pub fn fits_number(&self, written: &str) -> bool {
        match self {
            Self::Is { text_only: true, .. } => false,
            Self::Is { glob, number, .. } => {
                let is_equal =
                    |wanted: &Decimal| Decimal::read(written).is_some_and(|number| number == *wanted);
                glob.fits(written.as_bytes()) || number.as_ref().is_some_and(is_equal)
            }
            Self::Holds(part) => written.contains(part.as_str()),
            Self::Number(ordering, limit) => {
                Decimal::read(written).is_some_and(|number| ordering.allows(number.cmp(limit)))
            }
        }
    }

    /// Whether `true`, `false` or `null` is so.
    pub fn fits_word(&self, word: &str) -> bool {
        !matches!(self, Self::Is { text_only: true, .. }) && self.fits_text(word)
    }
}

use std::borrow::Cow;
use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Asked, JsonPath, PathPattern};
use crate::Decimal;

/// Which requests a rule takes. All that it says has to hold; what says nothing holds of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleWhen {
    /// The methods; any where there are none.
    pub methods: Vec<String>,
    /// The path below the slug.
    pub path: Option<PathPattern>,
    /// What of its headers has to hold.
    pub headers: Vec<NamedTest>,
    /// What of its query's parameters has to hold.
    pub query: Vec<NamedTest>,
    /// What of its body's JSON has to hold.
    pub json: Vec<JsonTest>,
    /// Which of those that meet all of the above.
    pub nth: Option<Nth>,
    /// How many of those, by chance.
    pub share: Option<Share>,
}

/// What has to hold of the values of a name; of several values one is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedTest {
    /// The header or the parameter.
    pub name: String,
    /// What has to hold.
    pub test: ValueTest,
}

/// What has to hold of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonTest {
    /// Where it stands.
    pub path: JsonPath,
    /// What has to hold; of several values one is enough. A number is equal to one of the same value (`1` to `1.0`), to
    /// its last digit; a truth, a null, a list or an object is compared as JSON writes it.
    pub test: ValueTest,
}

/// What has to hold of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueTest {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// It is this, letter case included.
    Equals(String),
    /// This stands in it, letter case included.
    Contains(String),
}

/// Which of the requests that meet a rule's other conditions, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nth {
    /// The first of them.
    pub from: u64,
    /// The last of them; all that follow where not said.
    pub to: Option<u64>,
}

/// A share of the requests that meet a rule's other conditions: the same ones each time for one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How many of a hundred.
    pub percent: u8,
    /// Which ones.
    pub seed: u64,
}

/// The condition that a request does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet<'r> {
    /// Its method is another.
    Method(&'r [String]),
    /// Its path is another.
    Path(&'r PathPattern),
    /// A header is.
    Header(&'r NamedTest),
    /// A parameter of its query is.
    Query(&'r NamedTest),
    /// A field of its body is.
    Json(&'r JsonTest),
    /// It comes too early or too late.
    Nth(Nth),
    /// It is not of the share.
    Share(Share),
}

impl RuleWhen {
    /// The most methods, and the most tests of one kind.
    pub const MOST: usize = 16;

    /// Whether a request meets what is said of its parts; the counting comes after that, see [`Self::counts`].
    pub fn meets(&self, asked: &Asked<'_>) -> Result<(), Unmet<'_>> {
        if !self.methods.is_empty() && !self.methods.iter().any(|method| method == asked.method) {
            return Err(Unmet::Method(&self.methods));
        }
        if let Some(path) = self.path.as_ref().filter(|path| !path.takes(asked.path)) {
            return Err(Unmet::Path(path));
        }
        let of_header = |test: &&NamedTest| {
            let values = asked.headers.get_all(&test.name);
            !test.test.holds(values.map(|value| String::from_utf8_lossy(value.as_bytes())))
        };
        if let Some(test) = self.headers.iter().find(of_header) {
            return Err(Unmet::Header(test));
        }
        let of_query = |test: &&NamedTest| {
            let pairs = url::form_urlencoded::parse(asked.query.unwrap_or_default().as_bytes());
            !test.test.holds(pairs.filter(|(name, _)| *name == test.name).map(|(_, value)| value))
        };
        if let Some(test) = self.query.iter().find(of_query) {
            return Err(Unmet::Query(test));
        }
        let of_json = |test: &&JsonTest| {
            let values = asked.json().map(|json| test.path.find(json)).unwrap_or_default();
            // Such a number may have lost digits as it was read, and is taken as it stands in the body.
            let is_float = values.iter().any(|value| value.is_f64());
            let numbers = if is_float { test.path.numbers(asked.body) } else { Vec::new() };
            !test.test.holds_of_json(&values, &numbers)
        };
        self.json.iter().find(of_json).map_or(Ok(()), |test| Err(Unmet::Json(test)))
    }

    /// Whether a request counts that meets the rest, after so many others that did.
    pub fn counts(&self, before: u64) -> Result<(), Unmet<'_>> {
        let number = before.saturating_add(1);
        if let Some(nth) = self.nth.filter(|nth| number < nth.from || nth.to.is_some_and(|to| number > to)) {
            return Err(Unmet::Nth(nth));
        }
        self.share.filter(|share| !share.takes(before)).map_or(Ok(()), |share| Err(Unmet::Share(share)))
    }
}

/// A JSON value as text: that of a text, and of everything else as JSON writes it.
fn written(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

impl ValueTest {
    /// Whether it holds of a name that has these values.
    fn holds<S: AsRef<str>>(&self, values: impl IntoIterator<Item = S>) -> bool {
        let mut values = values.into_iter();
        match self {
            Self::Present => values.next().is_some(),
            Self::Absent => values.next().is_none(),
            Self::Equals(text) => values.any(|value| value.as_ref() == text),
            Self::Contains(text) => values.any(|value| value.as_ref().contains(text.as_str())),
        }
    }
}

impl ValueTest {
    /// Whether it holds of a field that has these values; `numbers` stand for those that are floats.
    fn holds_of_json(&self, values: &[&Value], numbers: &[&str]) -> bool {
        let exact = || values.iter().copied().filter(|value| !value.is_f64());
        let texts = exact().map(written).chain(numbers.iter().map(|number| Cow::Borrowed(*number)));
        let is_number = |text: &str| {
            let is_wanted = |wanted: &Decimal| {
                let whole = exact().filter(|value| value.is_number()).map(written);
                let numbers = numbers.iter().map(|number| Cow::Borrowed(*number));
                whole.chain(numbers).any(|number| Decimal::read(&number).as_ref() == Some(wanted))
            };
            json_number(text).is_some_and(|wanted| is_wanted(&wanted))
        };
        self.holds(texts) || matches!(self, Self::Equals(text) if is_number(text))
    }
}

/// The number that a text is, as JSON writes one: `07` is none.
fn json_number(text: &str) -> Option<Decimal> {
    serde_json::from_str::<IgnoredAny>(text).ok().and_then(|_| Decimal::read(text))
}

impl Share {
    /// Whether the request that comes after so many others is of it.
    pub const fn takes(self, before: u64) -> bool {
        mixed(self.seed, before) % 100 < self.percent as u64
    }
}

/// A number that looks random and is always the same (`SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>): of
/// this seed the one at this place.
const fn mixed(seed: u64, place: u64) -> u64 {
    let mut z = seed.wrapping_add(place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl fmt::Display for Unmet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(methods) => write!(f, "its method is not {}", methods.join(" or ")),
            Self::Path(path) => write!(f, "its path is not {path}"),
            Self::Header(test) => write!(f, "its header {} {}", test.name, test.test.failed()),
            Self::Query(test) => write!(f, "its parameter {} {}", test.name, test.test.failed()),
            Self::Json(test) => write!(f, "its field {} {}", test.path, test.test.failed()),
            Self::Nth(Nth { from, to: Some(to) }) if from == to => write!(f, "it is not number {from}"),
            Self::Nth(Nth { from, to: Some(to) }) => write!(f, "it is not one of number {from} to {to}"),
            Self::Nth(Nth { from, to: None }) => write!(f, "it comes before number {from}"),
            Self::Share(share) => write!(f, "it is not of the {} % of seed {}", share.percent, share.seed),
        }
    }
}

impl ValueTest {
    fn failed(&self) -> String {
        match self {
            Self::Present => "is missing".to_owned(),
            Self::Absent => "is there".to_owned(),
            Self::Equals(text) => format!("is not `{text}`"),
            Self::Contains(text) => format!("does not contain `{text}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeaderPairs;

    const BODY: &[u8] =
        br#"{"data":{"to":"+49","n":7,"ok":true,"none":null,"part":1.5,"whole":1.0,"large":9007199254740993,
        "huge":12345678901234567890123,"more":[-12345678901234567890124, {"a/b":1.50}],
        "all":[{"id":1},{"id":2.0},{"id":"ab"}]}}"#;

    fn named(name: &str, test: ValueTest) -> NamedTest {
        NamedTest { name: name.to_owned(), test }
    }

    fn json(path: &str, test: ValueTest) -> RuleWhen {
        RuleWhen { json: vec![JsonTest { path: path.parse().unwrap(), test }], ..RuleWhen::default() }
    }

    fn meets(when: &RuleWhen) -> Result<(), String> {
        let headers = HeaderPairs::from_iter([("X-A", "one"), ("x-a", "two")]);
        let asked = Asked::new("POST", "/hooks/a", Some("q=a%20b&empty"), &headers, BODY);
        when.meets(&asked).map_err(|unmet| unmet.to_string())
    }

    #[test]
    fn every_condition_holds_or_says_what_does_not() {
        let equals = |text: &str| ValueTest::Equals(text.to_owned());
        let contains = |text: &str| ValueTest::Contains(text.to_owned());
        let header = |name, test| RuleWhen { headers: vec![named(name, test)], ..RuleWhen::default() };
        let query = |name, test| RuleWhen { query: vec![named(name, test)], ..RuleWhen::default() };
        let methods = |all: &[&str]| RuleWhen {
            methods: all.iter().map(|one| (*one).to_owned()).collect(),
            ..RuleWhen::default()
        };
        let path = |text: &str| RuleWhen { path: Some(text.parse().unwrap()), ..RuleWhen::default() };
        for when in [
            RuleWhen::default(),
            methods(&["PUT", "POST"]),
            path("/hooks/*"),
            header("x-A", equals("two")),
            header("x-a", contains("n")),
            header("X-B", ValueTest::Absent),
            query("q", equals("a b")),
            query("empty", ValueTest::Present),
            json("data.to", equals("+49")),
            json("data.n", equals("7")),
            json("data.ok", equals("true")),
            json("data.n", equals("7.0")),
            json("data.n", equals("0.7e1")),
            json("data.part", equals("1.50")),
            json("data.whole", equals("1")),
            json("data.large", equals("9007199254740993")),
            json("data.huge", equals("12345678901234567890123")),
            json("data.huge", equals("12345678901234567890123.0")),
            json("data.huge", contains("678901234567890")),
            json("/data/huge", equals("1.2345678901234567890123e22")),
            json("data.more[0]", equals("-12345678901234567890124")),
            json("$.data.more.0", equals("-12345678901234567890124")),
            json("/data/more/1/a~1b", equals("1.5")),
            json("/data/more/1/a~1b", contains("1.50")),
            json("data.more[*]", equals("-12345678901234567890124")),
            json("data.all[*].id", equals("2")),
            json("data.all[*].id", contains("b")),
            json("data.all[*].none", ValueTest::Absent),
            json("data.none", ValueTest::Present),
            json("data", contains("\"n\":7")),
            json("data.x", ValueTest::Absent),
        ] {
            assert_eq!(meets(&when), Ok(()), "{when:?}");
        }
        for (when, why) in [
            (methods(&["GET", "PUT"]), "its method is not GET or PUT"),
            (methods(&["post"]), "its method is not post"),
            (path("/other"), "its path is not /other"),
            (header("X-A", equals("three")), "its header X-A is not `three`"),
            (header("X-A", ValueTest::Absent), "its header X-A is there"),
            (query("p", ValueTest::Present), "its parameter p is missing"),
            (
                json("data.large", equals("9007199254740992.0")),
                "its field data.large is not `9007199254740992.0`",
            ),
            (
                json("data.huge", equals("12345678901234567890124")),
                "its field data.huge is not `12345678901234567890124`",
            ),
            (
                json("data.huge", equals("1.2345678901234568e22")),
                "its field data.huge is not `1.2345678901234568e22`",
            ),
            (
                json("data.more[*]", equals("-12345678901234567890123")),
                "its field data.more[*] is not `-12345678901234567890123`",
            ),
            (json("data.n", equals("07")), "its field data.n is not `07`"),
            (json("data.n", equals(" 7")), "its field data.n is not ` 7`"),
            (json("data.all[*].id", equals("3")), "its field data.all[*].id is not `3`"),
            (json("data.to", contains("50")), "its field data.to does not contain `50`"),
        ] {
            assert_eq!(meets(&when), Err(why.to_owned()));
        }
    }

    #[test]
    fn a_body_that_is_no_json_has_no_fields() {
        let headers = HeaderPairs::new();
        let deep = [b"[".repeat(500), b"]".repeat(500)].concat();
        for body in [&b""[..], b"{", b"\xff", &deep] {
            let asked = Asked::new("POST", "", None, &headers, body);
            assert!(json("[0]", ValueTest::Present).meets(&asked).is_err());
            assert!(json("[0]", ValueTest::Absent).meets(&asked).is_ok());
        }
    }

    #[test]
    fn the_nth_are_counted_from_one() {
        let taken = |nth| -> Vec<u64> {
            let when = RuleWhen { nth: Some(nth), ..RuleWhen::default() };
            (1..=6).filter(|number| when.counts(number - 1).is_ok()).collect()
        };
        assert_eq!(taken(Nth { from: 1, to: Some(3) }), [1, 2, 3]);
        assert_eq!(taken(Nth { from: 3, to: Some(3) }), [3]);
        assert_eq!(taken(Nth { from: 5, to: None }), [5, 6]);
    }

    #[test]
    fn a_share_is_near_its_size_and_the_same_for_a_seed() {
        let taken = |percent, seed| -> Vec<u64> {
            let when = RuleWhen { share: Some(Share { percent, seed }), ..RuleWhen::default() };
            (0..10_000).filter(|before| when.counts(*before).is_ok()).collect()
        };
        let twenty = taken(20, 7);
        assert!((1_800..2_200).contains(&twenty.len()), "{}", twenty.len());
        assert_eq!(twenty, taken(20, 7));
        assert_ne!(twenty, taken(20, 8));
        assert_eq!((taken(0, 1).len(), taken(100, 1).len()), (0, 10_000));
    }
}

//! What serde says of a value that does not fit, in words of the contract: serde speaks of Rust's types, and
//! says it in a message only.

use crate::problem::FieldError;

/// What serde says is wrong, with the path to it. A field that is missing or there twice is told of the object
/// that should hold it once, and only the message has its name.
pub(crate) fn field_error(path: &str, whole: &str, message: &str) -> FieldError {
    let of_object =
        ["missing field `", "duplicate field `"].iter().find_map(|start| message.strip_prefix(start));
    let field = match (of_object.and_then(|rest| rest.split('`').next()), path) {
        (Some(name), ".") => name.to_owned(),
        (Some(name), path) if !path.ends_with(name) => format!("{path}.{name}"),
        (None, ".") => whole.to_owned(),
        (_, path) => path.to_owned(),
    };
    let mut words = plain(message);
    if holds_a_secret(&field) {
        // Somebody gave it in a wrong form; it is a secret all the same.
        words.truncate(words.find(", not ").unwrap_or(words.len()));
    }
    FieldError::new(field, words)
}

fn holds_a_secret(field: &str) -> bool {
    ["secret", "token", "key_pem"].iter().any(|name| field.ends_with(name))
}

/// A message of serde in plain words; one of our own types' readers stays as it is.
fn plain(message: &str) -> String {
    let words = None
        .or_else(|| message.starts_with("missing field `").then(|| "is missing".to_owned()))
        .or_else(|| message.starts_with("duplicate field `").then(|| "is given more than once".to_owned()))
        .or_else(|| message.strip_prefix("unknown field `").map(unknown_field))
        .or_else(|| message.strip_prefix("unknown variant ").and_then(unknown_variant))
        .or_else(|| message.strip_prefix("invalid type: ").and_then(misfit))
        .or_else(|| message.strip_prefix("invalid value: ").and_then(misfit))
        .or_else(|| message.strip_prefix("invalid length ").and_then(wrong_length))
        .or_else(|| unread(message).map(str::to_owned));
    words.unwrap_or_else(|| message.to_owned())
}

/// ``foo`, expected one of `a`, `b``, or that there are no fields.
fn unknown_field(rest: &str) -> String {
    match rest.split_once(", expected ") {
        Some((_, expected)) => format!("is not known here; {} would be", names(expected)),
        None => "is not known here".to_owned(),
    }
}

fn unknown_variant(rest: &str) -> Option<String> {
    let (given, expected) = rest.split_once(", expected ")?;
    Some(format!("must be {}, not {given}", names(expected).replace(" and ", " or ")))
}

/// ``a`, `b` and `c``, of what serde lists.
fn names(expected: &str) -> String {
    let list = expected.trim_start_matches("one of ").replace(" or ", ", ");
    match list.rsplit_once(", ") {
        Some((front, last)) => format!("{front} and {last}"),
        None => list,
    }
}

fn misfit(rest: &str) -> Option<String> {
    let (given, expected) = rest.rsplit_once(", expected ")?;
    Some(format!("must be {}, not {}", wanted(expected)?, got(given)))
}

/// An array where an object belongs is measured before it is refused.
fn wrong_length(rest: &str) -> Option<String> {
    let (_, expected) = rest.split_once(", expected ")?;
    expected.starts_with("struct ").then(|| "must be an object, not an array".to_owned())
}

/// What the standard library says of text that is no number or no truth, as a query brings it.
fn unread(message: &str) -> Option<&'static str> {
    Some(match message {
        "invalid digit found in string"
        | "cannot parse integer from empty string"
        | "number too large to fit in target type"
        | "number too small to fit in target type" => "must be a whole number",
        "invalid float literal" | "cannot parse float from empty string" => "must be a number",
        "provided string was not `true` or `false`" => "must be true or false",
        _ => return None,
    })
}

/// What serde expects; `None` where a reader of ours says it.
fn wanted(expected: &str) -> Option<&str> {
    Some(match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "a map" => "an object",
        "a string" | "string or map" => "a string",
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.starts_with("a sequence of ") || expected.starts_with("tuple ") => "an array",
        _ => return None,
    })
}

/// What serde calls the value that it was given.
fn got(given: &str) -> &str {
    match given {
        "map" => "an object",
        "sequence" => "an array",
        "null" | "unit value" | "Option value" => "null",
        _ if given.starts_with("boolean `") => given.trim_start_matches("boolean ").trim_matches('`'),
        _ => ["integer ", "floating point ", "string "]
            .iter()
            .find_map(|kind| given.strip_prefix(kind))
            .unwrap_or(given),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::plain;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with a document is looked at")]
    struct Sample {
        count: u64,
        #[serde(default)]
        share: f64,
        #[serde(default)]
        on: bool,
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        colour: Option<Colour>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Green,
        Blue,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    /// What serde itself says, so that this fails when its words change.
    fn said<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        let message = serde_json::from_str::<T>(text).unwrap_err().to_string();
        plain(message.rsplit_once(" at line ").unwrap().0)
    }

    #[test]
    fn no_word_of_rust_reaches_the_caller() {
        let cases = [
            ("{}", "is missing"),
            (r#"{"count":1,"count":1}"#, "is given more than once"),
            (r#"{"size":1}"#, "is not known here; `count`, `share`, `on`, `names` and `colour` would be"),
            (r#"{"count":-1}"#, "must be a whole number from 0, not `-1`"),
            (r#"{"count":1.5}"#, "must be a whole number from 0, not `1.5`"),
            (r#"{"count":"1"}"#, "must be a whole number from 0, not \"1\""),
            (r#"{"count":null}"#, "must be a whole number from 0, not null"),
            (r#"{"count":1,"share":{}}"#, "must be a number, not an object"),
            (r#"{"count":1,"on":[]}"#, "must be true or false, not an array"),
            (r#"{"count":1,"names":true}"#, "must be an array, not true"),
            (r#"{"count":1,"names":[7]}"#, "must be a string, not `7`"),
            (r#"{"count":1,"colour":"pink"}"#, "must be `red`, `green` or `blue`, not `pink`"),
            ("[]", "must be an object, not an array"),
            ("7", "must be an object, not `7`"),
        ];
        for (text, words) in cases {
            assert_eq!(said::<Sample>(text), words, "{text}");
        }
        assert_eq!(said::<Nothing>(r#"{"a":1}"#), "is not known here");
    }

    #[test]
    fn what_the_standard_library_says_is_put_plainly() {
        for text in ["", "x", "-1", "999"] {
            assert_eq!(
                plain(&text.parse::<u8>().unwrap_err().to_string()),
                "must be a whole number",
                "{text}"
            );
        }
        assert_eq!(plain(&"-129".parse::<i8>().unwrap_err().to_string()), "must be a whole number");
        assert_eq!(plain(&"x".parse::<f64>().unwrap_err().to_string()), "must be a number");
        assert_eq!(plain(&"".parse::<f64>().unwrap_err().to_string()), "must be a number");
        assert_eq!(plain(&"x".parse::<bool>().unwrap_err().to_string()), "must be true or false");
    }

    #[test]
    fn words_of_our_own_stay() {
        assert_eq!(plain("not a time: give RFC 3339"), "not a time: give RFC 3339");
        let own = "invalid type: integer `1`, expected a list of [name, value] pairs";
        assert_eq!(plain(own), own);
    }
}

//! Looks into a body that may be JSON, without keeping more of it than the one value that is looked at.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::json_path::{JsonPath, JsonStep, JsonTest};

/// Whether the body is JSON, from its beginning to its end, and there is such a value in it.
pub(super) fn holds(body: &[u8], path: &JsonPath, test: Option<&JsonTest>) -> bool {
    // A mark that says UTF-8 is not JSON, and not meant as such.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // A text in another encoding is passed over as it may be.
    let body = String::from_utf8_lossy(body);
    let mut found = false;
    let mut reader = serde_json::Deserializer::from_str(&body);
    let look = Look { steps: path.steps(), test, found: &mut found };
    let is_whole = look.deserialize(&mut reader).is_ok() && reader.end().is_ok();
    found && is_whole
}

struct Look<'l> {
    steps: &'l [JsonStep],
    test: Option<&'l JsonTest>,
    found: &'l mut bool,
}

/// Whether a value is so, which is given as it is written: a number is read to its last digit.
fn fits(test: &JsonTest, written: &str) -> bool {
    match written.as_bytes() {
        [b'"', text @ .., b'"'] if !text.contains(&b'\\') => test.fits_text(&written[1..written.len() - 1]),
        [b'"', ..] => serde_json::from_str::<Cow<'_, str>>(written).is_ok_and(|text| test.fits_text(&text)),
        [b'-' | b'0'..=b'9', ..] => test.fits_number(written),
        [b'{' | b'[', ..] => false,
        _ => test.fits_word(written),
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // What follows a value that is found has to be JSON, and nothing else.
        if *self.found {
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        if let Some((step, steps)) = self.steps.split_first() {
            return deserializer.deserialize_any(Below { step, look: Look { steps, ..self } });
        }
        *self.found = match self.test {
            None => IgnoredAny::deserialize(deserializer).map(|_| true)?,
            Some(test) => fits(test, <&RawValue>::deserialize(deserializer)?.get()),
        };
        Ok(())
    }
}

/// The next step into a value; a scalar has nothing below it.
struct Below<'l> {
    step: &'l JsonStep,
    /// At what it leads to.
    look: Look<'l>,
}

impl Below<'_> {
    fn look(&mut self) -> Look<'_> {
        Look { steps: self.look.steps, test: self.look.test, found: &mut *self.look.found }
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _value: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _value: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _value: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _value: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _value: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(is_on_way) = map.next_key_seed(Key(self.step))? {
            if is_on_way {
                map.next_value_seed(self.look())?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        for item in 0_usize.. {
            let is_on_way = match self.step {
                JsonStep::Any => true,
                JsonStep::Item(wanted) => *wanted == item,
                JsonStep::Key(key) => key.parse() == Ok(item),
            };
            let next = if is_on_way {
                seq.next_element_seed(self.look())?
            } else {
                seq.next_element::<IgnoredAny>()?.map(drop)
            };
            if next.is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// Whether a field's name is the step's.
struct Key<'s>(&'s JsonStep);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(match self.0 {
            JsonStep::Any => true,
            JsonStep::Key(key) => key == name,
            JsonStep::Item(item) => name.parse() == Ok(*item),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::Timestamp;
    use crate::query::{Node, Query, Term};

    fn holds(filter: &str, body: impl AsRef<[u8]>) -> bool {
        let query =
            Query::read(filter, Timestamp::EPOCH).unwrap_or_else(|faults| panic!("{filter}: {faults}"));
        let Node::Term(Term::Json(path, test)) = query.root() else { panic!("{filter}") };
        super::holds(body.as_ref(), path, test.as_ref())
    }

    #[test]
    fn numbers_are_told_apart_to_their_last_digit() {
        for (filter, number, is_so) in [
            ("=9007199254740992", "9007199254740993", false),
            ("=9007199254740993", "9007199254740993", true),
            ("=9007199254740993.0", "9007199254740993", true),
            ("=9007199254740993", "9.007199254740993e15", true),
            ("=1234567890123456788", "1234567890123456789", false),
            (">1234567890123456788", "1234567890123456789", true),
            (">1234567890123456789", "1234567890123456789", false),
            (">=1234567890123456790", "1234567890123456789", false),
            (">=1234567890123456789", "1234567890123456789", true),
            ("<1234567890123456790", "1234567890123456789", true),
            ("<=1234567890123456788", "1234567890123456789", false),
            ("=12345678901234567890123", "12345678901234567890124", false),
            ("=12345678901234567890123", "12345678901234567890123", true),
            ("=-12345678901234567890123", "-12345678901234567890123", true),
            ("<-12345678901234567890123", "-12345678901234567890124", true),
            ("=0.1", "0.10000000000000000001", false),
            ("=0.10", "1e-1", true),
            ("=0", "-0.0", true),
            ("=1.50", "1.5", true),
            (">1e400", "1e401", true),
            ("~678901234567890", "12345678901234567890123", true),
            ("=\"7\"", "7", false),
            (">6", "\"7\"", false),
        ] {
            let body = format!("{{\"n\": {number}}}");
            assert_eq!(holds(&format!("json:n{filter}"), &body), is_so, "{filter} of {number}");
            assert_eq!(holds(&format!("json:*{filter}"), &body), is_so, "*{filter} of {number}");
            assert_eq!(
                holds(&format!("json:n[1]{filter}"), format!("{{\"n\":[0.5,{number}]}}")),
                is_so,
                "{filter}"
            );
        }
    }

    #[test]
    fn a_body_has_to_be_json_to_its_end() {
        for body in [
            "{\"a\":1}",
            " {\"a\":1}\r\n",
            "\u{feff}{\"a\":1}",
            "{\"a\":1,\"b\":[{}, \"\\u00fc\", 1e5, null]}",
        ] {
            assert!(holds("json:a=1", body) && holds("json:a", body), "{body}");
        }
        for body in [
            "{\"a\":1} trail",
            "{\"a\":1}{\"a\":1}",
            "{\"a\":1}\n{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\":1",
            "{\"a\":1,\"b\":",
            "{\"a\":1,\"b\":[1,]}",
            "{\"a\":1,\"b\":01}",
            "{\"a\":1,'b':2}",
            "{\"a\":1,\"b\":NaN}",
            "{\"a\":1,\"b\":\"\n\"}",
            "a=1",
            "",
        ] {
            assert!(!holds("json:a=1", body) && !holds("json:a", body) && !holds("json:*=1", body), "{body}");
        }
    }

    #[test]
    fn what_a_value_is_written_as_makes_no_difference_to_texts_and_words() {
        let body =
            br#"{"t":"\u0061\"\/b","plain":"a b","e":"","ok": true ,"no":null,"o":{"ok":false},"l":[1]}"#;
        for filter in [
            "json:t=\"a\\\"/b\"",
            "json:t~/b",
            "json:plain=\"a b\"",
            "json:plain=a*",
            "json:e=",
            "json:e=\"\"",
            "json:ok=true",
            "json:no=null",
            "json:o.ok=f*",
            "json:o",
            "json:l",
        ] {
            assert!(holds(filter, body), "{filter}");
        }
        for filter in
            ["json:ok=\"true\"", "json:o=*", "json:l=*", "json:t=u0061*", "json:no=\"null\"", "json:e~a"]
        {
            assert!(!holds(filter, body), "{filter}");
        }
        assert!(
            holds("json:id=5", b"{\"name\":\"Gr\xf6\xdfe\",\"id\":5}"),
            "beside a text in another encoding"
        );
    }
}

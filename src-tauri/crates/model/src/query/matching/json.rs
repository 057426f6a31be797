//! Looks into a body that may be JSON, without keeping more of it than the one text that is looked at.

use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::json_path::{JsonPath, JsonStep, JsonTest};

/// Whether there is such a value. What is no JSON has none, from where it breaks on.
pub(super) fn holds(body: &[u8], path: &JsonPath, test: Option<&JsonTest>) -> bool {
    let mut found = false;
    // A mark that says UTF-8 is not JSON, and not meant as such.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let look = Look { steps: path.steps(), test, found: &mut found };
    // Ends early with an error once it is found, and where the body is none or too deep.
    let _ended = look.deserialize(&mut reader);
    found
}

struct Look<'l> {
    steps: &'l [JsonStep],
    test: Option<&'l JsonTest>,
    found: &'l mut bool,
}

impl Look<'_> {
    /// Notes it where a value ends the path and is so.
    fn scalar<E: Error>(self, is_so: impl FnOnce(&JsonTest) -> bool) -> Result<(), E> {
        let found = self.steps.is_empty() && self.test.is_none_or(is_so);
        self.note(found)
    }

    /// Once it is found nothing more is read.
    fn note<E: Error>(self, found: bool) -> Result<(), E> {
        *self.found |= found;
        if found { Err(E::custom("found")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(|test| test.fits_word(if value { "true" } else { "false" }))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(|test| test.fits_word("null"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(|test| test.fits_text(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(|test| test.fits_number(as_float(&value.to_string()), &value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(|test| test.fits_number(as_float(&value.to_string()), &value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(|test| test.fits_number(value, &value.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, steps)) = self.steps.split_first() else {
            let found = self.test.is_none();
            self.note(found)?;
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        while let Some(is_on_way) = map.next_key_seed(Key(step))? {
            if is_on_way {
                map.next_value_seed(Look { steps, test: self.test, found: &mut *self.found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((step, steps)) = self.steps.split_first() else {
            let found = self.test.is_none();
            self.note(found)?;
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        for item in 0_usize.. {
            let is_on_way = match step {
                JsonStep::Any => true,
                JsonStep::Item(wanted) => *wanted == item,
                JsonStep::Key(key) => key.parse() == Ok(item),
            };
            let next = if is_on_way {
                seq.next_element_seed(Look { steps, test: self.test, found: &mut *self.found })?
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

fn as_float(written: &str) -> f64 {
    written.parse().unwrap_or(f64::NAN)
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

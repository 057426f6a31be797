//! Where in an entry's text something stands. What of it is not changed stays as it was written: a reader of JSON rounds
//! long numbers, and knows neither large ones nor a name that stands there twice.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

/// The value of a field, as it stands in the text of an object.
pub(super) fn field<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    let mut fields: BTreeMap<String, &'t RawValue> = serde_json::from_str(object).ok()?;
    fields.remove(name).map(RawValue::get)
}

/// Where a piece of a text stands in it.
pub(super) fn range(text: &str, piece: &str) -> Range<usize> {
    let start = piece.as_ptr().addr() - text.as_ptr().addr();
    start..start + piece.len()
}

/// What holds the body's text, in an entry, and that text.
pub(super) fn body(entry: &str) -> Option<(&str, &str)> {
    let request = field(entry, "request")?;
    ["postData", "_content"].into_iter().find_map(|place| {
        let data = field(request, place)?;
        Some((data, field(data, "text")?))
    })
}

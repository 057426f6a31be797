//! JSON bodies that stay as they are: fields are found where they stand among the bytes, and written there.
//!
//! A body is checked to be JSON once. After that nothing is parsed and written anew: a field's value is a
//! range of the body's own bytes, and setting one exchanges that range (or adds a member behind the last
//! one, spaced as that one is). Order, spacing, escapes and the spelling of numbers of everything else stay
//! byte for byte. Where a name stands twice in an object the last one counts, as in JavaScript.

mod scan;

use crate::body::BodyFault;
use scan::{elements, members, skip_space};
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::ops::Range;

/// A body that is JSON, or a value inside one.
#[derive(Clone, Debug)]
pub(crate) struct Json<'a> {
    body: &'a [u8],
    at: Range<usize>,
    /// Where this value is, as a JSON pointer from the whole body.
    path: String,
}

/// A change of a body: what is to stand in the place of a range.
#[derive(Debug)]
pub(crate) struct Edit {
    at: Range<usize>,
    new: String,
}

impl<'a> Json<'a> {
    /// Checks that a body is JSON.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, BodyFault> {
        serde_json::from_slice::<IgnoredAny>(body).map_err(|_| BodyFault::NotJson)?;
        Ok(Self { body, at: skip_space(body, 0)..body.trim_ascii_end().len(), path: String::new() })
    }

    /// The whole body.
    pub(crate) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The text of a string, unescaped.
    pub(crate) fn text(&self, pointer: &str) -> Result<Cow<'a, str>, BodyFault> {
        let value = self.value(pointer)?;
        string(value).ok_or_else(|| self.wrong_kind(pointer, "a string"))
    }

    /// The text of a string, or a number, `true` or `false` as it is spelt.
    pub(crate) fn scalar(&self, pointer: &str) -> Result<Cow<'a, str>, BodyFault> {
        let value = self.value(pointer)?;
        match value.first() {
            Some(b'"') => string(value),
            Some(b'{' | b'[' | b'n') | None => None,
            Some(_) => std::str::from_utf8(value).ok().map(Cow::Borrowed),
        }
        .ok_or_else(|| self.wrong_kind(pointer, "a string or a number"))
    }

    /// True where the field is there and not `null`.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.value(pointer).is_ok_and(|value| value != b"null")
    }

    /// The elements of a list.
    pub(crate) fn elements(&self, pointer: &str) -> Result<Vec<Self>, BodyFault> {
        let list = self.find(pointer)?;
        if self.body.get(list.start) != Some(&b'[') {
            return Err(self.wrong_kind(pointer, "a list"));
        }
        let element =
            |(number, at)| Self { body: self.body, at, path: format!("{}{pointer}/{number}", self.path) };
        Ok(elements(self.body, list.start).enumerate().map(element).collect())
    }

    /// The body with a field set to a string. Objects that are missing on the way to it are made.
    pub(crate) fn with_text(&self, pointer: &str, text: &str) -> Result<Vec<u8>, BodyFault> {
        Ok(edited(self.body, &[self.edit_text(pointer, text)?]))
    }

    /// What [`Json::with_text`] would change.
    pub(crate) fn edit_text(&self, pointer: &str, text: &str) -> Result<Edit, BodyFault> {
        self.edit(pointer, quoted(text))
    }

    /// The body with a time in a field that is there already: as a number where it is one, else as a string.
    pub(crate) fn with_time(&self, pointer: &str, time: &str) -> Result<Vec<u8>, BodyFault> {
        let digits = time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let literal = match self.value(pointer)?.first() {
            Some(b'{' | b'[') => return Err(self.wrong_kind(pointer, "a time")),
            Some(b'"') => quoted(time),
            _ if digits => time.to_owned(),
            _ => quoted(time),
        };
        Ok(edited(self.body, &[self.edit(pointer, literal)?]))
    }

    fn value(&self, pointer: &str) -> Result<&'a [u8], BodyFault> {
        self.body.get(self.find(pointer)?).ok_or(BodyFault::NotJson)
    }

    fn find(&self, pointer: &str) -> Result<Range<usize>, BodyFault> {
        names(pointer)
            .try_fold(self.at.clone(), |at, name| self.child(&at, &name))
            .ok_or_else(|| self.missing(pointer))
    }

    /// Where the child of that name stands: a member of an object, or an element of a list by its number.
    fn child(&self, parent: &Range<usize>, name: &str) -> Option<Range<usize>> {
        match self.body.get(parent.start)? {
            b'{' => members(self.body, parent.start)
                .filter(|member| self.is_named(member.key.clone(), name))
                .last()
                .map(|member| member.value),
            b'[' => elements(self.body, parent.start).nth(name.parse().ok()?),
            _ => None,
        }
    }

    fn is_named(&self, key: Range<usize>, name: &str) -> bool {
        let Some(key) = self.body.get(key) else { return false };
        match key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")) {
            Some(plain) if !plain.contains(&b'\\') => plain == name.as_bytes(),
            _ => string(key).is_some_and(|key| key == name),
        }
    }

    fn edit(&self, pointer: &str, literal: String) -> Result<Edit, BodyFault> {
        let mut at = self.at.clone();
        let names: Vec<String> = names(pointer).collect();
        for (depth, name) in names.iter().enumerate() {
            match self.child(&at, name) {
                Some(child) => at = child,
                None => return self.addition(pointer, &at, &names[depth..], &literal),
            }
        }
        Ok(Edit { at, new: literal })
    }

    /// A member added to an object, and further objects inside it for the further names.
    fn addition(
        &self,
        pointer: &str,
        object: &Range<usize>,
        names: &[String],
        literal: &str,
    ) -> Result<Edit, BodyFault> {
        let ([first, further @ ..], Some(b'{')) = (names, self.body.get(object.start)) else {
            return Err(self.missing(pointer));
        };
        let nested = further
            .iter()
            .rev()
            .fold(literal.to_owned(), |inner, name| format!("{{{}:{inner}}}", quoted(name)));
        let key = quoted(first);
        Ok(match members(self.body, object.start).last() {
            Some(last) => {
                let spaced = |range: Range<usize>| String::from_utf8_lossy(&self.body[range]).into_owned();
                let new = format!(",{}{key}{}{nested}", spaced(last.lead), spaced(last.colon));
                Edit { at: last.value.end..last.value.end, new }
            }
            None => Edit { at: object.start + 1..object.start + 1, new: format!("{key}:{nested}") },
        })
    }

    pub(crate) fn missing(&self, pointer: &str) -> BodyFault {
        BodyFault::Missing { field: format!("{}{pointer}", self.path) }
    }

    fn wrong_kind(&self, pointer: &str, wanted: &'static str) -> BodyFault {
        BodyFault::WrongKind { field: format!("{}{pointer}", self.path), wanted }
    }
}

/// The body with changes made. They come in the order in which they stand, and none inside another.
pub(crate) fn edited(body: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut new = Vec::with_capacity(body.len() + edits.iter().map(|edit| edit.new.len()).sum::<usize>());
    let mut from = 0;
    for edit in edits {
        new.extend_from_slice(&body[from..edit.at.start]);
        new.extend_from_slice(edit.new.as_bytes());
        from = edit.at.end;
    }
    new.extend_from_slice(&body[from..]);
    new
}

/// The names on the way that a JSON pointer describes.
fn names(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"))
}

/// True for a pointer to something inside a body.
pub(crate) fn is_pointer(text: &str) -> bool {
    let escapes =
        text.match_indices('~').all(|(at, _)| matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1')));
    text.len() > 1 && text.starts_with('/') && escapes
}

fn string(value: &[u8]) -> Option<Cow<'_, str>> {
    let plain = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if plain.contains(&b'\\') {
        return serde_json::from_slice::<String>(value).ok().map(Cow::Owned);
    }
    std::str::from_utf8(plain).ok().map(Cow::Borrowed)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(body: &str, pointer: &str, text: &str) -> Result<String, BodyFault> {
        let bytes = Json::read(body.as_bytes())?.with_text(pointer, text)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn setting_a_field_leaves_every_other_byte() {
        let body = " {\"b\" :1.50e+2,\r\n\t\"a\": \"\\u00e9\\/\", \"c\":{\"s\" : \"old\"} , \"d\":[ ]}\n";
        assert_eq!(
            set(body, "/c/s", "new").unwrap(),
            " {\"b\" :1.50e+2,\r\n\t\"a\": \"\\u00e9\\/\", \"c\":{\"s\" : \"new\"} , \"d\":[ ]}\n"
        );
        assert_eq!(set("{\"a\":[1,{\"x\":null}]}", "/a/1/x", "y").unwrap(), "{\"a\":[1,{\"x\":\"y\"}]}");
    }

    #[test]
    fn a_missing_field_is_added_behind_the_last_spaced_as_that_one() {
        assert_eq!(set("{}", "/s", "x").unwrap(), r#"{"s":"x"}"#);
        assert_eq!(set(r#"{"a": 1}"#, "/s", "x").unwrap(), r#"{"a": 1,"s": "x"}"#);
        assert_eq!(set(r#"{"a": 1, "b": 2}"#, "/s", "x").unwrap(), r#"{"a": 1, "b": 2, "s": "x"}"#);
        assert_eq!(
            set("{\n  \"a\": 1\n}", "/s/t", "x").unwrap(),
            "{\n  \"a\": 1,\n  \"s\": {\"t\":\"x\"}\n}"
        );
    }

    #[test]
    fn texts_are_escaped_on_the_way_in_and_unescaped_on_the_way_out() {
        let body = set("{}", "/a~1b", "\"\\\n\u{e9}").unwrap();
        assert_eq!(Json::read(body.as_bytes()).unwrap().text("/a~1b").unwrap(), "\"\\\n\u{e9}");
        let json = Json::read(br#"{"\u0061\"":"x"}"#).unwrap();
        assert_eq!(json.text("/a\"").unwrap(), "x");
    }

    #[test]
    fn the_last_of_two_members_of_a_name_counts() {
        let json = Json::read(br#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(json.scalar("/a").unwrap(), "2");
        assert_eq!(set(r#"{"a":1,"a":2}"#, "/a", "x").unwrap(), r#"{"a":1,"a":"x"}"#);
    }

    #[test]
    fn a_time_stays_a_number_where_it_was_one() {
        let json = Json::read(br#"{"n":1,"s":"1","z":null,"o":{}}"#).unwrap();
        let set = |field| json.with_time(field, "17").map(|body| String::from_utf8(body).unwrap());
        assert_eq!(set("/n").unwrap(), r#"{"n":17,"s":"1","z":null,"o":{}}"#);
        assert_eq!(set("/s").unwrap(), r#"{"n":1,"s":"17","z":null,"o":{}}"#);
        assert_eq!(set("/z").unwrap(), r#"{"n":1,"s":"1","z":17,"o":{}}"#);
        assert!(matches!(set("/o"), Err(BodyFault::WrongKind { .. })));
        assert!(matches!(set("/x"), Err(BodyFault::Missing { .. })));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(Json::read(b"{").unwrap_err(), BodyFault::NotJson);
        assert_eq!(Json::read(b"{} x").unwrap_err(), BodyFault::NotJson);
        assert_eq!(Json::read(b"").unwrap_err(), BodyFault::NotJson);
        let json = Json::read(b"{\"a\":{\"b\":[1]},\"t\":\"\xff\"}").unwrap();
        assert_eq!(json.text("/a/c").unwrap_err().to_string(), "the body has no field /a/c");
        assert_eq!(json.text("/a/b").unwrap_err().to_string(), "/a/b in the body is not a string");
        assert!(json.text("/t").is_err());
        assert_eq!(json.elements("/a/b").unwrap().len(), 1);
        assert!(json.elements("/a").is_err());
        assert!(matches!(json.with_text("/a/b/x/y", "1"), Err(BodyFault::Missing { .. })));
        assert!(json.text("/a/b/99999999999999999999999").is_err());
    }

    #[test]
    fn elements_are_read_and_changed_where_they_are() {
        let json = Json::read(br#"{"l": [{"a":1}, {"a":{}} ,7]}"#).unwrap();
        let list = json.elements("/l").unwrap();
        assert_eq!(list[0].scalar("/a").unwrap(), "1");
        assert_eq!(list[1].text("/a").unwrap_err().to_string(), "/l/1/a in the body is not a string");
        assert_eq!(list[2].text("/a").unwrap_err().to_string(), "the body has no field /l/2/a");
        let edits = [list[0].edit_text("/s", "x").unwrap(), list[1].edit_text("/a/s", "y").unwrap()];
        assert_eq!(edited(json.body(), &edits), br#"{"l": [{"a":1,"s":"x"}, {"a":{"s":"y"}} ,7]}"#);
    }

    #[test]
    fn depth_has_no_limit_that_would_overflow() {
        let deep = [b"[".repeat(200_000), b"]".repeat(200_000)].concat();
        let body = [b"{\"a\":", deep.as_slice(), b",\"b\":\"c\"}"].concat();
        assert_eq!(Json::read(&body).unwrap().text("/b").unwrap(), "c");
    }

    #[test]
    fn pointers_point_inside() {
        assert!(is_pointer("/a/b~1c~0"));
        for text in ["", "/", "a", "/a~", "/a~2"] {
            assert!(!is_pointer(text), "{text}");
        }
    }
}

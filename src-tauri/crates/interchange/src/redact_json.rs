//! Values taken out of JSON text, with everything around them left as it was written, to the byte.

use crate::redact::{REDACTED, Within};
use crate::redact_names::{is_secret_name, is_secret_text};
use crate::redact_tokens::without_tokens;
use crate::rewrite::Rewrite;

/// Deeper JSON is not looked into, so it counts as none.
const DEEPEST: usize = 128;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    /// Any element of a list, or any field.
    Any,
}

/// A path to values in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    /// Reads `data.to`, `items[0].email`, `items[*].email`; a leading `$.` may stand before it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("$.").or_else(|| text.strip_prefix('$')).unwrap_or(text);
        let mut steps = Vec::new();
        if text.is_empty() || text.len() > 1000 {
            return None;
        }
        for (number, piece) in text.split('.').enumerate() {
            let (name, mut indexes) = piece.find('[').map_or((piece, ""), |at| piece.split_at(at));
            match name {
                "" if number == 0 && !indexes.is_empty() => {}
                "" => return None,
                "*" => steps.push(Step::Any),
                name => steps.push(Step::Name(name.to_owned())),
            }
            while !indexes.is_empty() {
                let (index, rest) = indexes.strip_prefix('[')?.split_once(']')?;
                let quoted =
                    index.strip_prefix(['"', '\'']).and_then(|index| index.strip_suffix(['"', '\'']));
                steps.push(match (quoted, index) {
                    (Some(name), _) => Step::Name(name.to_owned()),
                    (None, "*") => Step::Any,
                    (None, index) => Step::Index(index.parse().ok()?),
                });
                indexes = rest;
            }
        }
        Some(Self(steps))
    }
}

/// It is no JSON, or none that is looked into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotJson;

/// The text without the values at the paths, and without secrets where those are meant too, by where it stands itself;
/// `None` where there is nothing to take out.
pub(crate) fn redacted(
    text: &str,
    paths: &[Path],
    secrets: Option<Within>,
) -> Result<Option<String>, NotJson> {
    let mut walk = Walk::of(text, secrets, Vec::new());
    walk.document(paths)?;
    if !walk.named_late.is_empty() {
        // A value may stand before its name, and is passed by then.
        walk = Walk::of(text, secrets, walk.named_late);
        walk.document(paths)?;
    }
    Ok(walk.out.finish())
}

/// What an event says of what it carries.
#[derive(Default, serde::Deserialize)]
struct Event {
    datacontenttype: Option<String>,
}

impl Event {
    /// Reads the object with which a text begins.
    fn read(text: &str) -> Self {
        let objects = serde_json::Deserializer::from_str(text).into_iter::<Self>();
        objects.flatten().next().unwrap_or_default()
    }
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    out: Rewrite<'t>,
    secrets: Option<Within>,
    /// Whether what is read stands in a list itself.
    in_list: bool,
    /// Where the values begin that are known to be secret, in their order.
    known: Vec<usize>,
    /// Where those begin that turned out to be when they had been passed.
    named_late: Vec<usize>,
}

/// What the values of an object are told by another of them: `{"name": "password", "value": …}`.
#[derive(Default)]
struct Told {
    /// Whether a value is secret.
    is_secret: bool,
    has_value: bool,
    /// Where values begin that came before that was known.
    values: Vec<usize>,
    /// Where its keys begin: credentials, unless they are the names of values.
    keys: Vec<usize>,
}

impl<'t> Walk<'t> {
    fn of(text: &'t str, secrets: Option<Within>, mut known: Vec<usize>) -> Self {
        known.sort_unstable();
        Self { text, at: 0, out: Rewrite::of(text), secrets, in_list: false, known, named_late: Vec::new() }
    }

    fn document(&mut self, paths: &[Path]) -> Result<(), NotJson> {
        self.space();
        let open: Vec<&[Step]> = paths.iter().map(|path| &path.0[..]).collect();
        self.value(&open, 0)?;
        self.space();
        if self.at == self.text.len() { Ok(()) } else { Err(NotJson) }
    }

    /// Whether what begins here is known to be secret.
    fn is_known(&self) -> bool {
        self.secrets.is_some() && self.known.binary_search(&self.at).is_ok()
    }

    /// Those that begin there are secret, as it turns out.
    fn name_late(&mut self, begins: impl IntoIterator<Item = usize>) {
        for begin in begins {
            if self.known.binary_search(&begin).is_err() {
                self.named_late.push(begin);
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(NotJson)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A value, with what is left of each path that leads here.
    fn value(&mut self, open: &[&[Step]], depth: usize) -> Result<(), NotJson> {
        if depth > DEEPEST {
            return Err(NotJson);
        }
        let begin = self.at;
        if open.iter().any(|steps| steps.is_empty()) {
            self.skip(depth)?;
            self.replace(begin, &format!("\"{REDACTED}\""));
            return Ok(());
        }
        match self.peek() {
            Some(b'{') => self.object(open, depth),
            Some(b'[') => self.array(open, depth),
            Some(b'"') => {
                let text = self.string()?;
                if let Some(without) = self.secrets.and_then(|within| within.text(&text)) {
                    let spelt = serde_json::to_string(&without).map_err(|_| NotJson)?;
                    self.replace(begin, &spelt);
                }
                Ok(())
            }
            _ => self.scalar(),
        }
    }

    fn replace(&mut self, begin: usize, with: &str) {
        self.out.replace(begin, self.at, with);
    }

    fn object(&mut self, open: &[&[Step]], depth: usize) -> Result<(), NotJson> {
        let whole = self.text.get(self.at..).unwrap_or_default();
        let mut event: Option<Event> = None;
        let mut told = Told::default();
        self.take(b'{')?;
        self.space();
        if self.peek() == Some(b'}') {
            return self.take(b'}');
        }
        let was_in_list = std::mem::take(&mut self.in_list);
        loop {
            self.space();
            let name = self.name()?;
            self.space();
            self.take(b':')?;
            self.space();
            // Whatever it is: a list of tokens, an object with one in it.
            let secret = self.secrets.is_some() && self.is_told(&name, &mut told)?;
            let mut inner: Vec<&[Step]> = follow(open, |step| match step {
                Step::Name(wanted) => *wanted == name,
                Step::Any => true,
                Step::Index(_) => false,
            });
            if secret {
                inner.push(&[]);
            }
            let is_data = name == "data_base64" && self.peek() == Some(b'"');
            match self.secrets.filter(|_| is_data && !inner.iter().any(|steps| steps.is_empty())) {
                Some(within) => self.data(within, event.get_or_insert_with(|| Event::read(whole)))?,
                None => self.value(&inner, depth + 1)?,
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.in_list = was_in_list;
        if told.is_secret {
            self.name_late(told.values);
        }
        if !told.has_value {
            self.name_late(told.keys);
        }
        self.take(b'}')
    }

    /// The name of a field, which may be a token itself.
    fn name(&mut self) -> Result<String, NotJson> {
        let begin = self.at;
        let name = self.string()?;
        if self.secrets.is_some()
            && let Some(without) = without_tokens(&name)
        {
            let spelt = serde_json::to_string(&without).map_err(|_| NotJson)?;
            self.replace(begin, &spelt);
        }
        Ok(name)
    }

    /// Whether the value that begins here is secret, by the name of its field or by what stands beside it.
    fn is_told(&mut self, name: &str, told: &mut Told) -> Result<bool, NotJson> {
        let begin = self.at;
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let (is_text, is_key) = (self.peek() == Some(b'"'), is("key"));
        if is("value") {
            told.has_value = true;
            if !told.is_secret {
                told.values.push(begin);
            }
            return Ok(told.is_secret || self.is_known());
        }
        if is_text && (is_key || is("name")) {
            let text = self.string()?;
            self.at = begin;
            told.is_secret |= is_secret_text(&text);
        }
        if is_text && is_key {
            told.keys.push(begin);
            return Ok(self.is_known());
        }
        Ok(is_secret_name(name))
    }

    /// What an event carries in base64.
    fn data(&mut self, within: Within, event: &Event) -> Result<(), NotJson> {
        let begin = self.at;
        let base64 = self.string()?;
        if let Some(without) = within.base64(&base64, event.datacontenttype.as_deref().unwrap_or_default()) {
            self.replace(begin, &format!("\"{without}\""));
        }
        Ok(())
    }

    fn array(&mut self, open: &[&[Step]], depth: usize) -> Result<(), NotJson> {
        self.take(b'[')?;
        self.space();
        if self.peek() == Some(b']') {
            return self.take(b']');
        }
        let was_in_list = std::mem::replace(&mut self.in_list, true);
        // Of a list of pairs each is a name and its value.
        let mut pair = None;
        for index in 0.. {
            self.space();
            let mut inner = follow(open, |step| match step {
                Step::Index(wanted) => *wanted == index,
                Step::Any => true,
                Step::Name(_) => false,
            });
            match index {
                0 if was_in_list && self.secrets.is_some() && self.peek() == Some(b'"') => {
                    let begin = self.at;
                    pair = Some(self.string()?).filter(|name| is_secret_text(name)).map(|_| begin);
                    self.at = begin;
                }
                1 => pair = pair.map(|_| self.at),
                _ => pair = None,
            }
            if index == 1 && self.is_known() {
                inner.push(&[]);
            }
            self.value(&inner, depth + 1)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                _ if index == 1 => break,
                _ => {
                    pair = None;
                    break;
                }
            }
        }
        self.in_list = was_in_list;
        self.name_late(pair);
        self.take(b']')
    }

    /// A string as it reads.
    fn string(&mut self) -> Result<String, NotJson> {
        let begin = self.at;
        self.take(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(NotJson),
            }
        }
        self.at += 1;
        let spelt = self.text.get(begin..self.at).ok_or(NotJson)?;
        serde_json::from_str(spelt).or_else(|_| lone_halves(spelt))
    }

    fn scalar(&mut self) -> Result<(), NotJson> {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        let spelt = &self.text[begin..self.at];
        let is_word = matches!(spelt, "true" | "false" | "null");
        let is_number = spelt.bytes().any(|byte| byte.is_ascii_digit());
        if is_word || is_number { Ok(()) } else { Err(NotJson) }
    }

    /// Passes over a value, whatever is in it.
    fn skip(&mut self, depth: usize) -> Result<(), NotJson> {
        let secrets = std::mem::take(&mut self.secrets);
        let done = self.value(&[], depth);
        self.secrets = secrets;
        done
    }
}

/// Half of a character that needs two escapes is JSON still, and no text.
fn lone_halves(spelt: &str) -> Result<String, NotJson> {
    if spelt.contains("\\u") { Ok(spelt.to_owned()) } else { Err(NotJson) }
}

/// What is left of the paths whose next step leads on.
fn follow<'p>(open: &[&'p [Step]], leads: impl Fn(&Step) -> bool) -> Vec<&'p [Step]> {
    let next = |steps: &&'p [Step]| steps.split_first().filter(|(step, _)| leads(step)).map(|(_, rest)| rest);
    open.iter().filter_map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(text: &str, paths: &[&str]) -> Result<Option<String>, NotJson> {
        let paths: Vec<Path> = paths.iter().map(|path| Path::read(path).unwrap()).collect();
        redacted(text, &paths, None)
    }

    #[test]
    fn what_no_path_leads_to_stays() {
        assert_eq!(redact(r#"{"a": {"b": 1}}"#, &["a.c", "b", "a[0]"]), Ok(None));
        assert_eq!(
            redact(r#" [ {"a":1}, {"a":2} ] "#, &["[*].a"]),
            Ok(Some(r#" [ {"a":"[redacted]"}, {"a":"[redacted]"} ] "#.to_owned()))
        );
        assert_eq!(
            redact(r#"{"a\u0062": 1, "a.b": 2}"#, &["ab", "['x']"]),
            Ok(Some(r#"{"a\u0062": "[redacted]", "a.b": 2}"#.to_owned()))
        );
        assert_eq!(
            redact(r#"{"a":1,"a":2}"#, &["a"]),
            Ok(Some(r#"{"a":"[redacted]","a":"[redacted]"}"#.to_owned()))
        );
    }

    #[test]
    fn values_go_by_the_name_that_stands_beside_them() {
        let without = |text: &str| redacted(text, &[], Some(Within::default())).unwrap();
        for (text, expected) in [
            (
                r#"[{"name": "Password", "value": "p1"}, {"Key": "x-api-key", "Value": [1, "k"]}, {"key": "n", "value": 1}]"#,
                r#"[{"name": "Password", "value": "[redacted]"}, {"Key": "x-api-key", "Value": "[redacted]"}, {"key": "n", "value": 1}]"#,
            ),
            (
                r#"{"value": {"a": "p1"}, "n": "ghp_0123456789012345678901", "name": "token", "key": "k1"}"#,
                r#"{"value": "[redacted]", "n": "[redacted]", "name": "token", "key": "k1"}"#,
            ),
            (r#"{"name": "password", "key": "k1"}"#, r#"{"name": "password", "key": "[redacted]"}"#),
            (r#"{"a": {"key": "k1"}, "value": 1}"#, r#"{"a": {"key": "[redacted]"}, "value": 1}"#),
            (
                r#"{"headers": [["Authorization", "s1"], ["X", "y"], ["X-Token", {"base64": "czE="}]], "l": ["token", "b"]}"#,
                r#"{"headers": [["Authorization", "[redacted]"], ["X", "y"], ["X-Token", "[redacted]"]], "l": ["token", "b"]}"#,
            ),
            (r#"{"ghp_0123456789012345678901": 1}"#, r#"{"[redacted]": 1}"#),
        ] {
            assert_eq!(without(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            r#"{"name": "token", "n": 1}"#,
            r#"{"b": {"name": "token"}, "value": 1}"#,
            r#"[["token", "a", "b"], ["token"], [1, "x"], {"key": "a", "value": "b"}]"#,
            r#"["token", "x"]"#,
        ] {
            assert_eq!(without(text), None, "{text}");
        }
        // Paths alone mean no secrets.
        assert_eq!(redact(r#"[{"name": "token", "value": 1}, [["token", "x"]]]"#, &["a"]), Ok(None));
    }

    #[test]
    fn what_is_no_json_is_told() {
        for text in ["", "{", "{\"a\"}", "[1,]x", "nope", "{\"a\": }", "\"abc", "\"\\", "1 2"] {
            assert_eq!(redact(text, &["a"]), Err(NotJson), "{text}");
        }
        assert_eq!(redact(&"[".repeat(100_000), &["a"]), Err(NotJson));
    }
}

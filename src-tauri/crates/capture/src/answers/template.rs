use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{Asked, HeaderPairs, InboxResponse, RequestId, RuleAnswer, Timestamp};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde, Value};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};

use super::bounded;
use super::budget::{self, Function};
use super::words;

/// How many steps of a template are made for one answer.
const FUEL: u64 = 50_000;
/// How deep it may nest.
const DEPTH: usize = 64;
/// The functions besides `uuid`.
const FUNCTIONS: [&str; 2] = ["range", "dict"];
const BODY: &str = "body";

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", place(*line, *column))]
pub struct TemplateError {
    /// What is wrong.
    pub message: String,
    /// The line, from 1; `None` where it is not known.
    pub line: Option<usize>,
    /// The column in characters, from 1; likewise.
    pub column: Option<usize>,
    /// Whether it is a word that templates do not have, and no matter of what they are given.
    pub(super) is_of_words: bool,
    /// At which byte of the template it showed, where that is known.
    pub(super) at: Option<usize>,
}

fn place(line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        (Some(line), None) => format!(" (line {line})"),
        (None, _) => String::new(),
    }
}

/// What a template knows of the request that it answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) asked: &'a Asked<'a>,
    pub(crate) id: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) remote: &'a str,
    pub(crate) event_type: Option<&'a str>,
    pub(crate) provider_event_id: Option<&'a str>,
}

/// The templates of a rule: its body's, and those of its headers' values. They have neither files nor other templates,
/// nor any function but `uuid`, `range` and `dict`; what is not there is empty. Their steps, their depth and what they
/// write are bounded, whatever the request holds.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    /// The names of the headers, each with its template's; `None` where the value is no text.
    headers: Vec<(String, Option<String>)>,
    of: RuleAnswer,
}

impl Templates {
    /// Reads them.
    pub(super) fn read(answer: &RuleAnswer) -> Result<Self, (String, TemplateError)> {
        let mut environment = Environment::new();
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEPTH);
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        let mut syntax = SyntaxConfig::builder();
        syntax.keep_trailing_newline(true);
        if let Ok(syntax) = syntax.build() {
            environment.set_syntax(syntax);
        }
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        bounded::bound(&mut environment);
        budget::count(&mut environment);
        for name in ["namespace", "debug"] {
            environment.remove_global(name);
        }
        let uuid = Value::from_function(|| uuid::Uuid::new_v4().to_string());
        let globals: Vec<(String, Value)> = environment.globals().map(|(n, v)| (n.to_owned(), v)).collect();
        let found = |name| globals.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let others = FUNCTIONS.into_iter().filter_map(|name| Some((name, found(name)?)));
        for (name, called) in others.chain([("uuid", uuid)]).collect::<Vec<_>>() {
            environment.add_global(name, Value::from_object(Function { name, called }));
        }
        environment.set_formatter(|out, state, value| match budget::unwritable(value) {
            Some(error) => Err(error),
            None => minijinja::escape_formatter(out, state, value),
        });
        let body = std::str::from_utf8(&answer.body).map_err(|error| {
            let message = format!("is no text from byte {} on", error.valid_up_to());
            (
                BODY.to_owned(),
                TemplateError { message, line: None, column: None, is_of_words: true, at: None },
            )
        })?;
        let added = environment.add_template_owned(BODY, body.to_owned());
        added.map_err(|error| (BODY.to_owned(), told(&error, body)))?;
        check_doubling(BODY, body)?;
        let mut headers = Vec::new();
        for (at, (name, value)) in answer.headers.iter().enumerate() {
            let field = format!("headers[{at}]");
            if let Some(value) = value.as_str() {
                let added = environment.add_template_owned(field.clone(), value.to_owned());
                added.map_err(|error| (field.clone(), told(&error, value)))?;
                check_doubling(&field, value)?;
                headers.push((name.to_owned(), Some(field)));
            } else {
                headers.push((name.to_owned(), None));
            }
        }
        Ok(Self { environment, headers, of: answer.clone() })
    }

    /// Looks for words that templates do not have, also where only some requests lead.
    pub(super) fn check_words(&self) -> Result<(), (String, TemplateError)> {
        for part in self.parts() {
            let source = self.source(part);
            if let Some((at, message)) = words::unknown(source, &self.environment) {
                return Err(of_words(part, source, at, message));
            }
        }
        Ok(())
    }

    /// Whether what failed there fails whatever the request is.
    pub(super) fn is_constant(&self, part: &str, error: &TemplateError) -> bool {
        let source = self.source(part);
        error.at.map_or_else(|| words::is_all_constant(source), |at| words::is_constant(source, at))
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        [BODY].into_iter().chain(self.headers.iter().filter_map(|(_, template)| template.as_deref()))
    }

    fn source(&self, part: &str) -> &str {
        if part == BODY {
            return str::from_utf8(&self.of.body).unwrap_or_default();
        }
        let mut both = self.headers.iter().zip(self.of.headers.iter());
        let found = both.find(|((_, template), _)| template.as_deref() == Some(part));
        found.and_then(|(_, (_, value))| value.as_str()).unwrap_or_default()
    }

    /// Fills them in for the request that is answered after so many others.
    pub(super) fn fill(
        &self,
        facts: &Facts<'_>,
        before: u64,
    ) -> Result<(HeaderPairs, Bytes), (String, TemplateError)> {
        let context = context(facts, before);
        let body = self.render(BODY, &context)?;
        let mut headers = HeaderPairs::new();
        for ((name, template), (_, value)) in self.headers.iter().zip(self.of.headers.iter()) {
            match template {
                Some(template) => {
                    let value = self.render(template, &context)?;
                    unsendable(name, &value).map_or(Ok(()), |error| Err((template.clone(), error)))?;
                    headers.push(name.clone(), hookbench_model::HeaderValue::from(value));
                }
                None => headers.push(name.clone(), value.clone()),
            }
        }
        Ok((headers, body))
    }

    fn render(&self, name: &str, context: &Value) -> Result<Bytes, (String, TemplateError)> {
        let mut out = Capped(Vec::new());
        budget::begin();
        let template = self.environment.get_template(name);
        let rendered =
            template.and_then(|template| template.render_captured_to(context.clone(), &mut out).map(drop));
        match rendered {
            Ok(()) => Ok(out.0.into()),
            Err(error) => {
                let source = self.environment.get_template(name).ok();
                let source = source.as_ref().map_or("", |template| template.source());
                Err((name.to_owned(), told(&error, source)))
            }
        }
    }
}

/// Why a header cannot be sent with that value; `None` where it can. A sender's line end in it would begin another one.
fn unsendable(name: &str, value: &[u8]) -> Option<TemplateError> {
    http::HeaderValue::from_bytes(value).err()?;
    let what = if value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        "a line break"
    } else {
        "a control character"
    };
    let message = format!("the header `{name}` cannot be sent: its value would hold {what}");
    Some(TemplateError { message, line: None, column: None, is_of_words: false, at: None })
}

/// Takes no more than an answer may have.
struct Capped(Vec<u8>);

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > InboxResponse::MAX_BODY {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check_doubling(part: &str, source: &str) -> Result<(), (String, TemplateError)> {
    bounded::doubling(source).map_or(Ok(()), |(at, message)| Err(of_words(part, source, at, message)))
}

/// What is wrong with a word that stands there.
fn of_words(part: &str, source: &str, at: usize, message: String) -> (String, TemplateError) {
    let before = source.get(..at).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let line = before.matches('\n').count() + 1;
    let error =
        TemplateError { message, line: Some(line), column: Some(column), is_of_words: true, at: Some(at) };
    (part.to_owned(), error)
}

fn told(error: &minijinja::Error, source: &str) -> TemplateError {
    let message = match error.kind() {
        ErrorKind::OutOfFuel => format!("it takes more than {FUEL} steps"),
        ErrorKind::WriteFailure => format!("it writes more than {} bytes", InboxResponse::MAX_BODY),
        kind => match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind.to_string(),
        },
    };
    let column = error.range().and_then(|range| {
        let before = source.get(..range.start)?;
        let line = before.rsplit('\n').next()?;
        Some(line.chars().count() + 1)
    });
    let is_of_words = matches!(
        error.kind(),
        ErrorKind::SyntaxError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
    );
    let at = error.range().map(|range| range.start);
    TemplateError { message, line: error.line(), column, is_of_words, at }
}

fn context(facts: &Facts<'_>, before: u64) -> Value {
    let Facts { asked, .. } = facts;
    let pairs = url::form_urlencoded::parse(asked.query.unwrap_or_default().as_bytes());
    let mut query = BTreeMap::new();
    for (name, value) in pairs {
        query.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    let mut headers = BTreeMap::new();
    for (name, value) in asked.headers.iter() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.to_ascii_lowercase()).or_insert(value);
    }
    let request = Request {
        fields: BTreeMap::from([
            ("method", Value::from(asked.method)),
            ("path", Value::from(asked.path)),
            ("query_string", Value::from(asked.query.unwrap_or_default())),
            ("query", Value::from_object(Pairs { of: query, loose: false })),
            ("headers", Value::from_object(Pairs { of: headers, loose: true })),
            ("body", Value::from(String::from_utf8_lossy(asked.body).into_owned())),
            ("json", asked.json().map_or(Value::UNDEFINED, |json| Value::from(Serde(json)))),
            ("id", Value::from(facts.id.to_string())),
            ("remote_addr", Value::from(facts.remote)),
            ("event_type", facts.event_type.map_or(Value::UNDEFINED, Value::from)),
            ("event_id", facts.provider_event_id.map_or(Value::UNDEFINED, Value::from)),
        ]),
    };
    minijinja::context! {
        request => Value::from_object(request),
        now => facts.at.to_string(),
        now_unix => facts.at.unix_seconds(),
        count => before + 1,
    }
}

/// The request by its parts' names.
#[derive(Debug)]
struct Request {
    fields: BTreeMap<&'static str, Value>,
}

impl Object for Request {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.fields.get(key.as_str()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields.keys().map(|name| Value::from(*name)).collect())
    }
}

/// Texts by their names.
#[derive(Debug)]
struct Pairs {
    of: BTreeMap<String, String>,
    /// They are in small letters and asked for in any; `x_id` means `X-Id` too.
    loose: bool,
}

impl Object for Pairs {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let loose = || {
            let name = name.to_ascii_lowercase();
            self.of.get(&name).or_else(|| self.of.get(&name.replace('_', "-")))
        };
        let found = if self.loose { loose() } else { self.of.get(name) };
        found.map(|value| Value::from(value.as_str()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.of.keys().map(|name| Value::from(name.as_str())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(body: &str, sent: &[u8]) -> Result<String, TemplateError> {
        let answer = RuleAnswer {
            body: Bytes::copy_from_slice(body.as_bytes()),
            template: true,
            headers: HeaderPairs::from_iter([("X-Id", "{{ request.json.id }}")]),
            ..RuleAnswer::default()
        };
        let headers = HeaderPairs::from_iter([("X-One", "1"), ("x-one", "2")]);
        let asked = Asked::new("PUT", "/a/b", Some("q=a%20b&q=c"), &headers, sent);
        let facts = Facts {
            asked: &asked,
            id: RequestId::new(Timestamp::EPOCH),
            at: Timestamp::EPOCH,
            remote: "127.0.0.1:5",
            event_type: Some("ping"),
            provider_event_id: None,
        };
        let templates = Templates::read(&answer).map_err(|(_, error)| error)?;
        let (_, body) = templates.fill(&facts, 4).map_err(|(_, error)| error)?;
        Ok(String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn a_template_knows_the_request() {
        let sent = br#"{"id":7,"data":{"to":["+49","<b>"]}}"#;
        for (template, filled) in [
            ("{{ request.method }} {{ request.path }}", "PUT /a/b"),
            ("{{ request.query.q }}|{{ request.query_string }}", "a b|q=a%20b&q=c"),
            ("{{ request.headers[\"X-ONE\"] }}{{ request.headers.x_one }}", "11"),
            ("{{ request.json.data.to[1] }}", "<b>"),
            ("{{ request.json.data.to | tojson }}", r#"["+49", "\u003cb\u003e"]"#),
            ("{{ request.json.nothing.at.all | default('none') }}", "none"),
            ("{{ request.nothing.at.all }}", ""),
            ("{{ request.event_type }}{{ request.event_id }}", "ping"),
            ("{{ now }} {{ now_unix }} {{ count }}", "1970-01-01T00:00:00.000Z 0 5"),
            ("{% for to in request.json.data.to %}{{ loop.index }}{{ to }} {% endfor %}", "1+49 2<b> "),
            ("{% if request.json.id == 7 %}seven{% endif %}\n", "seven\n"),
            ("{{ uuid() | length }}", "36"),
            ("{{ request.json.data.to | join(', ') }}|{{ 'abc' | join(d='-') }}", "+49, <b>|a-b-c"),
            (
                "{{ request.json.data.to | map('upper') | join('/') }}{{ request.json.none | join }}",
                "+49/<B>",
            ),
            ("{{ 'a.b' | replace('.', '::') ~ '!' }}", "a::b!"),
        ] {
            assert_eq!(fill(template, sent).as_deref(), Ok(filled), "{template}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_column() {
        for (template, line, column) in
            [("ok\n  {{ request.", 2, None), ("a\nb {{ x | nothing }}", 2, Some(10)), ("{% if %}", 1, None)]
        {
            let error = fill(template, b"").unwrap_err();
            assert_eq!(error.line, Some(line), "{error}");
            if column.is_some() {
                assert_eq!(error.column, column, "{error}");
            }
        }
    }

    #[test]
    fn a_function_without_its_parentheses_is_told() {
        for name in ["uuid", "range", "dict"] {
            let error = fill(&format!("a\n{{{{ {name} }}}}"), b"").unwrap_err();
            assert!(error.message.contains(&format!("write `{name}()`")), "{error}");
            assert!(error.is_of_words && error.line == Some(2), "{error:?}");
        }
        assert_eq!(fill("{{ range(3) | join }}{{ dict(a=1).a }}", b"").as_deref(), Ok("0121"));
    }

    #[test]
    fn what_a_template_makes_on_its_way_is_bounded() {
        let nested = "{% set a = [a, a] %}".repeat(16);
        for (template, why) in [
            ("{{ request.json | tojson".to_owned() + &" | tojson".repeat(40) + " }}", "on the way"),
            (
                format!("{{% set a = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' %}}{nested}{nested}{{{{ a }}}}"),
                "again and again",
            ),
            (format!("{{% set a = request.body %}}{nested}{{{{ a | tojson | length }}}}"), "on the way"),
            (
                "{% for i in range(2000) %}{% set x = request.body | upper | length %}{% endfor %}"
                    .to_owned(),
                "on the way",
            ),
        ] {
            let error = fill(&template, format!("\"{}\"", "\\\\".repeat(10_000)).as_bytes()).unwrap_err();
            assert!(error.message.contains(why), "{template}: {error}");
        }
        let usual = "{% for a in request.json %}{{ a | tojson }}{% endfor %}";
        let sent = format!("[{}]", vec!["\"abc\""; 2000].join(","));
        assert_eq!(fill(usual, sent.as_bytes()).unwrap().len(), 10_000);
    }

    #[test]
    fn nothing_that_a_sender_sends_makes_a_template_large_or_slow() {
        let many = format!("[{}]", vec!["1"; 60_000].join(","));
        for (template, sent, why) in [
            ("{% for a in request.json %}{{ a }}{% endfor %}", many.as_str(), "steps"),
            ("{{ 'x' * request.json }}", "10000000000", "too large"),
            ("{{ request.body * 9 }}{{ request.body * 9 }}", "x".repeat(120_000).as_str(), "bytes"),
            ("{% for a in range(request.json) %}x{% endfor %}", "1000000000", "too many elements"),
            ("{% include 'x' %}", "", "include"),
            ("{{ 1 | indent(request.json) }}", "99999999", "indent"),
            ("{{ [1] | slice(request.json) }}", "1000000000000", "slice"),
            ("{{ [1] | batch(request.json, 0) }}", "1000000000000", "batch"),
            ("{{ request.json | join(request.body) }}", many.as_str(), "more than 1048576 bytes"),
            ("{{ request.json | join(d=request.body) }}", many.as_str(), "more than 1048576 bytes"),
            ("{{ request.body | replace('1', request.body) }}", many.as_str(), "more than 1048576 bytes"),
            ("{% set a = request.body ~ request.body %}{{ a }}", "x", "takes no `~`"),
        ] {
            let error = fill(template, sent.as_bytes()).unwrap_err();
            assert!(error.message.contains(why), "{template}: {error}");
        }
    }
}

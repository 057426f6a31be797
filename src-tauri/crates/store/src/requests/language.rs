//! The filter's language as SQL.
//!
//! What SQL can say of a row it says; of the rest it says what cannot be missed, and `confirm` looks at those rows.

use hookbench_model::query::{
    JsonPath, JsonStep, JsonTest, Mark, Node, NumberRange, Term, TextField, TextTest,
};
use hookbench_model::{AddressRule, DeliveryId, RequestId, Timestamp};

use crate::bodies;
use crate::codes::Coded as _;
use crate::query::{Condition, IdRange, Value, ids_beginning};

/// On which side of the truth a condition may err.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It holds wherever the node does.
    Above,
    /// It holds nowhere else.
    Below,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::Below => Self::Above,
        }
    }
}

/// Whether SQL says what the node does, but for bodies that are packed and the letter case of headers' names.
pub(super) fn is_exact(node: &Node) -> bool {
    !node.has(|term| matches!(term, Term::Header(_, Some(_)) | Term::Json(..) | Term::Network(_)))
}

/// Whether the text stands in the body: of one that is packed it cannot say.
pub(super) fn in_body(text: &str, side: Side) -> Condition {
    const ABOVE: &str = concat!(
        "EXISTS (SELECT 1 FROM request_bodies b \
         WHERE b.seq = t.seq AND (b.kept IS NOT NULL OR instr(b.body, ?) > 0 OR ",
        bodies::coded!(),
        "))"
    );
    const BELOW: &str = concat!(
        "EXISTS (SELECT 1 FROM request_bodies b \
         WHERE b.seq = t.seq AND b.kept IS NULL AND instr(b.body, ?) > 0 AND NOT ",
        bodies::coded!(),
        ")"
    );
    Condition::new(if side == Side::Above { ABOVE } else { BELOW }, vec![bytes(text)])
}

/// The node as a condition on a row `t` of `requests`.
pub(super) fn condition(node: &Node, side: Side) -> Condition {
    match node {
        Node::All(nodes) => {
            let all = nodes.iter().map(|node| condition(node, side)).collect();
            Condition::all(all).unwrap_or_else(always)
        }
        Node::Any(nodes) => Condition::any(nodes.iter().map(|node| condition(node, side))),
        Node::Not(node) => condition(node, side.other()).not(),
        Node::Term(term) => of_term(term, side),
    }
}

fn always() -> Condition {
    Condition::new("1", Vec::new())
}

fn of_term(term: &Term, side: Side) -> Condition {
    match term {
        Term::Anywhere(text) => anywhere(text, side),
        Term::Text(TextField::Body, test) => in_body(test.part(), side),
        Term::Text(field, test) => of_text(*field, test),
        Term::Status(range) => between("t.response_status BETWEEN ? AND ?", *range),
        Term::Size(range) => between("t.body_size BETWEEN ? AND ?", *range),
        Term::Verdict(status) => Condition::new("t.verification = ?", vec![Value::Int(status.code())]),
        Term::Mark(mark) => Condition::new(of_mark(*mark), Vec::new()),
        Term::Colour(None) => Condition::new("t.colour IS NOT NULL", Vec::new()),
        Term::Colour(Some(colour)) => Condition::new("t.colour = ?", vec![Value::Int(colour.code())]),
        Term::Header(name, None) => has_header(name),
        Term::Header(..) | Term::Json(..) | Term::Network(_) if side == Side::Below => {
            Condition::new("0", Vec::new())
        }
        Term::Network(network) => may_be_of(network),
        Term::Header(name, Some(test)) => {
            let part = Condition::new("instr(t.headers, ?) > 0", vec![bytes(test.part())]);
            let parts = if test.part().is_empty() { Vec::new() } else { vec![part] };
            Condition::all([parts, vec![has_header(name)]].concat()).unwrap_or_else(always)
        }
        Term::Json(path, test) => may_have(path, test.as_ref()),
        Term::Since(at) => Condition::new("t.id >= ?", vec![lowest(*at)]),
        Term::Until(at) => Condition::new("t.id < ?", vec![lowest(*at)]),
    }
}

fn lowest(at: Timestamp) -> Value {
    Value::Bytes(RequestId::lowest_at(at).as_bytes().to_vec())
}

fn bytes(text: &str) -> Value {
    Value::Bytes(text.as_bytes().to_vec())
}

fn between(sql: &'static str, range: NumberRange) -> Condition {
    let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    Condition::new(sql, vec![number(range.low), number(range.high)])
}

const fn of_mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Pinned => "t.pinned = 1",
        Mark::Fault => {
            "EXISTS (SELECT 1 FROM request_wire w WHERE w.seq = t.seq AND w.fault_code IS NOT NULL)"
        }
        Mark::Handshake => "t.handshake IS NOT NULL",
        Mark::Ours => "t.delivery_id IS NOT NULL",
        Mark::Noted => "t.note <> ''",
        Mark::Tagged => "t.tags <> '[]'",
        Mark::Drifted => "EXISTS (SELECT 1 FROM drifts d WHERE d.request_seq = t.seq)",
    }
}

/// Addresses as they are written: IPv4 may be written as IPv6 too, and IPv6 in many ways.
fn may_be_of(network: &AddressRule) -> Condition {
    const V6: &str = "t.remote_addr GLOB '*:*:*'";
    match network.v4_beginning() {
        Some(beginning) => Condition::written(
            format!("(t.remote_addr GLOB ? OR {V6})"),
            vec![Value::Text(format!("{beginning}*"))],
        ),
        None => Condition::new(V6, Vec::new()),
    }
}

/// Names stand in the headers' text at the beginning of a line; what follows the text has no letters.
fn has_header(name: &str) -> Condition {
    Condition::new(
        "instr(char(10) || lower(CAST(t.headers AS TEXT)), char(10) || ? || ': ') > 0",
        vec![Value::Text(name.to_owned())],
    )
}

fn of_text(field: TextField, test: &TextTest) -> Condition {
    let (is, holds) = match field {
        TextField::Method => ("t.method GLOB ?", "instr(t.method, ?) > 0"),
        TextField::Path => ("t.path GLOB ?", "instr(t.path, ?) > 0"),
        TextField::Query => ("t.query GLOB ?", "instr(t.query, ?) > 0"),
        TextField::Url => (
            "(t.path || ifnull(char(63) || t.query, '')) GLOB ?",
            "instr(t.path || ifnull(char(63) || t.query, ''), ?) > 0",
        ),
        TextField::Type => ("t.event_type GLOB ?", "instr(t.event_type, ?) > 0"),
        TextField::EventId => ("t.provider_event_id GLOB ?", "instr(t.provider_event_id, ?) > 0"),
        TextField::Inbox => (
            "t.inbox_seq IN (SELECT i.seq FROM inboxes i WHERE i.slug GLOB ?)",
            "t.inbox_seq IN (SELECT i.seq FROM inboxes i WHERE instr(i.slug, ?) > 0)",
        ),
        TextField::Content => ("lower(t.content_type) GLOB ?", "instr(lower(t.content_type), ?) > 0"),
        TextField::From => ("t.remote_addr GLOB ?", "instr(t.remote_addr, ?) > 0"),
        TextField::Tag => (
            "(t.tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(t.tags) g WHERE g.value GLOB ?))",
            "(t.tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(t.tags) g WHERE instr(g.value, ?) > 0))",
        ),
        TextField::Note => ("t.note GLOB ?", "instr(t.note, ?) > 0"),
        TextField::Version => ("t.http_version GLOB ?", "instr(t.http_version, ?) > 0"),
        // A body is only ever looked through.
        TextField::Body => return in_body(test.part(), Side::Above),
    };
    match test {
        TextTest::Is(glob) if field == TextField::EventId => {
            let id = glob.as_text().and_then(|text| text.parse::<RequestId>().ok());
            match id {
                Some(id) => Condition::new("t.id = ?", vec![Value::Bytes(id.as_bytes().to_vec())]),
                None => Condition::new(is, vec![Value::Text(glob.to_pattern())]),
            }
        }
        TextTest::Is(glob) => Condition::new(is, vec![Value::Text(glob.to_pattern())]),
        TextTest::Holds(part) => Condition::new(holds, vec![Value::Text(part.clone())]),
    }
}

/// The text in whatever is searched; the beginning of an id too.
fn anywhere(text: &str, side: Side) -> Condition {
    let mut ways = vec![super::filter::text(text, side)];
    if let Some(range) = ids_beginning::<RequestId>(text, RequestId::PREFIX, |id| *id.as_bytes()) {
        ways.push(range.condition("t.id >= ? AND t.id < ?"));
    }
    if let Some(range) = ids_beginning::<DeliveryId>(text, DeliveryId::PREFIX, |id| *id.as_bytes()) {
        ways.push(of_deliveries(range));
    }
    Condition::any(ways.into_iter())
}

fn of_deliveries(range: IdRange) -> Condition {
    range.condition("t.delivery_id >= ? AND t.delivery_id < ?")
}

/// Whether a body may have such a value: names and texts stand in it, as they are or with escapes. An array's items have
/// no names.
fn may_have(path: &JsonPath, test: Option<&JsonTest>) -> Condition {
    const HAS: &str = concat!(
        "EXISTS (SELECT 1 FROM request_bodies b \
         WHERE b.seq = t.seq AND (b.kept IS NOT NULL OR instr(b.body, ?) > 0 OR instr(b.body, ?) > 0 OR ",
        bodies::coded!(),
        "))"
    );
    let key = |step: &JsonStep| match step {
        JsonStep::Key(key) if key.parse::<usize>().is_err() && is_written_plainly(key) => {
            Some(format!("\"{key}\""))
        }
        _ => None,
    };
    let longest = path.steps().iter().filter_map(key).max_by_key(String::len);
    let parts: Vec<Condition> = longest
        .into_iter()
        .chain(text_of(test).map(ToOwned::to_owned))
        .map(|part| Condition::new(HAS, vec![bytes(&part), bytes("\\u")]))
        .collect();
    Condition::all(parts).unwrap_or_else(|| Condition::new("t.body_size > 0", Vec::new()))
}

/// A text that stands in the body, where only texts and words fit: numbers can be written in many ways.
pub(super) fn text_of(test: Option<&JsonTest>) -> Option<&str> {
    let text = match test? {
        JsonTest::Is { glob, .. } => glob.longest_piece(),
        JsonTest::Holds(part) => part,
        JsonTest::Number(..) => return None,
    };
    let is_no_number = text.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'));
    (is_no_number && is_written_plainly(text)).then_some(text)
}

/// Whether JSON has no other way to write the text than with a `\u`.
pub(super) fn is_written_plainly(text: &str) -> bool {
    !text.is_empty() && !text.contains(['"', '\\', '/']) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use hookbench_model::query::Query;

    use super::*;

    fn exact(text: &str) -> bool {
        is_exact(Query::read(text, Timestamp::EPOCH).unwrap().root())
    }

    #[test]
    fn only_values_of_headers_json_and_networks_are_left_to_be_confirmed() {
        assert!(exact("method:POST status:5xx header:x-id -valid (a or b) size:>1k tag:x url:a?b from:~1"));
        assert!(!exact("a or -header:x-id=1"));
        assert!(!exact("json:a"));
        assert!(!exact("from:10.0.0.0/8"));
    }
}

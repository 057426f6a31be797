//! What the index of texts is asked for a filter.

use hookbench_model::query::{JsonPath, JsonStep, JsonTest, Node, Term, TextField, TextTest};
use hookbench_model::{DeliveryId, RequestId};

use super::language::is_written_plainly;
use crate::query::ids_beginning;
use crate::text::Asked;

/// What holds of every request for which the node does; `None` where the index knows nothing of it.
pub(super) fn of_node(node: &Node) -> Option<Asked> {
    match node {
        Node::All(nodes) => Asked::all(nodes.iter().filter_map(of_node).collect()),
        Node::Any(nodes) => nodes.iter().map(of_node).collect::<Option<Vec<_>>>().map(Asked::Any),
        Node::Not(_) => None,
        Node::Term(term) => of_term(term),
    }
}

/// The texts that may stand in a note, which is not in the index.
pub(super) fn anywhere(node: &Node) -> Vec<String> {
    match node {
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().flat_map(anywhere).collect(),
        Node::Term(Term::Anywhere(text)) => vec![text.clone()],
        Node::Not(_) | Node::Term(_) => Vec::new(),
    }
}

fn of_term(term: &Term) -> Option<Asked> {
    match term {
        // It may be the beginning of an id, and those are not in the index.
        Term::Anywhere(text) => {
            if begins_an_id(text) {
                None
            } else {
                Asked::text(text.as_bytes())
            }
        }
        Term::Text(
            TextField::Path
            | TextField::Query
            | TextField::Url
            | TextField::Type
            | TextField::Content
            | TextField::Body,
            test,
        ) => Asked::text(test.part().as_bytes()),
        Term::Header(name, None) => of_header(name),
        Term::Header(name, Some(test)) => {
            let value = match test {
                TextTest::Is(glob) => glob.as_text().map(|text| format!(": {text}\n")),
                TextTest::Holds(_) => None,
            };
            let value = value.unwrap_or_else(|| test.part().to_owned());
            Asked::all([Asked::text(value.as_bytes()), of_header(name)].into_iter().flatten().collect())
        }
        Term::Json(path, test) => {
            let value = test.as_ref().and_then(of_value);
            Asked::all([value, of_path(path)].into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn begins_an_id(text: &str) -> bool {
    ids_beginning::<RequestId>(text, RequestId::PREFIX, |id| *id.as_bytes()).is_some()
        || ids_beginning::<DeliveryId>(text, DeliveryId::PREFIX, |id| *id.as_bytes()).is_some()
}

fn of_header(name: &str) -> Option<Asked> {
    Asked::text(format!("\n{name}: ").as_bytes())
}

/// The longest name on the way. An array's items have none.
fn of_path(path: &JsonPath) -> Option<Asked> {
    let key = |step: &JsonStep| match step {
        JsonStep::Key(key) if key.parse::<usize>().is_err() && is_written_plainly(key) => {
            Some(format!("\"{key}\""))
        }
        _ => None,
    };
    let longest = path.steps().iter().filter_map(key).max_by_key(String::len)?;
    Asked::json_text(&longest)
}

fn of_value(test: &JsonTest) -> Option<Asked> {
    let (glob, is_number, text_only) = match test {
        JsonTest::Number(..) => return None,
        JsonTest::Holds(_) => return Asked::json_text(super::language::text_of(Some(test))?),
        JsonTest::Is { glob, number, text_only } => (glob, number.is_some(), *text_only),
    };
    let Some(text) = glob.as_text() else {
        return Asked::json_text(super::language::text_of(Some(test))?);
    };
    if !is_written_plainly(text) {
        return None;
    }
    let quoted = Asked::json_text(&format!("\"{text}\""))?;
    if text_only {
        return Some(quoted);
    }
    if is_number {
        return Some(Asked::Any(vec![Asked::json_number(text)?, quoted]));
    }
    match text {
        "true" | "false" | "null" => Asked::json_text(text),
        _ => Some(quoted),
    }
}

use hookbench_model::query::{self, Query, QueryFault, QueryFaults};
use hookbench_model::{InboxId, Timestamp};
use hookbench_workbench::{self as workbench, Workbench};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{FieldError, Problem};

/// A stretch of a text, in characters (Unicode scalar values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TextSpan {
    /// The first character, from 0.
    start: usize,
    /// The one after the last.
    end: usize,
}

impl From<query::Span> for TextSpan {
    fn from(span: query::Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

/// Reads a filter, or says which of its words are wrong.
pub(crate) fn read_filter(field: &str, text: &str, now: Timestamp) -> Result<Query, Problem> {
    Query::read(text, now).map_err(|QueryFaults(faults)| wrong(field, faults))
}

/// Reads a filter that is asked now: the inboxes that it names have to be there. Of one that is only kept they need not.
pub(crate) async fn read_asked(field: &str, text: &str, workbench: &Workbench) -> Result<Query, Problem> {
    let query = read_filter(field, text, workbench.now())?;
    let unknown = workbench.unknown_inboxes(&query).await?;
    if unknown.is_empty() { Ok(query) } else { Err(wrong(field, unknown)) }
}

fn wrong(field: &str, faults: Vec<QueryFault>) -> Problem {
    let told = faults.into_iter().map(|fault| FieldError::at(field, fault.to_string(), fault.at.into()));
    Problem::invalid(told.collect())
}

/// A filter that is being typed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompletionsQuery {
    /// What is there so far; nothing unless given.
    #[serde(default)]
    pub(crate) filter: String,
    /// After how many characters the caret stands; at the end unless given.
    pub(crate) at: Option<usize>,
    /// Offers the values of this inbox's requests; of all unless given.
    #[param(value_type = Option<String>)]
    pub(crate) inbox_id: Option<InboxId>,
}

/// What may stand where the caret is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Completions {
    /// What of the filter an offer replaces.
    at: TextSpan,
    /// The offers, the best first, 40 at most.
    data: Vec<Completion>,
}

/// Something that may stand there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Completion {
    /// What is written, quoted where that is needed.
    text: String,
    /// What it is, in a line; empty where it speaks for itself.
    help: String,
    /// Whether more belongs right behind it, as behind a field's colon.
    goes_on: bool,
}

impl From<workbench::Completions> for Completions {
    fn from(completions: workbench::Completions) -> Self {
        let offer = |offer: workbench::Offer| Completion {
            text: offer.text,
            help: offer.help,
            goes_on: offer.goes_on,
        };
        Self { at: completions.at.into(), data: completions.offers.into_iter().map(offer).collect() }
    }
}

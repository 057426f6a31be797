//! What may stand where somebody types a filter: fields, and the values that there are.

use std::collections::{BTreeMap, BTreeSet};

use hookbench_model::query::{Caret, Expected, Field, Mark, Query, Span, quoted};
use hookbench_model::{
    CapturedRequest, Colour, InboxId, PageRequest, RequestFilter, Timestamp, VEIL, VerificationStatus,
};
use serde_json::Value;

use crate::Workbench;
use crate::error::Result;

/// So many of the newest requests are looked at for what there is.
const LOOKED_AT: u32 = 300;
/// So many of their bodies, and how large one may be, in bytes.
const BODIES: usize = 20;
const LARGEST_BODY: u64 = 64 << 10;
/// How deep into a body, and how many paths of all of them.
const DEEPEST: usize = 6;
const MOST_PATHS: usize = 400;
/// So many event types are looked up.
const MOST_TYPES: usize = 200;
/// So many things are offered, and the longest.
const MOST: usize = 40;
const LONGEST: usize = 120;

/// What may stand at a place of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// What of the filter an offer replaces, in characters.
    pub at: Span,
    /// The offers, the best first.
    pub offers: Vec<Offer>,
}

/// Something that may stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is written, quoted where that is needed.
    pub text: String,
    /// What it is, in a line; empty where it speaks for itself.
    pub help: String,
    /// Whether more belongs right behind it, as behind a field's colon.
    pub goes_on: bool,
}

impl Offer {
    fn value(text: impl AsRef<str>, help: impl Into<String>) -> Self {
        Self { text: quoted(text.as_ref()), help: help.into(), goes_on: false }
    }

    /// A form that has a meaning as it is written: `5xx`, `message.*`.
    fn form(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { text: text.into(), help: help.into(), goes_on: false }
    }
}

impl Workbench {
    /// What may stand in a filter where the caret is, after so many characters; values are those of the newest
    /// requests, of one inbox or all.
    pub async fn completions(&self, text: &str, caret: usize, inbox: Option<InboxId>) -> Result<Completions> {
        let caret = Caret::in_text(text, caret);
        let offers = match &caret.expected {
            Expected::Word => words(),
            Expected::Value(field) => self.values(*field, &caret.typed, inbox).await?,
            Expected::HeaderName => header_names(&self.newest(inbox, None).await?),
            Expected::HeaderValue(name) => header_values(&self.newest(inbox, None).await?, name),
            Expected::JsonPath => self.json_paths(inbox).await?,
            Expected::Text => Vec::new(),
        };
        Ok(Completions { at: caret.at, offers: fitting(offers, &caret.typed) })
    }

    /// The newest requests, as they are shown.
    async fn newest(&self, inbox: Option<InboxId>, query: Option<&str>) -> Result<Vec<CapturedRequest>> {
        let query = query.and_then(|text| Query::read(text, self.now()).ok());
        let filter = RequestFilter { inbox_id: inbox, query, ..RequestFilter::default() };
        Ok(self.store().requests().list(&filter, PageRequest::first(LOOKED_AT)).await?.rows)
    }

    async fn values(&self, field: Field, typed: &str, inbox: Option<InboxId>) -> Result<Vec<Offer>> {
        Ok(match field {
            Field::Is => marks(),
            Field::Colour => colours(),
            Field::Version => ["1.0", "1.1", "2"].map(|version| Offer::form(version, "")).into(),
            Field::Size => sizes(),
            Field::Since | Field::Until => self.times(),
            Field::Type => types(&self.store().requests().event_types(typed, MOST_TYPES).await?),
            Field::Inbox => {
                let inboxes = self.inboxes(PageRequest::first(PageRequest::<InboxId>::MAX_LIMIT)).await?.rows;
                inboxes
                    .iter()
                    .map(|located| Offer::value(located.inbox.slug.as_str(), &located.inbox.name))
                    .collect()
            }
            Field::Tag => {
                let tagged = self.newest(inbox, Some("is:tagged")).await?;
                counted(tagged.iter().flat_map(|request| request.tags.iter().cloned()))
            }
            Field::Status => {
                let newest = self.newest(inbox, None).await?;
                let statuses_of = newest.iter().map(|request| request.response_status);
                let told = statuses_of.filter(|status| *status != CapturedRequest::UNANSWERED);
                let seen = counted(told.map(|status| status.to_string()));
                [seen, statuses()].concat()
            }
            Field::Method => {
                let newest = self.newest(inbox, None).await?;
                methods(newest.into_iter().map(|request| request.method))
            }
            Field::Path => {
                let newest = self.newest(inbox, None).await?;
                counted(newest.into_iter().map(|request| request.path))
            }
            Field::Content => {
                let newest = self.newest(inbox, None).await?;
                let types = newest.iter().filter_map(|request| request.content_type.as_deref());
                counted(types.map(|whole| whole.split(';').next().unwrap_or(whole).trim().to_owned()))
            }
            Field::From => {
                let newest = self.newest(inbox, None).await?;
                counted(newest.iter().map(|request| {
                    let address = request.remote_addr.rsplit_once(':');
                    address.map_or(request.remote_addr.as_str(), |(host, _)| host).to_owned()
                }))
            }
            Field::Query
            | Field::Url
            | Field::Id
            | Field::Header
            | Field::Body
            | Field::Json
            | Field::Note => Vec::new(),
        })
    }

    /// Ages, and today.
    fn times(&self) -> Vec<Offer> {
        let today = self.now().to_rfc3339().chars().take(10).collect::<String>();
        let ages = [
            ("15m", "15 minutes ago"),
            ("1h", "an hour ago"),
            ("24h", "a day ago"),
            ("7d", "a week ago"),
            ("30d", "30 days ago"),
        ];
        let ages = ages.map(|(age, help)| Offer::form(age, help));
        ages.into_iter().chain([Offer::form(today, "today, in UTC")]).collect()
    }

    /// Paths in the newest bodies that are JSON.
    async fn json_paths(&self, inbox: Option<InboxId>) -> Result<Vec<Offer>> {
        let newest = self.newest(inbox, None).await?;
        let small = newest.iter().filter(|request| (1..=LARGEST_BODY).contains(&request.body_size));
        let mut paths = BTreeMap::new();
        for request in small.take(BODIES) {
            let body = self.store().requests().body(request.id).await?.unwrap_or_default();
            if let Ok(value) = serde_json::from_slice::<Value>(&body) {
                gather(&value, String::new(), 0, &mut paths);
            }
        }
        Ok(paths
            .into_iter()
            .map(|(text, help)| Offer { text, help: help.to_owned(), goes_on: true })
            .collect())
    }
}

fn gather(value: &Value, path: String, depth: usize, paths: &mut BTreeMap<String, &'static str>) {
    if paths.len() >= MOST_PATHS || depth > DEEPEST || path.len() > LONGEST {
        return;
    }
    let kind = match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::String(_) => "text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
                let name = match name.as_str() {
                    plain if !plain.is_empty() && plain.chars().all(is_plain) => plain.to_owned(),
                    other => format!("\"{}\"", other.replace('\\', "\\\\").replace('"', "\\\"")),
                };
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                gather(value, path, depth + 1, paths);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                gather(first, format!("{path}[*]"), depth + 1, paths);
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        paths.insert(path, kind);
    }
}

/// Fields, verdicts, and what joins.
fn words() -> Vec<Offer> {
    let field = |field: Field| Offer {
        text: format!("{}:", field.name()),
        help: field.help().to_owned(),
        goes_on: true,
    };
    let verdicts = VerificationStatus::ALL.map(|status| Offer::form(status.as_str(), verdict_help(status)));
    let joints = [
        Offer::form("or", "One side or the other; without a word both have to hold"),
        Offer::form("not", "What follows does not hold; a hyphen before a word says the same"),
    ];
    Field::ALL.map(field).into_iter().chain(verdicts).chain(joints).collect()
}

const fn verdict_help(status: VerificationStatus) -> &'static str {
    match status {
        VerificationStatus::Valid => "Its signature holds",
        VerificationStatus::Invalid => "Its signature does not hold",
        VerificationStatus::Unsigned => "It has no signature",
        VerificationStatus::NoSecret => "There is no secret to check its signature with",
        VerificationStatus::NotChecked => "Nobody asked for a check of its signature",
    }
}

fn marks() -> Vec<Offer> {
    let help = |mark: Mark| match mark {
        Mark::Pinned => "It stays whatever the retention says",
        Mark::Fault => "It broke off, or could not be understood",
        Mark::Handshake => "A handshake of its provider",
        Mark::Ours => "Hookbench itself sent it",
        Mark::Noted => "It has a note",
        Mark::Tagged => "It has tags",
        Mark::Drifted => "Its body differs from those before it",
    };
    let marks = Mark::ALL.map(|mark| Offer::form(mark.as_str(), help(mark)));
    let verdicts = VerificationStatus::ALL.map(|status| Offer::form(status.as_str(), verdict_help(status)));
    verdicts.into_iter().chain(marks).collect()
}

fn colours() -> Vec<Offer> {
    let colours = Colour::ALL.map(|colour| Offer::form(colour.as_str(), ""));
    colours.into_iter().chain([Offer::form("*", "any colour")]).collect()
}

fn sizes() -> Vec<Offer> {
    let sizes = [
        (">1k", "more than a kibibyte"),
        (">100k", "more than 100 KiB"),
        (">1m", "more than a mebibyte"),
        ("<1k", "less than a kibibyte"),
        ("0", "no body"),
    ];
    sizes.map(|(size, help)| Offer::form(size, help)).into()
}

fn statuses() -> Vec<Offer> {
    let forms = [
        ("2xx", "success"),
        ("3xx", "redirects"),
        ("4xx", "refusals"),
        ("5xx", "failures"),
        (">=400", "all that is no success"),
    ];
    forms.map(|(form, help)| Offer::form(form, help)).into()
}

/// The methods; what stood in the place of one in a malformed request is asked for in quotes.
fn methods(values: impl Iterator<Item = String>) -> Vec<Offer> {
    let mut offers = counted(values);
    let is_taken = |text: &str| Query::read(&format!("method:{text}"), Timestamp::EPOCH).is_ok();
    for offer in offers.iter_mut().filter(|offer| !is_taken(&offer.text)) {
        offer.text = format!("\"{}\"", offer.text);
    }
    offers
}

/// The types, and what several of them begin with.
fn types(known: &[String]) -> Vec<Offer> {
    let mut families: BTreeMap<String, usize> = BTreeMap::new();
    for name in known {
        let ends = name.char_indices().filter(|(_, letter)| *letter == '.').map(|(at, _)| at);
        for end in ends {
            *families.entry(format!("{}.*", &name[..end])).or_default() += 1;
        }
    }
    let several = families.into_iter().filter(|(_, count)| *count > 1);
    let families = several.map(|(family, count)| Offer::form(family, format!("{count} event types")));
    families.chain(known.iter().map(|name| Offer::value(name, ""))).collect()
}

fn header_names(newest: &[CapturedRequest]) -> Vec<Offer> {
    let names = newest.iter().flat_map(|request| {
        let names: BTreeSet<String> =
            request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names
    });
    let mut names = counted(names);
    for name in &mut names {
        name.goes_on = true;
    }
    names
}

fn header_values(newest: &[CapturedRequest], name: &str) -> Vec<Offer> {
    let values =
        newest.iter().flat_map(|request| request.headers.get_all(name).filter_map(|value| value.as_str()));
    counted(values.filter(|value| !value.contains(VEIL)).map(ToOwned::to_owned))
}

/// Each value once, the most frequent first, with how many of the newest requests have it.
fn counted(values: impl Iterator<Item = String>) -> Vec<Offer> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let fits = |value: &String| {
        !value.is_empty() && value.chars().count() <= LONGEST && !value.chars().any(is_unseen)
    };
    for value in values.filter(fits) {
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let help = |count| {
        if count == 1 { "in one of the newest".to_owned() } else { format!("in {count} of the newest") }
    };
    counts.into_iter().map(|(value, count)| Offer::value(value, help(count))).collect()
}

/// Characters that show nothing or turn what follows: nobody should choose what they cannot see.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Those that begin with what is typed, then those that have it in them.
fn fitting(offers: Vec<Offer>, typed: &str) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let bare = |offer: &Offer| offer.text.trim_start_matches('"').to_lowercase();
    let (first, rest): (Vec<_>, Vec<_>) =
        offers.into_iter().partition(|offer| bare(offer).starts_with(&typed));
    let rest = rest.into_iter().filter(|offer| bare(offer).contains(&typed));
    let mut seen = BTreeSet::new();
    let once = first.into_iter().chain(rest).filter(|offer| seen.insert(offer.text.clone()));
    once.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_method_is_offered_so_that_the_filter_takes_it() {
        let offers = methods(["POST", "G@T", "G:T", "a b", "a\"b"].map(str::to_owned).into_iter());
        let texts: Vec<&str> = offers.iter().map(|offer| offer.text.as_str()).collect();
        assert_eq!(texts, ["\"G:T\"", "\"G@T\"", "POST", "\"a b\"", "\"a\\\"b\""]);
    }
}

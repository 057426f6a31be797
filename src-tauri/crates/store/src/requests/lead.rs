//! Which index a filter is read along: that of the rarest thing that it wants.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use hookbench_model::query::{Mark, Node, NumberRange, Term, TextField, TextTest};
use hookbench_model::{Colour, VerificationStatus};
use sqlx::{QueryBuilder, SqliteConnection};

use super::filter::{MOST_TYPES, Types, types_of};
use super::language::{Side, condition};
use crate::Result;
use crate::codes::Coded as _;
use crate::query::{Arm, Condition, Select, Value};

/// Something that is wanted and that indexes find.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    /// Each reads one index.
    pub(super) arms: Vec<Arm>,
    /// Whether a row may be in two of them.
    pub(super) overlaps: bool,
    /// What is left to be checked of the rows that they give.
    pub(super) rest: Option<Condition>,
    /// What is checked where another one leads.
    pub(super) instead: Condition,
}

impl Lead {
    /// An index that finds just this.
    pub(super) fn of(arm: Arm) -> Self {
        let instead = arm.condition.clone().unwrap_or_else(|| Condition::new("1", Vec::new()));
        Self { arms: vec![arm], overlaps: false, rest: None, instead }
    }
}

/// So many indexes are read side by side for one condition.
const MOST_ARMS: usize = 64;

/// So many rows are counted to find out what is rare.
pub(super) const COUNTED: i64 = 1000;

/// Takes the rarest out of what is wanted; how many rows it gives is counted where that matters, up to [`COUNTED`].
pub(super) async fn rarest(
    connection: &mut SqliteConnection,
    select: &Select,
    leads: &mut Vec<Lead>,
    counts: bool,
) -> Result<Option<(Lead, i64)>> {
    if leads.len() < 2 && !counts {
        return Ok(leads.pop().map(|lead| (lead, COUNTED)));
    }
    let (mut at, mut least) = (0, i64::MAX);
    for (index, lead) in leads.iter().enumerate() {
        let mut count = 0;
        for arm in &lead.arms {
            let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
            select.push_from(&mut query, arm, None, select.range);
            query.push(" LIMIT ").push_bind(COUNTED).push(")");
            count += query.build_query_scalar::<i64>().fetch_one(&mut *connection).await?;
        }
        if count < least {
            (at, least) = (index, count);
        }
    }
    Ok((!leads.is_empty()).then(|| (leads.remove(at), least)))
}

/// What indexes find of a condition; `None` where they miss some of it.
pub(super) async fn lead(connection: &mut SqliteConnection, node: &Node) -> Result<Option<Lead>> {
    let Some(found) = found(connection, node).await? else { return Ok(None) };
    let instead = condition(node, Side::Above);
    let rest = (!found.is_all).then(|| instead.clone());
    Ok(Some(Lead { arms: found.arms, overlaps: found.overlaps, rest, instead }))
}

/// Indexes that find whatever a condition holds for.
struct Found {
    arms: Vec<Arm>,
    /// Whether they find nothing else.
    is_all: bool,
    overlaps: bool,
}

fn found<'f>(connection: &'f mut SqliteConnection, node: &'f Node) -> BoxFuture<'f, Result<Option<Found>>> {
    async move {
        if let Some(terms) = terms(node)
            && let Some(arms) = arms(connection, &terms).await?
        {
            let (arms, is_all) = match arms {
                Arms::All(arms) => (arms, true),
                Arms::More(arms) => (arms, false),
            };
            return Ok(Some(Found { arms, is_all, overlaps: false }));
        }
        match node {
            Node::Any(nodes) => {
                let mut all = Found { arms: Vec::new(), is_all: true, overlaps: true };
                for node in nodes {
                    let Some(one) = found(connection, node).await? else { return Ok(None) };
                    all.arms.extend(one.arms);
                    all.is_all &= one.is_all;
                }
                Ok(Some(all).filter(|all| all.arms.len() <= MOST_ARMS))
            }
            Node::All(nodes) => {
                for node in nodes {
                    if let Some(one) = found(connection, node).await? {
                        return Ok(Some(Found { is_all: false, ..one }));
                    }
                }
                Ok(None)
            }
            Node::Not(_) | Node::Term(_) => Ok(None),
        }
    }
    .boxed()
}

/// The conditions of which one has to hold, each once; `None` where it is not so simple.
fn terms(node: &Node) -> Option<Vec<&Term>> {
    let nodes = match node {
        Node::Any(nodes) => nodes.as_slice(),
        node => std::slice::from_ref(node),
    };
    let mut terms: Vec<&Term> = Vec::new();
    for node in nodes {
        let Node::Term(term) = node else { return None };
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    Some(terms)
}

/// What indexes give.
enum Arms {
    /// Just what is wanted.
    All(Vec<Arm>),
    /// Other rows too.
    More(Vec<Arm>),
}

fn arm(index: &'static str, sql: &'static str, value: Option<Value>) -> Arm {
    Arm { index, condition: Some(Condition::new(sql, value.into_iter().collect())) }
}

/// The arms of conditions of which one has to hold: all of the same kind, no two alike.
async fn arms(connection: &mut SqliteConnection, terms: &[&Term]) -> Result<Option<Arms>> {
    let each = |arm: fn(&Term) -> Option<Arm>| terms.iter().map(|term| arm(term)).collect::<Option<Vec<_>>>();
    for kind in [by_verdict, by_method, by_inbox, by_colour] {
        if let Some(arms) = each(kind) {
            return Ok(Some(Arms::All(arms)));
        }
    }
    if let Some(arms) = by_tags(terms) {
        return Ok(Some(arms));
    }
    if let [Term::Mark(mark)] = terms {
        return Ok(by_mark(*mark).map(|arm| Arms::All(vec![arm])));
    }
    if let [Term::Colour(None)] = terms {
        let all = Colour::ALL.iter().filter_map(|colour| by_colour(&Term::Colour(Some(*colour))));
        return Ok(Some(Arms::All(all.collect())));
    }
    if let Some(ranges) = statuses(terms) {
        return by_status(connection, &ranges).await;
    }
    if let [Term::Text(TextField::EventId, TextTest::Is(glob))] = terms
        && let Some(id) = glob.as_text()
        && !id.starts_with(hookbench_model::RequestId::PREFIX)
    {
        return by_event_id(connection, id).await;
    }
    by_type(connection, terms).await
}

fn by_verdict(term: &Term) -> Option<Arm> {
    let Term::Verdict(status) = term else { return None };
    let sql = "t.verification <> 4 AND t.verification = ?";
    (*status != VerificationStatus::NotChecked)
        .then(|| arm("requests_by_verification", sql, Some(Value::Int(status.code()))))
}

/// The text that is wanted as a whole.
fn whole(term: &Term, wanted: TextField) -> Option<&str> {
    match term {
        Term::Text(field, TextTest::Is(glob)) if *field == wanted => glob.as_text(),
        _ => None,
    }
}

fn by_method(term: &Term) -> Option<Arm> {
    let method = whole(term, TextField::Method).filter(|method| *method != "POST")?;
    let sql = "t.method <> 'POST' AND t.method = ?";
    Some(arm("requests_by_method", sql, Some(Value::Text(method.to_owned()))))
}

fn by_inbox(term: &Term) -> Option<Arm> {
    let slug = whole(term, TextField::Inbox)?;
    let sql = "t.inbox_seq = (SELECT seq FROM inboxes WHERE slug = ?)";
    Some(arm("requests_by_inbox", sql, Some(Value::Text(slug.to_owned()))))
}

fn by_colour(term: &Term) -> Option<Arm> {
    let Term::Colour(Some(colour)) = term else { return None };
    let sql = "t.colour IS NOT NULL AND t.colour = ?";
    Some(arm("requests_by_colour", sql, Some(Value::Int(colour.code()))))
}

/// Whatever has tags, to be looked at.
fn by_tags(terms: &[&Term]) -> Option<Arms> {
    let are_tags = terms.iter().all(|term| matches!(term, Term::Text(TextField::Tag, _)));
    are_tags.then(|| Arms::More(vec![arm("requests_tagged", "t.tags <> '[]'", None)]))
}

fn by_mark(mark: Mark) -> Option<Arm> {
    Some(match mark {
        Mark::Pinned => arm("requests_pinned", "t.pinned = 1", None),
        Mark::Tagged => arm("requests_tagged", "t.tags <> '[]'", None),
        Mark::Noted => arm("requests_noted", "t.note <> ''", None),
        Mark::Handshake => arm("requests_handshakes", "t.handshake IS NOT NULL", None),
        Mark::Fault | Mark::Ours | Mark::Drifted => return None,
    })
}

/// The ranges of statuses that are wanted, where none of them is a success.
fn statuses(terms: &[&Term]) -> Option<Vec<NumberRange>> {
    let range = |term: &&Term| match term {
        Term::Status(range) if range.low > 299 => Some(*range),
        _ => None,
    };
    terms.iter().map(range).collect()
}

/// The statuses that there are: there is an index for each.
async fn by_status(connection: &mut SqliteConnection, ranges: &[NumberRange]) -> Result<Option<Arms>> {
    // Walks from one status to the next along the index, without reading what lies between.
    const KNOWN: &str = "WITH RECURSIVE known(status) AS ( \
         SELECT min(response_status) FROM requests INDEXED BY requests_by_status WHERE response_status > 299 \
         UNION ALL \
         SELECT (SELECT min(response_status) FROM requests INDEXED BY requests_by_status \
                 WHERE response_status > 299 AND response_status > known.status) \
         FROM known WHERE known.status IS NOT NULL) \
         SELECT status FROM known WHERE status IS NOT NULL";
    let known: Vec<i64> = sqlx::query_scalar(KNOWN).fetch_all(connection).await?;
    let wanted: Vec<i64> = known
        .into_iter()
        .filter(|status| {
            u64::try_from(*status).is_ok_and(|status| ranges.iter().any(|range| range.holds(status)))
        })
        .collect();
    if wanted.len() > MOST_TYPES {
        return Ok(None);
    }
    let sql = "t.response_status > 299 AND t.response_status = ?";
    let arm = |status| arm("requests_by_status", sql, Some(Value::Int(status)));
    Ok(Some(Arms::All(wanted.into_iter().map(arm).collect())))
}

/// An event's id, in each inbox.
async fn by_event_id(connection: &mut SqliteConnection, id: &str) -> Result<Option<Arms>> {
    let most = i64::try_from(MOST_TYPES).unwrap_or(i64::MAX);
    let inboxes: Vec<i64> =
        sqlx::query_scalar("SELECT seq FROM inboxes LIMIT ?").bind(most + 1).fetch_all(connection).await?;
    if inboxes.len() > MOST_TYPES {
        return Ok(None);
    }
    let arm = |seq| Arm {
        index: "requests_by_provider_event",
        condition: Some(Condition::new(
            "t.provider_event_id IS NOT NULL AND t.inbox_seq = ? AND t.provider_event_id = ?",
            vec![Value::Int(seq), Value::Text(id.to_owned())],
        )),
    };
    Ok(Some(Arms::All(inboxes.into_iter().map(arm).collect())))
}

/// The event types that there are and that are wanted.
async fn by_type(connection: &mut SqliteConnection, terms: &[&Term]) -> Result<Option<Arms>> {
    let mut types: Vec<String> = Vec::new();
    for term in terms {
        let Term::Text(TextField::Type, TextTest::Is(glob)) = term else { return Ok(None) };
        match (glob.as_text(), glob.as_prefix()) {
            (Some(name), _) => types.push(name.to_owned()),
            (None, Some(prefix)) => match types_of(connection, prefix).await? {
                Types::Few(known) => {
                    types.extend(known);
                    // Nothing may stand in the gap.
                    types.push(prefix.to_owned());
                }
                Types::Many => return Ok(None),
            },
            (None, None) => return Ok(None),
        }
    }
    types.sort_unstable();
    types.dedup();
    if types.len() > MOST_TYPES {
        return Ok(None);
    }
    Ok(Some(Arms::All(types.into_iter().map(super::filter::arm_of_type).collect())))
}

//! The filters on provider and event type, as the numbers of the pairs that they want.

use hookbench_model::{EventPattern, ProviderId};
use sqlx::SqliteConnection;

use crate::Result;
use crate::query::{Arm, Condition, Value};
use crate::requests::end_of_prefix;

/// So many kinds are read side by side; more are sorted out on the way.
const MOST_KINDS: usize = 32;

/// What is wanted.
pub(crate) enum Kinds {
    All,
    /// These; perhaps none at all.
    Few(Vec<i64>),
    Many(Condition),
}

pub(crate) async fn wanted(
    connection: &mut SqliteConnection,
    provider: Option<&ProviderId>,
    pattern: Option<&EventPattern>,
) -> Result<Kinds> {
    const WANTED: &str = "SELECT no FROM kinds WHERE (?1 IS NULL OR provider = ?1) \
                          AND event_type >= ?2 AND event_type < ?3 LIMIT ?4";
    const AMONG: &str = "t.kind IN (SELECT no FROM kinds WHERE provider = coalesce(?, provider) \
                         AND event_type >= ? AND event_type < ?)";
    let pattern = pattern.map(EventPattern::as_str).filter(|pattern| *pattern != "*");
    if provider.is_none() && pattern.is_none() {
        return Ok(Kinds::All);
    }
    let (from, to) = range(pattern);
    let provider = provider.map(|provider| provider.as_str().to_owned());
    let kinds: Vec<i64> = sqlx::query_scalar(WANTED)
        .bind(provider.clone())
        .bind(&from)
        .bind(&to)
        .bind(i64::try_from(MOST_KINDS).unwrap_or(i64::MAX) + 1)
        .fetch_all(&mut *connection)
        .await?;
    if kinds.len() <= MOST_KINDS {
        return Ok(Kinds::Few(kinds));
    }
    let provider = provider.map_or(Value::Null, Value::Text);
    Ok(Kinds::Many(Condition::new(AMONG, vec![provider, Value::Text(from), Value::Text(to)])))
}

pub(crate) fn arms(index: &'static str, kinds: &[i64]) -> Vec<Arm> {
    let arm =
        |kind: &i64| Arm { index, condition: Some(Condition::new("t.kind = ?", vec![Value::Int(*kind)])) };
    kinds.iter().map(arm).collect()
}

/// From the first event type that the pattern matches to before the first after all of those.
fn range(pattern: Option<&str>) -> (String, String) {
    match pattern {
        // Text sorts by its bytes, and no UTF-8 reaches this.
        None => (String::new(), "\u{10ffff}".to_owned()),
        Some(pattern) => match pattern.strip_suffix('*') {
            Some(prefix) => (format!("{prefix}\0"), end_of_prefix(prefix)),
            None => (pattern.to_owned(), format!("{pattern}\0")),
        },
    }
}

//! Text that deliveries are searched for: where it may stand, and where it stands.
//!
//! `instr` takes the text as it is: no character of it has a meaning. On blobs it compares bytes, so a body need be
//! of no encoding, and what is compressed in it is not found by what it decompresses to.

use std::collections::HashMap;

use hookbench_model::{DeliveryId, FoundIn};
use sqlx::{QueryBuilder, SqliteConnection};

use super::filter::of_attempt;
use crate::Result;
use crate::columns::{Columns, hex_ids};
use crate::query::{Condition, Value, push};

/// A place where text may stand, cheapest first, and the SQL for whether it does, with the text for each `?`.
struct Place {
    found_in: FoundIn,
    sql: &'static str,
    is_body: bool,
}

const fn place(found_in: FoundIn, sql: &'static str) -> Place {
    Place { found_in, sql, is_body: false }
}

const fn body(found_in: FoundIn, sql: &'static str) -> Place {
    Place { found_in, sql, is_body: true }
}

const PLACES: [Place; 8] = [
    place(FoundIn::EventType, "t.kind IN (SELECT no FROM kinds WHERE instr(event_type, ?) > 0)"),
    place(FoundIn::EndpointName, "t.endpoint_seq IN (SELECT seq FROM endpoints WHERE instr(name, ?) > 0)"),
    place(
        FoundIn::Url,
        "(t.target_url IS NULL AND t.endpoint_seq IN (SELECT seq FROM endpoints WHERE instr(url, ?) > 0)) \
         OR instr(t.target_url, ?) > 0 \
         OR EXISTS (SELECT 1 FROM attempts a \
             WHERE a.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535 AND instr(a.url, ?) > 0)",
    ),
    place(
        FoundIn::ProviderEventId,
        "EXISTS (SELECT 1 FROM events e WHERE e.seq = t.event_seq AND instr(e.provider_event_id, ?) > 0)",
    ),
    place(
        FoundIn::Error,
        "EXISTS (SELECT 1 FROM attempts a \
         WHERE a.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535 AND instr(a.error, ?) > 0)",
    ),
    body(
        FoundIn::Payload,
        "EXISTS (SELECT 1 FROM event_payloads p WHERE p.seq = t.event_seq AND instr(p.payload, ?) > 0)",
    ),
    body(
        FoundIn::ResponseBody,
        "EXISTS (SELECT 1 FROM attempt_bodies b \
         WHERE b.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535 AND instr(b.body, ?) > 0)",
    ),
    body(
        FoundIn::RequestBody,
        "EXISTS (SELECT 1 FROM attempt_request_bodies b \
         WHERE b.key BETWEEN t.seq << 16 AND (t.seq << 16) + 65535 AND instr(b.body, ?) > 0)",
    ),
];

impl Place {
    fn condition(&self, q: &str) -> Condition {
        let value =
            || if self.is_body { Value::Bytes(q.as_bytes().to_vec()) } else { Value::Text(q.to_owned()) };
        Condition::new(self.sql, self.sql.matches('?').map(|_| value()).collect())
    }
}

/// Where the text stands in any place.
pub(super) fn condition(q: &str) -> Condition {
    Condition::any(PLACES.iter().map(|place| place.condition(q)))
}

/// Where in each of these deliveries the text stands, or that it was found by an id.
pub(super) async fn places(
    connection: &mut SqliteConnection,
    q: &str,
    ids: &[DeliveryId],
) -> Result<HashMap<DeliveryId, Vec<FoundIn>>> {
    let mut query = QueryBuilder::new("SELECT t.id");
    for place in &PLACES {
        query.push(", ");
        push(&mut query, &place.condition(q));
    }
    query.push(" FROM deliveries t WHERE t.id IN (SELECT unhex(value) FROM json_each(");
    query.push_bind(hex_ids(ids.iter().map(DeliveryId::as_bytes))?).push("))");
    let rows = query.build().fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            let id = DeliveryId::from_bytes(columns.id()?);
            let mut found = Vec::new();
            for place in &PLACES {
                if columns.get::<Option<bool>>()?.unwrap_or(false) {
                    found.push(place.found_in);
                }
            }
            if found.is_empty() || id.to_string().starts_with(of_attempt(q)) {
                found.push(FoundIn::Id);
            }
            found.sort_unstable();
            Ok((id, found))
        })
        .collect()
}

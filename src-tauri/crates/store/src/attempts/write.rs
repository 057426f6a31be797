use std::sync::LazyLock;

use hookbench_model::{Attempt, ErrorCode};

use crate::codes::Coded as _;
use crate::columns::{signed, to_json};
use crate::rows::{ROWS, RowTexts, insert};
use crate::writer::Write;
use crate::{Result, header_bytes};

/// The most attempts that a delivery can have: the number takes 16 bits of the key.
pub(crate) const MOST: u32 = 0xffff;

/// An attempt with the key of its delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedAttempt<'a> {
    pub(crate) delivery_seq: i64,
    pub(crate) attempt: &'a Attempt,
}

impl PlacedAttempt<'_> {
    fn key(&self) -> i64 {
        self.delivery_seq << 16 | i64::from(self.attempt.number)
    }
}

static ATTEMPTS: LazyLock<RowTexts> = LazyLock::new(|| {
    const COLUMNS: &str = "key, trigger, started_at, duration_ms, dns_ms, connect_ms, tls_ms, \
                           first_byte_ms, body_ms, remote_addr, method, url, request_headers, \
                           request_body_size, response_status, http_version, response_headers, \
                           response_body_size, response_truncated, outcome, error, connection, error_code";
    RowTexts::new(|rows| insert("attempts", COLUMNS, rows))
});

static BODIES: LazyLock<RowTexts> =
    LazyLock::new(|| RowTexts::new(|rows| insert("attempt_bodies", "key, body", rows)));

static REQUEST_BODIES: LazyLock<RowTexts> =
    LazyLock::new(|| RowTexts::new(|rows| insert("attempt_request_bodies", "key, body", rows)));

/// Writes attempts, the bodies of those responses that have one, and those of requests that are not the
/// event's payload.
pub(crate) async fn write(write: &mut Write, placed: &[PlacedAttempt<'_>]) -> Result<()> {
    for rows in placed.chunks(ROWS) {
        let script = write.rows(ATTEMPTS.of(rows.len()), rows.len()).await?;
        for row in rows {
            let (attempt, timing) = (row.attempt, row.attempt.timing);
            let (request, response) = (attempt.request.as_ref(), attempt.response.as_ref());
            script
                .bind(row.key())
                .bind(attempt.trigger.code())
                .bind(attempt.started_at.unix_ms())
                .bind(signed(attempt.duration_ms))
                .bind(timing.dns_ms)
                .bind(timing.connect_ms)
                .bind(timing.tls_ms)
                .bind(timing.first_byte_ms)
                .bind(timing.body_ms)
                .bind(attempt.remote_addr.clone())
                .bind(request.map(|request| request.method.clone()))
                .bind(request.map(|request| request.url.clone()))
                .bind(request.map(|request| header_bytes::encode(&request.headers)))
                .bind(request.map(|request| signed(request.body_size)))
                .bind(response.map(|response| i64::from(response.status)))
                .bind(response.map(|response| response.http_version.clone()))
                .bind(response.map(|response| header_bytes::encode(&response.headers)))
                .bind(response.map(|response| signed(response.body_size)))
                .bind(response.map(|response| response.body_truncated))
                .bind(attempt.outcome.code())
                .bind(attempt.error.clone())
                .bind(attempt.connection.as_ref().map(to_json).transpose()?)
                .bind(attempt.error_code.map(ErrorCode::as_str));
        }
    }
    let received = placed
        .iter()
        .filter_map(|row| row.attempt.response.as_ref().map(|response| (row.key(), &response.body[..])));
    write_bodies(write, &BODIES, received.filter(|(_, body)| !body.is_empty()).collect()).await?;
    let sent = placed
        .iter()
        .filter_map(|row| row.attempt.request.as_ref()?.body.as_ref().map(|body| (row.key(), &body[..])));
    write_bodies(write, &REQUEST_BODIES, sent.collect()).await
}

async fn write_bodies(write: &mut Write, texts: &'static RowTexts, bodies: Vec<(i64, &[u8])>) -> Result<()> {
    for rows in bodies.chunks(ROWS) {
        let script = write.rows(texts.of(rows.len()), rows.len()).await?;
        for (key, body) in rows {
            script.bind(*key).bind(body.to_vec());
        }
    }
    Ok(())
}

mod write;

use bytes::Bytes;
use hookbench_model::{Attempt, AttemptTiming, DeliveryId, RequestId, SentRequest, SentResponse};
use sqlx::sqlite::SqliteRow;

pub(crate) use write::{MOST, PlacedAttempt, write};

use crate::columns::Columns;
use crate::{Result, Store};

/// Attempts.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub(crate) store: Store,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.key & 65535, a.trigger, a.started_at, a.duration_ms, a.dns_ms, a.connect_ms, a.tls_ms, ",
            "a.first_byte_ms, a.body_ms, a.remote_addr, a.method, a.url, a.request_headers, ",
            "a.request_body_size, a.response_status, a.http_version, a.response_headers, ",
            "a.response_body_size, a.response_truncated, a.outcome, a.error, a.connection, a.error_code, ",
            "(SELECT r.id FROM requests r WHERE r.delivery_id = d.id AND r.attempt = a.key & 65535 ",
            "ORDER BY r.id LIMIT 1) FROM deliveries d JOIN attempts a ",
            $rest
        )
    };
}

impl Attempts {
    /// Those of a delivery, oldest first, without their bodies.
    pub async fn of(&self, delivery: DeliveryId) -> Result<Vec<Attempt>> {
        const ALL: &str =
            select!("ON a.key BETWEEN d.seq << 16 AND (d.seq << 16) + 65535 WHERE d.id = ? ORDER BY a.key");
        let found = sqlx::query(ALL).bind(delivery.as_bytes().to_vec());
        let rows = found.fetch_all(self.store.readers()).await?;
        rows.iter().map(|row| read(delivery, row)).collect()
    }

    /// One of them, without its bodies.
    pub async fn get(&self, delivery: DeliveryId, number: u32) -> Result<Option<Attempt>> {
        const ONE: &str = select!("ON a.key = (d.seq << 16) + ?2 WHERE d.id = ?1 AND ?2 < 65536");
        let found = sqlx::query(ONE).bind(delivery.as_bytes().to_vec()).bind(i64::from(number));
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| read(delivery, &row)).transpose()
    }

    /// The body of its request, as sent; `None` where no request went out.
    pub async fn request_body(&self, delivery: DeliveryId, number: u32) -> Result<Option<Bytes>> {
        const BODY: &str = "SELECT coalesce(b.body, p.payload) FROM deliveries d \
                            JOIN attempts a ON a.key = (d.seq << 16) + ?2 \
                            JOIN event_payloads p ON p.seq = d.event_seq \
                            LEFT JOIN attempt_request_bodies b ON b.key = a.key \
                            WHERE d.id = ?1 AND ?2 < 65536 AND a.method IS NOT NULL";
        let found = sqlx::query_scalar(BODY).bind(delivery.as_bytes().to_vec()).bind(i64::from(number));
        let body: Option<Vec<u8>> = found.fetch_optional(self.store.readers()).await?;
        Ok(body.map(Bytes::from))
    }

    /// The body of its response, as received; `None` where there was no response.
    pub async fn response_body(&self, delivery: DeliveryId, number: u32) -> Result<Option<Bytes>> {
        const BODY: &str = "SELECT coalesce(b.body, x'') FROM deliveries d \
                            JOIN attempts a ON a.key = (d.seq << 16) + ?2 \
                            LEFT JOIN attempt_bodies b ON b.key = a.key \
                            WHERE d.id = ?1 AND ?2 < 65536 AND a.response_status IS NOT NULL";
        let found = sqlx::query_scalar(BODY).bind(delivery.as_bytes().to_vec()).bind(i64::from(number));
        let body: Option<Vec<u8>> = found.fetch_optional(self.store.readers()).await?;
        Ok(body.map(Bytes::from))
    }
}

fn read(delivery_id: DeliveryId, row: &SqliteRow) -> Result<Attempt> {
    let mut columns = Columns::new(row);
    let attempt = Attempt {
        delivery_id,
        number: columns.number()?,
        trigger: columns.coded()?,
        started_at: columns.time()?,
        duration_ms: columns.count()?,
        timing: AttemptTiming {
            dns_ms: columns.get()?,
            connect_ms: columns.get()?,
            tls_ms: columns.get()?,
            first_byte_ms: columns.get()?,
            body_ms: columns.get()?,
        },
        remote_addr: columns.get()?,
        connection: None,
        request: request(&mut columns)?,
        response: response(&mut columns)?,
        outcome: columns.coded()?,
        error_code: None,
        error: columns.get()?,
        captured_as: None,
    };
    let connection = columns.json_or_none()?;
    let error_code = columns.parsed_or_none()?;
    let captured_as = columns.id_or_none()?.map(RequestId::from_bytes);
    Ok(Attempt { connection, error_code, captured_as, ..attempt })
}

fn request(columns: &mut Columns<'_>) -> Result<Option<SentRequest>> {
    let Some(method) = columns.get()? else {
        columns.skip(3);
        return Ok(None);
    };
    Ok(Some(SentRequest {
        method,
        url: columns.get()?,
        headers: columns.headers()?,
        body_size: columns.count()?,
        body: None,
    }))
}

fn response(columns: &mut Columns<'_>) -> Result<Option<SentResponse>> {
    let Some(status) = columns.number_or_none()? else {
        columns.skip(4);
        return Ok(None);
    };
    Ok(Some(SentResponse {
        status,
        http_version: columns.get()?,
        headers: columns.headers()?,
        body: Bytes::new(),
        body_size: columns.count()?,
        body_truncated: columns.get()?,
    }))
}

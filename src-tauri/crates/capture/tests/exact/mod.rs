//! The record of what stood on the wire: to the byte, of whole requests and of those that are not.

mod malformed;
mod secrets;
mod unfinished;
mod whole;

use hookbench_model::{CapturedRequest, RequestId, WireRecord};

use crate::support::House;

const TOKEN: &str = "hb_token_0123456789";

async fn record(house: &House, id: RequestId) -> WireRecord {
    house.store.requests().wire(id).await.unwrap()
}

/// A stored request, written back to the wire.
fn written(request: &CapturedRequest, record: &WireRecord, body: &[u8]) -> Vec<u8> {
    let head = record.head.as_deref().map_or_else(|| request.written_head(), <[u8]>::to_vec);
    let body = match &record.chunks {
        Some(chunks) => chunks.written(body, &record.trailers),
        None => body.to_vec(),
    };
    [head, body].concat()
}

async fn newest_written(house: &House) -> (CapturedRequest, WireRecord, Vec<u8>) {
    let (request, body) = house.newest().await.unwrap();
    let record = record(house, request.id).await;
    let wire = written(&request, &record, &body);
    (request, record, wire)
}

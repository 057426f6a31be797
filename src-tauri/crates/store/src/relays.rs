//! Captured requests on their way to the targets of their inbox: rows that are written with the request, so that
//! nothing that was answered is forgotten.

mod row;

use bytes::Bytes;
use futures::FutureExt as _;
use hookbench_model::{
    Action, CapturedRequest, DeliveryId, Event, InboxId, NewDelivery, Noun, RelayState, RelayedResponse,
    RequestId, RequestRelay,
};

use crate::codes::Coded as _;
use crate::columns::{Columns, signed};
use crate::events::{NewEvent, create_together, endpoint_of};
use crate::writer::Write;
use crate::{Result, Store, header_bytes};

pub(crate) use row::insert;

/// What is passed on of captured requests.
#[derive(Clone, Debug)]
pub struct Relays {
    pub(crate) store: Store,
}

/// A relay that waits to be made a delivery.
#[derive(Clone, Debug)]
pub struct WaitingRelay {
    /// The captured request.
    pub request: RequestId,
    /// Where it goes.
    pub relay: RequestRelay,
}

/// What is made of a relay that waits.
#[derive(Clone, Debug)]
pub struct MadeRelay {
    /// The captured request.
    pub request: RequestId,
    /// The relay's number.
    pub number: u32,
    /// The event that carries it and its delivery, or why there is none, as a sentence. Those with the same event have one
    /// between them.
    pub work: Result<Box<(Event, NewDelivery)>, String>,
}

/// What became of a relay while its sender waited.
#[derive(Clone, Debug)]
pub struct EndedRelay {
    /// Where it stands: `Answered`, `Failed` or `HungUp`.
    pub state: RelayState,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What the target answered, where it did.
    pub response: Option<RelayedResponse>,
    /// As much of the answer's body as is kept.
    pub body: Bytes,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
    /// The status that the sender got; `None` where it got nothing.
    pub passed_back: Option<u16>,
}

impl Relays {
    /// Those of a request, in their order; none of one that is not there.
    pub async fn of(&self, request: RequestId) -> Result<Vec<RequestRelay>> {
        let found = sqlx::query(row::OF_REQUEST).bind(request.as_bytes().to_vec());
        let rows = found.fetch_all(self.store.readers()).await?;
        rows.iter().map(|row| row::read(&mut Columns::new(row))).collect()
    }

    /// The first of those that wait to be made deliveries, in the order in which their requests came.
    pub async fn waiting(&self, limit: u32) -> Result<Vec<WaitingRelay>> {
        let found = sqlx::query(row::WAITING).bind(i64::from(limit));
        let rows = found.fetch_all(self.store.readers()).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::new(row);
                let relay = row::read(&mut columns)?;
                Ok(WaitingRelay { request: RequestId::from_bytes(columns.id()?), relay })
            })
            .collect()
    }

    /// The body that a target answered while the sender waited, up to the cap; `None` where it answered none.
    pub async fn response_body(&self, request: RequestId, number: u32) -> Result<Option<Bytes>> {
        const BODY: &str = "SELECT b.body FROM requests t JOIN relay_bodies b ON b.request_seq = t.seq \
                            WHERE t.id = ? AND b.number = ?";
        let body: Option<Vec<u8>> = sqlx::query_scalar(BODY)
            .bind(request.as_bytes().to_vec())
            .bind(i64::from(number))
            .fetch_optional(self.store.readers())
            .await?;
        Ok(body.map(Bytes::from))
    }

    /// Writes what waiting relays are made into, and takes them out of the queue, in one transaction. Those that wait no
    /// more are passed over with what was made for them, so a repeated call does no harm. One whose endpoint is gone
    /// ends there.
    pub async fn made(&self, work: Vec<MadeRelay>) -> Result<()> {
        self.store.writer().run(move |write| made(write, work).boxed()).await
    }

    /// Writes what became of a relay while its sender waited; of a request that was deleted meanwhile nothing.
    pub async fn ended(&self, request: RequestId, number: u32, ended: EndedRelay) -> Result<()> {
        self.store.writer().run(move |write| end(write, request, number, ended).boxed()).await
    }

    /// Ends those that a crash left under way, with this sentence; gives how many that were.
    pub async fn interrupt(&self, error: String) -> Result<u64> {
        self.store.writer().run(move |write| interrupt(write, error).boxed()).await
    }
}

async fn made(write: &mut Write, work: Vec<MadeRelay>) -> Result<()> {
    let mut events: Vec<NewEvent> = Vec::with_capacity(work.len());
    for MadeRelay { request, number, work } in work {
        let Some(place) = waiting(write, request, number).await? else { continue };
        let work = work.and_then(|made| match endpoint_of(write, &made.1.target) {
            Ok(_) => Ok(made),
            Err(_) => Err("The endpoint has been deleted".to_owned()),
        });
        match work {
            Ok(made) => {
                let (event, delivery) = *made;
                put(write, place, number, Ok(delivery.id)).await?;
                match events.iter_mut().rev().find(|known| known.event.id == event.id) {
                    Some(known) => known.deliveries.push(delivery),
                    None => events.push(NewEvent { event, deliveries: vec![delivery], idempotency: None }),
                }
            }
            Err(error) => put(write, place, number, Err(error)).await?,
        }
        changed(write, request, place.inbox);
    }
    create_together(write, &events).await
}

/// Where the request of a relay is.
#[derive(Clone, Copy)]
struct Place {
    seq: i64,
    inbox: InboxId,
}

/// The request of a relay that still waits.
async fn waiting(write: &mut Write, request: RequestId, number: u32) -> Result<Option<Place>> {
    const WHERE: &str = "SELECT t.seq, i.id FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq \
                         JOIN request_relays l ON l.request_seq = t.seq \
                         WHERE t.id = ? AND l.number = ? AND l.state = 0";
    let row = sqlx::query(WHERE)
        .bind(request.as_bytes().to_vec())
        .bind(i64::from(number))
        .fetch_optional(write.connection().await?)
        .await?;
    row.map(|row| {
        let mut columns = Columns::new(&row);
        Ok(Place { seq: columns.get()?, inbox: InboxId::from_bytes(columns.id()?) })
    })
    .transpose()
}

async fn put(write: &mut Write, place: Place, number: u32, made: Result<DeliveryId, String>) -> Result<()> {
    const PUT: &str = "UPDATE request_relays SET state = ?3, delivery_id = ?4, error = ?5 \
                       WHERE request_seq = ?1 AND number = ?2";
    let (state, delivery, error) = match made {
        Ok(delivery) => (RelayState::Made, Some(delivery), None),
        Err(error) => (RelayState::Failed, None, Some(error)),
    };
    sqlx::query(PUT)
        .bind(place.seq)
        .bind(i64::from(number))
        .bind(state.code())
        .bind(delivery.map(|id| id.as_bytes().to_vec()))
        .bind(error)
        .execute(write.connection().await?)
        .await?;
    Ok(())
}

async fn end(write: &mut Write, request: RequestId, number: u32, ended: EndedRelay) -> Result<()> {
    const WHERE: &str =
        "SELECT t.seq, i.id FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq WHERE t.id = ?";
    const END: &str = "UPDATE request_relays SET state = ?3, duration_ms = ?4, status = ?5, headers = ?6, \
                       body_size = ?7, body_truncated = ?8, error = ?9 \
                       WHERE request_seq = ?1 AND number = ?2 AND state = 2";
    const BODY: &str = "INSERT INTO relay_bodies (request_seq, number, body) VALUES (?, ?, ?)";
    let row = sqlx::query(WHERE).bind(request.as_bytes().to_vec());
    let Some(row) = row.fetch_optional(write.connection().await?).await? else { return Ok(()) };
    let mut columns = Columns::new(&row);
    let (seq, inbox): (i64, _) = (columns.get()?, InboxId::from_bytes(columns.id()?));
    let EndedRelay { state, duration_ms, response, body, error, passed_back } = ended;
    let response = response.as_ref();
    let end = sqlx::query(END)
        .bind(seq)
        .bind(i64::from(number))
        .bind(state.code())
        .bind(signed(duration_ms))
        .bind(response.map(|response| i64::from(response.status)))
        .bind(response.map(|response| header_bytes::encode(&response.headers)))
        .bind(response.map(|response| signed(response.body_size)))
        .bind(response.map(|response| response.body_truncated))
        .bind(error);
    if end.execute(write.connection().await?).await?.rows_affected() == 0 {
        return Ok(());
    }
    let status = passed_back.unwrap_or(CapturedRequest::UNANSWERED);
    let put = sqlx::query("UPDATE requests SET response_status = ? WHERE seq = ?");
    put.bind(i64::from(status)).bind(seq).execute(write.connection().await?).await?;
    if !body.is_empty() {
        let keep = sqlx::query(BODY).bind(seq).bind(i64::from(number)).bind(body.to_vec());
        keep.execute(write.connection().await?).await?;
    }
    changed(write, request, inbox);
    Ok(())
}

async fn interrupt(write: &mut Write, error: String) -> Result<u64> {
    const END: &str =
        "UPDATE request_relays INDEXED BY request_relays_under_way SET state = 4, error = ? WHERE state = 2";
    let end = sqlx::query(END).bind(error).execute(write.connection().await?).await?;
    Ok(end.rows_affected())
}

/// What is kept beside a request has changed.
fn changed(write: &mut Write, request: RequestId, inbox: InboxId) {
    write.changed(Noun::Request, Action::Updated, request, Some(inbox.to_string()), None);
}

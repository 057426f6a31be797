//! How a captured request stood on the wire, and what of it is unusual.

use bytes::Bytes;
use hookbench_capture::Stray;
use hookbench_model::{
    ArrivalFacts, CapturedRequest, HeaderPairs, RequestId, Timestamp, TlsFacts, WireRecord, trailer_pairs,
};

use self::exact::{Kept, is_of_head};
use crate::error::{Result, WorkbenchError};
use crate::oddities::{Oddities, of_chunks, of_head};
use crate::{ShownRequest, Workbench};

mod exact;

/// The most sizes of chunks that are told.
const MOST_CHUNKS: usize = 1_000;

/// How the end of a body was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFraming {
    /// It has none.
    None,
    /// By its length.
    Length,
    /// By chunks.
    Chunked,
    /// By the frames of HTTP/2.
    Http2,
}

/// How a captured request stood on the wire.
#[derive(Clone, Debug)]
pub struct WireSeen {
    /// Whether [`Workbench::request_on_wire`] gives every byte that came.
    pub exact: bool,
    /// Whether [`Workbench::request_head`] gives the head as it came.
    pub head_exact: bool,
    /// The size of the head, in bytes, its closing empty line included.
    pub head_size: u64,
    /// How the end of its body was told.
    pub framing: WireFraming,
    /// The sizes of its chunks, the first thousand, in bytes.
    pub chunks: Vec<u64>,
    /// How many it has.
    pub chunk_count: u64,
    /// The headers after its body.
    pub trailers: HeaderPairs,
    /// On which connection, and how fast, it came; `None` where that is not known.
    pub came: Option<ArrivalFacts>,
    /// What was agreed on over TLS; `None` of what came in clear.
    pub tls: Option<TlsFacts>,
    /// When its first byte came, likewise.
    pub first_byte_at: Option<Timestamp>,
    /// What of it is unusual, each as a sentence.
    pub notes: Vec<String>,
}

impl Workbench {
    /// One captured request as it is to be shown, and how it stood on the wire. The secrets in it are there where they
    /// are asked for: that is logged first.
    pub async fn request_with_wire(
        &self,
        id: RequestId,
        revealing: bool,
    ) -> Result<(ShownRequest, WireSeen)> {
        let request = self.whole_request(id).await?;
        let record = self.store().requests().wire(id).await?;
        let hides = request.shown.is_some() || record.shown.is_some();
        if revealing && hides {
            self.log_reveal(id).await?;
        }
        let fault = request.fault.as_ref().map(|fault| fault.code.as_str());
        let behind = if record.chunks.is_none() && fault.is_some_and(is_of_head) {
            self.store().requests().body(id).await?
        } else {
            None
        };
        let wire = seen(&request, record, behind.as_deref(), revealing);
        let shown = if revealing { ShownRequest { request, veiled: false } } else { request.into() };
        Ok((ShownRequest { veiled: hides && !revealing, ..shown }, wire))
    }

    /// The head of a captured request as it stood on the wire. The secrets in it are there where they are asked for:
    /// that is logged first.
    pub async fn request_head(&self, id: RequestId, revealing: bool) -> Result<Bytes> {
        let (request, record) = self.request_and_wire(id, revealing).await?;
        Ok(record.head.unwrap_or_else(|| request.written_head().into()))
    }

    /// A captured request as it stood on the wire: head, body in its chunks, trailers. Secrets likewise.
    pub async fn request_on_wire(&self, id: RequestId, revealing: bool) -> Result<Bytes> {
        let (request, record) = self.request_and_wire(id, revealing).await?;
        let (body, _) = self.request_body(id).await?;
        let mut wire = record.head.as_deref().map_or_else(|| request.written_head(), <[u8]>::to_vec);
        match &record.chunks {
            Some(chunks) => wire.extend(chunks.written(&body, &record.trailers)),
            None => wire.extend_from_slice(&body),
        }
        Ok(wire.into())
    }

    /// The newest requests that reached no inbox, newest first.
    pub async fn strays(&self) -> Vec<Stray> {
        self.with_receiver(hookbench_capture::Receiver::strays).await.unwrap_or_default()
    }

    /// One of them, by its number.
    pub async fn stray(&self, number: &str) -> Result<Stray> {
        let wanted = number.parse().ok();
        let found = self.strays().await.into_iter().find(|stray| Some(stray.number) == wanted);
        found.ok_or_else(|| WorkbenchError::not_found("stray", number))
    }

    /// Forgets the requests that reached no inbox.
    pub async fn clear_strays(&self) {
        self.with_receiver(hookbench_capture::Receiver::clear_strays).await;
    }

    pub(crate) async fn request_and_wire(
        &self,
        id: RequestId,
        revealing: bool,
    ) -> Result<(CapturedRequest, WireRecord)> {
        let request = self.request(id).await?;
        let record = self.store().requests().wire(id).await?;
        if !revealing {
            return Ok((request.veiled(), record.veiled()));
        }
        if request.shown.is_some() || record.shown.is_some() {
            self.log_reveal(id).await?;
        }
        Ok((request, record))
    }

    async fn log_reveal(&self, id: RequestId) -> Result<()> {
        self.store().requests().log_reveal(id, self.now()).await?;
        tracing::info!(request = %id, "the secrets in a captured request were revealed");
        Ok(())
    }
}

/// `behind` is what is kept behind a malformed head.
fn seen(request: &CapturedRequest, record: WireRecord, behind: Option<&[u8]>, revealing: bool) -> WireSeen {
    // A request line may say it too, of what is refused for that.
    let is_http2 = request.http_version == "HTTP/2.0" && record.head.is_none();
    let head_exact = request.came.is_some() && !is_http2;
    let head = record.head.clone().unwrap_or_else(|| request.written_head().into());
    let is_chunked = record.chunks.is_some()
        || request
            .headers
            .get_all("transfer-encoding")
            .any(|value| value.as_bytes().to_ascii_lowercase().windows(7).any(|window| window == b"chunked"));
    let framing = if is_http2 {
        WireFraming::Http2
    } else if is_chunked {
        WireFraming::Chunked
    } else if request.headers.get("content-length").is_some() {
        WireFraming::Length
    } else {
        WireFraming::None
    };
    let fault = request.fault.as_ref().map(|fault| fault.code.as_str());
    let kept = Kept { fault, is_chunked, record: &record, head_size: head.len(), behind };
    let exact = head_exact && kept.is_exact();
    let mut notes = Oddities::default();
    if is_http2 && request.has_pseudo() {
        notes.add("HTTP/2 has no text of its own: the head is written as its fields, in the order in which they came");
    } else if is_http2 {
        notes.add("HTTP/2 has no text of its own: the head is written as HTTP/1 would write it");
    } else if head_exact {
        of_head(&head, &mut notes);
    } else {
        notes.add("How the head stood on the wire was not kept: it is written of what is known of it");
    }
    if let Some(chunks) = &record.chunks {
        of_chunks(chunks, &mut notes);
    }
    if !record.trailers.is_empty() {
        notes.add("Its trailers stay here: what is passed on or sent again goes with a length, which has no place for them");
    }
    let shown = if revealing { record } else { record.veiled() };
    WireSeen {
        exact,
        head_exact,
        head_size: head.len() as u64,
        framing,
        chunks: shown.chunks.as_ref().map(|chunks| chunks.sizes(MOST_CHUNKS)).unwrap_or_default(),
        chunk_count: shown.chunks.as_ref().map_or(0, |chunks| chunks.count),
        trailers: trailer_pairs(&shown.trailers),
        first_byte_at: request.came.as_ref().and_then(|came| first_byte_at(request.received_at, came)),
        came: request.came,
        tls: shown.tls,
        notes: notes.0,
    }
}

fn first_byte_at(received_at: Timestamp, came: &ArrivalFacts) -> Option<Timestamp> {
    let took = i64::from(came.head_us?) + i64::from(came.body_us);
    Some(received_at.plus_ms(-(took / 1_000)))
}

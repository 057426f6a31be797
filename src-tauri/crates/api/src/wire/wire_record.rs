use hookbench_model as model;
use hookbench_workbench::{WireFraming, WireSeen};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Headers, Time};

/// What went wrong with a captured request that did not come whole and well formed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestFault {
    /// What it was, as a stable code: `body_broken_off`, `length_and_encoding`.
    code: String,
    /// The same as a sentence.
    message: String,
    /// At which byte of the request that showed, its head included; null where no byte is to blame.
    #[schema(required)]
    at: Option<u64>,
}

impl From<model::RequestFault> for RequestFault {
    fn from(model::RequestFault { code, message, at, .. }: model::RequestFault) -> Self {
        Self { code, message, at }
    }
}

/// How the end of a body was told.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Framing {
    /// There is none.
    None,
    /// By its length.
    Length,
    /// By chunks.
    Chunked,
    /// By the frames of HTTP/2.
    Http2,
}

/// On which connection a request came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequestConnection)]
pub(crate) struct Connection {
    /// Its number, from 1 since the receiver began to listen.
    number: u64,
    /// Which request on it this was, from 1.
    request_on_it: u32,
    /// Whether others came on it before.
    reused: bool,
}

/// How fast a request came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WireTiming {
    /// When its first byte came; null where that was not seen.
    #[schema(required)]
    first_byte_at: Option<Time>,
    /// From the first byte to the end of its head, likewise.
    #[schema(required)]
    head_ms: Option<u32>,
    /// The same in microseconds.
    #[schema(required)]
    head_us: Option<u32>,
    /// From there to the end of its body.
    body_ms: u32,
    /// The same in microseconds.
    body_us: u32,
}

/// What was agreed on over TLS for the connection that a captured request came on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequestTls)]
pub(crate) struct Tls {
    /// `TLSv1.3`, `TLSv1.2`.
    version: String,
    /// The cipher suite, by its registered name: `TLS_AES_256_GCM_SHA384`.
    cipher_suite: String,
    /// The name that the sender asked for; null where it asked for none, as for an address.
    #[schema(required)]
    server_name: Option<String>,
    /// The protocol that was chosen, `h2` or `http/1.1`; null where the sender offered none.
    #[schema(required)]
    alpn: Option<String>,
}

impl From<model::TlsFacts> for Tls {
    fn from(model::TlsFacts { version, cipher_suite, server_name, alpn }: model::TlsFacts) -> Self {
        Self { version, cipher_suite, server_name, alpn }
    }
}

/// How a captured request stood on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Wire {
    /// Whether `GET /v1/requests/{id}/wire` gives every byte that came, and no other.
    exact: bool,
    /// Whether `GET /v1/requests/{id}/head` gives the head as it came.
    head_exact: bool,
    /// The size of the head, in bytes.
    head_size: u64,
    /// How the end of its body was told.
    framing: Framing,
    /// The sizes of its chunks, the first 1,000.
    chunks: Vec<u64>,
    /// How many chunks it has.
    chunk_count: u64,
    /// The headers after its body.
    trailers: Headers,
    /// On which connection it came; null of what did not come over one, or before that was kept.
    #[schema(required)]
    connection: Option<Connection>,
    /// What was agreed on over TLS; null of what came in clear.
    #[schema(required)]
    tls: Option<Tls>,
    /// How fast it came, likewise.
    #[schema(required)]
    timing: Option<WireTiming>,
    /// What of it is unusual, each as a sentence without a full stop.
    notes: Vec<String>,
}

impl From<WireFraming> for Framing {
    fn from(framing: WireFraming) -> Self {
        match framing {
            WireFraming::None => Self::None,
            WireFraming::Length => Self::Length,
            WireFraming::Chunked => Self::Chunked,
            WireFraming::Http2 => Self::Http2,
        }
    }
}

impl From<WireSeen> for Wire {
    fn from(seen: WireSeen) -> Self {
        let first_byte_at = seen.first_byte_at.map(Into::into);
        Self {
            exact: seen.exact,
            head_exact: seen.head_exact,
            head_size: seen.head_size,
            framing: seen.framing.into(),
            chunks: seen.chunks,
            chunk_count: seen.chunk_count,
            trailers: seen.trailers.into(),
            connection: seen.came.map(|came| Connection {
                number: came.connection,
                request_on_it: came.turn,
                reused: came.turn > 1,
            }),
            tls: seen.tls.map(Into::into),
            timing: seen.came.map(|came| WireTiming {
                first_byte_at,
                head_ms: came.head_us.map(|us| us / 1_000),
                head_us: came.head_us,
                body_ms: came.body_us / 1_000,
                body_us: came.body_us,
            }),
            notes: seen.notes,
        }
    }
}

//! Has a target asked for its answer while the sender of a captured request waits.
//!
//! How a request gets there is not known here: who sends deliveries sends this too, by the same rules.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{CapturedRequest, HeaderPairs, RelayHost};
use http::StatusCode;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Body as HttpBody;
use url::Url;

/// What is borne from a target that is asked while a sender waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayOptions {
    /// How long it may take to begin its answer.
    pub head_time: Duration,
    /// How long its answer may stand still.
    pub idle: Duration,
    /// How long its whole answer may take.
    pub whole_time: Duration,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            head_time: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            whole_time: Duration::from_mins(10),
        }
    }
}

/// A captured request about to be passed on.
#[derive(Clone, Debug)]
pub struct RelayedRequest {
    /// As it is kept.
    pub captured: CapturedRequest,
    /// The body.
    pub body: Bytes,
    /// The target.
    pub target: Url,
    /// Which `Host` it is sent.
    pub host: RelayHost,
}

/// Passes captured requests on to somebody's own handler: method, path, query, headers and body as they came.
pub trait AskTarget: fmt::Debug + Send + Sync + 'static {
    /// Asks the target, with the path below the slug and the query added to its own; gives the answer once its head is
    /// here, which may take so long.
    fn ask(&self, request: RelayedRequest, within: Duration) -> Asked<'_>;
}

/// What a target answers, in time.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<TargetAnswer, NotAnswered>> + Send + 'a>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a target's answer, as it comes in.
pub(crate) type TargetBody = UnsyncBoxBody<Bytes, BoxError>;

/// What a target answers; its body is still to come.
#[derive(Debug)]
pub struct TargetAnswer {
    pub(crate) status: StatusCode,
    /// The words behind the status; empty where there are none.
    pub(crate) reason: Bytes,
    /// The headers as they stood on the wire.
    pub(crate) headers: HeaderPairs,
    pub(crate) body: TargetBody,
}

impl TargetAnswer {
    /// An answer. `None` where its status is none.
    pub fn new<B>(status: u16, reason: Bytes, headers: HeaderPairs, body: B) -> Option<Self>
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let status = StatusCode::from_u16(status).ok()?;
        Some(Self { status, reason, headers, body: body.map_err(Into::into).boxed_unsync() })
    }
}

/// Why a target gave no answer, as a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// It took too long.
    #[error("{0}")]
    TooLate(String),
    /// It could not be reached, broke off, or must not be asked.
    #[error("{0}")]
    Failed(String),
}

impl NotAnswered {
    /// What the sender is answered in place of the target's answer.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::TooLate(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Failed(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

/// Who asks targets, and what is borne from them.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    pub(crate) targets: Arc<dyn AskTarget>,
    pub(crate) options: RelayOptions,
}

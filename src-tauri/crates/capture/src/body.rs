use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use crate::Limits;
use crate::fault::Fault;

/// The most that is set aside for a body on the word of its sender.
const TRUSTED_LENGTH: u64 = 1 << 20;

/// A body as far as it came.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) bytes: Bytes,
    /// The headers after it, where the HTTP library gives any.
    pub(crate) trailers: Option<http::HeaderMap>,
    /// Why that is not all of it, where it is not.
    pub(crate) fault: Option<Fault>,
}

impl Read {
    /// One that came along with its head.
    pub(crate) fn along(bytes: &Bytes, most: u64) -> Self {
        let room = usize::try_from(most).unwrap_or(usize::MAX);
        let fault = (bytes.len() > room).then_some(Fault::BodyTooLarge(most));
        Self { bytes: bytes.slice(..bytes.len().min(room)), trailers: None, fault }
    }
}

/// Reads a body under the limits. `announced` is what the head says of its size.
pub(crate) async fn read(mut body: Body, announced: Option<u64>, most: u64, limits: &Limits) -> Read {
    let (mut gathered, mut trailers) = (Gathered::Nothing, None);
    let fault = if announced.is_some_and(|length| length > most) {
        Some(Fault::BodyTooLarge(most))
    } else {
        gather(&mut body, announced, most, limits, &mut gathered, &mut trailers).await.err()
    };
    Read { bytes: gathered.into_bytes(), trailers, fault }
}

async fn gather(
    body: &mut Body,
    announced: Option<u64>,
    most: u64,
    limits: &Limits,
    gathered: &mut Gathered,
    trailers: &mut Option<http::HeaderMap>,
) -> Result<(), Fault> {
    let end = Instant::now() + limits.body_time;
    loop {
        let patience = end.min(Instant::now() + limits.body_idle);
        let frame = match timeout_at(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Fault::BodyBrokenOff),
            Ok(None) => return Ok(()),
            Err(_) => return Err(Fault::BodyTooSlow),
        };
        match frame.into_data() {
            Ok(data) => {
                let room = usize::try_from(most.saturating_sub(gathered.len())).unwrap_or(usize::MAX);
                let is_too_much = data.len() > room;
                let here = std::mem::replace(gathered, Gathered::Nothing);
                *gathered = here.and(data.slice(..data.len().min(room)), announced);
                if is_too_much {
                    return Err(Fault::BodyTooLarge(most));
                }
            }
            // Trailers are no part of the body.
            Err(frame) => *trailers = frame.into_trailers().ok(),
        }
    }
}

/// A body that comes in one piece is never copied; most do.
enum Gathered {
    Nothing,
    One(Bytes),
    Several(BytesMut),
}

impl Gathered {
    fn len(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len() as u64,
            Self::Several(bytes) => bytes.len() as u64,
        }
    }

    fn and(self, data: Bytes, announced: Option<u64>) -> Self {
        match self {
            Self::Nothing => Self::One(data),
            Self::One(first) => {
                let expected = announced.unwrap_or(0).min(TRUSTED_LENGTH);
                let room = usize::try_from(expected).unwrap_or(0).max(first.len() + data.len());
                let mut bytes = BytesMut::with_capacity(room);
                bytes.extend_from_slice(&first);
                bytes.extend_from_slice(&data);
                Self::Several(bytes)
            }
            Self::Several(mut bytes) => {
                bytes.extend_from_slice(&data);
                Self::Several(bytes)
            }
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Several(bytes) => bytes.freeze(),
        }
    }
}

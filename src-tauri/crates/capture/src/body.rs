use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use crate::Limits;
use crate::fault::Fault;

/// The most that is set aside for a body on the word of its sender.
const TRUSTED_LENGTH: u64 = 1 << 20;

/// Reads a whole body under the limits. `announced` is what the head says of its size.
pub(crate) async fn read(
    mut body: Body,
    announced: Option<u64>,
    most: u64,
    limits: &Limits,
) -> Result<Bytes, Fault> {
    if announced.is_some_and(|length| length > most) {
        return Err(Fault::BodyTooLarge(most));
    }
    let mut gathered = Gathered::Nothing;
    let end = Instant::now() + limits.body_time;
    loop {
        let patience = end.min(Instant::now() + limits.body_idle);
        let frame = match timeout_at(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Fault::BodyBrokenOff),
            Ok(None) => return Ok(gathered.into_bytes()),
            Err(_) => return Err(Fault::BodyTooSlow),
        };
        // Trailers are no part of the body.
        let Ok(data) = frame.into_data() else { continue };
        if gathered.len() + data.len() as u64 > most {
            return Err(Fault::BodyTooLarge(most));
        }
        gathered = gathered.and(data, announced);
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

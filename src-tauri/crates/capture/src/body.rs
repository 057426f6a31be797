use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout, timeout_at};

use crate::Limits;
use crate::fault::Fault;
use crate::room::{FREE, Room, Taken};
use crate::wire::Stream;

/// The most that is set aside for a body on the word of its sender.
const TRUSTED_LENGTH: u64 = 1 << 20;

/// How long a body that is too large anyway may stand still, until what came is all that is kept of it.
const TOO_LARGE_IDLE: Duration = Duration::from_secs(1);

/// A body as far as it came.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) bytes: Bytes,
    /// Why that is not all of it, where it is not.
    pub(crate) fault: Option<Fault>,
    /// What it takes of the room for large bodies, as long as it is needed.
    pub(crate) room: Option<Taken>,
}

impl Read {
    /// One that came along with its head.
    pub(crate) fn along(bytes: &Bytes, most: u64) -> Self {
        let room = usize::try_from(most).unwrap_or(usize::MAX);
        let fault = (bytes.len() > room).then_some(Fault::BodyTooLarge(most));
        Self { bytes: bytes.slice(..bytes.len().min(room)), fault, room: None }
    }

    /// The same judged by what came on its stream of HTTP/2: whether that ended is known there also where its sender
    /// has reset it since, and its length is compared with what was announced.
    pub(crate) fn judged(mut self, stream: &Stream, announced: Option<u64>) -> Self {
        let seen = stream.seen();
        let came = self.bytes.len() as u64;
        let has_ended = seen.ended_at.is_some() && came == seen.body;
        if has_ended && matches!(self.fault, Some(Fault::BodyBrokenOff)) {
            self.fault = None;
        }
        // With some reasons the library takes a reset for an end; none of them makes a whole of what broke off.
        if seen.is_reset {
            self.fault.get_or_insert(Fault::BodyBrokenOff);
        }
        let is_other = announced.is_some_and(|announced| announced != came);
        self.fault = self.fault.or(seen.fault).or_else(|| is_other.then_some(Fault::BodyLength));
        self
    }
}

/// What a head says of the body behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announced {
    /// Its size.
    pub(crate) size: Option<u64>,
    /// Whether its sender waits to be told to go on.
    pub(crate) waits: bool,
}

/// Reads a body under the limits. One that says it is too large is read as far as it may be, like one that turns out to
/// be; whoever asks first is not told to send it.
pub(crate) async fn read(mut body: Body, says: Announced, most: u64, limits: &Limits, all: &Room) -> Read {
    let (mut gathered, mut room) = (Gathered::Nothing, None);
    let is_too_large = says.size.is_some_and(|size| size > most);
    let fault = if is_too_large && says.waits {
        None
    } else {
        gather(&mut body, (says.size, most), limits, &mut gathered, (all, &mut room)).await.err()
    };
    // However that ended, it is what is wrong with it.
    let fault = if is_too_large { Some(Fault::BodyTooLarge(most)) } else { fault };
    Read { bytes: gathered.into_bytes(), fault, room }
}

async fn gather(
    body: &mut Body,
    (announced, most): (Option<u64>, u64),
    limits: &Limits,
    gathered: &mut Gathered,
    (all, room): (&Room, &mut Option<Taken>),
) -> Result<(), Fault> {
    let mut end = Instant::now() + limits.body_time;
    let is_too_large = announced.is_some_and(|announced| announced > most);
    let idle = if is_too_large { limits.body_idle.min(TOO_LARGE_IDLE) } else { limits.body_idle };
    while !is_too_large || gathered.len() < most {
        // What is large is not read on before there is room for the whole of it. That wait is not its sender's fault.
        if room.is_none() && announced.unwrap_or(gathered.len()) > FREE {
            let asked = Instant::now();
            let wanted = announced.unwrap_or(most).min(most);
            *room = timeout(limits.body_time, all.take(wanted)).await.map_err(|_| Fault::NoRoom)?;
            end += asked.elapsed();
        }
        let patience = end.min(Instant::now() + idle);
        let frame = match timeout_at(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Fault::BodyBrokenOff),
            Ok(None) => return Ok(()),
            Err(_) => return Err(Fault::BodyTooSlow),
        };
        // Trailers are no part of the body; the gate has seen them.
        if let Ok(data) = frame.into_data() {
            let left = usize::try_from(most.saturating_sub(gathered.len())).unwrap_or(usize::MAX);
            let is_too_much = data.len() > left;
            let here = std::mem::replace(gathered, Gathered::Nothing);
            *gathered = here.and(data.slice(..data.len().min(left)), announced);
            if is_too_much {
                return Err(Fault::BodyTooLarge(most));
            }
        }
    }
    Err(Fault::BodyTooLarge(most))
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

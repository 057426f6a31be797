use std::sync::Arc;

use hookbench_model::Settings;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// What room is given out in, in bytes.
const UNIT: u64 = 1 << 10;
/// As much of a body as is read without asking for room, in bytes: most have no more.
pub(crate) const FREE: u64 = 64 << 10;

/// The memory that all large bodies have together while they are read and stored.
#[derive(Debug)]
pub(crate) struct Room {
    units: Arc<Semaphore>,
    all: u64,
    settings: watch::Receiver<Settings>,
}

/// Room that somebody has, until it is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    _units: OwnedSemaphorePermit,
}

impl Room {
    /// So many bytes of it.
    pub(crate) fn new(bytes: u64, settings: watch::Receiver<Settings>) -> Self {
        let all = units(bytes).max(1);
        Self { units: Arc::new(Semaphore::new(usize::try_from(all).unwrap_or(usize::MAX))), all, settings }
    }

    /// The most that a body may have.
    pub(crate) fn most(&self) -> u64 {
        self.settings.borrow().capture_max_body
    }

    /// Room for a body of so many bytes, once there is: who has asked first has it first, and for all of it, so that
    /// no two wait for each other. A body larger than all the room has all of it.
    pub(crate) async fn take(&self, bytes: u64) -> Option<Taken> {
        let wanted = u32::try_from(units(bytes).min(self.all)).ok()?;
        let units = Arc::clone(&self.units).acquire_many_owned(wanted).await.ok()?;
        Some(Taken { _units: units })
    }

    /// The same where there is room at once.
    pub(crate) fn try_take(&self, bytes: u64) -> Option<Taken> {
        let wanted = u32::try_from(units(bytes).min(self.all)).ok()?;
        let units = Arc::clone(&self.units).try_acquire_many_owned(wanted).ok()?;
        Some(Taken { _units: units })
    }
}

fn units(bytes: u64) -> u64 {
    bytes.div_ceil(UNIT)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;
    use crate::Limits;

    #[tokio::test]
    async fn a_large_body_is_not_read_on_before_there_is_room_for_all_of_it() {
        let (_, settings) = watch::channel(Settings::default());
        let room = Room::new(256 << 10, settings);
        let limits = Limits::default();
        let read = |bytes: usize, announced: bool| {
            let size = announced.then_some(bytes as u64);
            let says = crate::body::Announced { size, waits: false };
            crate::body::read(Body::from(vec![b'x'; bytes]), says, room.most(), &limits, &room)
        };
        let first = read(200 << 10, true).await;
        assert!(first.room.is_some() && first.fault.is_none());
        // Small ones need none, and go on beside it.
        assert!(read(64 << 10, true).await.room.is_none());
        for announced in [true, false] {
            let mut second = std::pin::pin!(read(100 << 10, announced));
            assert!(waits(second.as_mut()).await, "it is read beside the first");
        }
        drop(first);
        let second = read(100 << 10, true).await;
        assert_eq!((second.bytes.len(), second.fault), (100 << 10, None));
        // What is larger than all of the room has all of it.
        drop(second.room);
        assert!(read(300 << 10, true).await.fault.is_none());
    }

    /// Whether it cannot go on.
    async fn waits<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
        let mut future = future;
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending()))
            .await
    }
}

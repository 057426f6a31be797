//! Work that computes for long, away from the threads that answer calls.

use std::panic::resume_unwind;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::{Result, WorkbenchError};

/// Up to so many bytes a message is small.
const SMALL: usize = 1 << 20;

/// What runs at once, for the whole process: each work keeps a core busy and may hold several copies of its
/// message, and the rest of the machine is for what arrives and goes out.
static LANES: Lanes = Lanes::new(4, 2);

/// Runs work on a message of so many bytes on a thread for blocking work, and gives what it made. Only a few run
/// at once; the others wait for their turn, the large ones in a queue of their own, so that a small one is not
/// kept waiting by them. Work that has begun is finished even where nobody waits for it any longer, and keeps its
/// turn until then.
pub async fn aside<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    LANES.run(bytes, work).await
}

struct Lanes {
    small: Semaphore,
    large: Semaphore,
}

impl Lanes {
    const fn new(small: usize, large: usize) -> Self {
        Self { small: Semaphore::const_new(small), large: Semaphore::const_new(large) }
    }

    async fn run<T: Send + 'static>(
        &'static self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let lane = if bytes <= SMALL { &self.small } else { &self.large };
        let turn = lane.acquire().await.map_err(|_| WorkbenchError::Stopping)?;
        let done = spawn_blocking(move || {
            let made = work();
            drop(turn);
            made
        });
        done.await.map_err(|error| match error.try_into_panic() {
            // A panic is the caller's, as if it had done the work itself.
            Ok(panic) => resume_unwind(panic),
            Err(_) => WorkbenchError::Stopping,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};

    use futures::poll;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[tokio::test]
    async fn large_works_are_few_at_once_keep_their_turn_and_do_not_hold_up_small_ones() {
        static LANES: Lanes = Lanes::new(1, 2);
        let under_way = Arc::new(AtomicUsize::new(0));
        let (began, mut begun) = unbounded_channel();
        let work = |wait: mpsc::Receiver<()>| {
            let (under_way, began) = (Arc::clone(&under_way), began.clone());
            move || {
                began.send(under_way.fetch_add(1, Ordering::SeqCst) + 1).unwrap();
                wait.recv().unwrap();
                under_way.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let (let_go, waits): (Vec<_>, Vec<_>) = (0..4).map(|_| mpsc::channel()).unzip();
        let mut works = waits.into_iter().map(|wait| Box::pin(LANES.run(32 << 20, work(wait))));
        let (mut first, mut second) = (works.next().unwrap(), works.next().unwrap());
        let (mut third, mut fourth) = (works.next().unwrap(), works.next().unwrap());
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        // Either thread may be the first to say so.
        let both = [begun.recv().await.unwrap(), begun.recv().await.unwrap()];
        assert!(both == [1, 2] || both == [2, 1], "{both:?}");
        assert!(poll!(&mut third).is_pending() && poll!(&mut fourth).is_pending());
        assert_eq!(LANES.run(1, || 7).await.unwrap(), 7);
        // Nobody waits for the first any longer, but its thread is still busy.
        drop(first);
        assert!(poll!(&mut third).is_pending());
        assert_eq!(LANES.large.available_permits(), 0);
        for done in &let_go {
            done.send(()).unwrap();
        }
        second.await.unwrap();
        third.await.unwrap();
        fourth.await.unwrap();
        let most = [begun.recv().await.unwrap(), begun.recv().await.unwrap()];
        assert!(most.iter().all(|&count| count <= 2), "{most:?}");
    }

    #[tokio::test]
    #[should_panic(expected = "in the work")]
    async fn a_panic_is_the_callers_and_gives_its_turn_back() {
        static LANES: Lanes = Lanes::new(1, 1);
        let panics = pin!(LANES.run(1, || panic!("in the work")));
        let caught = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(panics)).await;
        assert_eq!(LANES.run(1, || 7).await.unwrap(), 7);
        if let Err(panic) = caught {
            resume_unwind(panic);
        }
    }
}

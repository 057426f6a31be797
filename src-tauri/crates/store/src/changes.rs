use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookbench_model::{Action, Change, FaultReceiverId, Noun};
use tokio::sync::watch;

/// What changed, told after it is on disk, in order and without gaps. A cheap clone.
#[derive(Clone, Debug)]
pub struct ChangeFeed {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<VecDeque<Arc<Change>>>,
    /// The number of the newest change; 0 before the first.
    newest: watch::Sender<u64>,
}

/// One reader's place in the feed.
#[derive(Debug)]
pub struct ChangeStream {
    shared: Arc<Shared>,
    newest: watch::Receiver<u64>,
    /// The number of the change that comes next.
    position: u64,
    closed: bool,
}

/// What a reader of the feed gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// The next change.
    Change(Arc<Change>),
    /// The reader was too slow and has missed some: it should read anew what it shows. The stream goes
    /// on with what happens from now on.
    Lagged,
    /// The store has been shut down and everything was told.
    Closed,
}

/// A change before it has a number.
#[derive(Clone, Debug)]
pub(crate) struct NewChange {
    pub(crate) noun: Noun,
    pub(crate) action: Action,
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) status: Option<&'static str>,
}

impl ChangeFeed {
    /// How many changes are kept for readers that fall behind or come back.
    pub(crate) const KEPT: usize = 8192;

    pub(crate) fn new() -> Self {
        let (newest, _) = watch::channel(0);
        Self { shared: Arc::new(Shared { kept: Mutex::new(VecDeque::with_capacity(Self::KEPT)), newest }) }
    }

    /// The changes from now on.
    pub fn subscribe(&self) -> ChangeStream {
        self.stream(self.last_sequence() + 1)
    }

    /// The changes after that number; `None` where they are no longer kept, or the number is not of this
    /// run of the program: read anew, then [`Self::subscribe`].
    pub fn subscribe_after(&self, sequence: u64) -> Option<ChangeStream> {
        self.since(sequence).map(|_| self.stream(sequence + 1))
    }

    /// The changes after that number, up to now; `None` as for [`Self::subscribe_after`].
    pub fn since(&self, sequence: u64) -> Option<Vec<Arc<Change>>> {
        let kept = self.shared.kept();
        let newest = kept.back().map_or(0, |change| change.sequence);
        let oldest = kept.front().map_or(1, |change| change.sequence);
        if sequence > newest || sequence.saturating_add(1) < oldest {
            return None;
        }
        let index = usize::try_from(sequence + 1 - oldest).ok()?;
        Some(kept.range(index..).cloned().collect())
    }

    /// The number of the newest change; 0 before the first.
    pub fn last_sequence(&self) -> u64 {
        self.shared.kept().back().map_or(0, |change| change.sequence)
    }

    /// Tells that the workspace's time goes otherwise than before, or was found to have jumped. That is on no disk.
    pub fn tell_clock(&self) {
        let id = Noun::Clock.as_str().to_owned();
        let (noun, action) = (Noun::Clock, Action::Updated);
        self.tell(vec![NewChange { noun, action, id, parent: None, status: None }]);
    }

    /// Tells of a fault receiver, which is on no disk.
    pub fn tell_fault_receiver(&self, action: Action, id: FaultReceiverId) {
        let (noun, id) = (Noun::FaultReceiver, id.to_string());
        self.tell(vec![NewChange { noun, action, id, parent: None, status: None }]);
    }

    /// Tells that requests reached no inbox, or that those which did are forgotten. That is on no disk.
    pub fn tell_strays(&self) {
        let id = Noun::Stray.as_str().to_owned();
        let (noun, action) = (Noun::Stray, Action::Updated);
        self.tell(vec![NewChange { noun, action, id, parent: None, status: None }]);
    }

    /// Tells that the workspace can no longer be written to, or can be again.
    pub(crate) fn tell_health(&self) {
        let id = Noun::Health.as_str().to_owned();
        let (noun, action) = (Noun::Health, Action::Updated);
        self.tell(vec![NewChange { noun, action, id, parent: None, status: None }]);
    }

    /// Numbers the changes and tells them.
    pub(crate) fn tell(&self, changes: Vec<NewChange>) {
        if changes.is_empty() {
            return;
        }
        let mut kept = self.shared.kept();
        let mut sequence = kept.back().map_or(0, |change| change.sequence);
        for NewChange { noun, action, id, parent, status } in changes {
            sequence += 1;
            if kept.len() == Self::KEPT {
                kept.pop_front();
            }
            kept.push_back(Arc::new(Change { sequence, noun, action, id, parent, status }));
        }
        drop(kept);
        self.shared.newest.send_replace(sequence);
    }

    /// Ends every stream once it has told what is kept.
    pub(crate) fn close(&self) {
        self.shared.newest.send_replace(u64::MAX);
    }

    fn stream(&self, position: u64) -> ChangeStream {
        ChangeStream {
            shared: Arc::clone(&self.shared),
            newest: self.shared.newest.subscribe(),
            position,
            closed: false,
        }
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Change>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChangeStream {
    /// Waits for the next change. Cancelling the wait loses nothing.
    pub async fn next(&mut self) -> Feed {
        loop {
            let newest = *self.newest.borrow_and_update();
            if let Some(told) = self.kept() {
                return told;
            }
            if self.closed || newest == u64::MAX || self.newest.changed().await.is_err() {
                self.closed = true;
                return Feed::Closed;
            }
        }
    }

    fn kept(&mut self) -> Option<Feed> {
        let kept = self.shared.kept();
        let oldest = kept.front()?.sequence;
        if self.position < oldest {
            self.position = kept.back()?.sequence + 1;
            return Some(Feed::Lagged);
        }
        let change = kept.get(usize::try_from(self.position - oldest).ok()?)?;
        self.position += 1;
        Some(Feed::Change(Arc::clone(change)))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const KEPT: usize = ChangeFeed::KEPT;

    fn change(id: usize) -> NewChange {
        NewChange {
            noun: Noun::Event,
            action: Action::Created,
            id: id.to_string(),
            parent: None,
            status: None,
        }
    }

    #[tokio::test]
    async fn changes_come_in_order_and_without_gaps() {
        let feed = ChangeFeed::new();
        let mut stream = feed.subscribe();
        assert!(stream.next().now_or_never().is_none());
        feed.tell(vec![change(1), change(2)]);
        feed.tell(vec![change(3)]);
        for sequence in 1..=3 {
            let Feed::Change(told) = stream.next().await else { panic!("a change") };
            assert_eq!((told.sequence, told.id.as_str()), (sequence, sequence.to_string().as_str()));
        }
        assert!(stream.next().now_or_never().is_none());
        feed.close();
        assert_eq!(stream.next().await, Feed::Closed);
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_once_that_it_missed_some() {
        let feed = ChangeFeed::new();
        let mut stream = feed.subscribe();
        feed.tell((0..=KEPT).map(change).collect());
        assert_eq!(stream.next().await, Feed::Lagged);
        assert!(stream.next().now_or_never().is_none());
        feed.tell(vec![change(7)]);
        assert!(matches!(stream.next().await, Feed::Change(told) if told.id == "7"));
    }

    #[tokio::test]
    async fn a_reader_resumes_where_it_was_or_hears_that_it_cannot() {
        let feed = ChangeFeed::new();
        assert_eq!(feed.since(0).map(|changes| changes.len()), Some(0));
        assert!(feed.since(1).is_none(), "a number of another run");
        feed.tell((0..KEPT + 10).map(change).collect());
        assert!(feed.since(9).is_none(), "no longer kept");
        assert_eq!(feed.since(10).map(|changes| changes.len()), Some(KEPT));
        let last = feed.last_sequence();
        let mut stream = feed.subscribe_after(last - 1).unwrap();
        assert!(matches!(stream.next().await, Feed::Change(told) if told.sequence == last));
    }
}

//! Brings what was committed to the disk, and then tells and answers.
//!
//! A commit alone is safe from the end of the process: it stands in the log (WAL). It is safe from a power cut once
//! the log is flushed. That happens here, on a thread of its own, so that the writer writes the next transaction
//! meanwhile; whoever waits for a commit is answered when its flush is over. What is lost by a power cut was answered
//! to nobody. SQLite itself flushes where it must, whatever is committed: before the log is brought into the database
//! file and after, and when the log starts anew.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::batch::Batch;
use crate::changes::NewChange;
use crate::trouble::Condition;
use crate::{ChangeFeed, Result, StoreError};

/// How many commits may wait for the disk: one is flushed while the next one is written. More would only make the
/// transactions small, and the log long.
const UNFLUSHED: usize = 2;

/// Takes commits in their order.
#[derive(Debug)]
pub(super) struct Flusher {
    feed: ChangeFeed,
    condition: Condition,
    room: Arc<Semaphore>,
    /// `None` where nothing is flushed: commits are told and answered at once.
    commits: Option<UnboundedSender<Committed>>,
    thread: Option<JoinHandle<()>>,
}

/// A place for one commit.
#[derive(Debug)]
pub(super) struct Room(OwnedSemaphorePermit);

struct Committed {
    changes: Vec<NewChange>,
    waiting: Waiting,
    /// Given back once it is on disk. Without it nobody waits, and the next flush is early enough.
    room: Option<Room>,
}

/// Who waits for a commit.
pub(super) enum Waiting {
    Nobody,
    One(Box<dyn FnOnce(Result<()>) + Send>),
    All(Batch),
}

impl Waiting {
    fn answer(self, flushed: &std::io::Result<()>, log: &Log) {
        let result = || flushed.as_ref().map_err(|error| log.error(error)).copied();
        match self {
            Self::Nobody => {}
            Self::One(answer) => answer(result()),
            Self::All(batch) => batch.answer(result),
        }
    }
}

/// The file of the log.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    /// Opened when it is first flushed: the first commit makes it. It stays the same file until the database is
    /// closed.
    file: Option<File>,
}

impl Log {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            // For writing, since some systems flush nothing else.
            None => File::options().write(true).open(&self.path)?,
        };
        let file = self.file.insert(file);
        file.sync_data()?;
        still_there(file, &self.path)
    }

    fn error(&self, error: &std::io::Error) -> StoreError {
        if let (Some(_), std::io::ErrorKind::NotFound, Some(folder)) =
            (&self.file, error.kind(), self.path.parent())
        {
            return StoreError::Gone { folder: folder.to_owned() };
        }
        StoreError::io(&self.path, again(error))
    }
}

/// The same error once more.
fn again(error: &std::io::Error) -> std::io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error)
}

fn failed() -> std::io::Error {
    std::io::ErrorKind::Other.into()
}

/// Whether the file is the one at that path: what is written to one that was removed, or moved away with its folder,
/// is found by nobody. Asking takes a microsecond beside the milliseconds of the flush.
#[cfg(unix)]
fn still_there(file: &File, path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let (held, found) = (file.metadata()?, std::fs::metadata(path)?);
    let same = (held.dev(), held.ino()) == (found.dev(), found.ino());
    if same { Ok(()) } else { Err(std::io::ErrorKind::NotFound.into()) }
}

/// Elsewhere a file that is open is neither removed nor moved.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn still_there(_: &File, _: &Path) -> std::io::Result<()> {
    Ok(())
}

impl Flusher {
    /// Starts the thread that flushes the log; without a log nothing is flushed.
    pub(super) fn start(log: Option<Log>, feed: ChangeFeed, condition: Condition) -> Result<Self> {
        let room = Arc::new(Semaphore::new(UNFLUSHED));
        let Some(log) = log else {
            return Ok(Self { feed, condition, room, commits: None, thread: None });
        };
        let (commits, queue) = unbounded_channel();
        let path = log.path.clone();
        let (name, told, heard) = ("hookbench-flusher".to_owned(), feed.clone(), condition.clone());
        let thread = std::thread::Builder::new().name(name).spawn(move || run(queue, log, &told, &heard));
        let thread = Some(thread.map_err(|error| StoreError::io(path, error))?);
        Ok(Self { feed, condition, room, commits: Some(commits), thread })
    }

    /// A place for the next commit, when there is one.
    pub(super) async fn room(&self) -> Result<Room> {
        Arc::clone(&self.room).acquire_owned().await.map(Room).map_err(|_| StoreError::Closed)
    }

    /// Has a commit flushed, then told and answered.
    pub(super) fn take(&self, changes: Vec<NewChange>, waiting: Waiting, room: Option<Room>) {
        let committed = Committed { changes, waiting, room };
        if let Some(commits) = &self.commits {
            // Where the thread is gone, those who wait find their answer dropped.
            drop(commits.send(committed));
        } else {
            self.condition.works();
            self.feed.tell(committed.changes);
            committed.waiting.answer(&Ok(()), &Log::new(PathBuf::new()));
        }
    }

    /// Flushes what is left and ends.
    pub(super) async fn stop(mut self) {
        drop(self.commits.take());
        if let Some(thread) = self.thread.take()
            && !matches!(tokio::task::spawn_blocking(|| thread.join()).await, Ok(Ok(())))
        {
            tracing::error!("the thread that flushes the log did not end well");
        }
    }
}

fn run(mut queue: UnboundedReceiver<Committed>, mut log: Log, feed: &ChangeFeed, condition: &Condition) {
    let mut commits = Vec::new();
    let mut gap = None;
    while let Some(first) = queue.blocking_recv() {
        commits.push(first);
        while let Ok(next) = queue.try_recv() {
            commits.push(next);
        }
        let flushes = commits.iter().any(|one| one.room.is_some());
        let flushed = if flushes { log.flush() } else { Ok(()) };
        let flushed = match flushed {
            Ok(()) if flushes && condition.is_behind_a_gap() => Err(gap.as_ref().map_or_else(failed, again)),
            flushed => flushed,
        };
        match &flushed {
            Ok(()) if flushes => condition.works(),
            Ok(()) => {}
            Err(error) => {
                tracing::error!(%error, "the log could not be flushed: what was written may not be there again");
                condition.not_flushed(&log.error(error));
                gap = Some(again(error));
            }
        }
        for Committed { changes, waiting, room } in commits.drain(..) {
            // It is written whatever became of the flush.
            feed.tell(changes);
            waiting.answer(&flushed, &log);
            drop(room.map(|Room(permit)| permit));
        }
    }
}

#[cfg(test)]
mod tests {
    use hookbench_model::{Action, Noun};
    use tokio::sync::oneshot;

    use super::*;
    use crate::Feed;

    fn change(id: &str) -> Vec<NewChange> {
        vec![NewChange {
            noun: Noun::Event,
            action: Action::Created,
            id: id.to_owned(),
            parent: None,
            status: None,
        }]
    }

    fn waiting() -> (Waiting, oneshot::Receiver<Result<()>>) {
        let (reply, answer) = oneshot::channel();
        (Waiting::One(Box::new(move |flushed| drop(reply.send(flushed)))), answer)
    }

    #[tokio::test]
    async fn what_cannot_be_flushed_is_told_and_answered_as_failed() {
        let folder = tempfile::tempdir().unwrap();
        let feed = ChangeFeed::new();
        let mut changes = feed.subscribe();
        let flusher =
            Flusher::start(Some(Log::new(folder.path().join("no-log"))), feed.clone(), Condition::new(feed))
                .unwrap();
        let (one, answer) = waiting();
        flusher.take(change("1"), one, Some(flusher.room().await.unwrap()));
        assert!(
            matches!(answer.await.unwrap(), Err(StoreError::Io { path, .. }) if path.ends_with("no-log"))
        );
        // That the workspace is in trouble, and what was committed all the same.
        for wanted in ["health", "1"] {
            assert!(matches!(changes.next().await, Feed::Change(told) if told.id == wanted));
        }
        flusher.stop().await;
    }

    #[tokio::test]
    async fn what_stands_in_the_log_behind_what_was_not_flushed_is_answered_as_failed_until_the_log_is_brought_in()
     {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let feed = ChangeFeed::new();
        let condition = Condition::new(feed.clone());
        let flusher = Flusher::start(Some(Log::new(path.clone())), feed, condition.clone()).unwrap();
        let commit = async || {
            let (one, answer) = waiting();
            flusher.take(Vec::new(), one, Some(flusher.room().await.unwrap()));
            answer.await.unwrap()
        };
        commit().await.unwrap_err();
        std::fs::write(&path, b"frames").unwrap();
        commit().await.unwrap_err();
        assert!(condition.unflushed().is_some() && condition.watch().borrow().is_some());
        condition.brought_in();
        commit().await.unwrap();
        assert_eq!((condition.unflushed(), *condition.watch().borrow()), (None, None));
        flusher.stop().await;
    }

    #[tokio::test]
    async fn commits_are_told_in_their_order_and_answered_and_give_their_room_back() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        std::fs::write(&log, b"frames").unwrap();
        for log in [Some(Log::new(log)), None] {
            let feed = ChangeFeed::new();
            let mut changes = feed.subscribe();
            let flusher = Flusher::start(log, feed.clone(), Condition::new(feed)).unwrap();
            for id in ["1", "2", "3", "4"] {
                flusher.take(change("claimed"), Waiting::Nobody, None);
                let (one, answer) = waiting();
                flusher.take(change(id), one, Some(flusher.room().await.unwrap()));
                answer.await.unwrap().unwrap();
                for wanted in ["claimed", id] {
                    assert!(matches!(changes.next().await, Feed::Change(told) if told.id == wanted));
                }
            }
            flusher.stop().await;
        }
    }
}

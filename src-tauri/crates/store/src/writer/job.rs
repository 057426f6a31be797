use futures::FutureExt as _;
use futures::future::BoxFuture;
use hookbench_model::DeliveryStatus;
use tokio::sync::oneshot;

use super::{Hot, Write};
use crate::deliveries::{Claim, Claims, Finish};
use crate::events::NewEvent;
use crate::requests::NewRequest;
use crate::{Result, StoreError, Trouble};

/// What the writer is asked for.
#[expect(clippy::large_enum_variant, reason = "the large one is the one that comes by the thousand")]
pub(crate) enum Job {
    /// One of the kinds that come by the thousand.
    Hot(HotJob),
    /// Anything else; it has a transaction of its own.
    Other(Box<dyn Other>),
    /// The end.
    Stop(oneshot::Sender<()>),
}

/// A job of a kind that comes by the thousand. It can be written again after a transaction has failed.
pub(crate) enum HotJob {
    Capture(Hot<NewRequest, ()>),
    Create(Hot<NewEvent, ()>),
    Finish(Hot<Finish, DeliveryStatus>),
    Claim(Hot<Claim, Claims>),
}

impl HotJob {
    /// Answers that it is not written.
    pub(super) fn refuse(self, error: StoreError) {
        match self {
            Self::Capture(job) => job.refuse(error),
            Self::Create(job) => job.refuse(error),
            Self::Finish(job) => job.refuse(error),
            Self::Claim(job) => job.refuse(error),
        }
    }
}

/// A job whose result type is its own business.
pub(crate) trait Other: Send {
    /// Does the work inside the writer's transaction.
    fn run(self: Box<Self>, write: &mut Write) -> BoxFuture<'_, Ran>;
    /// Answers that it could not be begun.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// How the work went, and how to answer who waits for it.
pub(crate) enum Ran {
    /// Well; the answer goes out with the fate of the commit.
    Done(Box<dyn FnOnce(Result<()>) + Send>),
    /// It failed, by a trouble or by its own fault; the answer goes out once its transaction has been rolled back.
    Failed(Option<Trouble>, Box<dyn FnOnce() + Send>),
}

/// Work and who waits for it.
pub(crate) struct Work<F, T> {
    pub(crate) work: F,
    pub(crate) reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Other for Work<F, T>
where
    F: for<'w> FnOnce(&'w mut Write) -> BoxFuture<'w, Result<T>> + Send + 'static,
    T: Send + 'static,
{
    fn run(self: Box<Self>, write: &mut Write) -> BoxFuture<'_, Ran> {
        let Self { work, reply } = *self;
        // Who waits may have gone; the write counts all the same.
        let answer = |reply: oneshot::Sender<Result<T>>, result| drop(reply.send(result));
        // The call itself stands inside the future too, so that a panic in it is caught as well.
        let run = async move { (work(write).await, reply) };
        run.map(move |(result, reply)| match result {
            Ok(value) => Ran::Done(Box::new(move |committed| answer(reply, committed.map(|()| value)))),
            Err(error) => Ran::Failed(error.trouble(), Box::new(move || answer(reply, Err(error)))),
        })
        .boxed()
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.reply.send(Err(error)));
    }
}

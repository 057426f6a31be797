//! A body that is read as it comes, with what tells it from another.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use xxhash_rust::xxh3::Xxh3;

/// A body on its way to whoever reads it.
#[derive(Clone)]
pub(super) struct Passing(Arc<Mutex<State>>);

struct State {
    body: BodyDataStream,
    print: Xxh3,
    /// Whether it was whole, once it has ended.
    ended: Option<bool>,
}

impl Passing {
    pub(super) fn of(body: Body) -> Self {
        let body = body.into_data_stream();
        Self(Arc::new(Mutex::new(State { body, print: Xxh3::new(), ended: None })))
    }

    /// The body, to be read.
    pub(super) fn body(&self) -> Body {
        Body::from_stream(self.clone())
    }

    /// Reads what is left of it, and gives what tells the whole from another; `None` where it broke off.
    pub(super) async fn whole(mut self) -> Option<u128> {
        while self.next().await.is_some() {}
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.ended == Some(true)).then(|| state.print.digest128())
    }
}

impl Stream for Passing {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ended.is_some() {
            return Poll::Ready(None);
        }
        let polled = state.body.poll_next_unpin(context);
        match &polled {
            Poll::Ready(Some(Ok(bytes))) => state.print.update(bytes),
            Poll::Ready(Some(Err(_))) => state.ended = Some(false),
            Poll::Ready(None) => state.ended = Some(true),
            Poll::Pending => {}
        }
        polled
    }
}

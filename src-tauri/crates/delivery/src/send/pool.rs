use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::line::{Line, Shared};
use super::target::Target;

/// How many connections to one host are kept open for the next attempt.
const IDLE_PER_HOST: usize = 128;

/// How many are kept open over all hosts and ways.
const IDLE: usize = 512;

/// How long such a connection is kept. Node closes its own after 5 s: a longer wait here would send into
/// connections that are just being closed.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// How long a connection of HTTP/2 is kept: its end is announced, so nothing is sent into one that closes.
const IDLE_FOR_HTTP2: Duration = Duration::from_secs(30);

/// How many connections lie idle in all, over the pools that share it.
#[derive(Clone, Debug, Default)]
pub(super) struct IdleCount(Arc<AtomicUsize>);

/// A place among them.
#[derive(Debug)]
struct Place(IdleCount);

impl IdleCount {
    fn place(&self) -> Option<Place> {
        let taken = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |idle| {
            Some(idle + 1).filter(|more| *more <= IDLE)
        });
        taken.ok().map(|_| Place(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The connections of one way that are open for the next exchange.
#[derive(Debug)]
pub(super) struct Pool {
    state: Mutex<State>,
    count: IdleCount,
}

#[derive(Debug, Default)]
struct State {
    hosts: HashMap<Target, Host>,
    swept: bool,
}

#[derive(Debug, Default)]
struct Host {
    idle: Vec<Idle>,
    shared: Vec<(Arc<Shared>, Place)>,
    /// Held while a connection of HTTP/2 is opened, so that others wait for it instead of opening theirs.
    opening: Arc<tokio::sync::Mutex<()>>,
    speaks_http2: bool,
}

#[derive(Debug)]
struct Idle {
    since: Instant,
    line: Line,
    _place: Place,
}

impl Pool {
    pub(super) fn new(count: IdleCount) -> Self {
        Self { state: Mutex::default(), count }
    }

    /// An open connection to the target.
    pub(super) fn take(&self, target: &Target) -> Option<Line> {
        let mut state = self.lock();
        let host = state.hosts.get_mut(target)?;
        host.shared.retain(|(shared, _)| !shared.is_closed());
        if let Some((shared, _)) = host.shared.iter().find(|(shared, _)| shared.has_room()) {
            return Some(shared.lease());
        }
        let now = Instant::now();
        while let Some(Idle { since, line, .. }) = host.idle.pop() {
            if line.is_usable() && now.duration_since(since) < IDLE_FOR {
                return Some(line);
            }
        }
        None
    }

    /// Where the target speaks HTTP/2, as is certain or has turned out: what is held while a connection to it
    /// is opened.
    pub(super) fn opening(&self, target: &Target, certain: bool) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let mut state = self.lock();
        if certain {
            state.hosts.entry(target.clone()).or_default().speaks_http2 = true;
        }
        state.hosts.get(target).filter(|host| host.speaks_http2).map(|host| Arc::clone(&host.opening))
    }

    /// Lets others use a connection of HTTP/2 beside the one that opened it.
    pub(super) fn share(self: &Arc<Self>, target: &Target, shared: &Arc<Shared>) {
        let Some(place) = self.count.place() else { return };
        let mut state = self.lock();
        let host = state.hosts.entry(target.clone()).or_default();
        host.speaks_http2 = true;
        host.shared.push((Arc::clone(shared), place));
        self.have_swept(&mut state);
    }

    /// Nothing new is to go over this connection.
    pub(super) fn forget(&self, target: &Target, line: &Line) {
        if let Some(host) = self.lock().hosts.get_mut(target) {
            host.shared.retain(|(shared, _)| !line.is_of(shared));
        }
    }

    /// Keeps a connection whose exchange is over.
    pub(super) fn put(self: &Arc<Self>, target: &Target, line: Line) {
        if line.is_shared() || !line.is_usable() {
            return;
        }
        let Some(place) = self.count.place() else { return };
        let mut state = self.lock();
        let host = state.hosts.entry(target.clone()).or_default();
        if host.idle.len() < IDLE_PER_HOST {
            host.idle.push(Idle { since: Instant::now(), line, _place: place });
        }
        self.have_swept(&mut state);
    }

    fn have_swept(self: &Arc<Self>, state: &mut State) {
        if std::mem::replace(&mut state.swept, true) {
            return;
        }
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE_FOR).await;
                match pool.upgrade() {
                    Some(pool) if pool.sweep(Instant::now()) => {}
                    _ => return,
                }
            }
        });
    }

    /// Closes what has been idle for too long; false once there is nothing left to close later.
    fn sweep(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.hosts.retain(|_, host| {
            host.idle.retain(|idle| idle.line.is_usable() && now.duration_since(idle.since) < IDLE_FOR);
            host.shared.retain(|(shared, _)| !shared.is_closed() && shared.idle_for(now) < IDLE_FOR_HTTP2);
            !host.idle.is_empty() || !host.shared.is_empty()
        });
        state.swept = !state.hosts.is_empty();
        state.swept
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::send::line::{OpenCount, speak_http1, speak_http2};
    use crate::send::phases::Facts;

    #[tokio::test]
    async fn what_lies_idle_for_too_long_is_closed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Target::of(&format!("http://{address}").parse().unwrap()).unwrap();
        let (pool, open) = (Arc::new(Pool::new(IdleCount::default())), OpenCount::default());
        let call = || async { Box::new(tokio::net::TcpStream::connect(address).await.unwrap()) };
        let mut line = speak_http1(call().await, Facts::default(), &open).await.unwrap();
        assert!(line.settles().await);
        pool.put(&target, line);
        let shared = speak_http2(call().await, Facts::default(), &open).await.unwrap();
        drop(shared.lease());
        pool.share(&target, &shared);
        drop(shared);
        assert_eq!(*open.borrow(), 2);

        let now = Instant::now();
        assert!(pool.sweep(now), "both are fresh");
        assert!(pool.sweep(now + IDLE_FOR), "HTTP/2 waits longer");
        open.subscribe().wait_for(|open| *open == 1).await.unwrap();
        assert!(!pool.sweep(now + IDLE_FOR_HTTP2 + IDLE_FOR), "nothing is left");
        open.subscribe().wait_for(|open| *open == 0).await.unwrap();
        assert_eq!(pool.count.0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn places_are_bounded_and_given_back() {
        let count = IdleCount::default();
        let places: Vec<_> = std::iter::from_fn(|| count.place()).collect();
        assert_eq!(places.len(), IDLE);
        drop(places);
        assert!(count.place().is_some());
    }
}

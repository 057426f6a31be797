//! What stands between the engine and the network, and where its chance comes from.
//!
//! In real work that is the [`Sender`] and the machine's randomness. A simulation puts a network of its own and
//! numbers from a seed in their places, and nothing else of the engine knows.

use std::fmt;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::build::BuiltRequest;
use crate::send::{Exchange, Limits, Sender, Way};

/// Carries requests to where they go, and answers back.
pub trait Wire: fmt::Debug + Send + Sync + 'static {
    /// Makes one exchange. It ends within the limits, whatever the other side does; dropped before, it is
    /// broken off.
    fn send<'a>(&'a self, request: &'a BuiltRequest, way: Way<'a>, limits: Limits)
    -> BoxFuture<'a, Exchange>;
}

impl Wire for Sender {
    fn send<'a>(
        &'a self,
        request: &'a BuiltRequest,
        way: Way<'a>,
        limits: Limits,
    ) -> BoxFuture<'a, Exchange> {
        Self::send(self, request, way, limits).boxed()
    }
}

/// Gives numbers from 0 up to 1, by which waits are spread. A cheap clone.
#[derive(Clone)]
pub struct Chance(Arc<dyn Fn() -> f64 + Send + Sync>);

impl Chance {
    /// Numbers from elsewhere: a seed, say.
    pub fn from_fn(next: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(next))
    }

    /// The next number.
    pub fn next(&self) -> f64 {
        (self.0)()
    }
}

impl Default for Chance {
    /// The machine's randomness.
    fn default() -> Self {
        Self::from_fn(rand::random)
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chance")
    }
}

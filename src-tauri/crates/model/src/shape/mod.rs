//! What the bodies of one kind look like, learnt from those that came, and where another one differs from that.
//!
//! A [`Shape`] is a tree of what was seen at each place: types and how often, which fields, of texts their format. It
//! grows with what it learns only up to bounds that are its own. In which order bodies are learnt makes no difference,
//! but for a shape that has reached its bound of places.

mod drift;
mod format;
mod key;
mod kind;
mod learn;
mod node;
mod outline;
mod schema;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use drift::{Drift, DriftKind, DriftKinds, FoundDrift};
pub use format::TextFormat;
pub use kind::JsonType;
pub use outline::ShapeField;

use crate::{DriftId, InboxId, ProviderId, ShapeId, Timestamp};
use node::Node;

/// The largest body that is learnt from, in bytes.
pub const LARGEST_LEARNT: usize = 1 << 20;
/// What lies deeper is not looked at.
const DEEPEST: usize = 24;
/// The most places that one shape tells apart.
const MOST_PLACES: usize = 3000;
/// A field is only missed once so many bodies had it, and all of them.
const MISSED_FROM: u64 = 5;

/// What the bodies of one kind look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// How many bodies it was learnt from.
    bodies: u64,
    /// How deep it looks: less than at first once it had too many places.
    depth: usize,
    root: Node,
}

impl Default for Shape {
    fn default() -> Self {
        Self { bodies: 0, depth: DEEPEST, root: Node::default() }
    }
}

impl Shape {
    /// How many bodies it was learnt from.
    pub fn bodies(&self) -> u64 {
        self.bodies
    }

    /// How many places it tells apart, the whole body among them.
    pub fn places(&self) -> usize {
        self.root.places()
    }

    /// Learns from a body.
    pub fn learn(&mut self, body: &Value) {
        self.bodies += 1;
        self.root.learn(body, self.depth);
        while self.depth > 1 && self.root.places() > MOST_PLACES {
            self.depth -= 1;
            self.root.cut(self.depth);
        }
    }
}

/// Whose bodies a shape describes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShapeSource {
    /// What any inbox of that provider received.
    Provider(ProviderId),
    /// What that inbox received, which is of no provider.
    Inbox(InboxId),
}

/// A shape, and what is known of it.
#[derive(Clone, Debug)]
pub struct KnownShape {
    /// Its id.
    pub id: ShapeId,
    /// Whose bodies it describes.
    pub source: ShapeSource,
    /// The event type that they have; `None` where they have none.
    pub event_type: Option<String>,
    /// How many bodies it was learnt from.
    pub bodies: u64,
    /// How many places it tells apart.
    pub places: u64,
    /// When the first of them was received.
    pub first_seen_at: Timestamp,
    /// When the newest of them was received.
    pub last_seen_at: Timestamp,
    /// How many drifts are kept of it.
    pub drifts: u64,
    /// When the newest of those was found.
    pub last_drift_at: Option<Timestamp>,
}

/// A drift that is kept.
#[derive(Clone, Debug)]
pub struct KeptDrift {
    /// Its id.
    pub id: DriftId,
    /// The captured request that differs.
    pub request_id: crate::RequestId,
    /// When that was received.
    pub received_at: Timestamp,
    /// The shape that it differs from.
    pub shape_id: ShapeId,
    /// Whose bodies that describes.
    pub source: ShapeSource,
    /// The event type.
    pub event_type: Option<String>,
    /// What differs.
    pub drift: Drift,
}

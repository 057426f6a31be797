//! Events that were written a moment ago and whose deliveries wait.
//!
//! Most deliveries are claimed right after they were accepted. An event never changes, so what a claim needs of it can be
//! kept from its writing: reading it back, payload and all, costs more than anything else that a claim reads.

use std::collections::{HashMap, VecDeque};

use hookbench_model::Event;

/// How many events are kept at most.
const MOST: usize = 4096;
/// How many bytes of payloads all of them have at most, and one of them.
const MOST_BYTES: usize = 8 << 20;
const LARGE: usize = 256 << 10;

/// A bounded number of events, by their keys. What is not here any more is read from the database.
#[derive(Debug, Default)]
pub(crate) struct RecentEvents {
    by_seq: HashMap<i64, Recent>,
    /// The order in which they came; some are taken already.
    order: VecDeque<i64>,
    bytes: usize,
}

#[derive(Debug)]
struct Recent {
    event: Event,
    /// How many of its deliveries have not been claimed.
    waiting: usize,
}

impl RecentEvents {
    /// Keeps an event that so many deliveries wait of.
    pub(crate) fn put(&mut self, seq: i64, event: &Event, waiting: usize) {
        // One that holds a secret is not kept in memory longer than need be.
        if waiting == 0 || event.payload.len() > LARGE || event.request.shown.is_some() {
            return;
        }
        self.bytes += event.payload.len();
        self.order.push_back(seq);
        self.by_seq.insert(seq, Recent { event: event.clone(), waiting });
        while self.order.len() > MOST || self.bytes > MOST_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            self.forget(oldest);
        }
    }

    /// Gives an event to one of its deliveries; the last one takes it away.
    pub(crate) fn take(&mut self, seq: i64) -> Option<Event> {
        let recent = self.by_seq.get_mut(&seq)?;
        recent.waiting = recent.waiting.saturating_sub(1);
        if recent.waiting > 0 { Some(recent.event.clone()) } else { self.forget(seq) }
    }

    fn forget(&mut self, seq: i64) -> Option<Event> {
        let Recent { event, .. } = self.by_seq.remove(&seq)?;
        self.bytes -= event.payload.len();
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hookbench_model::{EventId, EventRequest, Timestamp};

    use super::*;

    fn event(size: usize) -> Event {
        Event {
            id: EventId::new(Timestamp::EPOCH),
            provider_event_id: "msg_1".to_owned(),
            provider: "generic".parse().unwrap(),
            event_type: "message.sent".to_owned(),
            content_type: "application/json".to_owned(),
            request: EventRequest::default(),
            payload: Bytes::from(vec![b'x'; size]),
            created_at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn an_event_is_there_for_each_of_its_deliveries_and_then_gone() {
        let mut recent = RecentEvents::default();
        let event = event(10);
        recent.put(7, &event, 2);
        for _ in 0..2 {
            let taken = recent.take(7).unwrap();
            assert_eq!((taken.id, &taken.payload), (event.id, &event.payload));
        }
        assert!(recent.take(7).is_none());
        assert_eq!(recent.bytes, 0);
    }

    #[test]
    fn only_so_many_are_kept_and_the_oldest_go_first() {
        let mut recent = RecentEvents::default();
        let small = event(0);
        for seq in 0..=4096 {
            recent.put(seq, &small, 1);
        }
        assert!(recent.take(0).is_none() && recent.take(1).is_some());
        // Places of those that were taken are not kept for ever either.
        for seq in 5000..20_000 {
            recent.put(seq, &small, 1);
            recent.take(seq);
        }
        assert!(recent.order.len() <= MOST && recent.take(4096).is_none());
    }

    #[test]
    fn only_so_many_bytes_are_kept_and_no_large_payload() {
        let mut recent = RecentEvents::default();
        recent.put(0, &event(LARGE + 1), 1);
        assert!(recent.take(0).is_none());
        let payload = event(LARGE);
        for seq in 1..=33 {
            recent.put(seq, &payload, 1);
        }
        assert!(recent.bytes <= MOST_BYTES);
        assert!(recent.take(1).is_none() && recent.take(2).is_some());
    }

    #[test]
    fn what_nothing_waits_of_is_not_kept() {
        let mut recent = RecentEvents::default();
        recent.put(1, &event(1), 0);
        assert!(recent.take(1).is_none());
    }
}

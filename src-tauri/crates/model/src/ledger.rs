use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use crate::veil::Whole;
use crate::{DeliveryId, HeaderPairs, RelayWay, Shown};

/// Attempts under way to our own capture receiver, so that what arrives is joined with what was sent
/// without a mark on the wire: a request that arrives is the attempt whose method, target, body and
/// headers it has.
#[derive(Debug, Default)]
pub struct InFlightLedger {
    state: Mutex<LedgerState>,
}

#[derive(Debug, Default)]
struct LedgerState {
    receivers: Vec<SocketAddr>,
    under_way: HashMap<u64, Vec<InFlightEntry>>,
}

/// One attempt under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlightEntry {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt's number.
    pub attempt: u32,
    /// The headers that were built for it; what arrives has these and may have more.
    pub headers: HeaderPairs,
    /// These headers, and the query that goes out with them, as the attempt's record shows them.
    pub shown: Shown,
    /// How a relay passes it on, where one does: it is not passed on again from where it arrives. Where that is
    /// [`RelayWay::Inline`] there is no such delivery.
    pub relay: Option<RelayWay>,
}

impl InFlightEntry {
    /// How something is shown of this attempt as it arrived: what its record hides is hidden there too, wherever it
    /// stands. `query` is the one with which it arrived, `made` what is to be shown of headers and query; `None`
    /// where nothing of it is hidden.
    pub fn shown_of(&self, query: Option<&str>, made: (&HeaderPairs, Option<&str>)) -> Option<Shown> {
        let from = Whole { headers: &self.headers, query };
        self.shown.carried(from, Whole { headers: made.0, query: made.1 })
    }
}

impl InFlightLedger {
    /// A ledger that knows no receiver yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says where our receiver listens; a wildcard address stands for every loopback address.
    pub fn listen_at(&self, addresses: Vec<SocketAddr>) {
        self.lock().receivers = addresses;
    }

    /// Says that one of our receivers listens there too.
    pub fn also_at(&self, address: SocketAddr) {
        self.lock().receivers.push(address);
    }

    /// Says that no receiver of ours listens there any more.
    pub fn no_longer_at(&self, address: SocketAddr) {
        self.lock().receivers.retain(|receiver| *receiver != address);
    }

    /// Whether a request to this host and port comes to our own receiver.
    pub fn is_ours(&self, host: &str, port: u16) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let address = bare.parse::<std::net::IpAddr>().ok();
        let loopback = host.eq_ignore_ascii_case("localhost") || address.is_some_and(|ip| ip.is_loopback());
        self.lock().receivers.iter().any(|receiver| {
            receiver.port() == port
                && (Some(receiver.ip()) == address
                    || (loopback && (receiver.ip().is_loopback() || receiver.ip().is_unspecified())))
        })
    }

    /// Notes an attempt that is about to go out. `target` is path and query.
    pub fn sent(&self, method: &str, target: &str, body: &[u8], entry: InFlightEntry) {
        self.lock().under_way.entry(fingerprint(method, target, body)).or_default().push(entry);
    }

    /// Takes out the attempt that this request is, oldest first; `None` where somebody else sent it.
    pub fn arrived(
        &self,
        method: &str,
        target: &str,
        body: &[u8],
        headers: &HeaderPairs,
    ) -> Option<InFlightEntry> {
        // Most arrivals are other people's: their bodies need no hashing while nothing is under way.
        if self.lock().under_way.is_empty() {
            return None;
        }
        let key = fingerprint(method, target, body);
        let mut state = self.lock();
        let entries = state.under_way.get_mut(&key)?;
        let index = entries.iter().position(|entry| holds_all(headers, &entry.headers))?;
        let found = entries.remove(index);
        if entries.is_empty() {
            state.under_way.remove(&key);
        }
        Some(found)
    }

    /// An attempt under way that has these headers, whatever became of its body. It stays under way.
    pub fn resembling(&self, headers: &HeaderPairs) -> Option<InFlightEntry> {
        let state = self.lock();
        let mut entries = state.under_way.values().flatten().filter(|entry| !entry.headers.is_empty());
        entries.find(|entry| holds_all(headers, &entry.headers)).cloned()
    }

    /// Forgets an attempt that has ended, whether it arrived or not.
    pub fn ended(&self, method: &str, target: &str, body: &[u8], delivery: DeliveryId, attempt: u32) {
        let key = fingerprint(method, target, body);
        let mut state = self.lock();
        if let Some(entries) = state.under_way.get_mut(&key) {
            entries.retain(|entry| entry.delivery != delivery || entry.attempt != attempt);
            if entries.is_empty() {
                state.under_way.remove(&key);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LedgerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint(method: &str, target: &str, body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (method, target, body).hash(&mut hasher);
    hasher.finish()
}

fn holds_all(received: &HeaderPairs, built: &HeaderPairs) -> bool {
    built.iter().all(|(name, value)| received.get_all(name).any(|other| other == value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    fn entry(attempt: u32, signature: &str) -> InFlightEntry {
        InFlightEntry {
            delivery: DeliveryId::new(Timestamp::EPOCH),
            attempt,
            headers: HeaderPairs::from_iter([("X-Signature", signature)]),
            shown: Shown { headers: HeaderPairs::from_iter([("X-Signature", signature)]), query: None },
            relay: None,
        }
    }

    fn arrival(signature: &str) -> HeaderPairs {
        HeaderPairs::from_iter([("host", "localhost"), ("x-signature", signature)])
    }

    #[test]
    fn an_arrival_is_joined_once_and_by_its_own_headers() {
        let ledger = InFlightLedger::new();
        let (one, two) = (entry(1, "aa"), entry(2, "bb"));
        ledger.sent("POST", "/a", b"x", one.clone());
        ledger.sent("POST", "/a", b"x", two.clone());
        assert_eq!(ledger.arrived("POST", "/a", b"x", &arrival("bb")), Some(two));
        assert_eq!(ledger.arrived("POST", "/a", b"y", &arrival("aa")), None);
        assert_eq!(ledger.arrived("POST", "/a", b"x", &arrival("aa")), Some(one));
        assert_eq!(ledger.arrived("POST", "/a", b"x", &arrival("aa")), None);
    }

    #[test]
    fn an_attempt_that_ended_is_forgotten() {
        let ledger = InFlightLedger::new();
        let one = entry(1, "aa");
        ledger.sent("POST", "/a", b"x", one.clone());
        ledger.ended("POST", "/a", b"x", one.delivery, 1);
        assert_eq!(ledger.arrived("POST", "/a", b"x", &arrival("aa")), None);
    }

    #[test]
    fn only_our_receivers_are_ours() {
        let ledger = InFlightLedger::new();
        ledger.listen_at(vec!["127.0.0.1:4800".parse().unwrap()]);
        assert!(ledger.is_ours("localhost", 4800));
        assert!(ledger.is_ours("127.0.0.1", 4800));
        assert!(!ledger.is_ours("127.0.0.1", 4801));
        assert!(!ledger.is_ours("example.com", 4800));
        ledger.also_at("127.0.0.1:4801".parse().unwrap());
        assert!(ledger.is_ours("127.0.0.1", 4801) && ledger.is_ours("127.0.0.1", 4800));
        ledger.no_longer_at("127.0.0.1:4801".parse().unwrap());
        assert!(!ledger.is_ours("127.0.0.1", 4801) && ledger.is_ours("127.0.0.1", 4800));
        ledger.listen_at(vec!["0.0.0.0:4800".parse().unwrap()]);
        assert!(ledger.is_ours("127.0.0.1", 4800));
    }
}

//! A network that answers by a seed, at times of its own, and keeps a ledger.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use hookbench_delivery::Wire;
use hookbench_delivery::build::BuiltRequest;
use hookbench_delivery::send::{Exchange, Failure, Limits, Way};
use hookbench_model::{Clock as _, ErrorCode, HeaderPairs, ManualClock, Outcome, SentResponse, Timestamp};

use crate::chance::Dice;
use crate::policies::WORD;
use crate::record::{Line, Moment, Said, What};
use crate::scenario::{ALERTS, NOW, Scenario};

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) lines: Vec<Line>,
    /// What is under way.
    pub(crate) live: HashSet<usize>,
    /// How many requests of each delivery arrived.
    pub(crate) arrived: BTreeMap<usize, usize>,
    /// The deliveries of alerts, in the order in which they became known: by what their receiver tells them apart by,
    /// and where they go.
    alerts: BTreeMap<(String, usize), usize>,
    /// Milliseconds in which something ends or is done already.
    taken: HashSet<i64>,
    /// Everything answers 200 from here on.
    pub(crate) healed: bool,
}

impl Ledger {
    /// The number of an alert's delivery.
    pub(crate) fn alert(&mut self, event: &str, taker: usize) -> usize {
        let next = ALERTS + self.alerts.len();
        *self.alerts.entry((event.to_owned(), taker)).or_insert(next)
    }
}

/// Cheap to clone; it outlives the crashes.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    scenario: Arc<Scenario>,
    /// The time that passes; nobody sets it.
    pub(crate) time: ManualClock,
    /// What stands on the wall.
    wall: Arc<Mutex<ManualClock>>,
    ledger: Arc<Mutex<Ledger>>,
}

impl Network {
    pub(crate) fn new(scenario: Arc<Scenario>, wall: ManualClock) -> Self {
        let taken = scenario.deeds.iter().map(|(at, _)| *at).collect();
        let ledger = Ledger { taken, ..Ledger::default() };
        Self {
            scenario,
            time: ManualClock::new(NOW),
            wall: Arc::new(Mutex::new(wall)),
            ledger: Arc::new(Mutex::new(ledger)),
        }
    }

    /// A life has a clock of its own, so that nobody sleeps by it who is dead.
    pub(crate) fn hang(&self, wall: ManualClock) {
        *self.wall.lock().unwrap() = wall;
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub(crate) fn passed(&self) -> i64 {
        self.time.now().ms_since(NOW)
    }

    pub(crate) fn note(&self, what: What) {
        let at = Moment { wall: self.wall.lock().unwrap().now(), passed: self.passed() };
        self.ledger().lines.push(Line { at, what });
    }

    /// Which delivery that is.
    fn delivery(&self, request: &BuiltRequest, endpoint: Option<usize>) -> usize {
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        match body["n"].as_u64() {
            Some(number) => usize::try_from(number).unwrap(),
            None => self.ledger().alert(request.headers().get_str("webhook-id").unwrap(), endpoint.unwrap()),
        }
    }

    /// What the receiver does with an attempt, and how long that takes.
    fn answer(&self, delivery: usize, endpoint: Option<usize>, nth: usize) -> (Said, i64) {
        let mut dice = Dice::new(&[self.scenario.seed, 1, delivery as u64, nth as u64]);
        let ms = dice.pick(&[1, 7, 40, 300, 4_000]) + i64::try_from(dice.below(50)).unwrap();
        let place = endpoint.unwrap_or(self.scenario.trouble.len() - 1);
        let well = self.ledger().healed || dice.below(100) >= self.scenario.trouble[place];
        let said = if well { says(200, None) } else { trouble(&mut dice) };
        let word = said.status.is_some() && (well || dice.one_in(2));
        (Said { word, ..said }, ms)
    }

    /// A millisecond for an end in which nothing else ends or is done: one thing at a time.
    fn own_millisecond(&self, wanted: i64) -> i64 {
        let mut ledger = self.ledger();
        let mut at = wanted;
        while !ledger.taken.insert(at) {
            at += 1;
        }
        at
    }
}

fn says(status: u16, after: Option<i64>) -> Said {
    Said { status: Some(status), word: false, after, broke: None }
}

fn breaks(outcome: Outcome) -> Said {
    Said { status: None, word: false, after: None, broke: Some(outcome) }
}

fn trouble(dice: &mut Dice) -> Said {
    match dice.below(12) {
        0..3 => says(dice.pick(&[500, 502, 503]), None),
        3 | 4 => says(503, Some(dice.pick(&[0, 1, 3, 30, 700, 90_000]))),
        5 => says(429, Some(dice.pick(&[1, 5, 60]))),
        6 => says(dice.pick(&[301, 400, 404]), None),
        7 if dice.one_in(3) => says(410, None),
        7 => says(500, Some(5)),
        8 => breaks(Outcome::ConnectionRefused),
        9 => breaks(Outcome::ConnectionReset),
        10 => breaks(Outcome::DnsFailure),
        _ => breaks(Outcome::Timeout),
    }
}

/// What is under way until it has ended, or was broken off.
struct Live<'a>(&'a Network, usize);

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.ledger().live.remove(&self.1);
    }
}

/// Whose URL that is: `e0.test` is the first endpoint's own, `x0.test` one that its policy holds for too.
fn endpoint_at(host: &str) -> Option<usize> {
    host.strip_suffix(".test")?.strip_prefix(['e', 'x'])?.parse().ok()
}

impl Wire for Network {
    fn send<'a>(&'a self, request: &'a BuiltRequest, _: Way<'a>, limits: Limits) -> BoxFuture<'a, Exchange> {
        let endpoint = request.url().host_str().and_then(endpoint_at);
        let delivery = self.delivery(request, endpoint);
        let nth = {
            let mut ledger = self.ledger();
            let nth = ledger.arrived.entry(delivery).or_default();
            *nth += 1;
            let nth = *nth;
            ledger.live.insert(delivery);
            nth
        };
        self.note(What::Starts { delivery, endpoint });
        let live = Live(self, delivery);
        let (said, ms) = self.answer(delivery, endpoint, nth);
        let timeout = i64::try_from(limits.timeout.as_millis()).unwrap();
        let late = said.broke == Some(Outcome::Timeout) || ms >= timeout;
        let (said, ms) = if late { (breaks(Outcome::Timeout), timeout) } else { (said, ms) };
        let begun = self.passed();
        let end = self.own_millisecond(begun + ms);
        async move {
            self.time.sleep_until(NOW.plus_ms(end)).await;
            self.note(What::Ends { delivery, said });
            drop(live);
            exchange(said, end - begun)
        }
        .boxed()
    }
}

fn exchange(said: Said, ms: i64) -> Exchange {
    let duration = Duration::from_millis(u64::try_from(ms).unwrap());
    let failure = said.broke.map(|outcome| Failure::new(outcome, code(outcome), "it broke"));
    let response = said.status.map(|status| {
        let mut headers = HeaderPairs::new();
        if let Some(seconds) = said.after {
            headers.push("Retry-After", seconds.to_string());
        }
        let body = if said.word { format!(" {WORD}\n") } else { "no such word".to_owned() };
        SentResponse {
            status,
            http_version: "HTTP/1.1".to_owned(),
            headers,
            body_size: body.len() as u64,
            body: body.into(),
            body_truncated: false,
        }
    });
    Exchange { duration, failure, response, ..Exchange::default() }
}

fn code(outcome: Outcome) -> ErrorCode {
    match outcome {
        Outcome::ConnectionRefused => ErrorCode::Refused,
        Outcome::DnsFailure => ErrorCode::DnsNoAddress,
        _ => ErrorCode::Failed,
    }
}

/// A time that is that far from the beginning.
pub(crate) fn after(ms: i64) -> Timestamp {
    NOW.plus_ms(ms)
}

//! What a seed asks for: endpoints with their policies, events, people's deeds, jumps of the clock, and crashes.

use std::collections::BTreeSet;

use hookbench_model::{DeliveryId, Endpoint, Timestamp};

use crate::chance::Dice;
use crate::policies;

/// When every run begins, by the clock on the wall.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

/// What a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event for an endpoint.
    Usual,
    /// A test of an endpoint.
    Test,
    /// Something sent again, by the endpoint's policy.
    Repeat,
    /// Something sent again by the endpoint's policy, to another URL.
    Elsewhere,
    /// Something captured, sent on to a plain URL.
    Plain,
    /// An alert, for an endpoint that takes such.
    Alert,
}

/// Something to be delivered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcel {
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    /// `None` for a plain URL.
    pub(crate) endpoint: Option<usize>,
    pub(crate) ttl_ms: Option<i64>,
}

impl Parcel {
    /// The endpoint whose order, rate, places and breaker it waits for, and of which it says something: none where it
    /// goes to another URL.
    pub(crate) fn lane(&self) -> Option<usize> {
        self.endpoint.filter(|_| self.kind != Kind::Elsewhere)
    }
}

/// What somebody does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    Accept(Parcel),
    Retry(usize),
    Cancel(usize),
    Skip(usize),
    Disable(usize),
    /// With the time that is given to what was paused, in milliseconds; `None` for the usual.
    Enable(usize, Option<u64>),
    /// The clock on the wall is set, by so many milliseconds.
    Jump(i64),
}

/// A crash, and what the disk has by then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crash {
    /// So many transactions of this life are written.
    pub(crate) after: u64,
    /// Whether it comes before anybody hears of the last one; else it comes when one more is to be written.
    pub(crate) unheard: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    /// Those that events are for, then those that take alerts.
    pub(crate) endpoints: Vec<Endpoint>,
    /// By endpoint, and last for plain URLs: how often it fails, in percent.
    pub(crate) trouble: Vec<u64>,
    /// By the milliseconds that have passed, which are distinct.
    pub(crate) deeds: Vec<(i64, Deed)>,
    /// One a life; once they are used up nothing crashes any more.
    pub(crate) crashes: Vec<Crash>,
}

/// The number of the first alert's delivery: those of events are below.
pub(crate) const ALERTS: usize = 1_000;

/// An id that hangs on nothing but what it is for and when it is made.
pub(crate) fn id_bytes(made: Timestamp, number: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&made.unix_ms().to_be_bytes()[2..]);
    bytes[6] = 0x70;
    bytes[8] = 0x80;
    bytes[12..].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
    bytes
}

/// The number of a delivery with such an id; `None` for one that the engine has made.
pub(crate) fn number_of(id: DeliveryId) -> Option<usize> {
    let bytes = id.as_bytes();
    let made_here = bytes[7] == 0 && bytes[9..12] == [0; 3];
    made_here.then(|| usize::from(bytes[14]) << 8 | usize::from(bytes[15]))
}

impl Scenario {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(&[seed]);
        let count = 1 + dice.index(2);
        let endpoints: Vec<Endpoint> = (0..count).map(|n| policies::endpoint(&mut dice, n)).collect();
        let trouble = (0..=count).map(|_| dice.pick(&[0, 20, 50, 80, 100])).collect();
        let most = if dice.one_in(50) { 40 } else { 6 };
        let deliveries = 2 + dice.index(most);
        let span = dice.pick(&[50, 2_000, 60_000, 900_000]);
        let mut deeds = Deeds::default();
        for number in 0..deliveries {
            let parcel = parcel(&mut dice, number, count);
            deeds.add(&mut dice, span, Deed::Accept(parcel));
        }
        for _ in 0..dice.below(4) {
            let deed = people(&mut dice, deliveries, count);
            deeds.add(&mut dice, span * 2, deed);
        }
        if let Some(jump) = dice.maybe(6, &[-7_200_000, -90_000, -1_000, 5_000, 3_600_000]) {
            deeds.add(&mut dice, span * 2, Deed::Jump(jump));
        }
        let crashes = dice.pick(&[0, 1, 1, 2, 3]);
        let crashes = (0..crashes).map(|_| Crash { after: 1 + dice.below(30), unheard: dice.one_in(2) });
        let crashes = crashes.collect();
        let mut more = Dice::new(&[seed, 5]);
        let mut scenario = Self { seed, endpoints, trouble, deeds: Vec::new(), crashes };
        if more.one_in(100) {
            deeds = scenario.sleep(&mut more);
        }
        scenario.add_takers(&mut deeds, span * 2);
        Self { deeds: deeds.sorted(), ..scenario }
    }

    /// Much fails and waits for its next attempts, and the clock goes on meanwhile while nobody is there.
    fn sleep(&mut self, dice: &mut Dice) -> Deeds {
        let mut deeds = Deeds::default();
        self.endpoints.truncate(1);
        policies::make_patient(&mut self.endpoints[0]);
        self.trouble = vec![100; 2];
        for number in 0..40 {
            let parcel = Parcel { ttl_ms: None, ..parcel(dice, number, 1) };
            deeds.add(dice, 2_000, Deed::Accept(parcel));
        }
        deeds.add(dice, 100_000, Deed::Jump(3_600_000));
        deeds
    }

    /// In every fourth world somebody takes alerts, and people deal with them too.
    fn add_takers(&mut self, deeds: &mut Deeds, span: u64) {
        let mut dice = Dice::new(&[self.seed, 4]);
        if !dice.one_in(4) {
            return;
        }
        let others = self.endpoints.len();
        let count = 1 + dice.index(2);
        for _ in 0..count {
            let place = self.endpoints.len();
            self.endpoints.push(policies::taker(&mut dice, place));
            self.trouble.insert(place, dice.pick(&[0, 0, 50, 100]));
        }
        for _ in 0..dice.below(3) {
            let (taker, alert) = (others + dice.index(count), ALERTS + dice.index(3));
            let deed = match dice.below(6) {
                0 => Deed::Retry(alert),
                1 => Deed::Cancel(alert),
                2 => Deed::Skip(alert),
                3 => Deed::Enable(taker, None),
                _ => Deed::Disable(taker),
            };
            deeds.add(&mut dice, span, deed);
        }
    }

    /// Which endpoints take alerts.
    pub(crate) fn takers(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.endpoints.len()).filter(|number| self.endpoints[*number].provider.tells_alerts())
    }

    /// The same, but for crashes.
    pub(crate) fn crashing(self, after: u64, unheard: bool) -> Self {
        Self { crashes: vec![Crash { after, unheard }], ..self }
    }
}

/// Deeds, each in a millisecond of its own.
#[derive(Default)]
struct Deeds {
    all: Vec<(i64, Deed)>,
    taken: BTreeSet<i64>,
}

impl Deeds {
    fn add(&mut self, dice: &mut Dice, span: u64, deed: Deed) {
        let mut at = 10 + i64::try_from(dice.below(span)).unwrap();
        while !self.taken.insert(at) {
            at += 1;
        }
        self.all.push((at, deed));
    }

    fn sorted(mut self) -> Vec<(i64, Deed)> {
        self.all.sort_by_key(|(at, _)| *at);
        self.all
    }
}

fn parcel(dice: &mut Dice, number: usize, endpoints: usize) -> Parcel {
    let kind = match dice.below(16) {
        0 => Kind::Test,
        1 => Kind::Repeat,
        2 => Kind::Elsewhere,
        3 => Kind::Plain,
        _ => Kind::Usual,
    };
    let endpoint = dice.index(endpoints);
    let ttl_ms = dice.maybe(8, &[1_000, 30_000]);
    Parcel { number, kind, endpoint: (kind != Kind::Plain).then_some(endpoint), ttl_ms }
}

fn people(dice: &mut Dice, deliveries: usize, endpoints: usize) -> Deed {
    let (delivery, endpoint) = (dice.index(deliveries), dice.index(endpoints));
    match dice.below(8) {
        0..3 => Deed::Retry(delivery),
        3 => Deed::Cancel(delivery),
        4 => Deed::Skip(delivery),
        5 => Deed::Disable(endpoint),
        _ => Deed::Enable(endpoint, dice.pick(&[None, Some(0), Some(9_000)])),
    }
}

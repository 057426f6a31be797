//! The search through the schemes that hash: what was signed, by which key, with which algorithm, and how
//! the result was written. One digest is compared with every reading of the request at once.

use super::bodies::{Bodies, Way};
use super::budget::Meter;
use super::cause::{Cause, CauseCode};
use super::claims::Claim;
use super::contents::{ContentWay, Piece};
use super::digests::DigestWay;
use super::keys::{Keys, Material};
use super::laid::{Laid, tails};
use super::targets::{FEWEST_BYTES, Likeness, Place, Target};
use std::ops::ControlFlow;

/// Contents below this are those that senders really mistake for the scheme's.
const LIKELY_ODDS: u32 = 21;
/// How many signatures are computed with other secrets and one more change besides.
const MOST_WITH_OTHERS: u32 = 12_000;
/// Where there are more combinations than this of a body's many orders and another change, none is tried.
const MOST_BESIDE_ORDERS: usize = 20_000;
/// What checking one signature of an elliptic curve costs, in bytes that could be hashed meanwhile.
pub(super) const COST_OF_A_CURVE: usize = 48 << 10;

/// A proof: what has to be assumed for the signature to match.
pub(super) struct Proven<'a> {
    pub(super) causes: Vec<Cause>,
    /// The time that the request claims.
    pub(super) timestamp: Option<&'a [u8]>,
    /// True where the signature stands in a header that the scheme does not read.
    elsewhere: bool,
}

/// Everything that is searched.
pub(super) struct Search<'x, 'a> {
    pub(super) claims: &'x [Claim<'a>],
    /// For each claim, what may have been signed.
    pub(super) contents: &'x [Vec<ContentWay>],
    pub(super) digests: &'x [DigestWay],
    pub(super) keys: &'x Keys,
    pub(super) bodies: &'x Bodies<'x>,
    /// False where no content has the body in it.
    pub(super) signs_body: bool,
    pub(super) body: &'x [u8],
    pub(super) meter: Meter,
}

/// One combination to compute a signature for.
#[derive(Clone, Copy)]
struct Trial {
    claim: usize,
    content: usize,
    key: usize,
    digest: usize,
}

/// What is assumed to be otherwise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Nothing,
    /// The secret, spelt or decoded otherwise.
    Spelling,
    /// Whose secret it is.
    Owner,
    Digest,
    Content,
}

type Found<'x> = ControlFlow<Option<Proven<'x>>>;

impl<'x> Search<'x, '_> {
    /// The scheme's own signature, spelt otherwise: the readings of its own headers alone.
    pub(super) fn spelt_otherwise(&mut self) -> Option<Proven<'x>> {
        let own: Vec<Trial> = self.trials(&[Change::Nothing]);
        for trial in own {
            let plain =
                self.contents[trial.claim].get(trial.content).is_some_and(|way| way.causes.is_empty());
            if !plain {
                continue;
            }
            match self.one(trial, None) {
                ControlFlow::Break(Some(proven)) if !proven.elsewhere => return Some(proven),
                ControlFlow::Break(None) => return None,
                _ => {}
            }
        }
        None
    }

    /// What is proven; `None` where nothing is.
    pub(super) fn run(&mut self) -> Option<Proven<'x>> {
        match self.steps() {
            ControlFlow::Break(found) => found,
            ControlFlow::Continue(()) => None,
        }
    }

    fn steps(&mut self) -> Found<'x> {
        let as_it_is = self.trials(&[Change::Nothing]);
        // One assumption at a time, the likely ones first.
        self.all(&as_it_is, None)?;
        self.some_bodies(self.bodies.first(), &as_it_is)?;
        self.all(&self.trials(&[Change::Spelling, Change::Owner]), None)?;
        self.all(&self.cheap_contents(), None)?;
        self.all(&self.trials(&[Change::Digest]), None)?;
        self.some_bodies(self.bodies.likely(), &as_it_is)?;
        self.all(&self.trials(&[Change::Content]), None)?;
        self.some_bodies(self.bodies.rare(), &as_it_is)?;
        self.some_bodies(self.bodies.orders(), &as_it_is)?;
        // Two at a time.
        self.all(&self.pairs_without_body(), None)?;
        let beside_body = self.trials(&[Change::Spelling, Change::Digest, Change::Content]);
        self.some_bodies(self.bodies.first(), &beside_body)?;
        self.with_others()?;
        self.some_bodies(self.bodies.likely(), &beside_body)?;
        self.some_bodies(self.bodies.rare(), &beside_body)?;
        if self.bodies.orders().len() * beside_body.len() <= MOST_BESIDE_ORDERS {
            self.some_bodies(self.bodies.orders(), &beside_body)?;
        }
        ControlFlow::Continue(())
    }

    /// Other secrets, and one more change: each change is tried with all of them before the next one is, so
    /// that a bound leaves out the unlikely changes and no secret.
    fn with_others(&mut self) -> Found<'x> {
        let others = self.trials(&[Change::Owner]);
        if others.is_empty() {
            return ControlFlow::Continue(());
        }
        let first = self.meter.tried;
        let pairs = self.pairs_with_others();
        let (likely, rare) = pairs.split_at(pairs.partition_point(|trial| self.odds(*trial) < LIKELY_ODDS));
        self.all(likely, None)?;
        self.some_bodies(self.bodies.first(), &others)?;
        let bodies = self.bodies;
        for (trials, bodies) in [(&[][..], bodies.likely()), (rare, bodies.rare()), (&[], bodies.orders())] {
            for trials in trials.chunks(others.len()) {
                if self.meter.tried - first > MOST_WITH_OTHERS {
                    return ControlFlow::Continue(());
                }
                self.all(trials, None)?;
            }
            for way in bodies {
                if self.meter.tried - first > MOST_WITH_OTHERS {
                    return ControlFlow::Continue(());
                }
                self.some_bodies(std::slice::from_ref(way), &others)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Other contents and algorithms under other secrets, the likely ones first.
    fn pairs_with_others(&self) -> Vec<Trial> {
        let mut trials = Vec::new();
        for claim in 0..self.claims.len() {
            let base = Trial { claim, content: 0, key: 0, digest: 0 };
            let with = |trial: Trial| self.other_keys().map(move |key| Trial { key, ..trial });
            trials.extend((1..self.digests.len()).flat_map(|digest| with(Trial { digest, ..base })));
            trials
                .extend(self.by_odds(claim).into_iter().flat_map(|content| with(Trial { content, ..base })));
        }
        trials.sort_by_key(|trial| self.odds(*trial));
        trials
    }

    fn odds(&self, trial: Trial) -> u32 {
        self.contents[trial.claim][trial.content].odds
    }

    fn other_keys(&self) -> std::ops::Range<usize> {
        self.keys.others..self.keys.ways.len()
    }

    /// Single changes.
    fn trials(&self, changes: &[Change]) -> Vec<Trial> {
        let mut trials = Vec::new();
        for claim in 0..self.claims.len() {
            let base = Trial { claim, content: 0, key: 0, digest: 0 };
            let own_keys = 0..self.keys.own;
            let keyed = |keys: std::ops::Range<usize>| keys.map(|key| Trial { key, ..base });
            for change in changes {
                match change {
                    Change::Nothing => trials.extend(keyed(own_keys.clone())),
                    Change::Spelling => trials.extend(keyed(self.keys.own..self.keys.others)),
                    Change::Owner => trials.extend(keyed(self.other_keys())),
                    Change::Digest => {
                        for digest in 1..self.digests.len() {
                            trials.extend(own_keys.clone().map(|key| Trial { key, digest, ..base }));
                        }
                    }
                    Change::Content => {
                        for content in self.by_odds(claim) {
                            trials.extend(own_keys.clone().map(|key| Trial { content, key, ..base }));
                        }
                    }
                }
            }
        }
        trials
    }

    /// The contents of a claim but its own, the likely ones first.
    fn by_odds(&self, claim: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (1..self.contents[claim].len()).collect();
        order.sort_by_key(|&at| self.contents[claim][at].odds);
        order
    }

    /// The few other contents that senders really mistake for the scheme's.
    fn cheap_contents(&self) -> Vec<Trial> {
        let likely = |trial: &Trial| self.odds(*trial) < LIKELY_ODDS;
        self.trials(&[Change::Content]).into_iter().filter(likely).collect()
    }

    /// Two changes of what belongs to the request and its own secrets.
    fn pairs_without_body(&self) -> Vec<Trial> {
        let mut trials = Vec::new();
        let spelt = || self.keys.own..self.keys.others;
        for claim in 0..self.claims.len() {
            let base = Trial { claim, content: 0, key: 0, digest: 0 };
            for content in self.by_odds(claim) {
                trials.extend(spelt().map(|key| Trial { content, key, ..base }));
                for digest in 1..self.digests.len() {
                    trials.extend((0..self.keys.own).map(|key| Trial { content, key, digest, ..base }));
                }
            }
            for digest in 1..self.digests.len() {
                trials.extend(spelt().map(|key| Trial { key, digest, ..base }));
            }
        }
        trials.sort_by_key(|trial| self.odds(*trial));
        trials
    }

    fn all(&mut self, trials: &[Trial], body: Option<(&[u8], &Way)>) -> Found<'x> {
        for trial in trials {
            self.one(*trial, body)?;
        }
        ControlFlow::Continue(())
    }

    fn some_bodies(&mut self, ways: &[Way], trials: &[Trial]) -> Found<'x> {
        let bodies = self.bodies;
        for way in ways {
            if trials.is_empty() || !self.signs_body {
                break;
            }
            let Some(made) = bodies.make(way) else { continue };
            if !self.meter.work(made.len()) {
                return ControlFlow::Break(None);
            }
            self.all(trials, Some((&made, way)))?;
        }
        ControlFlow::Continue(())
    }

    /// Computes one signature, over every ending of the body, and compares.
    fn one(&mut self, trial: Trial, other: Option<(&[u8], &Way)>) -> Found<'x> {
        let (claims, contents, digests, keys) = (self.claims, self.contents, self.digests, self.keys);
        let Some(content) = contents[trial.claim].get(trial.content) else {
            return ControlFlow::Continue(());
        };
        let digest = &digests[trial.digest];
        let claim = &claims[trial.claim];
        let body = other.map_or(self.body, |(body, _)| body);
        let uses_body = content.pieces.iter().any(|piece| matches!(piece, Piece::Body | Piece::FormSorted));
        let fits = |target: &&Target| self.fits(target, trial);
        if (other.is_some() && !uses_body) || !claim.targets.iter().any(|target| fits(&target)) {
            return ControlFlow::Continue(());
        }
        if !digest.pair && !self.meter.take(if uses_body { body.len() } else { 0 }) {
            return ControlFlow::Break(None);
        }
        let key = keys.ways.get(trial.key).map_or(&[][..], |way| way.key.bytes());
        let laid = Laid::of(&content.pieces, digest.key_place, key, body);
        if digest.pair {
            return self.checked(trial, &laid, other.map(|(_, way)| way));
        }
        let mut state = if digest.keyed { digest.hash.keyed(key) } else { digest.hash.plain() };
        laid.before.iter().for_each(|bytes| state.update(bytes));
        for (tail, cause) in tails(&laid) {
            let mut state = state.clone();
            state.update(tail);
            laid.after.iter().for_each(|bytes| state.update(bytes));
            let computed = state.finish();
            let targets = claim.targets.iter().filter(|target| self.fits(target, trial));
            for target in targets {
                let Some(likeness) = target.compare(&computed) else { continue };
                let way = other.map(|(_, way)| way);
                let causes = self.causes(trial, way, cause.clone(), target, likeness, computed.len());
                // An exact match would have verified: what is left is a reading that proves nothing.
                if !causes.is_empty() {
                    let elsewhere = target.place != Place::Own;
                    let timestamp = claim.timestamp.as_deref();
                    return ControlFlow::Break(Some(Proven { causes, timestamp, elsewhere }));
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Has the public key check every signature, over every ending of the body.
    fn checked(&mut self, trial: Trial, laid: &Laid<'_>, body: Option<&Way>) -> Found<'x> {
        let claims = self.claims;
        let claim = &claims[trial.claim];
        let keys = self.keys;
        let Some(Material::Pair(key)) = keys.ways.get(trial.key).map(|way| &way.key) else {
            return ControlFlow::Continue(());
        };
        let length: usize = laid.before.iter().chain(&laid.after).map(|bytes| bytes.len()).sum();
        for (tail, cause) in tails(laid) {
            let before = laid.before.iter().map(AsRef::as_ref);
            let pieces: Vec<&[u8]> =
                before.chain([tail]).chain(laid.after.iter().map(AsRef::as_ref)).collect();
            for target in claim.targets.iter().filter(|target| self.fits(target, trial)).collect::<Vec<_>>() {
                if !self.meter.take(length + COST_OF_A_CURVE) {
                    return ControlFlow::Break(None);
                }
                if !key.checks_bytes(&pieces, &target.bytes) {
                    continue;
                }
                let length = target.bytes.len();
                let causes = self.causes(trial, body, cause.clone(), target, Likeness::Equal, length);
                if !causes.is_empty() {
                    let elsewhere = target.place != Place::Own;
                    return ControlFlow::Break(Some(Proven {
                        causes,
                        timestamp: claim.timestamp.as_deref(),
                        elsewhere,
                    }));
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn fits(&self, target: &Target, trial: Trial) -> bool {
        let digest = &self.digests[trial.digest];
        if digest.pair {
            return matches!(target.bytes.len(), 64 | 68..=72);
        }
        let length = digest.hash.length();
        let cut = (FEWEST_BYTES..length).contains(&target.bytes.len());
        // Nor does a key that anybody has, and with one that is empty a plain hash is one without the secret.
        let unset = self.keys.ways.get(trial.key).is_some_and(|way| way.unset);
        if unset && !(digest.keyed && target.place == Place::Own) {
            return false;
        }
        // A hash without the secret proves something only where the signature should stand: elsewhere it is
        // a checksum of the body.
        (target.bytes.len() == length || cut) && !(digest.secretless && target.place != Place::Own)
    }

    fn causes(
        &self,
        trial: Trial,
        body: Option<&Way>,
        tail: Option<Cause>,
        target: &Target,
        likeness: Likeness,
        length: usize,
    ) -> Vec<Cause> {
        let claim = &self.claims[trial.claim];
        let mut causes: Vec<Cause> = Vec::new();
        let mut add = |more: &[Cause]| {
            for cause in more {
                if !causes.iter().any(|have| have.code == cause.code) {
                    causes.push(cause.clone());
                }
            }
        };
        add(&claim.causes);
        add(&target.causes);
        if likeness == Likeness::Beginning {
            add(&[truncated(target.bytes.len(), length)]);
        }
        // A header of another algorithm is made with that algorithm: nothing more is wrong with it.
        if target.place != Place::Beside {
            add(&self.digests[trial.digest].causes);
        }
        if let Some(key) = self.keys.ways.get(trial.key)
            && !self.digests[trial.digest].secretless
        {
            add(&key.causes);
        }
        add(&self.contents[trial.claim][trial.content].causes);
        add(&body.map(|way| self.bodies.causes(way)).unwrap_or_default());
        add(&tail.into_iter().collect::<Vec<_>>());
        causes
    }
}

fn truncated(have: usize, whole: usize) -> Cause {
    Cause::new(
        CauseCode::DigestTruncated,
        format!("The signature is the beginning of the right one: {have} of its {whole} bytes."),
        "Find out what cuts the signature off (a database column, a header's limit), or let the sender send all of it.",
    )
}

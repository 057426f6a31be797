//! The search through the schemes that hash: what was signed, by which key, with which algorithm, and how
//! the result was written. One digest is compared with every reading of the request at once.

use super::bodies::{Bodies, Way};
use super::budget::Meter;
use super::cause::{Cause, CauseCode};
use super::claims::Claim;
use super::contents::{ContentWay, Piece};
use super::digests::{DigestWay, KeyPlace};
use super::keys::{KeyWay, Material};
use super::targets::{FEWEST_BYTES, Likeness, Place, Target};
use crate::content::form_sorted;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// White space at a body's end that may be more or less than was signed.
const LONGEST_TAIL: usize = 8;
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
    pub(super) keys: &'x [KeyWay],
    /// How many of the keys are the given secrets' own.
    pub(super) own_keys: usize,
    pub(super) bodies: &'x Bodies<'x>,
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
    Key,
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
        // One assumption at a time, the likely ones first.
        self.all(&self.trials(&[Change::Nothing]), None)?;
        self.some_bodies(self.bodies.first(), &self.trials(&[Change::Nothing]))?;
        self.all(&self.trials(&[Change::Key]), None)?;
        self.all(&self.cheap_contents(), None)?;
        self.all(&self.trials(&[Change::Digest]), None)?;
        self.some_bodies(self.bodies.likely(), &self.trials(&[Change::Nothing]))?;
        self.all(&self.trials(&[Change::Content]), None)?;
        self.some_bodies(self.bodies.rare(), &self.trials(&[Change::Nothing]))?;
        self.some_bodies(self.bodies.orders(), &self.trials(&[Change::Nothing]))?;
        // Two at a time.
        self.all(&self.pairs_without_body(), None)?;
        let beside_body = self.beside_body();
        self.some_bodies(self.bodies.first(), &beside_body)?;
        self.some_bodies(self.bodies.likely(), &beside_body)?;
        self.some_bodies(self.bodies.rare(), &beside_body)
    }

    /// Single changes: none at all, the key, the algorithm, the content.
    fn trials(&self, changes: &[Change]) -> Vec<Trial> {
        let [own, keys, digests, contents] =
            [Change::Nothing, Change::Key, Change::Digest, Change::Content].map(|one| changes.contains(&one));
        let mut trials = Vec::new();
        for claim in 0..self.claims.len() {
            let base = Trial { claim, content: 0, key: 0, digest: 0 };
            let own_keys = 0..self.own_keys;
            if own {
                trials.extend(own_keys.clone().map(|key| Trial { key, ..base }));
            }
            if keys {
                trials.extend((self.own_keys..self.keys.len()).map(|key| Trial { key, ..base }));
            }
            if digests {
                for digest in 1..self.digests.len() {
                    trials.extend(own_keys.clone().map(|key| Trial { key, digest, ..base }));
                }
            }
            if contents {
                for content in self.by_odds(claim) {
                    trials.extend(own_keys.clone().map(|key| Trial { content, key, ..base }));
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
        let likely = |trial: &Trial| self.contents[trial.claim][trial.content].odds < 21;
        self.trials(&[Change::Content]).into_iter().filter(likely).collect()
    }

    fn pairs_without_body(&self) -> Vec<Trial> {
        let mut trials = Vec::new();
        for claim in 0..self.claims.len() {
            let base = Trial { claim, content: 0, key: 0, digest: 0 };
            for content in self.by_odds(claim) {
                trials.extend((self.own_keys..self.keys.len()).map(|key| Trial { content, key, ..base }));
                for digest in 1..self.digests.len() {
                    trials.extend((0..self.own_keys).map(|key| Trial { content, key, digest, ..base }));
                }
            }
            for digest in 1..self.digests.len() {
                trials.extend((self.own_keys..self.keys.len()).map(|key| Trial { key, digest, ..base }));
            }
        }
        trials.sort_by_key(|trial| self.contents[trial.claim][trial.content].odds);
        trials
    }

    /// What is tried beside another body: one more change.
    fn beside_body(&self) -> Vec<Trial> {
        self.trials(&[Change::Key, Change::Digest, Change::Content])
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
            if trials.is_empty() {
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
        let key = keys.get(trial.key).map_or(&[][..], |way| way.key.bytes());
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
        let Some(Material::Pair(key)) = keys.get(trial.key).map(|way| &way.key) else {
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
        if let Some(key) = self.keys.get(trial.key)
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

/// A content laid out for one key and body: what is hashed before the body's ending, and after it.
struct Laid<'l> {
    before: Vec<Cow<'l, [u8]>>,
    tail: &'l [u8],
    after: Vec<Cow<'l, [u8]>>,
    /// Whether there is one body whose ending can vary.
    varies: bool,
}

impl<'l> Laid<'l> {
    fn of(pieces: &'l [Piece], key_place: KeyPlace, key: &'l [u8], body: &'l [u8]) -> Self {
        let varies = pieces.iter().filter(|piece| **piece == Piece::Body).count() == 1;
        let mut laid = Self { before: Vec::new(), tail: &[], after: Vec::new(), varies };
        let mut behind = false;
        if key_place == KeyPlace::Before {
            laid.before.push(Cow::Borrowed(key));
        }
        for piece in pieces {
            let bytes = match piece {
                Piece::Bytes(bytes) => Cow::Borrowed(bytes.as_slice()),
                Piece::Key if key_place == KeyPlace::Nowhere => continue,
                Piece::Key => Cow::Borrowed(key),
                Piece::FormSorted => Cow::Owned(form_sorted(body)),
                Piece::Body if varies => {
                    let (core, tail) = split_tail(body);
                    laid.before.push(Cow::Borrowed(core));
                    laid.tail = tail;
                    behind = true;
                    continue;
                }
                Piece::Body => Cow::Borrowed(body),
            };
            if behind { &mut laid.after } else { &mut laid.before }.push(bytes);
        }
        if key_place == KeyPlace::After {
            laid.after.push(Cow::Borrowed(key));
        }
        laid
    }
}

fn split_tail(body: &[u8]) -> (&[u8], &[u8]) {
    let blank = |byte: &&u8| matches!(**byte, b'\n' | b'\r' | b' ' | b'\t' | 0);
    let tail = body.iter().rev().take(LONGEST_TAIL).take_while(blank).count();
    body.split_at(body.len() - tail)
}

/// The endings to try: the body's own, then without blanks, or with a line break.
fn tails<'l>(laid: &Laid<'l>) -> Vec<(&'l [u8], Option<Cause>)> {
    let mut tails = vec![(laid.tail, None)];
    if !laid.varies {
        return tails;
    }
    if laid.tail.is_empty() {
        tails.extend([&b"\n"[..], b"\r\n"].map(|tail| (tail, Some(newline_lost(tail)))));
        return tails;
    }
    let shorter =
        [&b""[..], laid.tail.strip_suffix(b"\r\n").or(laid.tail.strip_suffix(b"\n")).unwrap_or_default()];
    for tail in shorter {
        if !tails.iter().any(|(have, _)| *have == tail) {
            tails.push((tail, Some(ending_added(&laid.tail[tail.len()..]))));
        }
    }
    tails
}

/// Bodies with other endings, for those who do not lay out contents.
pub(super) fn endings(body: &[u8]) -> Vec<(Vec<u8>, Cause)> {
    let (core, tail) = split_tail(body);
    if tail.is_empty() {
        return [&b"\n"[..], b"\r\n"].map(|tail| ([body, tail].concat(), newline_lost(tail))).into();
    }
    vec![(core.to_vec(), ending_added(tail))]
}

fn ending_added(added: &[u8]) -> Cause {
    let breaks_only = added.iter().all(|byte| matches!(byte, b'\n' | b'\r'));
    let (what, which) =
        if breaks_only { ("a newline", "a line break") } else { ("white space", "white space") };
    Cause::new(
        CauseCode::BodyNewlineAdded,
        format!("The body ends with {what} that the sender did not sign."),
        format!(
            "Verify over the bytes as they were sent: find out what appends {which}, or take it off first."
        ),
    )
}

fn newline_lost(tail: &[u8]) -> Cause {
    let said = if tail == b"\n" { "a newline" } else { "a line break (CRLF)" };
    Cause::new(
        CauseCode::BodyNewlineLost,
        format!("The sender signed {said} at the body's end, and it is not there."),
        "Verify over the bytes as they arrived: something trims the body before it is checked.",
    )
}

fn truncated(have: usize, whole: usize) -> Cause {
    Cause::new(
        CauseCode::DigestTruncated,
        format!("The signature is the beginning of the right one: {have} of its {whole} bytes."),
        "Find out what cuts the signature off (a database column, a header's limit), or let the sender send all of it.",
    )
}

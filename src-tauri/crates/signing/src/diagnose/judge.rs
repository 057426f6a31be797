//! The search through the schemes that code stands behind: verifying is asked again, with another request
//! or another secret.

use super::bodies::Bodies;
use super::budget::Meter;
use super::cause::{Cause, CauseCode};
use super::{Candidate, Diagnosis, claims, coded, credentials, header, keys, times, urls};
use crate::secret::Secret;
use crate::verdict::{Reason, VerificationStatus};
use crate::verify::{Received, verify};

/// How many signatures are checked with other secrets and one more change besides.
const MOST_WITH_OTHERS: u32 = 500;
/// How many headers are looked at for what belongs in another.
const MOST_HEADERS: usize = 50;

pub(super) struct Judge<'x, 'a> {
    d: &'x Diagnosis<'a>,
    pub(super) meter: Meter,
    /// True where the body was too large to try everything.
    pub(super) cut: bool,
    own: Vec<(Secret, Vec<Cause>)>,
}

type Headers<'h> = Vec<(&'h str, &'h [u8])>;

impl<'x, 'a> Judge<'x, 'a> {
    pub(super) fn new(d: &'x Diagnosis<'a>, meter: Meter) -> Self {
        let own = keys::spellings(d.secrets);
        Self { d, meter, cut: false, own }
    }

    /// Credentials that are written otherwise.
    pub(super) fn credentials(&mut self) -> Option<Vec<Cause>> {
        let received = *self.d.received;
        let own = self.d.scheme.signature_headers().next()?;
        credentials::readings(self.d)
            .into_iter()
            .find_map(|(value, causes)| {
                let swap = |&(have, old): &(&'a str, &'a [u8])| {
                    (have, if have.eq_ignore_ascii_case(own) { value.as_slice() } else { old })
                };
                let headers: Headers<'_> = received.headers.iter().map(swap).collect();
                self.with_own(&Received { headers: &headers, ..received }, &causes)
            })
            .or_else(|| self.credentials_elsewhere(own))
    }

    /// Credentials without their word in a header of another name, as gateways and API keys have them.
    fn credentials_elsewhere(&mut self, own: &str) -> Option<Vec<Cause>> {
        let received = *self.d.received;
        let is_own = |name: &str| name.eq_ignore_ascii_case(own);
        let there = received.headers.iter().any(|(name, _)| is_own(name));
        received.headers.iter().filter(|(name, _)| !is_own(name)).take(MOST_HEADERS).find_map(
            |&(name, value)| {
                let meant = credentials::with_word(self.d.scheme, value.trim_ascii())?;
                let mut headers: Headers<'_> =
                    received.headers.iter().filter(|(name, _)| !is_own(name)).copied().collect();
                headers.push((own, &meant));
                let cause = if there { claims::wrong_one(own, name) } else { claims::renamed(own, name) };
                self.with_own(&Received { headers: &headers, ..received }, &[cause])
            },
        )
    }

    /// The likely causes: headers under other names, secrets with something round them.
    pub(super) fn headers_and_secrets(&mut self) -> Option<Vec<Cause>> {
        let received = *self.d.received;
        let first = self.meter.tried;
        let secrets = self.own_spelt(&received, &[]).or_else(|| self.other_secrets(&received, &[], first));
        secrets.or_else(|| {
            let changed = self.headers();
            changed.into_iter().find_map(|(headers, cause)| {
                let received = Received { headers: &headers, ..received };
                self.with_own(&received, std::slice::from_ref(&cause))
            })
        })
    }

    /// Everything else, one change at a time, then two; other secrets come last, so that many of them do not
    /// take what there is to spend from the request's own.
    pub(super) fn everything(&mut self) -> Option<Vec<Cause>> {
        let received = *self.d.received;
        let urls = self.urls();
        let single = |way: &&urls::UrlWay| way.causes.len() == 1;
        for way in &urls {
            let found = self.with_own(&Received { url: &way.url, ..received }, &way.causes);
            if found.is_some() {
                return found;
            }
        }
        let headers = self.headers();
        self.bodies(&received, &[])
            .or_else(|| self.pairs_with_headers(&headers))
            .or_else(|| {
                urls.iter()
                    .filter(single)
                    .find_map(|way| self.own_spelt(&Received { url: &way.url, ..received }, &way.causes))
            })
            .or_else(|| {
                let first = self.meter.tried;
                headers.iter().find_map(|(headers, cause)| {
                    let received = Received { headers, ..received };
                    self.other_secrets(&received, std::slice::from_ref(cause), first)
                })
            })
            .or_else(|| {
                let first = self.meter.tried;
                urls.iter().filter(single).find_map(|way| {
                    self.other_secrets(&Received { url: &way.url, ..received }, &way.causes, first)
                })
            })
    }

    /// URLs that may have been signed.
    pub(super) fn urls(&self) -> Vec<urls::UrlWay> {
        if !self.d.scheme.signs_url() {
            return Vec::new();
        }
        let Some(first) = coded::with_hash(self.d) else { return urls::ways(self.d.received) };
        // What else is wrong with the URL is wrong with the one that has the hash.
        let mut further = urls::ways(&Received { url: &first.url, ..*self.d.received });
        for way in &mut further {
            way.causes.retain(|cause| cause.code != CauseCode::UrlQuery);
            way.causes.insert(0, first.causes[0].clone());
        }
        [vec![first], further].concat()
    }

    fn pairs_with_headers(&mut self, headers: &[(Headers<'a>, Cause)]) -> Option<Vec<Cause>> {
        let received = *self.d.received;
        headers.iter().find_map(|(headers, cause)| {
            let changed = Received { headers, ..received };
            let cause = std::slice::from_ref(cause);
            self.own_spelt(&changed, cause).or_else(|| self.bodies(&changed, cause))
        })
    }

    fn bodies(&mut self, received: &Received<'_>, causes: &[Cause]) -> Option<Vec<Cause>> {
        if self.d.scheme.sends_secret() {
            return None;
        }
        let body = received.body;
        let content_encoding = header(received, "content-encoding").unwrap_or_default();
        let bodies = Bodies::new(body, content_encoding);
        self.cut |= bodies.are_cut();
        for (tail, cause) in super::laid::endings(body) {
            let found = self.with_own(&Received { body: &tail, ..*received }, &[causes, &[cause]].concat());
            if found.is_some() {
                return found;
            }
        }
        for way in bodies.first().iter().chain(bodies.likely()).chain(bodies.rare()).chain(bodies.orders()) {
            let Some(made) = bodies.make(way) else { continue };
            if !self.meter.work(made.len()) {
                return None;
            }
            let found = self.with_own(&Received { body: &made, ..*received }, causes);
            if let Some(found) = found {
                return Some([found, bodies.causes(way)].concat());
            }
        }
        None
    }

    /// With the given secrets in other spellings.
    fn own_spelt(&mut self, received: &Received<'_>, causes: &[Cause]) -> Option<Vec<Cause>> {
        (0..self.own.len()).find_map(|at| {
            let (secret, cause) = self.own[at].clone();
            self.right(&[&secret], received, &[causes, &cause].concat())
        })
    }

    /// With other secrets, all of them, as long as no more than a bound has been tried since `first`.
    fn other_secrets(&mut self, received: &Received<'_>, causes: &[Cause], first: u32) -> Option<Vec<Cause>> {
        if self.meter.tried - first > MOST_WITH_OTHERS {
            return None;
        }
        let others: &[Candidate<'_>] = self.d.others;
        others.iter().find_map(|other| {
            let cause = keys::other_cause(other);
            self.right(&[other.secret], received, &[causes, &[cause]].concat())
        })
    }

    fn with_own(&mut self, received: &Received<'_>, causes: &[Cause]) -> Option<Vec<Cause>> {
        let secrets = self.d.secrets;
        self.right(secrets, received, causes)
    }

    /// The causes and what is wrong with the time, if under them the signature is right.
    fn right(
        &mut self,
        secrets: &[&Secret],
        received: &Received<'_>,
        causes: &[Cause],
    ) -> Option<Vec<Cause>> {
        // A shared key costs no more than the hashing.
        let cost = if self.d.scheme.is_asymmetric() { super::search::COST_OF_A_CURVE } else { 0 };
        if secrets.is_empty() || !self.meter.take(received.body.len() + cost) {
            return None;
        }
        let verdict = verify(self.d.scheme, secrets, received, self.d.at_ms);
        let right = match verdict.reason {
            None => verdict.status == VerificationStatus::Valid,
            Some(Reason::TimeStale | Reason::TimeFuture | Reason::TimestampMalformed) => true,
            Some(_) => false,
        };
        let time = || times::of_scheme(self.d.scheme, received, verdict.signed_at, self.d.at_ms);
        right.then(|| [causes.to_vec(), time()].concat())
    }

    /// Other readings of the headers: one that is missing found under another name, a value with something
    /// before it.
    fn headers(&self) -> Vec<(Headers<'a>, Cause)> {
        let headers = self.d.received.headers;
        let mut found: Vec<(Headers<'a>, Cause)> = Vec::new();
        let scheme = self.d.scheme;
        let mut wanted: Vec<&'a str> = scheme.signature_headers().collect();
        wanted.extend(scheme.timestamp_header());
        wanted.extend(scheme.id_header());
        wanted.extend(scheme.made_headers());
        let there = |name: &str| headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name));
        let renamed: Headers<'a> = headers
            .iter()
            .map(|&(name, value)| {
                let core = claims::core_of(name);
                let to = wanted.iter().find(|wanted| !there(wanted) && claims::core_of(wanted) == core);
                (to.copied().unwrap_or(name), value)
            })
            .collect();
        let moved = renamed.iter().zip(headers).find(|(new, old)| new.0 != old.0);
        if let Some((new, old)) = moved {
            found.push((renamed.clone(), claims::renamed(new.0, old.0)));
        }
        let Some(own) = scheme.signature_headers().next() else { return found };
        let others = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(own)).take(MOST_HEADERS);
        for &(name, value) in others {
            let mut moved: Headers<'a> =
                headers.iter().filter(|(have, _)| !have.eq_ignore_ascii_case(own)).copied().collect();
            moved.push((own, value));
            let cause = if there(own) { claims::wrong_one(own, name) } else { claims::renamed(own, name) };
            found.push((moved, cause));
        }
        let what = if self.d.scheme.sends_secret() { "token" } else { "signature" };
        found.extend(one_by_one(headers, own, what));
        for &(name, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(own)) {
            let Ok(text) = std::str::from_utf8(value) else { continue };
            let with = |value: &'a [u8]| -> Headers<'a> {
                let swap = |&(have, old): &(&'a str, &'a [u8])| {
                    (have, if have.eq_ignore_ascii_case(own) { value } else { old })
                };
                headers.iter().map(swap).collect()
            };
            for piece in text.split(',').filter(|piece| piece.len() < text.len()) {
                found.push((with(piece.trim().as_bytes()), claims::joined(name, text.split(',').count())));
            }
            for (at, _) in text.match_indices([' ', '=', ':']).take(4) {
                found.push((with(text[at + 1..].trim().as_bytes()), prefixed(name)));
            }
        }
        found
    }
}

/// A header that came several times with different values, each of them alone.
fn one_by_one<'h>(headers: &[(&'h str, &'h [u8])], own: &'h str, what: &str) -> Vec<(Headers<'h>, Cause)> {
    let is_own = |name: &str| name.eq_ignore_ascii_case(own);
    let values: Vec<&'h [u8]> =
        headers.iter().filter(|(name, _)| is_own(name)).map(|(_, value)| *value).take(MOST_HEADERS).collect();
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return Vec::new();
    }
    let alone = |(at, value): (usize, &&'h [u8])| {
        let mut alone: Headers<'h> = headers.iter().filter(|(name, _)| !is_own(name)).copied().collect();
        alone.push((own, *value));
        (alone, claims::one_of_several(own, at, values.len(), what))
    };
    values.iter().enumerate().map(alone).collect()
}

fn prefixed(name: &str) -> Cause {
    Cause::new(
        CauseCode::DigestPrefix,
        format!("The {name} header is right but for what stands before its value."),
        format!("Let the sender write {name} exactly as the scheme has it."),
    )
}

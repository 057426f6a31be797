//! What a request claims: which time, which id, which digests. Read as the scheme writes it, and in the
//! other ways that proxies and senders make of it.

use super::cause::{Cause, CauseCode};
use super::targets::{Place, Target, meanings};
use crate::json::Json;
use crate::read::SignatureFormat;
use crate::scheme::Scheme;
use crate::spec::{SchemeSpec, Several};
use crate::verdict::Verification;
use crate::verify::Received;
use std::borrow::Cow;

/// More headers than this are not read for signatures.
const MOST_HEADERS: usize = 100;
/// More digests than this are not compared.
const MOST_TARGETS: usize = 120;

/// More times than this in one header are not tried.
const MOST_TIMES: usize = 4;

/// Eight bytes in base64; what is shorter is no digest.
const SHORTEST_TOKEN: usize = 11;

/// One reading of the headers.
#[derive(Clone, Debug, Default)]
pub(super) struct Claim<'a> {
    pub(super) timestamp: Option<Cow<'a, [u8]>>,
    pub(super) id: Option<&'a [u8]>,
    /// What was assumed to find time and id.
    pub(super) causes: Vec<Cause>,
    pub(super) targets: Vec<Target>,
}

/// A header found, under its own name or a changed one.
#[derive(Clone, Copy)]
struct Found<'a> {
    name: &'a str,
    value: &'a [u8],
    renamed: bool,
}

/// The readings, the exact one first. Each has at least one digest.
pub(super) fn claims<'a>(spec: &SchemeSpec, received: &Received<'a>) -> Vec<Claim<'a>> {
    let Ok(format) = SignatureFormat::parse(spec) else { return Vec::new() };
    let in_body = spec.timestamp.as_ref().and_then(|place| place.body.as_deref()).and_then(|field| {
        let text = Json::read(received.body).ok()?.scalar(field).ok()?.into_owned();
        Some(text.into_bytes())
    });
    let mut reader = Reader { spec, format, headers: received.headers, in_body, claims: Vec::new() };
    reader.own_headers();
    reader.other_headers();
    reader.claims.retain(|claim| !claim.targets.is_empty());
    reader.claims
}

/// The names of the headers that may carry the signature.
pub(super) fn signature_headers(spec: &SchemeSpec) -> impl Iterator<Item = &str> {
    let further = match &spec.several {
        Several::Headers(names) => names.as_slice(),
        _ => &[],
    };
    std::iter::once(spec.signature_header.as_str()).chain(further.iter().map(String::as_str))
}

struct Reader<'s, 'a> {
    spec: &'s SchemeSpec,
    format: SignatureFormat,
    headers: &'a [(&'a str, &'a [u8])],
    /// The time as it stands in the body, where the scheme has it there.
    in_body: Option<Vec<u8>>,
    claims: Vec<Claim<'a>>,
}

impl<'a> Reader<'_, 'a> {
    /// The scheme's own headers: as they are, under changed names, one by one, taken apart, read loosely.
    fn own_headers(&mut self) {
        let names: Vec<String> = signature_headers(self.spec).map(str::to_owned).collect();
        for name in &names {
            let found = self.find(name);
            let several = found.windows(2).any(|pair| pair[0].value != pair[1].value);
            for (at, header) in found.iter().enumerate() {
                let mut causes = Vec::new();
                if header.renamed {
                    causes.push(renamed(name, header.name));
                } else if several && self.spec.several != Several::RepeatedHeader {
                    causes.push(one_of_several(name, at, found.len(), "signature"));
                }
                self.read(name, header, &causes);
            }
        }
    }

    /// Any other header may hold the signature: the key proves which.
    fn other_headers(&mut self) {
        let own: Vec<&str> =
            signature_headers(self.spec).flat_map(|name| self.find(name)).map(|found| found.name).collect();
        let wanted = self.spec.signature_header.clone();
        for &(name, value) in self.headers.iter().take(MOST_HEADERS) {
            let Ok(text) = std::str::from_utf8(value) else { continue };
            if own.iter().any(|own| own.eq_ignore_ascii_case(name)) || text.len() > 1000 {
                continue;
            }
            let cause = if own.is_empty() { renamed(&wanted, name) } else { wrong_one(&wanted, name) };
            let (signatures, timestamp) = self.exact(text.trim());
            let mut targets = Vec::new();
            for signature in &signatures {
                self.add_meanings(&mut targets, signature, std::slice::from_ref(&cause), Place::Elsewhere);
            }
            // Another header has its own way of writing: its prefix is no second cause.
            if targets.is_empty() {
                let (cause, place) = if are_siblings(name, &wanted) {
                    (sibling(&wanted, name), Place::Beside)
                } else {
                    (cause, Place::Elsewhere)
                };
                for token in loose_tokens(text) {
                    self.add_meanings(&mut targets, token, std::slice::from_ref(&cause), place);
                }
            }
            self.put(timestamp.map(str::as_bytes), targets);
        }
    }

    fn read(&mut self, name: &str, header: &Found<'a>, causes: &[Cause]) {
        let Ok(text) = std::str::from_utf8(header.value) else { return };
        let (signatures, timestamp) = self.exact(text);
        let times = self.times(text);
        let several = (times.len() > 1).then(|| several_times(name, times.len()));
        let causes: Vec<Cause> = causes.iter().cloned().chain(several).collect();
        let causes = causes.as_slice();
        let times = if times.len() > 1 { times.into_iter().map(Some).collect() } else { vec![timestamp] };
        for timestamp in times {
            let mut targets = Vec::new();
            for signature in &signatures {
                self.add_meanings(&mut targets, signature, causes, Place::Own);
            }
            self.put(timestamp.map(str::as_bytes), targets);
        }
        self.read_joined(name, text, causes);
        self.read_loosely(text, causes);
    }

    /// Values of several headers joined into one, as proxies do.
    fn read_joined(&mut self, name: &str, text: &'a str, causes: &[Cause]) {
        let pieces: Vec<&str> = text.split(", ").collect();
        let pieces = if pieces.len() > 1 { pieces } else { text.split(',').collect() };
        if pieces.len() < 2 {
            return;
        }
        let joined = joined(name, pieces.len());
        let causes: Vec<Cause> = causes.iter().cloned().chain([joined]).collect();
        for piece in pieces {
            let (signatures, timestamp) = self.exact(piece.trim());
            // Where the value has parts of its own, a part is no value.
            if self.format.has_timestamp() && timestamp.is_none() {
                continue;
            }
            let mut targets = Vec::new();
            for signature in &signatures {
                self.add_meanings(&mut targets, signature, &causes, Place::Own);
            }
            self.put(timestamp.map(str::as_bytes), targets);
        }
    }

    /// Prefixes that are missing, doubled or different, and parts that are joined otherwise.
    fn read_loosely(&mut self, text: &'a str, causes: &[Cause]) {
        let form = &self.spec.signature_format;
        let cause = Cause::new(
            CauseCode::DigestPrefix,
            format!(
                "The signature is right, and the {} header is not of the form {form}.",
                self.spec.signature_header
            ),
            format!("Let the sender write the header as {form}, or take the signature out before comparing."),
        );
        let causes: Vec<Cause> = causes.iter().cloned().chain([cause]).collect();
        let mut targets = Vec::new();
        for token in loose_tokens(text) {
            self.add_meanings(&mut targets, token, &causes, Place::Own);
        }
        let timestamp = self.format.has_timestamp().then(|| loose_timestamp(text)).flatten();
        self.put(timestamp.map(str::as_bytes), targets);
    }

    /// Signatures and time as the scheme writes them.
    fn exact(&self, text: &'a str) -> (Vec<&'a str>, Option<&'a str>) {
        let read = self.format.read(text);
        let signatures = read.signatures.into_iter().filter(|signature| !signature.is_empty()).collect();
        (signatures, read.timestamps.first().copied())
    }

    /// The different times in a header's value, a few at most.
    fn times(&self, text: &'a str) -> Vec<&'a str> {
        let mut times: Vec<&str> = Vec::new();
        for time in self.format.read(text).timestamps {
            if times.len() < MOST_TIMES && !times.contains(&time) {
                times.push(time);
            }
        }
        times
    }

    fn add_meanings(&self, targets: &mut Vec<Target>, text: &str, causes: &[Cause], place: Place) {
        for (bytes, more) in meanings(text, self.spec.encoding) {
            if !targets.iter().any(|target| target.bytes == bytes) {
                let causes = causes.iter().cloned().chain(more).collect();
                targets.push(Target { bytes, causes, place });
            }
        }
    }

    /// Adds digests to the claim of the same time and id. What is there already with fewer assumptions stays.
    fn put(&mut self, in_signature: Option<&'a [u8]>, targets: Vec<Target>) {
        let (timestamp, mut causes) = match self.timestamp_header() {
            Some(header) => {
                let (value, causes) = self.one(&header);
                (value.map(Cow::Borrowed), causes)
            }
            None => (self.in_body.clone().map(Cow::Owned).or(in_signature.map(Cow::Borrowed)), Vec::new()),
        };
        let (id, more) = match self.spec.id_header.clone() {
            Some(header) => self.one(&header),
            None => (None, Vec::new()),
        };
        causes.extend(more);
        let at = self.claims.iter().position(|claim| claim.timestamp == timestamp && claim.id == id);
        let at = at.unwrap_or_else(|| {
            self.claims.push(Claim { timestamp, id, causes, targets: Vec::new() });
            self.claims.len() - 1
        });
        let have = &mut self.claims[at].targets;
        for target in targets {
            if have.len() < MOST_TARGETS && !have.iter().any(|other| other.bytes == target.bytes) {
                have.push(target);
            }
        }
    }

    fn timestamp_header(&self) -> Option<String> {
        self.spec.timestamp.as_ref()?.header.clone()
    }

    /// The value of a header that comes once, under its own name or a changed one.
    fn one(&self, name: &str) -> (Option<&'a [u8]>, Vec<Cause>) {
        match self.find(name).first() {
            None => (None, Vec::new()),
            Some(header) if header.renamed => (Some(header.value), vec![renamed(name, header.name)]),
            Some(header) => (Some(header.value), Vec::new()),
        }
    }

    /// All headers of that name; where there are none, those whose name proxies and gateways make of it.
    fn find(&self, name: &str) -> Vec<Found<'a>> {
        let named = |test: &dyn Fn(&str) -> bool, renamed: bool| -> Vec<Found<'a>> {
            let hits = self.headers.iter().filter(|(have, _)| test(have));
            hits.map(|&(name, value)| Found { name, value: value.trim_ascii(), renamed }).collect()
        };
        let exact = named(&|have| have.eq_ignore_ascii_case(name), false);
        if !exact.is_empty() {
            return exact;
        }
        let core = core_of(name);
        named(&|have| core_of(have) == core, true)
    }
}

/// A header's name without what servers and proxies change about it: case, `-` and `_`, `X-`, `HTTP_` and
/// the prefixes under which gateways keep originals.
pub(super) fn core_of(name: &str) -> String {
    let mut core = name.to_ascii_lowercase().replace('_', "-");
    for prefix in ["http-", "x-amzn-remapped-", "x-original-", "x-forwarded-", "original-", "x-"] {
        if let Some(rest) = core.strip_prefix(prefix) {
            core = rest.to_owned();
        }
    }
    core
}

/// Every run of a header's value that could be a signature: the parts between commas, semicolons and
/// spaces, and what follows an equals sign or a colon in them.
fn loose_tokens(text: &str) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    for piece in text.split([',', ';', ' ']) {
        let mut rest = piece;
        loop {
            let token = rest.trim_matches(['"', '\'', ' ', '\t']);
            if token.len() >= SHORTEST_TOKEN && !kept.contains(&token) {
                kept.push(token);
            }
            // Padding is no separator.
            match rest.trim_end_matches('=').find(['=', ':']) {
                Some(at) => rest = &rest[at + 1..],
                None => break,
            }
        }
    }
    kept
}

/// A time in a signature header that is not quite in the scheme's form: the one run that can be one.
fn loose_timestamp(text: &str) -> Option<&str> {
    let pieces = text.split([',', ';', ' ']).map(|piece| {
        let piece = piece.trim_matches(['"', '\'', ' ', '\t']);
        piece.rsplit_once(['=']).map_or(piece, |(_, value)| value)
    });
    pieces
        .into_iter()
        .find(|piece| (9..=13).contains(&piece.len()) && piece.bytes().all(|byte| byte.is_ascii_digit()))
}

pub(super) fn renamed(wanted: &str, have: &str) -> Cause {
    Cause::new(
        CauseCode::HeaderRenamed,
        format!("There is no {wanted} header: what belongs in it stands in {have}."),
        format!("Let {wanted} through unchanged in the proxy before the receiver, or read {have}."),
    )
}

pub(super) fn wrong_one(read: &str, right: &str) -> Cause {
    Cause::new(
        CauseCode::HeaderWrongOne,
        format!("The right signature stands in the {right} header, and {read} holds another one."),
        format!("Read the signature from {right} instead of {read}."),
    )
}

/// True where one header is the older or newer one beside the other (`X-Hub-Signature` and
/// `X-Hub-Signature-256`): the same sender sends both.
pub(super) fn are_siblings(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let beside = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'));
    beside(&one, &other) || beside(&other, &one)
}

fn sibling(wanted: &str, have: &str) -> Cause {
    Cause::new(
        CauseCode::HeaderWrongOne,
        format!(
            "The right signature stands in {have}, the sender's other header beside {wanted}, and {wanted} holds \
             none that is right."
        ),
        format!(
            "Let every proxy on the way pass {wanted} on and verify that one; {have} is made with an algorithm of \
             its own."
        ),
    )
}

pub(super) fn joined(name: &str, count: usize) -> Cause {
    Cause::new(
        CauseCode::HeaderJoined,
        format!("The {name} header holds {count} values joined into one, and one of them is right."),
        format!("Take the {name} header apart at its commas and check each value, or send it once only."),
    )
}

fn several_times(name: &str, count: usize) -> Cause {
    Cause::new(
        CauseCode::HeaderJoined,
        format!("The {name} header holds {count} times, and one of them is the one that was signed."),
        format!("Find out who writes a second time into {name}: a receiver may take either of them."),
    )
}

/// What the header holds is named: a signature, or the secret itself.
pub(super) fn one_of_several(name: &str, at: usize, count: usize, what: &str) -> Cause {
    let place = match at {
        0 => "first".to_owned(),
        1 => "second".to_owned(),
        2 => "third".to_owned(),
        _ => format!("{}th", at + 1),
    };
    Cause::new(
        CauseCode::HeaderWrongOne,
        format!("The {name} header came {count} times, and only the {place} holds the right {what}."),
        format!("Check every value of {name}, or find out who adds the others on the way."),
    )
}

/// True where one of the scheme's signature headers is there.
pub(super) fn has_own_header(scheme: &Scheme, received: &Received<'_>) -> bool {
    scheme
        .signature_headers()
        .any(|name| received.headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name)))
}

/// A header of the scheme's that is not there under its own name, and the name under which it could be.
pub(super) fn stands_in<'a>(scheme: &'a Scheme, received: &Received<'a>) -> Option<(&'a str, &'a str)> {
    absent(scheme, received).into_iter().find_map(|wanted| {
        let core = core_of(wanted);
        received.headers.iter().find(|(have, _)| core_of(have) == core).map(|(have, _)| (wanted, *have))
    })
}

/// The headers that the scheme needs and that are not there.
fn absent<'a>(scheme: &'a Scheme, received: &Received<'_>) -> Vec<&'a str> {
    let there = |name: &str| received.headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name));
    let needed = scheme.signature_headers().take(1);
    let needed = needed.chain(scheme.timestamp_header()).chain(scheme.id_header());
    needed.filter(|name| !there(name)).collect()
}

/// The header, or the part of one, that is not there and has to be. `None` where one could be there under
/// another name: what it holds does not match, and so proves neither.
pub(super) fn missing(scheme: &Scheme, received: &Received<'_>, verdict: &Verification) -> Option<Cause> {
    if stands_in(scheme, received).is_some() {
        return None;
    }
    let absent = absent(scheme, received);
    if absent.is_empty() {
        return Some(Cause::new(
            CauseCode::HeaderMissing,
            verdict.message.clone(),
            format!(
                "Let the sender write what {} needs, and everything on the way let it through.",
                scheme.name()
            ),
        ));
    }
    let names = absent.join(" and ");
    let (is, them) = if absent.len() == 1 { ("header is", "it") } else { ("headers are", "them") };
    Some(Cause::new(
        CauseCode::HeaderMissing,
        format!("The {names} {is} missing, and {} needs {them}.", scheme.name()),
        format!("Let every proxy on the way pass {names} on, and make sure that the sender signs at all."),
    ))
}

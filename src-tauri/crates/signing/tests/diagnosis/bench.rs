//! A sender, a way and a receiver, each of which can go wrong.

use hookbench_signing::{
    Budget, Candidate, CauseCode, Diagnosis, Message, Received, Report, Scheme, SchemeCatalog, SchemeSpec,
    Secret, VerificationStatus, diagnose, sign, verify,
};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The time of every signature.
pub(crate) const AT: i64 = 1_700_000_000_000;
pub(crate) const URL: &str = "https://hooks.example/in/orders?shop=7&lang=en";

pub(crate) fn scheme(id: &str) -> &'static Scheme {
    SchemeCatalog::builtin().get(id).unwrap_or_else(|| panic!("no scheme {id}"))
}

/// One request on its way: what the sender does, what arrives, what the receiver checks.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) scheme: Scheme,
    /// The scheme the sender really signs by.
    pub(crate) signs: Scheme,
    pub(crate) key: Secret,
    pub(crate) signed_url: String,
    pub(crate) signed_body: Vec<u8>,
    pub(crate) signed_headers: Vec<(String, Vec<u8>)>,
    pub(crate) method: String,
    pub(crate) sent_at: i64,
    /// Changes to the headers on the way.
    pub(crate) edits: Vec<Edit>,
    pub(crate) url: String,
    /// What the receiver takes for the URL, where that is not `url` with what signing adds to it.
    pub(crate) seen_url: Option<String>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) others: Vec<(String, Secret, bool)>,
    pub(crate) at: i64,
}

/// What arrives.
struct Sent {
    headers: Vec<(String, Vec<u8>)>,
    url: String,
    body: Vec<u8>,
}

/// A change to one header on the way.
#[derive(Clone)]
pub(crate) enum Edit {
    Remove(String),
    Rename(String, String),
    Set(String, fn(&str) -> String),
    Replace(String, String, String),
    Add(String, String),
    AddFirst(String, String),
    /// The body as it was signed, changed.
    Body(fn(&[u8]) -> Vec<u8>),
}

/// What went wrong, and what may be named for it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) bench: Bench,
    pub(crate) injected: Vec<CauseCode>,
    /// Sets of causes that are as true as the injected ones.
    pub(crate) equivalent: Vec<Vec<CauseCode>>,
}

impl Bench {
    /// Everything right.
    pub(crate) fn new(id: &str, body: &[u8]) -> Self {
        let scheme = scheme(id).clone();
        let key = secret(&scheme, 7);
        let known = scheme.public_half(&key).unwrap_or_else(|| key.clone());
        Self {
            signs: scheme.clone(),
            scheme,
            key,
            signed_url: URL.to_owned(),
            signed_body: body.to_vec(),
            signed_headers: vec![("Content-Type".into(), content_type(body).into())],
            method: "POST".to_owned(),
            sent_at: AT,
            edits: Vec::new(),
            url: URL.to_owned(),
            seen_url: None,
            body: None,
            secrets: vec![known],
            others: Vec::new(),
            at: AT + 3_000,
        }
    }

    pub(crate) fn spec(&self) -> SchemeSpec {
        self.signs.keyed().expect("a scheme of the keyed family").clone()
    }

    /// Lets the sender sign by a changed recipe.
    pub(crate) fn signing(mut self, change: impl FnOnce(&mut SchemeSpec)) -> Option<Self> {
        let mut spec = self.spec();
        change(&mut spec);
        self.signs = Scheme::new(spec).ok()?;
        Some(self)
    }

    pub(crate) fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    pub(crate) fn case(self, name: impl Into<String>, injected: &[CauseCode]) -> Case {
        let name = format!("{} {}", self.scheme.id(), name.into());
        Case { name, bench: self, injected: injected.to_vec(), equivalent: Vec::new() }
    }

    /// What arrives; `None` where the sender cannot sign such a thing.
    fn sent(&self) -> Option<Sent> {
        let headers: Vec<(&str, &[u8])> = borrowed(&self.signed_headers);
        let message = Message {
            method: &self.method,
            url: &self.signed_url,
            headers: &headers,
            body: &self.signed_body,
            timestamp: self.sent_at,
            id: "msg_2b7f9c",
        };
        let signed = sign(&self.signs, &[&self.key], &message).ok()?;
        let made = signed.headers.into_iter().map(|(name, value)| (name, value.into_bytes()));
        let mut headers: Vec<(String, Vec<u8>)> = vec![("Host".into(), b"hooks.example".to_vec())];
        headers.extend(self.signed_headers.clone());
        headers.extend(made);
        for edit in &self.edits {
            edit.apply(&mut headers);
        }
        let url = match signed.url {
            Some(url) if self.url == self.signed_url => url,
            Some(url) => url.replace(&self.signed_url, &self.url),
            None => self.url.clone(),
        };
        let url = self.seen_url.clone().unwrap_or(url);
        let mut body = self.body.clone().or(signed.body).unwrap_or_else(|| self.signed_body.clone());
        for edit in &self.edits {
            if let Edit::Body(change) = edit {
                body = change(&body);
            }
        }
        Some(Sent { headers, url, body })
    }

    fn with_received<T>(&self, then: impl FnOnce(&Received<'_>) -> T) -> Option<T> {
        let Sent { headers, url, body } = self.sent()?;
        let headers = borrowed(&headers);
        Some(then(&Received { method: &self.method, url: &url, headers: &headers, body: &body }))
    }

    pub(crate) fn verifies(&self) -> Option<bool> {
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        let verdict = self.with_received(|received| verify(&self.scheme, &secrets, received, self.at));
        verdict.map(|verdict| verdict.status == VerificationStatus::Valid)
    }

    pub(crate) fn report(&self) -> Option<Report> {
        self.report_within(None)
    }

    pub(crate) fn report_within(&self, budget: Option<Budget>) -> Option<Report> {
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        let others: Vec<Candidate<'_>> = self
            .others
            .iter()
            .map(|(name, secret, rotated)| Candidate { name, secret, rotated: *rotated })
            .collect();
        let catalog: Vec<&Scheme> = SchemeCatalog::builtin().iter().collect();
        self.with_received(|received| {
            diagnose(&Diagnosis {
                scheme: &self.scheme,
                secrets: &secrets,
                received,
                at_ms: self.at,
                others: &others,
                catalog: &catalog,
                budget: budget.unwrap_or(Budget::for_body(received.body.len())),
            })
        })
    }
}

impl Case {
    pub(crate) fn or(mut self, equivalent: &[CauseCode]) -> Self {
        self.equivalent.push(equivalent.to_vec());
        self
    }
}

impl Edit {
    fn apply(&self, headers: &mut Vec<(String, Vec<u8>)>) {
        let is = |have: &str, name: &str| have.eq_ignore_ascii_case(name);
        match self {
            Self::Remove(name) => headers.retain(|(have, _)| !is(have, name)),
            Self::Rename(name, to) => {
                for (have, _) in headers.iter_mut().filter(|(have, _)| is(have, name)) {
                    have.clone_from(to);
                }
            }
            Self::Set(name, change) => {
                for (_, value) in headers.iter_mut().filter(|(have, _)| is(have, name)) {
                    *value = change(&String::from_utf8_lossy(value)).into_bytes();
                }
            }
            Self::Replace(name, from, to) => {
                for (_, value) in headers.iter_mut().filter(|(have, _)| is(have, name)) {
                    *value = String::from_utf8_lossy(value).replace(from, to).into_bytes();
                }
            }
            Self::Add(name, value) => headers.push((name.clone(), value.clone().into_bytes())),
            Self::AddFirst(name, value) => headers.insert(0, (name.clone(), value.clone().into_bytes())),
            Self::Body(_) => {}
        }
    }
}

/// A secret in the form of its scheme, another for each seed. Keys of RSA take long to make, so each is made
/// once.
pub(crate) fn secret(scheme: &Scheme, seed: u8) -> Secret {
    static MADE: Mutex<BTreeMap<(String, u8), Secret>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().expect("no test fails while it holds it");
    let known = made.entry((scheme.id().to_owned(), seed));
    known.or_insert_with(|| new_secret(scheme, seed)).clone()
}

fn new_secret(scheme: &Scheme, seed: u8) -> Secret {
    let mut next = u32::from(seed).wrapping_mul(2_654_435_761).wrapping_add(17);
    scheme.generate_secret(&mut |buffer: &mut [u8]| {
        for byte in buffer {
            next = next.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            *byte = next.to_be_bytes()[1];
        }
    })
}

fn borrowed(headers: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
}

fn content_type(body: &[u8]) -> &'static str {
    match body.first() {
        Some(b'{' | b'[') => "application/json",
        _ if body.contains(&b'=') && body.is_ascii() => "application/x-www-form-urlencoded",
        _ => "application/octet-stream",
    }
}

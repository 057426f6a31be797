//! "Which provider is this?", asked of a captured request.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookbench_model::{HeaderPairs, RequestId};
use hookbench_providers::Profile;
use hookbench_signing::{Received, Recognised, Scheme, recognise};

use crate::Workbench;
use crate::error::Result;

/// A scheme by which a request may have been signed, and whose it may be.
#[derive(Clone, Debug)]
pub struct Recognition {
    /// The scheme's id.
    pub scheme: String,
    /// The scheme's name for people.
    pub scheme_name: String,
    /// The ids of the profiles that sign by it, those whose own headers are there first.
    pub providers: Vec<String>,
    /// What speaks for it, each a sentence.
    pub evidence: Vec<String>,
}

impl Workbench {
    /// What a captured request could be signed by, and who could have sent it, the likeliest first.
    pub async fn recognise(&self, id: RequestId) -> Result<Vec<Recognition>> {
        let request = self.request(id).await?;
        let (body, _) = self.request_body(id).await?;
        let headers: Vec<(&str, &[u8])> =
            request.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        // With its own path, as a query tells some schemes.
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let url = format!("{}{}{query}", self.capture_origin(), request.path);
        let received = Received { method: &request.method, url: &url, headers: &headers, body: &body };
        let schemes = self.library().schemes();
        let catalog: Vec<&Scheme> = schemes.iter().map(AsRef::as_ref).collect();
        let found = recognise(&received, &catalog);
        Ok(Sorting::new(self.library().profiles(), &request.headers).sort(found, &catalog))
    }
}

/// Puts what the schemes say together with what the profiles' own headers say.
struct Sorting<'a> {
    profiles: Vec<Arc<Profile>>,
    headers: &'a HeaderPairs,
}

impl<'a> Sorting<'a> {
    fn new(profiles: Vec<Arc<Profile>>, headers: &'a HeaderPairs) -> Self {
        Self { profiles, headers }
    }

    fn sort(&self, found: Vec<Recognised>, catalog: &[&Scheme]) -> Vec<Recognition> {
        let header_of = |id: &str| {
            let scheme = catalog.iter().find(|scheme| scheme.id() == id)?;
            scheme.signature_headers().next().map(str::to_ascii_lowercase)
        };
        // Schemes of one signature header are told apart by the profiles' own headers.
        let mut groups: Vec<Option<String>> = Vec::new();
        let mut rows: Vec<(usize, usize, Recognition)> = Vec::new();
        for recognised in found {
            let header = header_of(&recognised.scheme_id);
            let group = groups.iter().position(|have| *have == header).unwrap_or_else(|| {
                groups.push(header);
                groups.len() - 1
            });
            let (hits, recognition) = self.with_profiles(recognised, catalog);
            rows.push((group, hits, recognition));
        }
        self.add_unsigned(&mut rows, catalog);
        rows.sort_by_key(|(group, hits, _)| (*group, std::cmp::Reverse(*hits)));
        rows.into_iter().map(|(_, _, recognition)| recognition).collect()
    }

    fn with_profiles(&self, recognised: Recognised, catalog: &[&Scheme]) -> (usize, Recognition) {
        let scheme = catalog.iter().find(|scheme| scheme.id() == recognised.scheme_id);
        let users = self.profiles.iter().filter(|profile| profile.scheme().id() == recognised.scheme_id);
        let mut users: Vec<(BTreeSet<&str>, &Arc<Profile>)> =
            users.map(|profile| (self.own_headers(profile), profile)).collect();
        users.sort_by_key(|(hits, _)| std::cmp::Reverse(hits.len()));
        let hits = users.first().map_or(0, |(hits, _)| hits.len());
        let mut evidence = recognised.evidence;
        for (hits, profile) in users.iter().filter(|(hits, _)| !hits.is_empty()) {
            evidence.push(sentence(profile, hits));
        }
        let providers = users.iter().map(|(_, profile)| profile.id().to_string()).collect();
        let scheme_name = scheme.map_or(recognised.scheme_id.as_str(), |scheme| scheme.name()).to_owned();
        (hits, Recognition { scheme: recognised.scheme_id, scheme_name, providers, evidence })
    }

    /// Senders that are known by their own headers though they did not sign.
    fn add_unsigned(&self, rows: &mut Vec<(usize, usize, Recognition)>, catalog: &[&Scheme]) {
        for profile in &self.profiles {
            let hits = self.own_headers(profile);
            let id = profile.id().to_string();
            if hits.is_empty() || rows.iter().any(|(_, _, row)| row.providers.contains(&id)) {
                continue;
            }
            let scheme = profile.scheme();
            let unsigned = format!("It carries no signature as {} makes it.", scheme.name());
            let recognition = Recognition {
                scheme: scheme.id().to_owned(),
                scheme_name: scheme.name().to_owned(),
                providers: vec![id],
                evidence: vec![sentence(profile, &hits), unsigned],
            };
            rows.push((catalog.len(), hits.len(), recognition));
        }
    }

    /// The headers of the request that this profile sends and no other one does.
    fn own_headers(&self, profile: &Profile) -> BTreeSet<&'a str> {
        let sends = |profile: &Profile, name: &str| {
            profile.header_names().any(|have| have.eq_ignore_ascii_case(name))
        };
        let names = self.headers.iter().map(|(name, _)| name).filter(|name| sends(profile, name));
        let others = || self.profiles.iter().filter(|other| other.id() != profile.id());
        names.filter(|name| !others().any(|other| sends(other, name))).collect()
    }
}

fn sentence(profile: &Profile, hits: &BTreeSet<&str>) -> String {
    let names: Vec<&str> = hits.iter().copied().take(4).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb} what {} sends.", names.join(", "), profile.name())
}

//! Which scheme a request could be signed by, from its headers and its body.

use crate::algorithm::{Algorithm, Encoding};
use crate::read::SignatureFormat;
use crate::scheme::Scheme;
use crate::spec::SchemeSpec;
use crate::verdict::Reason;
use crate::verify::{Received, verify};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

/// A scheme that a request could be signed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The scheme's id.
    pub scheme_id: String,
    /// What speaks for it, each a sentence.
    pub evidence: Vec<String>,
}

/// How well a request's headers fit a scheme.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// The scheme's headers that are there.
    pub(crate) headers: Vec<String>,
    /// What speaks for it.
    pub(crate) evidence: Vec<String>,
    /// More is better.
    pub(crate) weight: u32,
    whole: bool,
}

impl Fit {
    /// True where everything that the scheme sends is there, in its form.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }
}

/// The schemes that a request could be signed by, the likeliest first. Those of one recipe and the same
/// headers cannot be told apart here, and come in the catalogue's order.
pub fn recognise(received: &Received<'_>, catalog: &[&Scheme]) -> Vec<Recognised> {
    let fits = catalog.iter().filter_map(|scheme| Some((*scheme, fit(scheme, received)?)));
    let mut found: Vec<(u32, Recognised)> = fits
        .map(|(scheme, fit)| {
            // A header that several schemes share says less than one of its own.
            let first = scheme.signature_headers().next().unwrap_or_default().to_ascii_lowercase();
            let sharing = catalog.iter().filter(|other| {
                other.signature_headers().next().is_some_and(|name| name.eq_ignore_ascii_case(&first))
            });
            let shared = if sharing.count() > 1 { 0 } else { 4 };
            let recognised = Recognised { scheme_id: scheme.id().to_owned(), evidence: fit.evidence };
            (fit.weight + shared, recognised)
        })
        .collect();
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(_, recognised)| recognised).collect()
}

/// How well the headers fit; `None` where the scheme's signature is not there.
pub(crate) fn fit(scheme: &Scheme, received: &Received<'_>) -> Option<Fit> {
    match scheme.keyed() {
        Some(spec) => fit_keyed(scheme, spec, received),
        None => fit_coded(scheme, received),
    }
}

fn fit_keyed(scheme: &Scheme, spec: &SchemeSpec, received: &Received<'_>) -> Option<Fit> {
    let (name, value) = scheme.signature_headers().find_map(|name| find(received, name))?;
    let mut fit = Fit {
        headers: vec![name.to_owned()],
        evidence: vec![format!("The {name} header is there.")],
        weight: 10,
        whole: true,
    };
    let format = SignatureFormat::parse(spec).ok()?;
    let read = format.read(value);
    let exact = read.signatures.iter().any(|signature| is_digest(signature, spec));
    if exact {
        fit.weight += 6;
        fit.evidence.push(format!("Its value is of the form {}.", spec.signature_format));
    } else {
        fit.whole = false;
    }
    let time = spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_deref());
    for name in time.into_iter().chain(spec.id_header.as_deref()) {
        fit.add(received, name, 3, true);
    }
    if spec.timestamp.is_some() && time.is_none() && read.timestamps.is_empty() {
        fit.whole = false;
    }
    for (name, _) in &spec.extra_headers {
        fit.add(received, name, 1, false);
    }
    Some(fit)
}

impl Fit {
    fn add(&mut self, received: &Received<'_>, name: &str, weight: u32, needed: bool) {
        if let Some((name, _)) = find(received, name) {
            self.headers.push(name.to_owned());
            self.evidence.push(format!("The {name} header is there."));
            self.weight += weight;
        } else if needed {
            self.whole = false;
        }
    }
}

/// Schemes behind code: all of their headers, or a signature of theirs in body or URL.
fn fit_coded(scheme: &Scheme, received: &Received<'_>) -> Option<Fit> {
    let mut fit = Fit { headers: Vec::new(), evidence: Vec::new(), weight: 0, whole: true };
    let own: Vec<&str> = scheme.signature_headers().collect();
    if own.is_empty() {
        // Without a secret, checking stops where the signature was found and a key is wanted.
        let reason = verify(scheme, &[], received, 0).reason;
        if reason != Some(Reason::SecretMissing) {
            return None;
        }
        fit.evidence.push(format!("The body holds a signature as {} sends it.", scheme.name()));
        fit.weight = 20;
        return Some(fit);
    }
    let (name, value) = own.iter().find_map(|name| find(received, name))?;
    if name.eq_ignore_ascii_case("authorization") {
        let kind = scheme.code()?;
        let said = value.split(' ').next().unwrap_or_default();
        if !serde_json::to_value(kind).ok()?.get("kind")?.as_str()?.eq_ignore_ascii_case(said) {
            return None;
        }
    }
    fit.headers.push(name.to_owned());
    fit.evidence.push(format!("The {name} header is there."));
    fit.weight = 10;
    for name in scheme.made_headers() {
        if !own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            fit.add(received, name, 3, true);
        }
    }
    Some(fit)
}

/// A header's name as it was sent, and its value as text.
fn find<'a>(received: &Received<'a>, name: &str) -> Option<(&'a str, &'a str)> {
    let (name, value) = received.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value).ok().map(|value| (*name, value.trim()))
}

/// True for text that spells a digest of the scheme's.
fn is_digest(text: &str, spec: &SchemeSpec) -> bool {
    let bytes = match spec.encoding {
        Encoding::Hex => HEXLOWER.decode(text.as_bytes()),
        Encoding::Base64 => BASE64.decode(text.as_bytes()),
        Encoding::Base64Url => BASE64URL_NOPAD.decode(text.as_bytes()),
    };
    let length = bytes.map_or(0, |bytes| bytes.len());
    match spec.algorithm {
        Algorithm::HmacSha1 | Algorithm::Sha1 => length == 20,
        Algorithm::HmacSha256 | Algorithm::Sha256 => length == 32,
        Algorithm::HmacSha384 => length == 48,
        Algorithm::HmacSha512 | Algorithm::Sha512 | Algorithm::Ed25519 => length == 64,
        Algorithm::EcdsaP256 => (60..=80).contains(&length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SchemeCatalog;

    fn ids(headers: &[(&str, &[u8])]) -> Vec<String> {
        let catalog: Vec<&Scheme> = SchemeCatalog::builtin().iter().collect();
        let received = Received { method: "POST", url: "https://a.example/", headers, body: b"{}" };
        recognise(&received, &catalog).into_iter().map(|found| found.scheme_id).collect()
    }

    const HEX: &str = "f3c1a0e1b0b84e1f8f0d9cbd83c6b2b1f3c1a0e1b0b84e1f8f0d9cbd83c6b2b1";

    #[test]
    fn a_header_of_its_own_names_a_scheme() {
        let stripe = format!("t=1700000000,v1={HEX}");
        let github = format!("sha256={HEX}");
        let both = [("Stripe-Signature", stripe.as_bytes()), ("X-Hub-Signature-256", github.as_bytes())];
        assert_eq!(ids(&both)[..3], ["stripe", "github", "meta"]);
        assert_eq!(ids(&[("content-type", b"text/plain")]), Vec::<String>::new());
    }

    #[test]
    fn the_form_of_the_value_decides_between_schemes_of_one_header() {
        let value = format!("sha256={HEX}");
        let found = ids(&[("x-webhook-signature", value.as_bytes())]);
        assert_eq!(found[0], "politicalcomms", "{found:?}");
        let value = format!("t=17,v1={HEX}");
        assert_eq!(ids(&[("x-webhook-signature", value.as_bytes())])[0], "contactsmanager");
    }
}

//! The search through schemes that code stands behind and that hash or sign parts of the request: other
//! contents, algorithms and spellings of the signature.

use super::bodies::Bodies;
use super::budget::Meter;
use super::cause::{Cause, CauseCode};
use super::claims::Claim;
use super::contents::{ContentWay, Piece};
use super::search::{COST_OF_A_CURVE, Search};
use super::targets::{Place, Target, meanings};
use super::urls::UrlWay;
use super::{Diagnosis, digests, header, keys, parts, times};
use crate::algorithm::{Algorithm, Encoding};
use crate::case::Case;
use crate::coded::{Claimed, InParts, Kind, Maker, with_the_hash_of};
use crate::keys::rsa::{self, RsaHash};
use crate::scheme::Form;
use crate::secret::{Secret, SecretForm};

/// What is proven of a request whose parts can be read; `None` where nothing is.
pub(super) fn search(
    d: &Diagnosis<'_>,
    urls: &[UrlWay],
    signed_at: Option<i64>,
    meter: &mut Meter,
) -> Option<Vec<Cause>> {
    let Form::Coded(coded) = d.scheme.form() else { return None };
    let case = Case { scheme: d.scheme, secrets: d.secrets, received: d.received, at: d.at_ms };
    let causes = d.secrets.iter().find_map(|secret| {
        let whole = coded.in_parts(&case, secret)?;
        match &whole.maker {
            Maker::Shared { algorithm, encoding, secret: form } => {
                let recipe = Recipe { algorithm: *algorithm, encoding: *encoding, form: *form };
                // All secrets and their spellings are in the search for the first.
                (**secret == *d.secrets[0]).then(|| shared(d, &whole, recipe, urls, meter)).flatten()
            }
            Maker::Rsa { hash, key } => pair(&whole, *hash, key, meter),
        }
    })?;
    let time = times::of_scheme(d.scheme, d.received, signed_at, d.at_ms);
    Some([causes, time].concat())
}

#[derive(Clone, Copy)]
struct Recipe {
    algorithm: Algorithm,
    encoding: Encoding,
    form: SecretForm,
}

/// With a shared key. Where a request carries several signatures, the same has to be wrong with each.
fn shared(
    d: &Diagnosis<'_>,
    whole: &InParts,
    recipe: Recipe,
    urls: &[UrlWay],
    meter: &mut Meter,
) -> Option<Vec<Cause>> {
    let secrets: &[&Secret] = d.secrets;
    let keys = keys::shared(recipe.form, secrets, d.others);
    let digests = digests::ways(recipe.algorithm);
    let bodies = Bodies::new(d.received.body, header(d.received, "content-encoding").unwrap_or_default());
    let mut proven: Option<Vec<Cause>> = None;
    for claimed in &whole.claims {
        let mut contents = parts::ways(whole, claimed);
        contents.extend(of_urls(d, urls));
        let claim = Claim { targets: targets(claimed, recipe.encoding), ..Claim::default() };
        let signs_body = contents.iter().any(|way| way.pieces.contains(&Piece::Body));
        let mut search = Search {
            claims: &[claim],
            contents: &[contents],
            digests: &digests,
            keys: &keys,
            bodies: &bodies,
            signs_body,
            body: d.received.body,
            meter: *meter,
        };
        let found = search.run().map(|proven| proven.causes);
        *meter = search.meter;
        let found = found?;
        if proven.as_ref().is_some_and(|proven| *proven != found) {
            return None;
        }
        proven = Some(found);
    }
    proven
}

/// With an RSA key, which checks what is claimed.
fn pair(whole: &InParts, own: RsaHash, key: &rsa::Key, meter: &mut Meter) -> Option<Vec<Cause>> {
    let [claimed] = whole.claims.as_slice() else { return None };
    let targets = targets(claimed, Encoding::Base64);
    let hashes = [own, own.other()];
    for way in &parts::ways(whole, claimed) {
        let content: Vec<u8> = way.pieces.iter().flat_map(piece_bytes).copied().collect();
        for hash in hashes {
            for target in &targets {
                if !meter.take(content.len() + COST_OF_A_CURVE) {
                    return None;
                }
                if !rsa::verify(key, hash, &content, &target.bytes) {
                    continue;
                }
                let algorithm = (hash != own).then(|| algorithm_cause(hash, own));
                let causes: Vec<Cause> = target
                    .causes
                    .iter()
                    .cloned()
                    .chain(algorithm)
                    .chain(way.causes.iter().cloned())
                    .collect();
                if !causes.is_empty() {
                    return Some(causes);
                }
            }
        }
    }
    None
}

/// No scheme with an RSA key signs the body itself.
fn piece_bytes(piece: &Piece) -> &[u8] {
    match piece {
        Piece::Bytes(bytes) => bytes,
        Piece::Body | Piece::FormSorted | Piece::Key => &[],
    }
}

fn targets(claimed: &Claimed, encoding: Encoding) -> Vec<Target> {
    let read = meanings(claimed.signature.trim(), encoding).into_iter();
    read.map(|(bytes, causes)| Target { bytes, causes, place: Place::Own }).collect()
}

/// Other URLs, where nothing else is signed.
fn of_urls(d: &Diagnosis<'_>, urls: &[UrlWay]) -> Vec<ContentWay> {
    if d.scheme.code().is_none_or(|spec| spec.kind != Kind::TwilioJson) {
        return Vec::new();
    }
    let way = |way: &UrlWay| ContentWay {
        pieces: vec![Piece::Bytes(way.url.clone().into_bytes())],
        causes: way.causes.clone(),
        odds: 40 * u32::try_from(way.causes.len()).unwrap_or(9),
    };
    urls.iter().filter(|way| with_the_hash_of(b"", &way.url).is_none()).map(way).collect()
}

/// The URL as Twilio calls it, where what is seen lacks the body's hash: it can be computed.
pub(super) fn with_hash(d: &Diagnosis<'_>) -> Option<UrlWay> {
    d.scheme.code().filter(|spec| spec.kind == Kind::TwilioJson)?;
    let url = with_the_hash_of(d.received.body, d.received.url)?;
    let query = url.rsplit(['?', '&']).next().unwrap_or_default().to_owned();
    let cause = Cause::new(
        CauseCode::UrlQuery,
        format!("The sender signed the URL with {query} in its query, and the receiver sees it without."),
        "Check with the whole URL as it was called, query included: the path that a framework gives has none.",
    );
    Some(UrlWay { url, causes: vec![cause] })
}

fn algorithm_cause(used: RsaHash, wanted: RsaHash) -> Cause {
    let (used, wanted) = (used.name(), wanted.name());
    Cause::new(
        CauseCode::DigestAlgorithm,
        format!("The signature was made with RSA and {used}, and the request says {wanted}."),
        format!("Use one algorithm on both sides: {used} at the receiver, or {wanted} at the sender."),
    )
}

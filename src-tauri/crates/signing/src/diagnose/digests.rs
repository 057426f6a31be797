//! Ways to make a digest: the scheme's own, and those that senders mistake for it.

use super::cause::{Cause, CauseCode};
use super::hashing::Hash;
use crate::algorithm::Algorithm;

/// Where the key stands in what is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyPlace {
    /// As the scheme's content has it.
    AsLaid,
    /// Nowhere, even if the scheme's content has a place for it.
    Nowhere,
    /// Before everything else.
    Before,
    /// After everything else.
    After,
}

/// One way to make a digest.
#[derive(Clone, Debug)]
pub(super) struct DigestWay {
    pub(super) hash: Hash,
    /// True for an HMAC.
    pub(super) keyed: bool,
    /// True where a private key signs: the signature is checked, and not computed.
    pub(super) pair: bool,
    pub(super) key_place: KeyPlace,
    /// True where anybody could have made it, without the secret.
    pub(super) secretless: bool,
    pub(super) causes: Vec<Cause>,
}

/// The ways, the scheme's own first.
pub(super) fn ways(algorithm: Algorithm) -> Vec<DigestWay> {
    let own = |hash, keyed, pair| {
        let key_place = KeyPlace::AsLaid;
        DigestWay { hash, keyed, pair, key_place, secretless: false, causes: Vec::new() }
    };
    let Some((hash, keyed)) = Hash::of(algorithm) else { return vec![own(Hash::Sha256, false, true)] };
    let wanted = name(hash, keyed);
    let mut ways = vec![own(hash, keyed, false)];
    for other in Hash::ALL.into_iter().filter(|&other| other != hash) {
        ways.push(DigestWay {
            hash: other,
            keyed,
            pair: false,
            key_place: KeyPlace::AsLaid,
            secretless: false,
            causes: vec![algorithm_cause(&name(other, keyed), &wanted)],
        });
    }
    if keyed {
        ways.extend(plain_ways(hash, &wanted));
    } else {
        for other in Hash::ALL {
            ways.push(DigestWay {
                hash: other,
                keyed: true,
                pair: false,
                key_place: KeyPlace::Nowhere,
                secretless: false,
                causes: vec![algorithm_cause(&name(other, true), &wanted)],
            });
        }
    }
    ways
}

/// A plain hash where an HMAC is wanted: with the secret before or after the content, or without it.
fn plain_ways(own: Hash, wanted: &str) -> Vec<DigestWay> {
    let mut hashes = vec![own];
    hashes.extend(Hash::ALL.into_iter().filter(|&other| other != own));
    let places = [
        (KeyPlace::Before, "of the secret and the content"),
        (KeyPlace::After, "of the content and the secret"),
        (KeyPlace::AsLaid, "of the content, without the secret"),
    ];
    let way = |hash: Hash, (key_place, of): (KeyPlace, &str)| DigestWay {
        hash,
        keyed: false,
        pair: false,
        key_place,
        secretless: key_place == KeyPlace::AsLaid,
        causes: vec![Cause::new(
            CauseCode::DigestPlainHash,
            format!("The signature is a plain {} {of}, not {wanted}.", hash.name()),
            format!(
                "Let the sender compute {wanted} with the secret as its key: a plain hash proves nothing."
            ),
        )],
    };
    hashes.into_iter().flat_map(|hash| places.map(|place| way(hash, place))).collect()
}

/// Its name for people: "HMAC-SHA-256", "a plain SHA-1".
pub(super) fn name(hash: Hash, keyed: bool) -> String {
    if keyed {
        format!("HMAC-{}", hash.name().replacen('-', "", 1))
    } else {
        format!("a plain {}", hash.name())
    }
}

fn algorithm_cause(used: &str, wanted: &str) -> Cause {
    Cause::new(
        CauseCode::DigestAlgorithm,
        format!("The signature was made with {used}, and the scheme wants {wanted}."),
        format!("Use one algorithm on both sides: {used} at the receiver, or {wanted} at the sender."),
    )
}

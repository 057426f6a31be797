//! Signatures made or written otherwise.

use super::{KEYED, body_for};
use crate::bench::{Bench, Case, Edit};
use crate::bodies::NESTED;
use data_encoding::HEXLOWER;
use hookbench_signing::CauseCode::*;
use hookbench_signing::{Algorithm, Encoding};
use sha2::{Digest, Sha256};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED {
        let bench = Bench::new(id, &body_for(id));
        let spec = bench.spec();
        let header = spec.signature_header.clone();
        let other = if spec.encoding == Encoding::Hex { Encoding::Base64 } else { Encoding::Hex };
        let respelt = bench.clone().signing(|spec| spec.encoding = other).expect("sound");
        cases.push(respelt.case("other encoding", &[DigestEncoding]));
        let respelt = bench.clone().signing(|spec| spec.encoding = Encoding::Base64Url).expect("sound");
        cases.push(respelt.case("URL-safe", &[DigestEncoding]));
        if spec.encoding == Encoding::Hex {
            let upper = |value: &str| {
                let at = value.rfind('=').map_or(0, |at| at + 1);
                format!("{}{}", &value[..at], value[at..].to_uppercase())
            };
            cases.push(bench.clone().edit(Edit::Set(header.clone(), upper)).case("capitals", &[DigestCase]));
        }
        for algorithm in
            [Algorithm::HmacSha1, Algorithm::HmacSha512, Algorithm::HmacSha384, Algorithm::HmacSha256]
        {
            if spec.algorithm.is_keyed() && algorithm != spec.algorithm {
                let other = bench.clone().signing(|spec| spec.algorithm = algorithm).expect("sound");
                // The same header and form with the other hash is another provider's scheme.
                cases.push(other.case(format!("{algorithm:?}"), &[DigestAlgorithm]).or(&[WrongScheme]));
            }
        }
        if spec.algorithm.is_keyed() {
            for content in [format!("{{secret}}{}", spec.content), format!("{}{{secret}}", spec.content)] {
                let plain = bench.clone().signing(|spec| {
                    spec.algorithm = Algorithm::Sha256;
                    spec.content = content;
                });
                cases.push(plain.expect("sound").case("plain hash", &[DigestPlainHash]));
            }
        }
        let cut = |value: &str| value[..value.len() - 16].to_owned();
        if spec.several == hookbench_signing::Several::One || id == "docusign" {
            cases.push(bench.clone().edit(Edit::Set(header.clone(), cut)).case("cut", &[DigestTruncated]));
        }
        if spec.signature_format.starts_with("sha") || spec.signature_format.starts_with('v') {
            let prefix = spec.signature_format.replace("{sig}", "");
            let bare = Edit::Replace(header.clone(), prefix.clone(), String::new());
            cases.push(bench.clone().edit(bare).case("prefix missing", &[DigestPrefix]));
            let twice = Edit::Replace(header.clone(), prefix.clone(), format!("{prefix}{prefix}"));
            cases.push(bench.clone().edit(twice).case("prefix twice", &[DigestPrefix]));
        } else if spec.signature_format == "{sig}" {
            let prefixed = |value: &str| format!("sha256={value}");
            cases.push(
                bench.clone().edit(Edit::Set(header.clone(), prefixed)).case("prefix added", &[DigestPrefix]),
            );
        }
    }
    let spaced = Edit::Replace("X-Webhook-Signature".into(), ",".into(), ", ".into());
    cases.push(Bench::new("contactsmanager", NESTED).edit(spaced).case("space in form", &[DigestPrefix]));
    cases.push(plain_body_hash());
    for id in ["discord", "sendgrid"] {
        let respelt = Bench::new(id, NESTED).signing(|spec| {
            spec.encoding = if spec.encoding == Encoding::Hex { Encoding::Base64 } else { Encoding::Hex };
        });
        cases.push(respelt.expect("sound").case("other encoding", &[DigestEncoding]));
    }
    cases
}

/// A plain hash of the body, which no scheme can be made to sign.
fn plain_body_hash() -> Case {
    let hash = format!("sha256={}", HEXLOWER.encode(&Sha256::digest(NESTED)));
    let bench = Bench::new("github", NESTED);
    let header = bench.spec().signature_header;
    bench
        .edit(Edit::Remove(header.clone()))
        .edit(Edit::Add(header, hash))
        .case("hash of the body", &[DigestPlainHash])
}

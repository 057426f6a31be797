//! What proves a request, in Rust: keys, digests, signatures.

use super::{class, encoding, in_format, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    digest(recipe, code);
    let comparing = if recipe.is_list() {
        "        matched |= signatures.iter().any(|one| one.as_bytes().ct_eq(expected.as_bytes()).into());"
    } else {
        "        matched |= bool::from(signature.as_bytes().ct_eq(expected.as_bytes()));"
    };
    code.about(Topic::Digest, format!("        // {}\n{comparing}", words::CONSTANT_TIME));
}

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let decoded = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => {
            format!("BASE64.decode(secret.strip_prefix(\"{prefix}\").unwrap_or(secret).as_bytes())")
        }
        KeyForm::Base64Url => "BASE64URL_NOPAD.decode(secret.trim_end_matches('=').as_bytes())".to_owned(),
        KeyForm::Hex => "HEXLOWER_PERMISSIVE.decode(secret.as_bytes())".to_owned(),
        _ => "BASE64.decode(secret.as_bytes())".to_owned(),
    };
    let kind = match recipe.proof {
        Proof::Public(Public::Ed25519 | Public::Ecdsa) => "VerifyingKey",
        Proof::Public(_) => "RsaPublicKey",
        _ => "Vec<u8>",
    };
    let lines = match (recipe.proof, recipe.key) {
        (Proof::Public(Public::Rsa | Public::RsaOverSaidHash), KeyForm::IdAndCertificate) => {
            format!("{ID_FIRST}{CERTIFIED}")
        }
        (Proof::Public(Public::Rsa | Public::RsaOverSaidHash), _) => CERTIFIED.to_owned(),
        (Proof::Public(_), KeyForm::Pem) => {
            "    VerifyingKey::from_public_key_pem(secret).map_err(|_| MALFORMED)".to_owned()
        }
        (Proof::Public(Public::Ed25519), _) => fill(ED25519, &[("decoded", &decoded)]),
        (Proof::Public(_), _) => fill(ECDSA, &[("decoded", &decoded)]),
        _ => fill(BYTES, &[("decoded", &decoded)]),
    };
    let template = r"
/// ‹what›
fn key_of(secret: &str) -> Result<‹kind›, &'static str> {
    const MALFORMED: &str =
        ‹reason›;
‹lines›
}
";
    let reason = quoted(words::malformed(recipe));
    let values =
        [("what", words::KEY_OF), ("kind", kind), ("reason", &reason), ("lines", lines.trim_matches('\n'))];
    fill(template, &values)
}

const BYTES: &str = "    ‹decoded›.ok().filter(|key| !key.is_empty()).ok_or(MALFORMED)";

const ED25519: &str = r"
    let key = ‹decoded›.map_err(|_| MALFORMED)?;
    let key = key.as_slice().try_into().map_err(|_| MALFORMED)?;
    VerifyingKey::from_bytes(key).map_err(|_| MALFORMED)";

const ECDSA: &str = r"
    let key = ‹decoded›.map_err(|_| MALFORMED)?;
    VerifyingKey::from_public_key_der(&key).map_err(|_| MALFORMED)";

const ID_FIRST: &str = r#"    if secret.starts_with("-----") {
        return Err(MALFORMED);
    }
"#;

/// A certificate, or the public key alone.
const CERTIFIED: &str = r#"    let pem = secret.find("-----BEGIN").map_or(secret, |start| &secret[start..]);
    if !pem.starts_with("-----BEGIN CERTIFICATE") {
        return RsaPublicKey::from_public_key_pem(pem).map_err(|_| MALFORMED);
    }
    let certificate = Certificate::from_pem(pem).map_err(|_| MALFORMED)?;
    let key = certificate.tbs_certificate().subject_public_key_info().to_der();
    RsaPublicKey::from_public_key_der(&key.map_err(|_| MALFORMED)?).map_err(|_| MALFORMED)"#;

fn digest(recipe: &Recipe<'_>, code: &mut Code) {
    let encoding = encoding(recipe);
    let content = if recipe.is_body_alone() { "body" } else { "&content" };
    let digest = match recipe.proof {
        Proof::Hmac(hash) => {
            let key = if recipe.key == KeyForm::Text { "key" } else { "&key" };
            let mac = r#"
        let mut mac = Hmac::<‹hash›>::new_from_slice(‹key›).expect("HMAC takes keys of any length");
        mac.update(‹content›);
"#;
            code.about(
                Topic::Digest,
                fill(mac, &[("hash", class(hash)), ("key", key), ("content", content)]),
            );
            if recipe.is_body_alone() {
                code.also(Topic::Content, 1);
            }
            format!("{encoding}.encode(&mac.finalize().into_bytes())")
        }
        Proof::Plain(hash) => format!("{encoding}.encode(&{}::digest({content}))", class(hash)),
        Proof::TokenInBase64 => format!("{encoding}.encode(key)"),
        Proof::Token | Proof::Public(_) => "secret".to_owned(),
    };
    let (before, after) = recipe.signature.around;
    let expected = if before.is_empty() && after.is_empty() {
        digest
    } else {
        format!("format!(\"{}{{}}{}\", {digest})", in_format(before), in_format(after))
    };
    code.about(Topic::Digest, format!("        let expected = {expected};"));
}

/// Checks signatures with the public key.
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let step = |kind: &str, text: &str| {
        let strip =
            format!("            let Some(one) = one.strip_{kind}({}) else {{ continue }};\n", quoted(text));
        if text.is_empty() { String::new() } else { strip }
    };
    let steps = step("prefix", before) + &step("suffix", after);
    let content = if recipe.is_body_alone() { "body" } else { "&content" };
    let check = match public {
        Public::Ed25519 => {
            "Signature::from_slice(&bytes).is_ok_and(|one| key.verify_strict(‹content›, &one).is_ok())"
        }
        Public::Ecdsa => {
            "DerSignature::from_bytes(&bytes).is_ok_and(|one| key.verify(‹content›, &one).is_ok())"
        }
        Public::Rsa => {
            "key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(‹content›), &bytes).is_ok()"
        }
        Public::RsaOverSaidHash => {
            r"if newer {
                key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(‹content›), &bytes).is_ok()
            } else {
                key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(‹content›), &bytes).is_ok()
            }"
        }
    };
    let template = r"
        for one in ‹signatures› {
‹steps›            let Ok(bytes) = ‹encoding›.decode(one.as_bytes()) else { continue };
            matched |= ‹check›;
        }
";
    let check = fill(check, &[("content", content)]);
    let signatures = if recipe.is_list() { "&signatures" } else { "[&signature]" };
    let values =
        [("signatures", signatures), ("steps", &steps), ("encoding", encoding(recipe)), ("check", &check)];
    code.about(Topic::Digest, fill(template, &values));
    if recipe.is_body_alone() {
        code.also(Topic::Content, 2);
    }
}

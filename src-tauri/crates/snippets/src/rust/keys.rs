//! What proves a request, in Rust: keys, digests, signatures.

use super::{class, content, encoding, in_format, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("    let mut matched = false;\n    for secret in secrets {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "        "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        digest(recipe, code);
        let comparing = if recipe.is_list() {
            "        matched |= signatures.iter().any(|one| one.as_bytes().ct_eq(expected.as_bytes()).into());"
        } else {
            "        matched |= bool::from(signature.as_bytes().ct_eq(expected.as_bytes()));"
        };
        code.about(Topic::Digest, format!("        // {}\n{comparing}", words::CONSTANT_TIME));
    }
    let template = r"
    }
    if !matched {
        return Err(‹reason›);
    }
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "        let key = secret.as_bytes();".to_owned(),
        KeyForm::Base64 { prefix: "" } => {
            "        let key = BASE64.decode(secret.as_bytes()).map_err(|_| \"the secret is not base64\")?;".to_owned()
        }
        KeyForm::Base64 { prefix } => format!(
            "        let key = secret.strip_prefix(\"{prefix}\").unwrap_or(secret);\n        let key = BASE64.decode(key.as_bytes()).map_err(|_| \"the secret is not base64\")?;"
        ),
        KeyForm::Base64Url => r#"
        let key = secret.trim_end_matches('=').as_bytes();
        let key = BASE64URL_NOPAD.decode(key).map_err(|_| "the secret is not base64")?;
"#.to_owned(),
        KeyForm::Hex => {
            "        let key = HEXLOWER_PERMISSIVE.decode(secret.as_bytes()).map_err(|_| \"the secret is not hexadecimal\")?;".to_owned()
        }
        KeyForm::Pem => return "        let key = VerifyingKey::from_public_key_pem(secret).map_err(|_| \"the secret is no key\")?;".to_owned(),
        KeyForm::Certificate => return "        let key = key_of(secret)?;".to_owned(),
        KeyForm::IdAndCertificate => {
            let lines = r#"
        // The webhook's id on the first line, the certificate or its key below.
        let (account, _) = secret.split_once('\n').ok_or("the secret is of one line")?;
        let account = account.trim();
        let key = key_of(secret)?;
"#;
            return lines.to_owned();
        }
    };
    let public = match recipe.proof {
        Proof::Public(Public::Ed25519) => {
            r#"
        let key = key.as_slice().try_into().map_err(|_| "the secret is no key")?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| "the secret is no key")?;
"#
        }
        Proof::Public(_) => {
            "        let key = VerifyingKey::from_public_key_der(&key).map_err(|_| \"the secret is no key\")?;"
        }
        _ => "",
    };
    format!("{}\n{}", bytes.trim_matches('\n'), public.trim_matches('\n'))
}

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
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
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

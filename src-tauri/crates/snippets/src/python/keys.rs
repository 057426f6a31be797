//! What proves a request, in Python: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("    matched = False\n    for secret in secrets:");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "        "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        code.about(Topic::Digest, format!("        expected = {}", expected(recipe)));
        if recipe.is_body_alone() {
            code.also(Topic::Content, 1);
        }
        code.about(Topic::Digest, format!("        # {}", words::CONSTANT_TIME));
        let line = if recipe.is_list() {
            "        matched |= any(hmac.compare_digest(one.encode(), expected.encode()) for one in signatures)"
        } else {
            "        matched |= hmac.compare_digest(signature.encode(), expected.encode())"
        };
        code.about(Topic::Digest, line);
    }
    let template = r"
    if not matched:
        raise Rejected(‹reason›)
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "secret.encode()".to_owned(),
        KeyForm::Base64 { prefix: "" } => "base64.b64decode(secret)".to_owned(),
        KeyForm::Base64 { prefix } => {
            format!(
                "base64.b64decode(secret[{}:] if secret.startswith(\"{prefix}\") else secret)",
                prefix.len()
            )
        }
        KeyForm::Base64Url => "base64.urlsafe_b64decode(secret.rstrip(\"=\") + \"==\")".to_owned(),
        KeyForm::Hex => "bytes.fromhex(secret)".to_owned(),
        KeyForm::Pem => return "        key = load_pem_public_key(secret.encode())".to_owned(),
        KeyForm::Certificate => {
            return "        key = public_key(secret)".to_owned();
        }
        KeyForm::IdAndCertificate => {
            let lines = r#"
        # The webhook's id on the first line, the certificate or its key below.
        account = secret.partition("\n")[0].strip()
        key = public_key(secret)
"#;
            return lines.to_owned();
        }
    };
    match recipe.proof {
        Proof::Public(Public::Ed25519) => {
            format!("        key = Ed25519PublicKey.from_public_bytes({bytes})")
        }
        Proof::Public(_) => format!("        key = load_der_public_key({bytes})"),
        _ => format!("        key = {bytes}"),
    }
}

/// Reads a key, whichever way it is written.
pub(super) const PUBLIC_KEY: &str = r#"
def public_key(secret):
    """The key in PEM: as it is, or in a certificate."""
    pem = secret[max(secret.find("-----BEGIN"), 0) :].encode()
    try:
        if b"BEGIN CERTIFICATE" in pem:
            return x509.load_pem_x509_certificate(pem).public_key()
        return load_pem_public_key(pem)
    except ValueError:
        raise ValueError("WEBHOOK_SECRET holds neither a public key nor a certificate in PEM") from None
"#;

fn expected(recipe: &Recipe<'_>) -> String {
    let content = recipe.content_name();
    let (digest, hex) = match recipe.proof {
        Proof::Hmac(hash) => (format!("hmac.new(key, {content}, hashlib.{})", hash.name()), "hexdigest()"),
        Proof::Plain(hash) => (format!("hashlib.{}({content})", hash.name()), "hexdigest()"),
        _ => ("key".to_owned(), "hex()"),
    };
    let bytes = if recipe.is_token() { digest.clone() } else { format!("{digest}.digest()") };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "secret".to_owned(),
        (_, Encoding::Hex) => format!("{digest}.{hex}"),
        (_, Encoding::Base64) => format!("base64.b64encode({bytes}).decode()"),
        (_, Encoding::Base64Url) => format!("base64.urlsafe_b64encode({bytes}).decode().rstrip(\"=\")"),
    };
    recipe.signature.dressed(&written, " + ", quoted)
}

/// Checks signatures with the public key.
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut text = "one".to_owned();
    if !before.is_empty() || !after.is_empty() {
        let end = if after.is_empty() { String::new() } else { format!("-{}", after.chars().count()) };
        text = format!("one[{}:{end}]", before.chars().count());
    }
    let bytes = match recipe.encoding {
        Encoding::Hex => format!("bytes.fromhex({text})"),
        Encoding::Base64 => format!("base64.b64decode({text}, validate=True)"),
        Encoding::Base64Url => format!("base64.urlsafe_b64decode({text} + \"==\")"),
    };
    let content = recipe.content_name();
    let further = match public {
        Public::Ed25519 => "",
        Public::Ecdsa => ", ec.ECDSA(hashes.SHA256())",
        Public::Rsa => ", padding.PKCS1v15(), hashes.SHA256()",
        Public::RsaOverSaidHash => ", padding.PKCS1v15(), algorithm",
    };
    let template = r"
        for one in ‹signatures›:
‹passed_over›            try:
                key.verify(‹bytes›, ‹content›‹further›)
                matched = True
            except (InvalidSignature, ValueError):
                pass  # Perhaps another one is right.
";
    let mut tests = Vec::new();
    tests.extend((!before.is_empty()).then(|| format!("one.startswith({})", quoted(before))));
    tests.extend((!after.is_empty()).then(|| format!("one.endswith({})", quoted(after))));
    let passed_over = match tests.as_slice() {
        [] => String::new(),
        tests => format!("            if not ({}):\n                continue\n", tests.join(" and ")),
    };
    let values = [
        ("signatures", if recipe.is_list() { "signatures" } else { "[signature]" }),
        ("passed_over", &passed_over),
        ("bytes", &bytes),
        ("content", content),
        ("further", further),
    ];
    code.about(Topic::Digest, fill(template, &values));
    if recipe.is_body_alone() {
        code.also(Topic::Content, 4);
    }
}

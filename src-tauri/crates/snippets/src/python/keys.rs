//! What proves a request, in Python: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
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

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let lines = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => format!(
            "        text = secret[{}:] if secret.startswith(\"{prefix}\") else secret\n        key = base64.b64decode(text, validate=True)",
            prefix.len()
        ),
        KeyForm::Base64Url => r#"
        text = secret.rstrip("=")
        key = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
"#
        .to_owned(),
        KeyForm::Hex => "        key = bytes.fromhex(secret)".to_owned(),
        KeyForm::Pem => "        key = load_pem_public_key(secret.encode())".to_owned(),
        KeyForm::Certificate | KeyForm::IdAndCertificate => r#"
        pem = secret[max(secret.find("-----BEGIN"), 0) :].encode()
        if b"BEGIN CERTIFICATE" in pem:
            key = x509.load_pem_x509_certificate(pem).public_key()
        else:
            key = load_pem_public_key(pem)
"#
        .to_owned(),
        _ => "        key = base64.b64decode(secret, validate=True)".to_owned(),
    };
    let written_out = matches!(recipe.key, KeyForm::Pem | KeyForm::Certificate | KeyForm::IdAndCertificate);
    let (made, wrong) = match recipe.proof {
        Proof::Public(Public::Ed25519) => {
            ("        key = Ed25519PublicKey.from_public_bytes(key)", "not isinstance(key, Ed25519PublicKey)")
        }
        Proof::Public(Public::Ecdsa) => (
            "        key = load_der_public_key(key)",
            "not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1))",
        ),
        Proof::Public(_) if recipe.key == KeyForm::IdAndCertificate => {
            ("", "secret.startswith(\"-----\") or not isinstance(key, rsa.RSAPublicKey)")
        }
        Proof::Public(_) => ("", "not isinstance(key, rsa.RSAPublicKey)"),
        _ => ("", "not key"),
    };
    let lines = if written_out || made.is_empty() { lines } else { format!("{lines}\n{made}") };
    let template = r#"
def key_of(secret):
    """‹what›"""
    try:
‹lines›
    except ‹faults›:
        key = None
    if ‹wrong›:
        raise ValueError(‹reason›)
    return key
"#;
    let faults = match recipe.proof {
        Proof::Public(_) => "(ValueError, UnsupportedAlgorithm)",
        _ => "ValueError",
    };
    let reason = quoted(words::malformed(recipe));
    let values = [
        ("what", words::KEY_OF),
        ("lines", lines.trim_matches('\n')),
        ("faults", faults),
        ("wrong", wrong),
        ("reason", &reason),
    ];
    fill(template, &values)
}

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
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
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

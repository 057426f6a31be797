//! What proves a request, in PHP: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("    $matched = false;\n    foreach ($secrets as $secret) {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "        "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        code.about(Topic::Digest, format!("        $expected = {};", expected(recipe)));
        if recipe.is_body_alone() {
            code.also(Topic::Content, 1);
        }
        code.about(Topic::Digest, format!("        // {}", words::CONSTANT_TIME));
        let comparing = if recipe.is_list() {
            r"
        foreach ($signatures as $signature) {
            $matched = hash_equals($expected, $signature) || $matched;
        }
"
        } else {
            "        $matched = hash_equals($expected, $signature) || $matched;"
        };
        code.about(Topic::Digest, comparing);
    }
    let template = r"
    }
    if (!$matched) {
        throw new Rejected(‹reason›);
    }
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "$secret".to_owned(),
        KeyForm::Base64 { prefix: "" } => "base64_decode($secret)".to_owned(),
        KeyForm::Base64 { prefix } => format!("base64_decode(preg_replace('/^{prefix}/', '', $secret))"),
        KeyForm::Base64Url => "base64_decode(strtr($secret, '-_', '+/'))".to_owned(),
        KeyForm::Hex => "hex2bin($secret)".to_owned(),
        KeyForm::Pem if recipe.proof == Proof::Public(Public::Ed25519) => {
            // The key is the end of what the PEM holds.
            "substr(base64_decode(preg_replace('/-----[A-Z ]+-----/', '', $secret)), -32)".to_owned()
        }
        KeyForm::Pem | KeyForm::Certificate => {
            return "        $key = openssl_pkey_get_public($secret);".to_owned();
        }
        KeyForm::IdAndCertificate => {
            let lines = r#"
        // The webhook's id on the first line, the certificate below.
        [$account, $certificate] = explode("\n", $secret, 2);
        $account = trim($account);
        $key = openssl_pkey_get_public($certificate);
"#;
            return lines.to_owned();
        }
    };
    match recipe.proof {
        Proof::Public(Public::Ecdsa) => format!(
            "        $pem = chunk_split(base64_encode({bytes}), 64);\n        $key = openssl_pkey_get_public(\"-----BEGIN PUBLIC KEY-----\\n$pem-----END PUBLIC KEY-----\\n\");"
        ),
        _ => format!("        $key = {bytes};"),
    }
}

fn expected(recipe: &Recipe<'_>) -> String {
    let content = format!("${}", recipe.content_name());
    let binary = recipe.encoding != Encoding::Hex;
    let digest = match recipe.proof {
        Proof::Hmac(hash) if binary => format!("hash_hmac('{}', {content}, $key, true)", hash.name()),
        Proof::Hmac(hash) => format!("hash_hmac('{}', {content}, $key)", hash.name()),
        Proof::Plain(hash) if binary => format!("hash('{}', {content}, true)", hash.name()),
        Proof::Plain(hash) => format!("hash('{}', {content})", hash.name()),
        _ => "$key".to_owned(),
    };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "$secret".to_owned(),
        (_, Encoding::Hex) => digest,
        (_, Encoding::Base64) => format!("base64_encode({digest})"),
        (_, Encoding::Base64Url) => format!("rtrim(strtr(base64_encode({digest}), '+/', '-_'), '=')"),
    };
    recipe.signature.dressed(&written, " . ", quoted)
}

/// Checks signatures with the public key.
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut tests = Vec::new();
    tests.extend((!before.is_empty()).then(|| format!("!str_starts_with($one, {})", quoted(before))));
    tests.extend((!after.is_empty()).then(|| format!("!str_ends_with($one, {})", quoted(after))));
    let passed_over = match tests.as_slice() {
        [] => String::new(),
        tests => {
            format!("            if ({}) {{\n                continue;\n            }}\n", tests.join(" || "))
        }
    };
    let text = match (before.len(), after.len()) {
        (0, 0) => "$one".to_owned(),
        (start, 0) => format!("substr($one, {start})"),
        (start, end) => format!("substr($one, {start}, -{end})"),
    };
    let bytes = match recipe.encoding {
        // Quiet: nonsense in a header is no fault of ours.
        Encoding::Hex => format!("(string) @hex2bin({text})"),
        Encoding::Base64 => format!("(string) base64_decode({text}, true)"),
        Encoding::Base64Url => format!("(string) base64_decode(strtr({text}, '-_', '+/'), true)"),
    };
    let content = format!("${}", recipe.content_name());
    let check = match public {
        Public::Ed25519 => format!(
            "strlen($bytes) === SODIUM_CRYPTO_SIGN_BYTES && sodium_crypto_sign_verify_detached($bytes, {content}, $key)"
        ),
        Public::Ecdsa | Public::Rsa => format!("openssl_verify({content}, $bytes, $key, 'sha256') === 1"),
        Public::RsaOverSaidHash => format!("openssl_verify({content}, $bytes, $key, $hash) === 1"),
    };
    let template = r"
        foreach (‹signatures› as $one) {
‹passed_over›            $bytes = ‹bytes›;
            if (‹check›) {
                $matched = true;
            }
        }
";
    let values = [
        ("signatures", if recipe.is_list() { "$signatures" } else { "[$signature]" }),
        ("passed_over", &passed_over),
        ("bytes", &bytes),
        ("check", &check),
    ];
    code.about(Topic::Digest, fill(template, &values));
}

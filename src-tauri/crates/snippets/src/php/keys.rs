//! What proves a request, in PHP: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
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

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => {
            format!("base64_decode(preg_replace('/^{prefix}/', '', $secret), true)")
        }
        KeyForm::Base64Url => "base64_decode(strtr(rtrim($secret, '='), '-_', '+/'), true)".to_owned(),
        // Quiet: what it would say is said below.
        KeyForm::Hex => "@hex2bin($secret)".to_owned(),
        KeyForm::Pem => {
            "base64_decode(preg_replace('/-----[A-Z ]+-----|\\s+/', '', $secret), true)".to_owned()
        }
        _ => "base64_decode($secret, true)".to_owned(),
    };
    let (lines, test) = match (recipe.proof, recipe.key) {
        (Proof::Public(Public::Ed25519), KeyForm::Pem) => (
            format!(
                "    $der = (string) {bytes};\n    // The key is what follows this in the PEM.\n    $known = hex2bin('302a300506032b6570032100');\n    $key = substr($der, strlen($known));"
            ),
            "str_starts_with($der, $known) && strlen($key) === SODIUM_CRYPTO_SIGN_PUBLICKEYBYTES",
        ),
        (Proof::Public(Public::Ed25519), _) => {
            (format!("    $key = (string) {bytes};"), "strlen($key) === SODIUM_CRYPTO_SIGN_PUBLICKEYBYTES")
        }
        (Proof::Public(Public::Ecdsa), form) => (
            if form == KeyForm::Pem {
                "    $key = openssl_pkey_get_public($secret);".to_owned()
            } else {
                format!(
                    "    $pem = chunk_split(base64_encode((string) {bytes}), 64);\n    $key = openssl_pkey_get_public(\"-----BEGIN PUBLIC KEY-----\\n$pem-----END PUBLIC KEY-----\\n\");"
                )
            },
            "$key && (openssl_pkey_get_details($key)['ec']['curve_name'] ?? '') === 'prime256v1'",
        ),
        (Proof::Public(_), KeyForm::Certificate) => (PEM_WITHIN.to_owned(), IS_RSA),
        (Proof::Public(_), _) => (
            PEM_WITHIN.to_owned(),
            "$key && !str_starts_with($secret, '-----') && openssl_pkey_get_details($key)['type'] === OPENSSL_KEYTYPE_RSA",
        ),
        _ => (format!("    $key = (string) {bytes};"), "$key !== ''"),
    };
    let kind = match recipe.proof {
        Proof::Public(Public::Ed25519) | Proof::Hmac(_) | Proof::Plain(_) => "string",
        _ => "OpenSSLAsymmetricKey",
    };
    let template = r"
// ‹what›
function key_of(string $secret): ‹kind›
{
‹lines›
    if (‹test›) {
        return $key;
    }
    throw new InvalidArgumentException(‹reason›);
}
";
    let reason = quoted(words::malformed(recipe));
    let values = [
        ("what", words::KEY_OF),
        ("kind", kind),
        ("lines", lines.as_str()),
        ("test", test),
        ("reason", &reason),
    ];
    fill(template, &values)
}

const PEM_WITHIN: &str =
    "    $key = openssl_pkey_get_public(substr($secret, (int) strpos($secret, '-----BEGIN')));";
const IS_RSA: &str = "$key && openssl_pkey_get_details($key)['type'] === OPENSSL_KEYTYPE_RSA";

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
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
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

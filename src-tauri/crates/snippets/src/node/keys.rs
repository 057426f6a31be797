//! What proves a request, in Node: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.about(Topic::Digest, format!("    const expected = {};", expected(recipe)));
    if recipe.is_body_alone() {
        code.also(Topic::Content, 1);
    }
    let same = if recipe.is_list() {
        "signatures.some((signature) => equal(signature, expected))"
    } else {
        "equal(signature, expected)"
    };
    code.about(Topic::Digest, format!("    return {same};"));
}

/// Reads every key once, so that nobody waits for the first request to be told.
pub(super) fn at_the_start() -> String {
    let lines = r"
// ‹why›
try {
  secrets.forEach(keyOf);
} catch (error) {
  fail(error.message);
}
";
    fill(lines, &[("why", words::AT_THE_START)])
}

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let (text, spelling) = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => {
            (format!("secret.replace(/^{prefix}/, \"\")"), "base64")
        }
        KeyForm::Base64Url => ("secret.replace(/=+$/, \"\")".to_owned(), "base64url"),
        KeyForm::Hex => ("secret.toLowerCase()".to_owned(), "hex"),
        _ => ("secret".to_owned(), "base64"),
    };
    let bytes = fill(
        r#"
    const text = ‹text›;
    const bytes = Buffer.from(text, "‹spelling›");
"#,
        &[("text", &text), ("spelling", spelling)],
    );
    // Node reads what it can of such a text, and says nothing of the rest.
    let whole = format!("bytes.length > 0 && bytes.toString(\"{spelling}\") === text");
    let pem = match recipe.key {
        KeyForm::Pem => Some("    const key = createPublicKey(secret);"),
        KeyForm::Certificate | KeyForm::IdAndCertificate => Some(
            "    const key = createPublicKey(secret.slice(Math.max(secret.indexOf(\"-----BEGIN\"), 0)));",
        ),
        _ => None,
    };
    let Proof::Public(public) = recipe.proof else {
        return function(recipe, &bytes, &whole, "bytes");
    };
    let (made, test) = match public {
        Public::Ed25519 => (
            r#"
    const x = bytes.toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
"#,
            "key.asymmetricKeyType === \"ed25519\"",
        ),
        Public::Ecdsa => (
            "    const key = createPublicKey({ key: bytes, format: \"der\", type: \"spki\" });",
            "key.asymmetricKeyDetails.namedCurve === \"prime256v1\"",
        ),
        Public::Rsa | Public::RsaOverSaidHash => ("", "key.asymmetricKeyType === \"rsa\""),
    };
    let lines = pem.map_or_else(|| format!("{}{}", bytes, made.trim_start_matches('\n')), str::to_owned);
    let test = match (recipe.key, pem) {
        (KeyForm::IdAndCertificate, _) => format!("!secret.startsWith(\"-----\") && {test}"),
        (_, None) => format!("{whole} && {test}"),
        _ => test.to_owned(),
    };
    function(recipe, &lines, &test, "key")
}

fn function(recipe: &Recipe<'_>, lines: &str, test: &str, key: &str) -> String {
    let template = r"
// ‹what›
function keyOf(secret) {
  try {
‹lines›
    if (‹test›) return ‹key›;
  } catch {
    // Said below.
  }
  throw new Error(‹reason›);
}
";
    let reason = quoted(words::malformed(recipe));
    let lines = lines.trim_matches('\n');
    let values =
        [("what", words::KEY_OF), ("lines", lines), ("test", test), ("key", key), ("reason", &reason)];
    fill(template, &values)
}

fn expected(recipe: &Recipe<'_>) -> String {
    let content = recipe.content_name();
    let maker = match recipe.proof {
        Proof::Plain(hash) => format!("createHash(\"{}\").update({content}).digest", hash.name()),
        Proof::Hmac(hash) => format!("createHmac(\"{}\", key).update({content}).digest", hash.name()),
        _ => "key.toString".to_owned(),
    };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "secret".to_owned(),
        (_, encoding) => format!("{maker}(\"{}\")", spelling(encoding)),
    };
    recipe.signature.dressed(&written, " + ", quoted)
}

/// Checks signatures with the public key.
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let hash = match public {
        Public::Ed25519 => "null",
        Public::RsaOverSaidHash => "hash",
        Public::Ecdsa | Public::Rsa => "\"sha256\"",
    };
    let (before, after) = recipe.signature.around;
    let spelling = spelling(recipe.encoding);
    let content = recipe.content_name();
    if !recipe.is_list() && before.is_empty() && after.is_empty() {
        let line =
            format!("    return isSignedBy({hash}, {content}, key, Buffer.from(signature, \"{spelling}\"));");
        code.about(Topic::Digest, line);
    } else {
        let template = r#"
    return ‹list›.some((signature) => {
      if (!signature.startsWith(‹before›)‹ends›) return false;
      const bytes = Buffer.from(signature.slice(‹range›), "‹spelling›");
      return isSignedBy(‹hash›, ‹content›, key, bytes);
    });
"#;
        let ends = if after.is_empty() {
            String::new()
        } else {
            format!(" || !signature.endsWith({})", quoted(after))
        };
        let start = before.encode_utf16().count();
        let range = match after.encode_utf16().count() {
            0 => start.to_string(),
            end => format!("{start}, -{end}"),
        };
        let values = [
            ("list", if recipe.is_list() { "signatures" } else { "[signature]" }),
            ("before", &quoted(before)),
            ("ends", &ends),
            ("range", &range),
            ("spelling", spelling),
            ("hash", hash),
            ("content", content),
        ];
        code.about(Topic::Digest, fill(template, &values));
    }
    if recipe.is_body_alone() {
        code.also(Topic::Content, 1);
    }
}

fn spelling(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Hex => "hex",
        Encoding::Base64 => "base64",
        Encoding::Base64Url => "base64url",
    }
}

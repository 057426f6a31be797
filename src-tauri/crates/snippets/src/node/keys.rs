//! What proves a request, in Node: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("  const matches = secrets.some((secret) => {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "    "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
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
    let template = r"
  });
  if (!matches) throw new Rejected(‹reason›);
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "Buffer.from(secret)".to_owned(),
        KeyForm::Base64 { prefix: "" } => "Buffer.from(secret, \"base64\")".to_owned(),
        KeyForm::Base64 { prefix } => format!("Buffer.from(secret.replace(/^{prefix}/, \"\"), \"base64\")"),
        KeyForm::Base64Url => "Buffer.from(secret, \"base64url\")".to_owned(),
        KeyForm::Hex => "Buffer.from(secret, \"hex\")".to_owned(),
        KeyForm::Pem | KeyForm::Certificate => return "    const key = createPublicKey(secret);".to_owned(),
        KeyForm::IdAndCertificate => {
            let lines = r#"
    // The webhook's id on the first line, the certificate below.
    const account = secret.split("\n", 1)[0].trim();
    const key = createPublicKey(secret.slice(secret.indexOf("\n") + 1));
"#;
            return lines.to_owned();
        }
    };
    match recipe.proof {
        Proof::Public(Public::Ed25519) => format!(
            "    const x = {bytes}.toString(\"base64url\");\n    const key = createPublicKey({{ key: {{ kty: \"OKP\", crv: \"Ed25519\", x }}, format: \"jwk\" }});"
        ),
        Proof::Public(_) => {
            format!(
                "    const der = {bytes};\n    const key = createPublicKey({{ key: der, format: \"der\", type: \"spki\" }});"
            )
        }
        _ => format!("    const key = {bytes};"),
    }
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
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
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

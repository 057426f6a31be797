//! What proves a request, in Ruby: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("  matched = secrets.any? do |secret|");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "    "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        code.about(Topic::Digest, format!("    expected = {}", expected(recipe)));
        if recipe.is_body_alone() {
            code.also(Topic::Content, 1);
        }
        code.about(Topic::Digest, format!("    # {}", words::CONSTANT_TIME));
        let comparing = if recipe.is_list() {
            "    signatures.any? { |signature| OpenSSL.secure_compare(signature, expected) }"
        } else {
            "    OpenSSL.secure_compare(signature, expected)"
        };
        code.about(Topic::Digest, comparing);
    }
    code.add("  end");
    code.add(format!("  raise Rejected, {} unless matched", quoted(words::mismatch(recipe))));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "secret.b".to_owned(),
        KeyForm::Base64 { prefix: "" } => "secret.unpack1(\"m\")".to_owned(),
        KeyForm::Base64 { prefix } => format!("secret.delete_prefix(\"{prefix}\").unpack1(\"m\")"),
        KeyForm::Base64Url => "secret.tr(\"-_\", \"+/\").unpack1(\"m\")".to_owned(),
        KeyForm::Hex => "[secret].pack(\"H*\")".to_owned(),
        KeyForm::Pem => return "    key = OpenSSL::PKey.read(secret)".to_owned(),
        KeyForm::Certificate => {
            return "    key = public_key(secret)".to_owned();
        }
        KeyForm::IdAndCertificate => {
            let lines = r"
    # The webhook's id on the first line, the certificate or its key below.
    account = secret.lines.first.strip
    key = public_key(secret)
";
            return lines.to_owned();
        }
    };
    match recipe.proof {
        Proof::Public(Public::Ed25519) => format!(
            "    # OpenSSL reads keys in DER, which for Ed25519 is this in front of the key.\n    key = OpenSSL::PKey.read([\"302a300506032b6570032100\"].pack(\"H*\") + {bytes})"
        ),
        Proof::Public(_) => format!("    key = OpenSSL::PKey.read({bytes})"),
        _ => format!("    key = {bytes}"),
    }
}

/// Reads a key, whichever way it is written.
pub(super) const PUBLIC_KEY: &str = r#"
# The key in PEM: as it is, or in a certificate.
def public_key(secret)
  pem = secret[secret.index("-----BEGIN").to_i..]
  pem.include?("BEGIN CERTIFICATE") ? OpenSSL::X509::Certificate.new(pem).public_key : OpenSSL::PKey.read(pem)
rescue OpenSSL::OpenSSLError
  abort "WEBHOOK_SECRET holds neither a public key nor a certificate in PEM"
end
"#;

fn expected(recipe: &Recipe<'_>) -> String {
    let content = recipe.content_name();
    let kind = if recipe.encoding == Encoding::Hex { "hexdigest" } else { "digest" };
    let digest = match recipe.proof {
        Proof::Hmac(hash) => format!("OpenSSL::HMAC.{kind}(\"{}\", key, {content})", hash.name()),
        Proof::Plain(hash) => format!("OpenSSL::Digest.{kind}(\"{}\", {content})", hash.name()),
        _ => "key".to_owned(),
    };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "secret".to_owned(),
        (_, Encoding::Hex) => digest,
        (_, Encoding::Base64) => format!("[{digest}].pack(\"m0\")"),
        (_, Encoding::Base64Url) => format!("[{digest}].pack(\"m0\").tr(\"+/\", \"-_\").delete(\"=\")"),
    };
    recipe.signature.dressed(&written, " + ", quoted)
}

/// Checks signatures with the public key.
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut text = "one".to_owned();
    let mut tests = Vec::new();
    if !before.is_empty() {
        text = format!("{text}.delete_prefix({})", quoted(before));
        tests.push(format!("one.start_with?({})", quoted(before)));
    }
    if !after.is_empty() {
        text = format!("{text}.delete_suffix({})", quoted(after));
        tests.push(format!("one.end_with?({})", quoted(after)));
    }
    let bytes = match recipe.encoding {
        Encoding::Hex => format!("[{text}].pack(\"H*\")"),
        Encoding::Base64 => format!("{text}.unpack1(\"m0\")"),
        Encoding::Base64Url => format!("{text}.tr(\"-_\", \"+/\").unpack1(\"m\")"),
    };
    let hash = match public {
        Public::Ed25519 => "nil",
        Public::Ecdsa | Public::Rsa => "\"sha256\"",
        Public::RsaOverSaidHash => "hash",
    };
    let mut check = format!("key.verify({hash}, {bytes}, {})", recipe.content_name());
    if !tests.is_empty() {
        check = format!("{} && {check}", tests.join(" && "));
    }
    let template = r"
    ‹signatures›.any? do |one|
      ‹check›
    rescue ArgumentError, OpenSSL::PKey::PKeyError
      false
    end
";
    let signatures = if recipe.is_list() { "signatures" } else { "[signature]" };
    code.about(Topic::Digest, fill(template, &[("signatures", signatures), ("check", &check)]));
}

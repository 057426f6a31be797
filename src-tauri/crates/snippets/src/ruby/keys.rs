//! What proves a request, in Ruby: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
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

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let read = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => {
            format!("    key = secret.delete_prefix(\"{prefix}\").unpack1(\"m0\")")
        }
        KeyForm::Base64Url => r#"
    text = secret.tr("-_", "+/").delete_suffix("=").delete_suffix("=")
    key = (text + "=" * (-text.length % 4)).unpack1("m0")
"#
        .to_owned(),
        KeyForm::Hex => "    key = [secret].pack(\"H*\") if secret.match?(/\\A(\\h\\h)+\\z/)".to_owned(),
        KeyForm::Pem => "    key = OpenSSL::PKey.read(secret)".to_owned(),
        KeyForm::Certificate | KeyForm::IdAndCertificate => r#"
    pem = secret[secret.index("-----BEGIN").to_i..]
    certified = pem.start_with?("-----BEGIN CERTIFICATE")
    key = certified ? OpenSSL::X509::Certificate.new(pem).public_key : OpenSSL::PKey.read(pem)
"#
        .to_owned(),
        _ => "    key = secret.unpack1(\"m0\")".to_owned(),
    };
    let written_out = matches!(recipe.key, KeyForm::Pem | KeyForm::Certificate | KeyForm::IdAndCertificate);
    let (made, test) = match recipe.proof {
        // OpenSSL reads keys in DER, which for Ed25519 is this in front of the key.
        Proof::Public(Public::Ed25519) => (
            "    key = OpenSSL::PKey.read([\"302a300506032b6570032100\"].pack(\"H*\") + key.to_s)",
            "key&.oid == \"ED25519\"",
        ),
        Proof::Public(Public::Ecdsa) => (
            "    key = OpenSSL::PKey.read(key.to_s)",
            "key.is_a?(OpenSSL::PKey::EC) && key.group.curve_name == \"prime256v1\"",
        ),
        Proof::Public(_) if recipe.key == KeyForm::IdAndCertificate => {
            ("", "key.is_a?(OpenSSL::PKey::RSA) && !secret.start_with?(\"-----\")")
        }
        Proof::Public(_) => ("", "key.is_a?(OpenSSL::PKey::RSA)"),
        _ => ("", "key && !key.empty?"),
    };
    let read = if written_out || made.is_empty() {
        read
    } else {
        format!("{}\n{made}", read.trim_end_matches('\n'))
    };
    let faults = match recipe.proof {
        Proof::Public(_) => "ArgumentError, OpenSSL::OpenSSLError",
        _ => "ArgumentError",
    };
    let template = r"
# ‹what›
def key_of(secret)
  begin
‹read›
  rescue ‹faults›
    key = nil
  end
  raise ArgumentError, ‹reason› unless ‹test›
  key
end
";
    let reason = quoted(words::malformed(recipe));
    let values = [
        ("what", words::KEY_OF),
        ("read", read.trim_matches('\n')),
        ("faults", faults),
        ("reason", &reason),
        ("test", test),
    ];
    fill(template, &values)
}

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
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
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

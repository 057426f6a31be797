//! What proves a request, in Java: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{Hash, KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("        boolean matched = false;\n        for (String secret : secrets) {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "            "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        digest(recipe, code);
        code.about(Topic::Digest, format!("            // {}", words::CONSTANT_TIME));
        let comparing = if recipe.is_list() {
            r"
            for (String signature : signatures) {
                matched |= MessageDigest.isEqual(bytes(signature), bytes(expected));
            }
"
        } else {
            "            matched |= MessageDigest.isEqual(bytes(signature), bytes(expected));"
        };
        code.about(Topic::Digest, comparing);
    }
    let template = r"
        }
        if (!matched) {
            throw new Rejected(‹reason›);
        }
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "bytes(secret)".to_owned(),
        KeyForm::Base64 { prefix: "" } => "Base64.getDecoder().decode(secret)".to_owned(),
        KeyForm::Base64 { prefix } => {
            format!("Base64.getDecoder().decode(secret.replaceFirst(\"^{prefix}\", \"\"))")
        }
        KeyForm::Base64Url => "Base64.getUrlDecoder().decode(secret)".to_owned(),
        KeyForm::Hex => "HexFormat.of().parseHex(secret)".to_owned(),
        KeyForm::Pem => {
            "Base64.getMimeDecoder().decode(secret.replaceAll(\"-----[A-Z ]+-----\", \"\"))".to_owned()
        }
        KeyForm::Certificate => return "            PublicKey key = keyOf(secret);".to_owned(),
        KeyForm::IdAndCertificate => {
            let lines = r#"
            // The webhook's id on the first line, the certificate or its key below.
            String account = secret.split("\n", 2)[0].trim();
            PublicKey key = keyOf(secret);
"#;
            return lines.to_owned();
        }
    };
    let (der, kind) = match recipe.proof {
        Proof::Public(Public::Ed25519) if recipe.key == KeyForm::Pem => (bytes, "Ed25519"),
        Proof::Public(Public::Ed25519) => {
            (format!("join(HexFormat.of().parseHex(\"302a300506032b6570032100\"), {bytes})"), "Ed25519")
        }
        Proof::Public(_) => (bytes, "EC"),
        _ => return format!("            byte[] key = {bytes};"),
    };
    format!(
        "            byte[] der = {der};\n            PublicKey key = KeyFactory.getInstance(\"{kind}\").generatePublic(new X509EncodedKeySpec(der));"
    )
}

/// Reads a key, whichever way it is written.
pub(super) const KEY_OF: &str = r#"
    /** The key in PEM: as it is, or in a certificate. */
    static PublicKey keyOf(String secret) throws GeneralSecurityException {
        String pem = secret.substring(Math.max(secret.indexOf("-----BEGIN"), 0));
        if (pem.startsWith("-----BEGIN CERTIFICATE")) {
            return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(bytes(pem))).getPublicKey();
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
    }
"#;

fn digest(recipe: &Recipe<'_>, code: &mut Code) {
    let content = recipe.content_name();
    let digest = match recipe.proof {
        Proof::Hmac(hash) => {
            let name = match hash {
                Hash::Sha1 => "HmacSHA1",
                Hash::Sha256 => "HmacSHA256",
                Hash::Sha384 => "HmacSHA384",
                Hash::Sha512 => "HmacSHA512",
            };
            let mac = r#"
            Mac mac = Mac.getInstance("‹name›");
            mac.init(new SecretKeySpec(key, "‹name›"));
"#;
            code.about(Topic::Digest, fill(mac, &[("name", name)]));
            format!("mac.doFinal({content})")
        }
        Proof::Plain(hash) => {
            let name = match hash {
                Hash::Sha1 => "SHA-1",
                Hash::Sha256 => "SHA-256",
                Hash::Sha384 => "SHA-384",
                Hash::Sha512 => "SHA-512",
            };
            format!("MessageDigest.getInstance(\"{name}\").digest({content})")
        }
        _ => "key".to_owned(),
    };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "secret".to_owned(),
        (_, Encoding::Hex) => format!("HexFormat.of().formatHex({digest})"),
        (_, Encoding::Base64) => format!("Base64.getEncoder().encodeToString({digest})"),
        (_, Encoding::Base64Url) => {
            format!("Base64.getUrlEncoder().withoutPadding().encodeToString({digest})")
        }
    };
    let expected = recipe.signature.dressed(&written, " + ", quoted);
    code.about(Topic::Digest, format!("            String expected = {expected};"));
    if recipe.is_body_alone() {
        code.also(Topic::Content, 1);
    }
}

/// Checks signatures with the public key.
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut tests = Vec::new();
    tests.extend((!before.is_empty()).then(|| format!("!one.startsWith({})", quoted(before))));
    tests.extend((!after.is_empty()).then(|| format!("!one.endsWith({})", quoted(after))));
    let passed_over = match tests.as_slice() {
        [] => String::new(),
        tests => format!(
            "                if ({}) {{\n                    continue;\n                }}\n",
            tests.join(" || ")
        ),
    };
    let text = match (before.encode_utf16().count(), after.encode_utf16().count()) {
        (0, 0) => "one".to_owned(),
        (start, 0) => format!("one.substring({start})"),
        (start, end) => format!("one.substring({start}, one.length() - {end})"),
    };
    let bytes = match recipe.encoding {
        Encoding::Hex => format!("HexFormat.of().parseHex({text})"),
        Encoding::Base64 => format!("Base64.getDecoder().decode({text})"),
        Encoding::Base64Url => format!("Base64.getUrlDecoder().decode({text})"),
    };
    let kind = match public {
        Public::Ed25519 => "\"Ed25519\"",
        Public::Ecdsa => "\"SHA256withECDSA\"",
        Public::Rsa => "\"SHA256withRSA\"",
        Public::RsaOverSaidHash => "kind",
    };
    let template = r"
            Signature checker = Signature.getInstance(‹kind›);
            for (String one : ‹signatures›) {
‹passed_over›                checker.initVerify(key);
                checker.update(‹content›);
                try {
                    matched |= checker.verify(‹bytes›);
                } catch (SignatureException | IllegalArgumentException malformed) {
                    // Perhaps another one is right.
                }
            }
";
    let values = [
        ("kind", kind),
        ("signatures", if recipe.is_list() { "signatures" } else { "List.of(signature)" }),
        ("passed_over", &passed_over),
        ("content", recipe.content_name()),
        ("bytes", &bytes),
    ];
    code.about(Topic::Digest, fill(template, &values));
}

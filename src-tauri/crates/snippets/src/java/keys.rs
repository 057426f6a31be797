//! What proves a request, in Java: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{Hash, KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
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

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let decoded = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => {
            format!("Base64.getDecoder().decode(secret.replaceFirst(\"^{prefix}\", \"\"))")
        }
        KeyForm::Base64Url => "Base64.getUrlDecoder().decode(secret)".to_owned(),
        KeyForm::Hex => "HexFormat.of().parseHex(secret)".to_owned(),
        KeyForm::Pem => {
            "Base64.getMimeDecoder().decode(secret.replaceAll(\"-----[A-Z ]+-----\", \"\"))".to_owned()
        }
        _ => "Base64.getDecoder().decode(secret)".to_owned(),
    };
    let in_pem = recipe.key == KeyForm::Pem;
    let (kind, lines) = match recipe.proof {
        Proof::Public(Public::Ed25519) if in_pem => {
            ("PublicKey", fill(PARSED, &[("der", &decoded), ("kind", "Ed25519")]))
        }
        Proof::Public(Public::Ed25519) => {
            let der = format!("join(HexFormat.of().parseHex(\"302a300506032b6570032100\"), {decoded})");
            ("PublicKey", fill(PARSED, &[("der", &der), ("kind", "Ed25519")]))
        }
        Proof::Public(Public::Ecdsa) => ("PublicKey", fill(ECDSA, &[("der", &decoded)])),
        Proof::Public(_) if recipe.key == KeyForm::IdAndCertificate => {
            ("PublicKey", format!("{}{CERTIFIED}", ID_FIRST.trim_start_matches('\n')))
        }
        Proof::Public(_) => ("PublicKey", CERTIFIED.to_owned()),
        _ => ("byte[]", fill(BYTES, &[("decoded", &decoded)])),
    };
    let faults = match recipe.proof {
        Proof::Public(_) => "GeneralSecurityException | RuntimeException",
        _ => "IllegalArgumentException",
    };
    let template = r"
    /** ‹what› */
    static ‹kind› keyOf(String secret) {
        try {
‹lines›
        } catch (‹faults› malformed) {
            throw new IllegalArgumentException(‹reason›);
        }
    }
";
    let reason = quoted(words::malformed(recipe));
    let values = [
        ("what", words::KEY_OF),
        ("kind", kind),
        ("lines", lines.trim_matches('\n')),
        ("faults", faults),
        ("reason", &reason),
    ];
    fill(template, &values)
}

const BYTES: &str = r#"
            byte[] key = ‹decoded›;
            if (key.length == 0) {
                throw new IllegalArgumentException("nothing");
            }
            return key;"#;

const PARSED: &str = r#"
            byte[] der = ‹der›;
            return KeyFactory.getInstance("‹kind›").generatePublic(new X509EncodedKeySpec(der));"#;

const ECDSA: &str = r#"
            byte[] der = ‹der›;
            var key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
            if (key.getParams().getCurve().getField().getFieldSize() != 256) {
                throw new IllegalArgumentException("another curve");
            }
            return key;"#;

const ID_FIRST: &str = r#"
            if (secret.startsWith("-----")) {
                throw new IllegalArgumentException("no id");
            }
"#;

/// A certificate, or the public key alone.
const CERTIFIED: &str = r#"            String pem = secret.substring(Math.max(secret.indexOf("-----BEGIN"), 0));
            if (!pem.startsWith("-----BEGIN CERTIFICATE")) {
                byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
                return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
            }
            PublicKey key = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(bytes(pem))).getPublicKey();
            if (!key.getAlgorithm().equals("RSA")) {
                throw new IllegalArgumentException("another kind of key");
            }
            return key;"#;

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
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
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

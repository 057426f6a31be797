//! What a receiver in Java imports, and what it takes beside the JDK.

use std::collections::BTreeSet;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::recipe::{Find, KeyForm, Piece, Proof, Public, Recipe};

/// True where bytes are put together.
pub(super) fn joins(recipe: &Recipe<'_>) -> bool {
    let raw_key = recipe.proof == Proof::Public(Public::Ed25519) && recipe.key != KeyForm::Pem;
    recipe.runs().len() > 1 || raw_key
}

/// What reads JSON, which the JDK does not.
pub(crate) fn dependencies(recipe: &Recipe<'_>) -> Vec<String> {
    let gson = "curl -O https://repo1.maven.org/maven2/com/google/code/gson/gson/2.13.2/gson-2.13.2.jar";
    recipe.reads_json().then(|| gson.to_owned()).into_iter().collect()
}

pub(super) fn imports(recipe: &Recipe<'_>) -> BTreeSet<&'static str> {
    let mut imports = BTreeSet::from([
        "com.sun.net.httpserver.Headers",
        "com.sun.net.httpserver.HttpServer",
        "java.net.InetSocketAddress",
        "java.nio.charset.StandardCharsets",
        "java.security.GeneralSecurityException",
        "java.util.List",
        "java.util.stream.Stream",
    ]);
    match recipe.proof {
        Proof::Hmac(_) => imports.extend([
            "java.security.MessageDigest",
            "javax.crypto.Mac",
            "javax.crypto.spec.SecretKeySpec",
        ]),
        Proof::Plain(_) | Proof::Token | Proof::TokenInBase64 => {
            imports.extend(["java.security.MessageDigest"]);
        }
        Proof::Public(public) => {
            imports.extend([
                "java.security.PublicKey",
                "java.security.Signature",
                "java.security.SignatureException",
            ]);
            imports.extend(match public {
                Public::Ed25519 => [].as_slice(),
                Public::Ecdsa => &["java.security.interfaces.ECPublicKey"],
                Public::Rsa | Public::RsaOverSaidHash => &[
                    "java.io.ByteArrayInputStream",
                    "java.security.cert.CertificateFactory",
                    "java.util.Base64",
                ],
            });
            imports.extend(["java.security.KeyFactory", "java.security.spec.X509EncodedKeySpec"]);
        }
    }
    let hex_key = recipe.key == KeyForm::Hex
        || (recipe.proof == Proof::Public(Public::Ed25519) && recipe.key != KeyForm::Pem);
    if recipe.encoding == Encoding::Hex || hex_key || recipe.finds == Some(Find::HashInUrl) {
        imports.insert("java.util.HexFormat");
    }
    let base64_key = matches!(recipe.key, KeyForm::Base64 { .. } | KeyForm::Base64Url | KeyForm::Pem);
    if (recipe.encoding != Encoding::Hex && recipe.proof != Proof::Token) || base64_key {
        imports.insert("java.util.Base64");
    }
    if recipe.reads_json() {
        imports.insert("com.google.gson.JsonParser");
    }
    match recipe.finds {
        Some(Find::Adyen | Find::Sns) => {
            imports.extend(["com.google.gson.JsonElement", "com.google.gson.JsonObject"]);
        }
        Some(Find::Mailgun) => imports.extend(["com.google.gson.JsonObject"]),
        Some(Find::Contentful) => imports.extend(["java.net.URI", "java.util.stream.Collectors"]),
        Some(Find::Paypal) => imports.extend(["java.util.zip.CRC32"]),
        Some(Find::HashInUrl) => imports.extend(["java.net.URI"]),
        None => {}
    }
    if recipe.signature.separator.is_some() {
        imports.insert("java.util.regex.Pattern");
    }
    if joins(recipe) {
        imports.insert("java.io.ByteArrayOutputStream");
    }
    if recipe.has(Piece::Form) {
        imports.extend(["java.net.URLDecoder", "java.util.TreeSet", "java.util.Comparator"]);
    }
    if recipe.has(Piece::Path) {
        imports.insert("java.net.URI");
    }
    if recipe.judged_time().is_some_and(|time| time.unit == TimestampUnit::Iso) {
        imports.extend(["java.time.DateTimeException", "java.time.OffsetDateTime"]);
    }
    imports
}

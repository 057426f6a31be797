//! What proves a request, in C#: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{Hash, KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.about(Topic::Digest, format!("        var expected = {};", expected(recipe)));
    if recipe.is_body_alone() {
        code.also(Topic::Content, 1);
    }
    let template = r"
        // ‹why›
        var right = Encoding.UTF8.GetBytes(expected);
‹loop›matched |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), right);
";
    let each = if recipe.is_list() {
        "        foreach (var signature in signatures)\n            "
    } else {
        "        "
    };
    code.about(Topic::Digest, fill(template, &[("why", words::CONSTANT_TIME), ("loop", each)]));
}

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let decoded = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => format!(
            "Convert.FromBase64String(secret.StartsWith(\"{prefix}\", StringComparison.Ordinal) ? secret.Substring({}) : secret)",
            prefix.len()
        ),
        KeyForm::Base64Url => {
            "Convert.FromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='))".to_owned()
        }
        KeyForm::Hex => "Convert.FromHexString(secret)".to_owned(),
        _ => "Convert.FromBase64String(secret)".to_owned(),
    };
    let standard = if recipe.key == KeyForm::Base64Url {
        "        var standard = secret.TrimEnd('=').Replace('-', '+').Replace('_', '/');\n"
    } else {
        ""
    };
    let in_pem = recipe.key == KeyForm::Pem;
    let (kind, lines) = match recipe.proof {
        Proof::Public(Public::Ed25519) if in_pem => ("Ed25519PublicKeyParameters", ED25519_PEM.to_owned()),
        Proof::Public(Public::Ed25519) => (
            "Ed25519PublicKeyParameters",
            format!("        return new Ed25519PublicKeyParameters({decoded});"),
        ),
        Proof::Public(Public::Ecdsa) if in_pem => {
            ("ECDsa", fill(ECDSA, &[("import", "key.ImportFromPem(secret);")]))
        }
        Proof::Public(Public::Ecdsa) => {
            let import = format!("key.ImportSubjectPublicKeyInfo({decoded}, out _);");
            ("ECDsa", fill(ECDSA, &[("import", &import)]))
        }
        Proof::Public(_) if recipe.key == KeyForm::IdAndCertificate => {
            ("RSA", format!("{}{CERTIFIED}", ID_FIRST.trim_start_matches('\n')))
        }
        Proof::Public(_) => ("RSA", CERTIFIED.to_owned()),
        _ => ("byte[]", format!("        var key = {decoded};\n        if (key.Length > 0) return key;")),
    };
    let faults = match recipe.proof {
        Proof::Public(_) => {
            "Exception fault) when (fault is FormatException || fault is ArgumentException || fault is CryptographicException"
        }
        _ => "FormatException",
    };
    let template = r"
// ‹what›
static ‹kind› KeyOf(string secret)
{
    try
    {
‹standard›‹lines›
    }
    catch (‹faults›)
    {
        // Said below.
    }
    throw new InvalidOperationException(‹reason›);
}
";
    let reason = quoted(words::malformed(recipe));
    let values = [
        ("what", words::KEY_OF),
        ("kind", kind),
        ("standard", standard),
        ("lines", lines.trim_matches('\n')),
        ("faults", faults),
        ("reason", &reason),
    ];
    fill(template, &values)
}

const ED25519_PEM: &str = r#"
        var lines = secret.Split('\n').Where(line => !line.StartsWith("-", StringComparison.Ordinal));
        var der = Convert.FromBase64String(string.Concat(lines));
        // The key is what follows this in the PEM.
        if (Convert.ToHexString(der).StartsWith("302A300506032B6570032100", StringComparison.Ordinal))
            return new Ed25519PublicKeyParameters(der.Skip(12).ToArray());"#;

const ECDSA: &str = r"
        var key = ECDsa.Create();
        ‹import›
        if (key.KeySize == 256) return key;";

const ID_FIRST: &str = r#"
        if (secret.StartsWith("-----", StringComparison.Ordinal)) throw new FormatException();
"#;

/// A certificate, or the public key alone.
const CERTIFIED: &str = r#"        var pem = secret.Substring(Math.Max(secret.IndexOf("-----BEGIN", StringComparison.Ordinal), 0));
        if (pem.StartsWith("-----BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            var certified = X509Certificate2.CreateFromPem(pem).GetRSAPublicKey();
            if (certified != null) return certified;
        }
        else
        {
            var key = RSA.Create();
            key.ImportFromPem(pem);
            return key;
        }"#;

/// Whether a text stands between these two.
pub(super) fn stands_between(text: &str, before: &str, after: &str) -> String {
    let mut tests = Vec::new();
    let least = before.encode_utf16().count() + after.encode_utf16().count();
    if !before.is_empty() && !after.is_empty() {
        tests.push(format!("{text}.Length >= {least}"));
    }
    if !before.is_empty() {
        tests.push(format!("{text}.StartsWith({}, StringComparison.Ordinal)", quoted(before)));
    }
    if !after.is_empty() {
        tests.push(format!("{text}.EndsWith({}, StringComparison.Ordinal)", quoted(after)));
    }
    if tests.is_empty() { "true".to_owned() } else { tests.join(" && ") }
}

/// What stands between them.
pub(super) fn between(text: &str, before: &str, after: &str) -> String {
    match (before.encode_utf16().count(), after.encode_utf16().count()) {
        (0, 0) => text.to_owned(),
        (start, 0) => format!("{text}.Substring({start})"),
        (start, end) => format!("{text}.Substring({start}, {text}.Length - {})", start + end),
    }
}

fn expected(recipe: &Recipe<'_>) -> String {
    let content = recipe.content_name();
    let digest = match recipe.proof {
        Proof::Hmac(hash) => format!("HMAC{}.HashData(key, {content})", class(hash)),
        Proof::Plain(hash) => format!("{}.HashData({content})", class(hash)),
        _ => "key".to_owned(),
    };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "secret".to_owned(),
        (_, Encoding::Hex) => format!("Convert.ToHexString({digest}).ToLowerInvariant()"),
        (_, Encoding::Base64) => format!("Convert.ToBase64String({digest})"),
        (_, Encoding::Base64Url) => {
            format!("Convert.ToBase64String({digest}).TrimEnd('=').Replace('+', '-').Replace('/', '_')")
        }
    };
    recipe.signature.dressed(&written, " + ", quoted)
}

/// Checks signatures with the public key.
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let passed_over = if before.is_empty() && after.is_empty() {
        String::new()
    } else {
        format!("            if (!({})) continue;\n", stands_between("one", before, after))
    };
    let text = between("one", before, after);
    let bytes = match recipe.encoding {
        Encoding::Hex => format!("Convert.FromHexString({text})"),
        Encoding::Base64 => format!("Convert.FromBase64String({text})"),
        Encoding::Base64Url => {
            format!(
                "Convert.FromBase64String({text}.Replace('-', '+').Replace('_', '/').PadRight(({text}.Length + 3) / 4 * 4, '='))"
            )
        }
    };
    let content = recipe.content_name();
    let check = match public {
        Public::Ed25519 => {
            r"
                var checker = new Ed25519Signer();
                checker.Init(false, key);
                checker.BlockUpdate(‹content›, 0, ‹content›.Length);
                matched |= checker.VerifySignature(bytes);
"
        }
        Public::Ecdsa => {
            "                matched |= key.VerifyData(‹content›, bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);"
        }
        Public::Rsa => {
            "                matched |= key.VerifyData(‹content›, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);"
        }
        Public::RsaOverSaidHash => {
            "                matched |= key.VerifyData(‹content›, bytes, hash, RSASignaturePadding.Pkcs1);"
        }
    };
    let check = fill(check.trim_matches('\n'), &[("content", content)]);
    let template = r"
        foreach (var one in ‹signatures›)
        {
‹passed_over›            try
            {
                var bytes = ‹bytes›;
‹check›
            }
            catch (FormatException)
            {
                // Perhaps another one is right.
            }
        }
";
    let values = [
        ("signatures", if recipe.is_list() { "signatures" } else { "new[] { signature }" }),
        ("passed_over", &passed_over),
        ("bytes", &bytes),
        ("check", &check),
    ];
    code.about(Topic::Digest, fill(template, &values));
}

fn class(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SHA1",
        Hash::Sha256 => "SHA256",
        Hash::Sha384 => "SHA384",
        Hash::Sha512 => "SHA512",
    }
}

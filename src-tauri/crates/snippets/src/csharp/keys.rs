//! What proves a request, in C#: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{Hash, KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("    var matched = false;\n    foreach (var secret in secrets)\n    {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "        "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
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
    let template = r"
    }
    if (!matched) throw new Rejected(‹reason›);
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "Encoding.UTF8.GetBytes(secret)".to_owned(),
        KeyForm::Base64 { prefix: "" } => "Convert.FromBase64String(secret)".to_owned(),
        KeyForm::Base64 { prefix } => format!(
            "Convert.FromBase64String(secret.StartsWith(\"{prefix}\", StringComparison.Ordinal) ? secret[{}..] : secret)",
            prefix.len()
        ),
        KeyForm::Base64Url => {
            let lines = r"
        var standard = secret.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        var key = Convert.FromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='));
";
            return lines.to_owned();
        }
        KeyForm::Hex => "Convert.FromHexString(secret)".to_owned(),
        KeyForm::Pem if recipe.proof == Proof::Public(Public::Ed25519) => {
            // The key is the end of what the PEM holds.
            "Convert.FromBase64String(string.Concat(secret.Split('\\n').Where(line => !line.StartsWith('-'))))[^32..]".to_owned()
        }
        KeyForm::Pem => {
            return "        using var key = ECDsa.Create();\n        key.ImportFromPem(secret);".to_owned();
        }
        KeyForm::Certificate => {
            return "        using var key = KeyOf(secret);".to_owned();
        }
        KeyForm::IdAndCertificate => {
            let lines = r"
        // The webhook's id on the first line, the certificate or its key below.
        var account = secret.Split('\n', 2)[0].Trim();
        using var key = KeyOf(secret);
";
            return lines.to_owned();
        }
    };
    match recipe.proof {
        Proof::Public(Public::Ed25519) => {
            format!("        var key = new Ed25519PublicKeyParameters({bytes});")
        }
        Proof::Public(_) => {
            format!(
                "        using var key = ECDsa.Create();\n        key.ImportSubjectPublicKeyInfo({bytes}, out _);"
            )
        }
        _ => format!("        var key = {bytes};"),
    }
}

/// Reads a key, whichever way it is written.
pub(super) const KEY_OF: &str = r#"
// The key in PEM: as it is, or in a certificate.
static RSA KeyOf(string secret)
{
    var pem = secret[Math.Max(secret.IndexOf("-----BEGIN", StringComparison.Ordinal), 0)..];
    if (pem.StartsWith("-----BEGIN CERTIFICATE", StringComparison.Ordinal))
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.GetRSAPublicKey() ?? throw new InvalidOperationException("the certificate holds no RSA key");
    }
    var key = RSA.Create();
    key.ImportFromPem(pem);
    return key;
}
"#;

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
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut tests = Vec::new();
    tests.extend(
        (!before.is_empty())
            .then(|| format!("!one.StartsWith({}, StringComparison.Ordinal)", quoted(before))),
    );
    tests.extend(
        (!after.is_empty()).then(|| format!("!one.EndsWith({}, StringComparison.Ordinal)", quoted(after))),
    );
    let passed_over = match tests.as_slice() {
        [] => String::new(),
        tests => format!("            if ({}) continue;\n", tests.join(" || ")),
    };
    let text = match (before.encode_utf16().count(), after.encode_utf16().count()) {
        (0, 0) => "one".to_owned(),
        (start, 0) => format!("one[{start}..]"),
        (start, end) => format!("one[{start}..^{end}]"),
    };
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

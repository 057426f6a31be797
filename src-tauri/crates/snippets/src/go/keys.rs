//! What proves a request, in Go: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::quoted;
use crate::code::{Code, Topic, fill};
use crate::recipe::{Hash, KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes the signature that the secret gives, and compares.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    digest(recipe, code);
    code.about(Topic::Digest, format!("\t\t// {}", words::CONSTANT_TIME));
    let comparing = if recipe.is_list() {
        r"
		for _, signature := range signatures {
			if hmac.Equal([]byte(signature), []byte(expected)) {
				matched = true
			}
		}
"
    } else {
        r"
		if hmac.Equal([]byte(signature), []byte(expected)) {
			matched = true
		}
"
    };
    code.about(Topic::Digest, comparing);
}

/// The function that makes a key of a secret.
pub(super) fn key_of(recipe: &Recipe<'_>) -> String {
    let decoded = match recipe.key {
        KeyForm::Base64 { prefix } if !prefix.is_empty() => {
            format!("base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, {}))", quoted(prefix))
        }
        KeyForm::Base64Url => {
            "base64.RawURLEncoding.DecodeString(strings.TrimRight(secret, \"=\"))".to_owned()
        }
        KeyForm::Hex => "hex.DecodeString(secret)".to_owned(),
        _ => "base64.StdEncoding.DecodeString(secret)".to_owned(),
    };
    let in_pem = matches!(recipe.key, KeyForm::Pem | KeyForm::Certificate | KeyForm::IdAndCertificate);
    let (kind, lines) = match recipe.proof {
        Proof::Public(public) => {
            let kind = match public {
                Public::Ed25519 => "ed25519.PublicKey",
                Public::Ecdsa => "*ecdsa.PublicKey",
                Public::Rsa | Public::RsaOverSaidHash => "*rsa.PublicKey",
            };
            let read = match (public, in_pem) {
                (Public::Ed25519, false) => RAW.to_owned(),
                (Public::Rsa | Public::RsaOverSaidHash, _) => CERTIFIED.to_owned(),
                (_, true) => format!("{BLOCK}\n{PARSED}"),
                (_, false) => format!("{DECODED}\n{PARSED}"),
            };
            let refused = match public {
                Public::Ecdsa => "!ok || public.Curve != elliptic.P256()",
                _ if recipe.key == KeyForm::IdAndCertificate => "!ok || strings.HasPrefix(secret, \"-----\")",
                _ => "!ok",
            };
            (kind, fill(&read, &[("decoded", &decoded), ("kind", kind), ("refused", refused)]))
        }
        _ => ("[]byte", fill(BYTES, &[("decoded", &decoded)])),
    };
    let template = r"
// ‹what›
func keyOf(secret string) (‹kind›, error) {
	malformed := errors.New(‹reason›)
‹lines›
}
";
    let reason = quoted(words::malformed(recipe));
    let values =
        [("what", words::KEY_OF), ("kind", kind), ("reason", &reason), ("lines", lines.trim_matches('\n'))];
    fill(template, &values)
}

const BYTES: &str = r"
	key, err := ‹decoded›
	if err != nil || len(key) == 0 {
		return nil, malformed
	}
	return key, nil";

const RAW: &str = r"
	key, err := ‹decoded›
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, malformed
	}
	return key, nil";

const DECODED: &str = r"
	der, err := ‹decoded›
	if err != nil {
		return nil, malformed
	}";

const BLOCK: &str = r"
	block, _ := pem.Decode([]byte(secret))
	if block == nil {
		return nil, malformed
	}
	der := block.Bytes";

const PARSED: &str = r"	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, malformed
	}
	public, ok := parsed.(‹kind›)
	if ‹refused› {
		return nil, malformed
	}
	return public, nil";

/// A certificate, or the public key alone.
const CERTIFIED: &str = r"
	block, _ := pem.Decode([]byte(secret))
	if block == nil {
		return nil, malformed
	}
	var parsed any
	if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
		parsed = certificate.PublicKey
	} else if parsed, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, malformed
	}
	public, ok := parsed.(‹kind›)
	if ‹refused› {
		return nil, malformed
	}
	return public, nil";

fn digest(recipe: &Recipe<'_>, code: &mut Code) {
    let content = recipe.content_name();
    let sum = match recipe.proof {
        Proof::Hmac(hash) => {
            let maker = match hash {
                Hash::Sha1 => "sha1.New",
                Hash::Sha256 => "sha256.New",
                Hash::Sha384 => "sha512.New384",
                Hash::Sha512 => "sha512.New",
            };
            code.about(Topic::Digest, format!("\t\tmac := hmac.New({maker}, key)\n\t\tmac.Write({content})"));
            if recipe.is_body_alone() {
                code.also(Topic::Content, 1);
            }
            "mac.Sum(nil)"
        }
        Proof::Plain(hash) => {
            let function = match hash {
                Hash::Sha1 => "sha1.Sum",
                Hash::Sha256 => "sha256.Sum256",
                Hash::Sha384 => "sha512.Sum384",
                Hash::Sha512 => "sha512.Sum512",
            };
            code.about(Topic::Digest, format!("\t\tsum := {function}({content})"));
            "sum[:]"
        }
        _ => "key",
    };
    let written = match recipe.proof {
        Proof::Token => "secret".to_owned(),
        _ => format!("{}.EncodeToString({sum})", library(recipe.encoding)),
    };
    code.about(
        Topic::Digest,
        format!("\t\texpected := {}", recipe.signature.dressed(&written, " + ", quoted)),
    );
}

fn library(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Hex => "hex",
        Encoding::Base64 => "base64.StdEncoding",
        Encoding::Base64Url => "base64.RawURLEncoding",
    }
}

/// Checks signatures with the public key.
pub(super) fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let content = recipe.content_name();
    let (hashed, check) = match public {
        Public::Ed25519 => (String::new(), format!("ed25519.Verify(key, {content}, bytes)")),
        Public::Ecdsa => (
            format!("\t\tsum := sha256.Sum256({content})\n"),
            "ecdsa.VerifyASN1(key, sum[:], bytes)".to_owned(),
        ),
        Public::Rsa => (
            format!("\t\tsum := sha256.Sum256({content})\n"),
            "rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], bytes) == nil".to_owned(),
        ),
        Public::RsaOverSaidHash => (
            format!("\t\thasher := hash.New()\n\t\thasher.Write({content})\n"),
            "rsa.VerifyPKCS1v15(key, hash, hasher.Sum(nil), bytes) == nil".to_owned(),
        ),
    };
    let (before, after) = recipe.signature.around;
    let mut text = "one".to_owned();
    let mut tests = Vec::new();
    if !before.is_empty() {
        text = format!("strings.TrimPrefix({text}, {})", quoted(before));
        tests.push(format!("!strings.HasPrefix(one, {})", quoted(before)));
    }
    if !after.is_empty() {
        text = format!("strings.TrimSuffix({text}, {})", quoted(after));
        tests.push(format!("!strings.HasSuffix(one, {})", quoted(after)));
    }
    let passed_over = match tests.as_slice() {
        [] => String::new(),
        tests => format!("\t\t\tif {} {{\n\t\t\t\tcontinue\n\t\t\t}}\n", tests.join(" || ")),
    };
    let template = r"
‹hashed›		for _, one := range ‹signatures› {
‹passed_over›			bytes, err := ‹library›.DecodeString(‹text›)
			if err == nil && ‹check› {
				matched = true
			}
		}
";
    let values = [
        ("hashed", hashed.as_str()),
        ("signatures", if recipe.is_list() { "signatures" } else { "[]string{signature}" }),
        ("passed_over", &passed_over),
        ("library", library(recipe.encoding)),
        ("text", &text),
        ("check", &check),
    ];
    code.about(Topic::Digest, fill(template, &values));
}

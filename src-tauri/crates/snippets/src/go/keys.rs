//! What proves a request, in Go: keys, digests, signatures.

use hookbench_signing::Encoding;

use super::{content, quoted};
use crate::code::{Code, Topic, fill};
use crate::recipe::{Hash, KeyForm, Proof, Public, Recipe};
use crate::words;

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
pub(super) fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("\tmatched := false\n\tfor _, secret := range secrets {");
    key(recipe, code);
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "\t\t"));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
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
    let template = r"
	}
	if !matched {
		return errors.New(‹reason›)
	}
";
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>, code: &mut Code) {
    let read = match recipe.key {
        KeyForm::Text if recipe.proof == Proof::Token => return,
        KeyForm::Text => "\t\tkey := []byte(secret)".to_owned(),
        KeyForm::Base64 { prefix } => {
            let text = if prefix.is_empty() {
                "secret".to_owned()
            } else {
                format!("strings.TrimPrefix(secret, {})", quoted(prefix))
            };
            fill(
                DECODED,
                &[("decode", &format!("base64.StdEncoding.DecodeString({text})")), ("form", "base64")],
            )
        }
        KeyForm::Base64Url => {
            let decode = "base64.RawURLEncoding.DecodeString(strings.TrimRight(secret, \"=\"))";
            fill(DECODED, &[("decode", decode), ("form", "base64")])
        }
        KeyForm::Hex => fill(DECODED, &[("decode", "hex.DecodeString(secret)"), ("form", "hexadecimal")]),
        KeyForm::Pem => r#"
		block, _ := pem.Decode([]byte(secret))
		if block == nil {
			return errors.New("the secret is not PEM")
		}
		key := block.Bytes
"#
        .to_owned(),
        KeyForm::Certificate => r"
		public, err := keyOf(secret)
		if err != nil {
			return err
		}
"
        .to_owned(),
        KeyForm::IdAndCertificate => r#"
		// The webhook's id on the first line, the certificate or its key below.
		account := strings.TrimSpace(strings.SplitN(secret, "\n", 2)[0])
		public, err := keyOf(secret)
		if err != nil {
			return err
		}
"#
        .to_owned(),
    };
    code.about(Topic::Secret, read);
    let kind = match (recipe.proof, recipe.key) {
        (Proof::Public(Public::Ed25519), KeyForm::Pem) => "ed25519.PublicKey",
        (Proof::Public(Public::Ed25519), _) => {
            let lines = r#"
		if len(key) != ed25519.PublicKeySize {
			return errors.New("the secret is no key")
		}
		public := ed25519.PublicKey(key)
"#;
            code.about(Topic::Secret, lines);
            return;
        }
        (Proof::Public(Public::Ecdsa), _) => "*ecdsa.PublicKey",
        _ => return,
    };
    let lines = r#"
		parsed, err := x509.ParsePKIXPublicKey(key)
		if err != nil {
			return errors.New("the secret is no key")
		}
		public, ok := parsed.(‹kind›)
		if !ok {
			return errors.New("the secret is a key of another kind")
		}
"#;
    code.about(Topic::Secret, fill(lines, &[("kind", kind)]));
}

const DECODED: &str = r#"
		key, err := ‹decode›
		if err != nil {
			return errors.New("the secret is not ‹form›")
		}
"#;

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
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let content = recipe.content_name();
    let (hashed, check) = match public {
        Public::Ed25519 => (String::new(), format!("ed25519.Verify(public, {content}, bytes)")),
        Public::Ecdsa => (
            format!("\t\tsum := sha256.Sum256({content})\n"),
            "ecdsa.VerifyASN1(public, sum[:], bytes)".to_owned(),
        ),
        Public::Rsa => (
            format!("\t\tsum := sha256.Sum256({content})\n"),
            "rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], bytes) == nil".to_owned(),
        ),
        Public::RsaOverSaidHash => (
            format!("\t\thasher := hash.New()\n\t\thasher.Write({content})\n"),
            "rsa.VerifyPKCS1v15(public, hash, hasher.Sum(nil), bytes) == nil".to_owned(),
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

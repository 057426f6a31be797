//! Signing afresh: for a scheme and a kind of script, the function that signs what the script sends.
//!
//! The function stands in a script that somebody keeps beside their code, so the secret is never in it: it is read
//! from the environment when the script runs, as are the time and the id.

mod node;
mod python;
mod shell;

use hookbench_signing::template::{Token, tokens};
use hookbench_signing::{
    Encoding, Kind, Message, Scheme, SchemeSpec, Secret, SecretForm, TimestampUnit, sign,
};

use crate::quote::comment;
use crate::recipe::{self, Piece, Proof, Public};

/// What a script is written for. Each needs nothing but what the system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Python 3 and its own library.
    Python,
    /// Node and its own modules.
    Node,
    /// A POSIX shell, with curl and openssl.
    Shell,
}

/// A function that signs, ready to stand in a script.
///
/// - Python: `signed(method, url, body)` gives the headers, as a list of pairs, and the body.
/// - Node: `signed(method, url, body)` gives `{headers, body}`.
/// - Shell: `signed` adds lines to the file `$headers`, by `$method`, `$url` and the file `$body`, which it may write
///   anew.
///
/// Each reads the secret from `WEBHOOK_SECRET` and fails with a sentence where it is missing or malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The function, with what it needs beside it.
    pub code: String,
    /// Modules that it needs, as the language imports them; none in a shell.
    pub imports: Vec<&'static str>,
    /// The headers that it writes, which the message is not to have beside.
    pub writes: Vec<String>,
    /// What the secret is, in a sentence.
    pub secret_is: String,
}

/// Why a script cannot sign by a scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSign {
    /// It signs with a private key, and the language's own library has none of that kind.
    #[error("{scheme} signs with a private key, which {script} cannot do without a library: Node can")]
    PrivateKey {
        /// The scheme's name.
        scheme: String,
        /// The script's language.
        script: &'static str,
    },
    /// It signs in a way that only code knows.
    #[error("{scheme} writes its signature by rules of its own ({what}), which a script does not know")]
    OwnWay {
        /// The scheme's name.
        scheme: String,
        /// Where it stands and what it covers, in a few words.
        what: &'static str,
    },
    /// The time of signing stands in the body, and this body has no place for it.
    #[error("{scheme} signs the time in the body, and this body has no such field")]
    NoTimeInBody {
        /// The scheme's name.
        scheme: String,
    },
}

impl Script {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Python, Self::Node, Self::Shell];

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Node => "Node",
            Self::Shell => "a shell",
        }
    }
}

/// The function by which a script signs a message like this one. `id` is the one the message came with, where it came
/// with one: a new one looks like it.
pub fn signer(scheme: &Scheme, script: Script, body: &[u8], id: Option<&str>) -> Result<Signer, CannotSign> {
    let plan = match (scheme.keyed(), scheme.code()) {
        (Some(spec), _) => Plan::keyed(scheme, spec, script, body, id)?,
        (None, Some(spec)) => Plan::Token {
            name: scheme.name(),
            header: match spec.kind {
                Kind::Token => spec.header.as_deref().unwrap_or_default(),
                Kind::Basic | Kind::Bearer => "Authorization",
                kind => return Err(own_way(scheme, kind)),
            },
            word: match spec.kind {
                Kind::Basic => Word::Basic,
                Kind::Bearer => Word::Bearer,
                _ => Word::None,
            },
        },
        (None, None) => return Err(own_way(scheme, Kind::Token)),
    };
    let (code, imports) = match script {
        Script::Python => python::write(&plan),
        Script::Node => node::write(&plan),
        Script::Shell => (shell::write(&plan), Vec::new()),
    };
    Ok(Signer { code, imports, writes: plan.writes(), secret_is: plan.secret() })
}

fn own_way(scheme: &Scheme, kind: Kind) -> CannotSign {
    let what = match kind {
        Kind::AwsSns => "an RSA signature over chosen fields, in the body",
        Kind::Paypal => "an RSA signature over the body's checksum",
        Kind::Mailgun => "a time and a token beside the signature, in the body",
        Kind::Adyen => "a signature for each item, in the body",
        Kind::TwilioJson => "the body's hash, in the URL",
        Kind::Contentful => "a list of headers that are signed too",
        Kind::Token | Kind::Basic | Kind::Bearer => "none that is known here",
    };
    CannotSign::OwnWay { scheme: scheme.name().to_owned(), what }
}

/// What the function does.
enum Plan<'a> {
    /// It sends the secret itself.
    Token {
        name: &'a str,
        header: &'a str,
        word: Word,
    },
    Keyed(Keyed<'a>),
}

/// What stands before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Bearer,
    /// The token is written in base64.
    Basic,
}

struct Keyed<'a> {
    spec: &'a SchemeSpec,
    content: Vec<Piece<'a>>,
    proof: Proof,
    id: NewId,
    /// The body around the time of signing, where that stands in it.
    around_time: Option<(Vec<u8>, Vec<u8>)>,
    /// What a form comes to; shells take it as it is here.
    form: Vec<u8>,
}

/// How a new id looks.
enum NewId {
    Uuid,
    Behind(String),
}

impl<'a> Plan<'a> {
    fn keyed(
        scheme: &Scheme,
        spec: &'a SchemeSpec,
        script: Script,
        body: &[u8],
        id: Option<&str>,
    ) -> Result<Self, CannotSign> {
        let proof = Proof::of(spec.algorithm);
        if matches!(proof, Proof::Public(_)) && script != Script::Node {
            let (scheme, script) = (spec.name.clone(), script.title());
            return Err(CannotSign::PrivateKey { scheme, script });
        }
        let content = recipe::pieces(&spec.content);
        let in_body = spec.timestamp.as_ref().is_some_and(|time| time.body.is_some());
        let around_time = if in_body { around_time(scheme, spec, body) } else { None };
        if in_body && around_time.is_none() && content.contains(&Piece::Timestamp) {
            return Err(CannotSign::NoTimeInBody { scheme: spec.name.clone() });
        }
        let form = if content.contains(&Piece::Form) { form_of(spec, body) } else { Vec::new() };
        Ok(Self::Keyed(Keyed { spec, content, proof, id: NewId::like(id), around_time, form }))
    }

    fn writes(&self) -> Vec<String> {
        match self {
            Self::Token { header, .. } => vec![(*header).to_owned()],
            Self::Keyed(keyed) => {
                let spec = keyed.spec;
                let further = match &spec.several {
                    hookbench_signing::Several::Headers(names) => names.as_slice(),
                    _ => &[],
                };
                let time = spec.timestamp.as_ref().and_then(|time| time.header.as_ref());
                let extra = spec.extra_headers.iter().map(|(name, _)| name);
                let own = spec.id_header.iter().chain(time).chain([&spec.signature_header]);
                own.chain(further).chain(extra).cloned().collect()
            }
        }
    }

    fn secret(&self) -> String {
        let what = match self {
            Self::Token { word: Word::Basic, .. } => "user and password, as user:password",
            Self::Token { .. } => "the token, as it was given",
            Self::Keyed(keyed) => match (keyed.proof, keyed.spec.secret) {
                (Proof::Public(_), SecretForm::Pem) => "the private key in PEM",
                (Proof::Public(_), SecretForm::Hex) => "the private key in hexadecimal",
                (Proof::Public(_), _) => "the private key in base64",
                (_, SecretForm::Hex) => "the secret in hexadecimal",
                (_, SecretForm::Base64 | SecretForm::Base64Url) => "the secret in base64",
                _ => "the secret, as the provider shows it",
            },
        };
        format!("WEBHOOK_SECRET is {what}.")
    }

    /// What the function says of itself.
    fn headline(&self) -> String {
        let name = match self {
            Self::Token { name, .. } => name,
            Self::Keyed(keyed) => keyed.spec.name.as_str(),
        };
        let name = comment(name);
        match self {
            Self::Token { .. } => format!("With the secret, as {name} sends it."),
            Self::Keyed(_) => {
                format!("Signed afresh as {name} signs: a new time, a new id where it has one.")
            }
        }
    }
}

impl Keyed<'_> {
    /// The signature header's value before and after the signature, with the time still to be filled in.
    fn value(&self) -> &str {
        &self.spec.signature_format
    }

    fn has_time(&self) -> bool {
        self.spec.timestamp.is_some()
    }

    fn has_id(&self) -> bool {
        self.spec.id_header.is_some() || self.content.contains(&Piece::Id)
    }

    fn unit(&self) -> TimestampUnit {
        self.spec.timestamp.as_ref().map_or(TimestampUnit::S, |time| time.unit)
    }

    fn has(&self, piece: Piece<'_>) -> bool {
        self.content.contains(&piece)
    }

    fn public(&self) -> Option<Public> {
        match self.proof {
            Proof::Public(public) => Some(public),
            _ => None,
        }
    }

    const fn encoding(&self) -> Encoding {
        self.spec.encoding
    }
}

impl NewId {
    fn like(id: Option<&str>) -> Self {
        let id = id.unwrap_or_default();
        let dashes: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
        if id.len() == 36 && dashes == [8, 13, 18, 23] {
            return Self::Uuid;
        }
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match id.rsplit_once('_') {
            Some((before, _)) if before.len() <= 32 && plain(before) => Self::Behind(format!("{before}_")),
            _ => Self::Behind("msg_".to_owned()),
        }
    }
}

/// Two times of which every digit differs from the other's.
const TIMES: [i64; 2] = [1_111_111_111_111, 2_222_222_222_222];

/// The body before and after the time of signing: where the scheme's own signing writes it.
fn around_time(scheme: &Scheme, spec: &SchemeSpec, body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let secret = scheme.generate_secret(&mut |bytes| bytes.fill(7));
    let written = TIMES.map(|timestamp| {
        let message =
            Message { method: "POST", url: "http://localhost/", headers: &[], body, timestamp, id: "msg_1" };
        sign(scheme, &[&secret], &message).ok()?.body
    });
    let [Some(one), Some(other)] = written else { return None };
    let texts = TIMES.map(|time| written_time(time, spec.timestamp.as_ref().map(|time| time.unit)));
    let (time, other_time) = (texts[0].as_bytes(), texts[1].as_bytes());
    let places = one.windows(time.len()).enumerate().filter(|(_, window)| *window == time);
    places.map(|(at, _)| (one[..at].to_vec(), one[at + time.len()..].to_vec())).find(|(before, after)| {
        other.strip_prefix(before.as_slice()).and_then(|rest| rest.strip_suffix(after.as_slice()))
            == Some(other_time)
    })
}

/// One of [`TIMES`] as the scheme writes it.
fn written_time(time: i64, unit: Option<TimestampUnit>) -> String {
    match unit {
        Some(TimestampUnit::Ms) => time.to_string(),
        Some(TimestampUnit::Iso) if time == TIMES[0] => "2005-03-18T01:58:31.111Z".to_owned(),
        Some(TimestampUnit::Iso) => "2040-06-02T03:57:02.222Z".to_owned(),
        Some(TimestampUnit::S) | None => (time / 1000).to_string(),
    }
}

/// What the form in a body comes to where a scheme signs its fields.
fn form_of(spec: &SchemeSpec, body: &[u8]) -> Vec<u8> {
    let form_alone = SchemeSpec {
        content: "{form_sorted}".to_owned(),
        signature_format: "{sig}".to_owned(),
        separator: None,
        several: hookbench_signing::Several::One,
        timestamp: None,
        id_header: None,
        tolerance: hookbench_signing::Tolerance::default(),
        secret: SecretForm::Raw,
        algorithm: hookbench_signing::Algorithm::HmacSha256,
        generates: None,
        ..spec.clone()
    };
    let Ok(scheme) = Scheme::new(form_alone) else { return Vec::new() };
    let message =
        Message { method: "POST", url: "http://localhost/", headers: &[], body, timestamp: 0, id: "" };
    sign(&scheme, &[&Secret::from("k")], &message).map(|signed| signed.signed_content).unwrap_or_default()
}

/// The signature header's value as an expression: literals, and the variables of time and signature.
fn value(format: &str, quoted: fn(&str) -> String, plus: &str, time: &str, signature: &str) -> String {
    // The scheme was checked, so its format can be read.
    let tokens = tokens(format).unwrap_or_default();
    let word = |token: &Token<'_>| match token {
        Token::Literal(text) => quoted(text),
        Token::Placeholder("ts") => time.to_owned(),
        Token::Placeholder(_) => signature.to_owned(),
    };
    tokens.iter().map(word).collect::<Vec<_>>().join(plus)
}

/// Padded base64 of the standard alphabet.
fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use hookbench_signing::SchemeCatalog;

    use super::*;

    fn scheme(id: &str) -> &'static Scheme {
        SchemeCatalog::builtin().get(id).unwrap()
    }

    #[test]
    fn a_new_id_looks_like_the_old_one() {
        let like = |id: Option<&str>| match NewId::like(id) {
            NewId::Uuid => "uuid".to_owned(),
            NewId::Behind(prefix) => prefix,
        };
        assert_eq!(like(None), "msg_");
        assert_eq!(like(Some("evt_live_2KWPBgLl")), "evt_live_");
        assert_eq!(like(Some("0b3a7f6e-6f0a-4d3c-9d0e-1a2b3c4d5e6f")), "uuid");
        assert_eq!(like(Some("$(rm -rf ~)_1")), "msg_");
    }

    #[test]
    fn the_time_in_a_body_is_found_where_it_is_written() {
        let linear = scheme("linear");
        let spec = linear.keyed().unwrap();
        let body = br#"{"a": "1111111111111", "webhookTimestamp": 5, "z": 1111111111111}"#;
        let (before, after) = around_time(linear, spec, body).unwrap();
        assert_eq!(before, br#"{"a": "1111111111111", "webhookTimestamp": "#);
        assert_eq!(after, br#", "z": 1111111111111}"#);
        assert!(around_time(linear, spec, b"{}").is_none());
    }

    #[test]
    fn what_a_script_cannot_sign_is_said() {
        let said = |id, script| signer(scheme(id), script, b"{}", None).unwrap_err().to_string();
        assert!(said("standardwebhooks_v1a", Script::Shell).contains("private key"));
        assert!(said("adyen", Script::Node).contains("a signature for each item, in the body"));
        assert!(signer(scheme("standardwebhooks_v1a"), Script::Node, b"{}", None).is_ok());
    }

    #[test]
    fn what_it_writes_is_named() {
        let signer = signer(scheme("sent"), Script::Python, b"{}", None).unwrap();
        assert_eq!(signer.writes, ["x-webhook-id", "x-webhook-timestamp", "x-webhook-signature"]);
    }
}

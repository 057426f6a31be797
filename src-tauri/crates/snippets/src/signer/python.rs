//! The function in Python 3.

use hookbench_signing::{Encoding, SecretForm, TimestampUnit};

use super::{Keyed, NewId, Plan, Word};
use crate::quote::{Beyond, double_quoted};
use crate::recipe::{Piece, Proof};

pub(super) fn write(plan: &Plan<'_>) -> (String, Vec<&'static str>) {
    let mut imports = vec!["import os"];
    let mut lines = vec![
        "def signed(method, url, body):".to_owned(),
        format!("    \"\"\"{}\"\"\"", plan.headline()),
        "    secret = os.fsencode(os.environ.get(\"WEBHOOK_SECRET\", \"\"))".to_owned(),
        "    if not secret:".to_owned(),
        format!(
            "        raise ValueError({})",
            quoted(&format!("WEBHOOK_SECRET is not set. {}", plan.secret()))
        ),
    ];
    match plan {
        Plan::Token { header, word, .. } => {
            let value = match word {
                Word::None => "secret.decode()",
                Word::Bearer => "\"Bearer \" + secret.decode()",
                Word::Basic => {
                    imports.push("import base64");
                    "\"Basic \" + base64.b64encode(secret).decode()"
                }
            };
            lines.push(format!("    return [({}, {value})], body", quoted(header)));
        }
        Plan::Keyed(keyed) => keyed.in_python(plan, &mut lines, &mut imports),
    }
    if let Plan::Keyed(keyed) = plan
        && keyed.has(Piece::Form)
    {
        imports.push("from urllib.parse import unquote_to_bytes");
        lines.push(FORM.to_owned());
    }
    (lines.join("\n") + "\n", imports)
}

const FORM: &str = r#"

def form_sorted(body):
    """The form's fields, decoded, sorted and run together; any bytes, so not as text."""
    pairs = set()
    for field in filter(None, body.split(b"&")):
        name, _, value = field.replace(b"+", b" ").partition(b"=")
        pairs.add((unquote_to_bytes(name), unquote_to_bytes(value)))
    return b"".join(name + value for name, value in sorted(pairs))"#;

impl Keyed<'_> {
    fn in_python(&self, plan: &Plan<'_>, lines: &mut Vec<String>, imports: &mut Vec<&'static str>) {
        let base64 = self.encoding() != Encoding::Hex
            || !matches!(self.spec.secret, SecretForm::Raw | SecretForm::Hex)
            || self.around_time.is_some();
        imports.extend(base64.then_some("import base64"));
        imports.push("import hashlib");
        self.python_key(plan, lines);
        if self.has_time() {
            lines.push(format!("    timestamp = {}", self.python_time(imports)));
        }
        if self.has_id() {
            let id = match &self.id {
                NewId::Uuid => {
                    imports.push("import uuid");
                    "str(uuid.uuid4())".to_owned()
                }
                NewId::Behind(prefix) => format!("{} + os.urandom(12).hex()", quoted(prefix)),
            };
            lines.push(format!("    message_id = {id}"));
        }
        if let Some((before, after)) = &self.around_time {
            lines.push("    # The time of signing stands in the body.".to_owned());
            lines.push(format!("    body = {} + timestamp.encode() + {}", bytes(before), bytes(after)));
        }
        if self.has(Piece::Path) {
            imports.push("from urllib.parse import urlsplit");
        }
        lines.push(format!("    content = {}", self.python_content()));
        let hash = match self.proof {
            Proof::Hmac(hash) => {
                imports.push("import hmac");
                format!("hmac.new(key, content, hashlib.{})", hash.name())
            }
            Proof::Plain(hash) => format!("hashlib.{}(content)", hash.name()),
            // Those that sign with a private key were refused before.
            _ => "hashlib.sha256(content)".to_owned(),
        };
        lines.push(format!(
            "    signature = {}",
            match self.encoding() {
                Encoding::Hex => format!("{hash}.hexdigest()"),
                Encoding::Base64 => format!("base64.b64encode({hash}.digest()).decode()"),
                Encoding::Base64Url =>
                    format!("base64.urlsafe_b64encode({hash}.digest()).rstrip(b\"=\").decode()"),
            }
        ));
        lines.push("    headers = [".to_owned());
        let mut header = |name: &str, value: &str| {
            lines.push(format!("        ({}, {value}),", quoted(name)));
        };
        if let Some(name) = &self.spec.id_header {
            header(name, "message_id");
        }
        if let Some(name) = self.spec.timestamp.as_ref().and_then(|time| time.header.as_ref()) {
            header(name, "timestamp");
        }
        let value = super::value(self.value(), quoted, " + ", "timestamp", "signature");
        header(&self.spec.signature_header, &value);
        for (name, value) in &self.spec.extra_headers {
            header(name, &quoted(value));
        }
        lines.push("    ]\n    return headers, body".to_owned());
    }

    fn python_key(&self, plan: &Plan<'_>, lines: &mut Vec<String>) {
        let decoded = match self.spec.secret {
            SecretForm::WhsecB64 => {
                "base64.b64decode(secret[6:] if secret.startswith(b\"whsec_\") else secret, validate=True)"
            }
            SecretForm::Base64 => "base64.b64decode(secret, validate=True)",
            SecretForm::Base64Url => {
                "base64.b64decode(secret.rstrip(b\"=\") + b\"=\" * (-len(secret.rstrip(b\"=\")) % 4), b\"-_\", validate=True)"
            }
            SecretForm::Hex => "bytes.fromhex(secret.decode())",
            SecretForm::Raw | SecretForm::WhskB64 | SecretForm::Pem => {
                lines.push("    key = secret".to_owned());
                return;
            }
        };
        let wrong = quoted(&format!("WEBHOOK_SECRET cannot be read. {}", plan.secret()));
        lines.push(format!("    try:\n        key = {decoded}"));
        lines.push(format!("    except ValueError:\n        raise ValueError({wrong}) from None"));
    }

    fn python_time(&self, imports: &mut Vec<&'static str>) -> &'static str {
        match self.unit() {
            TimestampUnit::Iso => {
                imports.push("from datetime import datetime, timezone");
                "datetime.now(timezone.utc).strftime(\"%Y-%m-%dT%H:%M:%SZ\")"
            }
            unit => {
                imports.push("import time");
                if unit == TimestampUnit::S {
                    "str(int(time.time()))"
                } else {
                    "str(int(time.time() * 1000))"
                }
            }
        }
    }

    fn python_content(&self) -> String {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => format!("{}.encode()", quoted(text)),
            Piece::Id => "message_id.encode()".to_owned(),
            Piece::Timestamp => "timestamp.encode()".to_owned(),
            Piece::Method => "method.upper().encode()".to_owned(),
            Piece::Url => "url.encode()".to_owned(),
            Piece::Path => "urlsplit(url).path.encode()".to_owned(),
            Piece::Form => "form_sorted(body)".to_owned(),
            Piece::Secret => "key".to_owned(),
            _ => "body".to_owned(),
        };
        self.content.iter().map(piece).collect::<Vec<_>>().join(" + ")
    }
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Wide)
}

fn bytes(bytes: &[u8]) -> String {
    format!("base64.b64decode(\"{}\")", super::base64(bytes))
}

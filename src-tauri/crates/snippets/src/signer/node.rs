//! The function in JavaScript, for Node.

use hookbench_signing::{Encoding, SecretForm, TimestampUnit};

use super::{Keyed, NewId, Plan, Word};
use crate::quote::{Beyond, double_quoted};
use crate::recipe::{Piece, Proof, Public};

pub(super) fn write(plan: &Plan<'_>) -> (String, Vec<&'static str>) {
    let mut imports = Vec::new();
    let mut lines = vec![
        format!("// {}", plan.headline()),
        "function signed(method, url, body) {".to_owned(),
        "  const secret = process.env.WEBHOOK_SECRET ?? \"\";".to_owned(),
        format!(
            "  if (secret === \"\") throw new Error({});",
            quoted(&format!("WEBHOOK_SECRET is not set. {}", plan.secret()))
        ),
    ];
    match plan {
        Plan::Token { header, word, .. } => {
            let value = match word {
                Word::None => "secret",
                Word::Bearer => "`Bearer ${secret}`",
                Word::Basic => "`Basic ${Buffer.from(secret).toString(\"base64\")}`",
            };
            lines.push(format!("  return {{ headers: [[{}, {value}]], body }};\n}}", quoted(header)));
        }
        Plan::Keyed(keyed) => keyed.in_node(plan, &mut lines, &mut imports),
    }
    if let Plan::Keyed(keyed) = plan
        && keyed.has(Piece::Form)
    {
        lines.push(FORM.to_owned());
    }
    (lines.join("\n") + "\n", imports)
}

const FORM: &str = r#"
// The form's fields, decoded, sorted and run together; any bytes, so a character for each.
function formSorted(body) {
  const decoded = (text) =>
    text.replaceAll("+", " ").replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const pairs = new Map();
  for (const field of body.toString("latin1").split("&").filter((field) => field !== "")) {
    const at = field.indexOf("=");
    const pair = at < 0 ? [decoded(field), ""] : [decoded(field.slice(0, at)), decoded(field.slice(at + 1))];
    pairs.set(JSON.stringify(pair), pair);
  }
  const before = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
  const sorted = [...pairs.values()].sort((one, other) => before(one[0], other[0]) || before(one[1], other[1]));
  return Buffer.from(sorted.flat().join(""), "latin1");
}"#;

impl Keyed<'_> {
    fn in_node(&self, plan: &Plan<'_>, lines: &mut Vec<String>, imports: &mut Vec<&'static str>) {
        self.node_key(plan, lines, imports);
        if self.has_time() {
            lines.push(format!("  const timestamp = {};", self.node_time()));
        }
        if self.has_id() {
            let id = match &self.id {
                NewId::Uuid => {
                    imports.push("randomUUID");
                    "randomUUID()".to_owned()
                }
                NewId::Behind(prefix) => {
                    imports.push("randomBytes");
                    format!("{} + randomBytes(12).toString(\"hex\")", quoted(prefix))
                }
            };
            lines.push(format!("  const id = {id};"));
        }
        if let Some((before, after)) = &self.around_time {
            let (before, after) = (super::base64(before), super::base64(after));
            lines.push("  // The time of signing stands in the body.".to_owned());
            lines.push(format!(
                "  body = Buffer.concat([Buffer.from(\"{before}\", \"base64\"), Buffer.from(timestamp), Buffer.from(\"{after}\", \"base64\")]);"
            ));
        }
        let pieces: Vec<String> = self.content.iter().map(piece).collect();
        lines.push(format!("  const content = Buffer.concat([{}]);", pieces.join(", ")));
        let spelling = match self.encoding() {
            Encoding::Hex => "hex",
            Encoding::Base64 => "base64",
            Encoding::Base64Url => "base64url",
        };
        let made = match self.proof {
            Proof::Hmac(hash) => {
                imports.push("createHmac");
                format!("createHmac(\"{}\", key).update(content).digest(\"{spelling}\")", hash.name())
            }
            Proof::Plain(hash) => {
                imports.push("createHash");
                format!("createHash(\"{}\").update(content).digest(\"{spelling}\")", hash.name())
            }
            _ => {
                imports.push("sign");
                let hash = if self.public() == Some(Public::Ed25519) { "null" } else { "\"sha256\"" };
                format!("sign({hash}, content, key).toString(\"{spelling}\")")
            }
        };
        lines.push(format!("  const signature = {made};"));
        lines.push("  const headers = [".to_owned());
        let mut header = |name: &str, value: &str| lines.push(format!("    [{}, {value}],", quoted(name)));
        if let Some(name) = &self.spec.id_header {
            header(name, "id");
        }
        if let Some(name) = self.spec.timestamp.as_ref().and_then(|time| time.header.as_ref()) {
            header(name, "timestamp");
        }
        let value = super::value(self.value(), quoted, " + ", "timestamp", "signature");
        header(&self.spec.signature_header, &value);
        for (name, value) in &self.spec.extra_headers {
            header(name, &quoted(value));
        }
        lines.push("  ];\n  return { headers, body };\n}".to_owned());
    }

    fn node_key(&self, plan: &Plan<'_>, lines: &mut Vec<String>, imports: &mut Vec<&'static str>) {
        let (text, spelling) = match self.spec.secret {
            SecretForm::WhsecB64 => ("secret.replace(/^whsec_/, \"\")", "base64"),
            SecretForm::WhskB64 => ("secret.replace(/^whsk_/, \"\")", "base64"),
            SecretForm::Base64 => ("secret", "base64"),
            SecretForm::Base64Url => ("secret.replace(/=+$/, \"\")", "base64url"),
            SecretForm::Hex => ("secret.toLowerCase()", "hex"),
            SecretForm::Raw => ("secret", "utf8"),
            SecretForm::Pem if self.public() != Some(Public::Ed25519) => {
                imports.push("createPrivateKey");
                lines.push("  const key = createPrivateKey(secret);".to_owned());
                return;
            }
            SecretForm::Pem => ("secret.replace(/-----[^-]*-----|\\s/g, \"\")", "base64"),
        };
        let wrong = quoted(&format!("WEBHOOK_SECRET cannot be read. {}", plan.secret()));
        let name = if self.public().is_some() { "bytes" } else { "key" };
        lines.push(format!("  const {name} = Buffer.from({text}, \"{spelling}\");"));
        if self.spec.secret != SecretForm::Raw {
            // Node reads what it can of such a text, and says nothing of the rest.
            lines
                .push(format!("  if ({name}.toString(\"{spelling}\") !== {text}) throw new Error({wrong});"));
        }
        match self.public() {
            None => return,
            Some(Public::Ed25519) => {
                // Where 32 bytes alone may be a public key too they are none that signs.
                let bare = if self.spec.secret == SecretForm::WhskB64 {
                    "[32, 64].includes(bytes.length)"
                } else {
                    "bytes.length === 64"
                };
                let template = r#"  // The seed: the beginning of a bare key, or behind its mark in a container of PKCS #8.
  const from = ‹bare› ? 0 : bytes.indexOf("04220420", "hex") + 4;
  if (from === 3) throw new Error(‹wrong›);
  const head = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([head, bytes.subarray(from, from + 32)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });"#;
                lines.push(template.replace("‹bare›", bare).replace("‹wrong›", &wrong));
            }
            Some(_) => {
                let template = r#"  // 32 bytes alone are put into a container of SEC 1.
  const [head, tail] = ["30310201010420", "a00a06082a8648ce3d030107"].map((hex) => Buffer.from(hex, "hex"));
  const bare = bytes.length === 32;
  const der = bare ? Buffer.concat([head, bytes, tail]) : bytes;
  const key = createPrivateKey({ key: der, format: "der", type: bare ? "sec1" : "pkcs8" });"#;
                lines.push(template.to_owned());
            }
        }
        imports.push("createPrivateKey");
    }

    fn node_time(&self) -> &'static str {
        match self.unit() {
            TimestampUnit::S => "String(Math.floor(Date.now() / 1000))",
            TimestampUnit::Ms => "String(Date.now())",
            TimestampUnit::Iso => "new Date().toISOString()",
        }
    }
}

fn piece(piece: &Piece<'_>) -> String {
    match piece {
        Piece::Text(text) => format!("Buffer.from({})", quoted(text)),
        Piece::Id => "Buffer.from(id)".to_owned(),
        Piece::Timestamp => "Buffer.from(timestamp)".to_owned(),
        Piece::Method => "Buffer.from(method.toUpperCase())".to_owned(),
        Piece::Url => "Buffer.from(url)".to_owned(),
        Piece::Path => "Buffer.from(new URL(url).pathname)".to_owned(),
        Piece::Form => "formSorted(body)".to_owned(),
        Piece::Secret => "key".to_owned(),
        _ => "body".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Utf16)
}

//! Python 3: the standard library alone.

mod found;
mod keys;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, KeyForm, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    settings(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if recipe.has_certificate() {
        code.about(Topic::Secret, keys::PUBLIC_KEY);
        code.gap();
        code.gap();
    }
    server(recipe, &mut code);
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r#"
"""‹headline›

Python 3.8 or newer, ‹needs›: WEBHOOK_SECRET=… python3 receiver.py
"""
"#;
    let needs =
        if dependencies(recipe).is_empty() { "nothing to install" } else { "and the package cryptography" };
    code.add(fill(template, &[("headline", &words::headline(recipe)), ("needs", needs)]));
    code.gap();
    let public = matches!(recipe.proof, Proof::Public(_));
    let (digests, json) = (matches!(recipe.proof, Proof::Hmac(_) | Proof::Plain(_)), recipe.reads_json());
    let base64 = recipe.encoding != Encoding::Hex && recipe.proof != Proof::Token
        || matches!(recipe.key, KeyForm::Base64 { .. } | KeyForm::Base64Url);
    let iso = recipe.judged_time().is_some_and(|time| time.unit == TimestampUnit::Iso);
    for (module, wanted) in [
        ("base64", base64),
        ("hashlib", digests || recipe.finds == Some(Find::HashInUrl)),
        ("hmac", !public),
        ("json", json),
        ("os", true),
        ("time", recipe.judged_time().is_some()),
        ("zlib", recipe.finds == Some(Find::Paypal)),
    ] {
        if wanted {
            code.add(format!("import {module}"));
        }
    }
    if iso {
        code.add("from datetime import datetime");
    }
    code.add("from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer");
    let mut parsing = Vec::new();
    parsing.extend((recipe.finds == Some(Find::HashInUrl)).then_some("parse_qs"));
    parsing.extend((recipe.finds == Some(Find::Contentful)).then_some("quote"));
    parsing.extend(recipe.has(Piece::Form).then_some("unquote_to_bytes"));
    parsing.extend(recipe.needs_url_parts().then_some("urlsplit"));
    if !parsing.is_empty() {
        code.add(format!("from urllib.parse import {}", parsing.join(", ")));
    }
    imports_of_cryptography(recipe, code);
    code.gap();
}

/// The library for public keys, which Python does not bring along.
pub(crate) fn dependencies(recipe: &Recipe<'_>) -> Vec<String> {
    matches!(recipe.proof, Proof::Public(_))
        .then(|| "pip install cryptography".to_owned())
        .into_iter()
        .collect()
}

fn imports_of_cryptography(recipe: &Recipe<'_>, code: &mut Code) {
    let Proof::Public(public) = recipe.proof else { return };
    code.gap();
    if matches!(recipe.key, KeyForm::Certificate | KeyForm::IdAndCertificate) {
        code.add("from cryptography import x509");
    }
    code.add("from cryptography.exceptions import InvalidSignature");
    code.add(match public {
        Public::Ed25519 if recipe.key != KeyForm::Pem => {
            "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey"
        }
        Public::Ed25519 => "",
        Public::Ecdsa => "from cryptography.hazmat.primitives import hashes\nfrom cryptography.hazmat.primitives.asymmetric import ec",
        Public::Rsa | Public::RsaOverSaidHash => {
            "from cryptography.hazmat.primitives import hashes\nfrom cryptography.hazmat.primitives.asymmetric import padding"
        }
    });
    match (public, recipe.key) {
        (_, KeyForm::Pem | KeyForm::Certificate | KeyForm::IdAndCertificate) => {
            code.add("from cryptography.hazmat.primitives.serialization import load_pem_public_key");
        }
        (Public::Ecdsa, _) => {
            code.add("from cryptography.hazmat.primitives.serialization import load_der_public_key");
        }
        _ => {}
    }
}

fn settings(recipe: &Recipe<'_>, code: &mut Code) {
    let secrets = r#"
# ‹rotation›
SECRETS = [os.environ[name] for name in ("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS") if os.environ.get(name)]
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.needs_url() {
        let url = r#"
# ‹why›
# ‹what›
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://localhost:3000")
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
    code.gap();
    code.add("class Rejected(Exception):\n    \"\"\"Why a request is not believed.\"\"\"");
    code.gap();
    code.gap();
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r#"
def verify(headers, body, secrets‹inputs›):
    """Raises Rejected unless one of the secrets signed this request. `body`: bytes.‹now›"""
"#;
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", method",
            Input::Url => ", url",
            Input::NowSeconds | Input::NowMillis => ", now",
        })
        .collect();
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &inputs)]));
    find(recipe, true, code);
    signatures(recipe, code);
    times(recipe, code);
    if let Some(header) = recipe.id_header {
        value("id", header, code);
    }
    find(recipe, false, code);
    code.gap();
    if recipe.has_content_of_its_own() && !recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "    "));
    }
    keys::compare(recipe, code);
    if let Some(time) = recipe.judged_time() {
        code.gap();
        judge(time, code);
    }
    code.gap();
    code.gap();
}

/// Lines that take out of the request what only code finds: before the headers are read where the signature
/// is among it, else after.
fn find(recipe: &Recipe<'_>, signature: bool, code: &mut Code) {
    if let Some(find) = recipe.finds.as_ref().filter(|find| find.gives_signature() == signature) {
        let (topic, lines) = found::of(find);
        code.about(topic, lines);
    }
}

fn value(name: &str, header: &str, code: &mut Code) {
    let template = r"
    ‹name› = headers.get(‹header›)
    if not ‹name›:
        raise Rejected(‹reason›)
";
    let (header, reason) = (quoted(header), quoted(&words::missing(header)));
    code.about(Topic::Header, fill(template, &[("name", name), ("header", &header), ("reason", &reason)]));
}

fn signatures(recipe: &Recipe<'_>, code: &mut Code) {
    let signature = &recipe.signature;
    if signature.headers.is_empty() {
        return;
    }
    let reason = quoted(&words::missing(signature.headers[0]));
    let separator = signature.separator.map(quoted);
    let first = quoted(signature.headers[0]);
    if signature.headers.len() > 1 {
        let names: Vec<_> = signature.headers.iter().map(|name| quoted(name)).collect();
        let template = r"
    # Each key has a header of its own.
    names = (‹names›)
    signatures = [headers[name] for name in names if headers.get(name)]
    if not signatures:
        raise Rejected(‹reason›)
";
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
    } else if signature.repeated {
        let template = r"
    # The header comes once for each key, or with several values in it.
    signatures = [one for value in headers.get_all(‹header›, []) for one in value.split(‹separator›)]
    if not signatures:
        raise Rejected(‹reason›)
";
        let separator = separator.unwrap_or_default();
        let values = [("header", first.as_str()), ("separator", &separator), ("reason", &reason)];
        code.about(Topic::Header, fill(template, &values));
    } else if let Some(separator) = separator {
        value("header", signature.headers[0], code);
        code.about(Topic::Header, format!("    signatures = header.split({separator})"));
    } else {
        value("signature", signature.headers[0], code);
    }
}

fn times(recipe: &Recipe<'_>, code: &mut Code) {
    let Some(time) = &recipe.time else { return };
    match time.place {
        Place::Found | Place::Body(_) => {}
        Place::Header(header) => value("timestamp", header, code),
        Place::Part { before, after } => {
            let template = r"
    timestamp = next((part[‹from›:‹to›] for part in signatures if ‹test›), None)
    if not timestamp:
        raise Rejected(‹reason›)
";
            let mut test = format!("part.startswith({})", quoted(before));
            let mut to = String::new();
            if !after.is_empty() {
                test = format!("{test} and part.endswith({})", quoted(after));
                to = format!("-{}", after.chars().count());
            }
            let (from, reason) = (before.chars().count().to_string(), quoted(&words::no_time(recipe)));
            let values = [("from", from.as_str()), ("to", &to), ("test", &test), ("reason", &reason)];
            code.about(Topic::Header, fill(template, &values));
        }
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => format!("{}.encode()", text(pieces)),
            Run::Bytes(Piece::Form) => "form_sorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    format!("{indent}content = {}", runs.join(" + "))
}

fn text(pieces: &[Piece<'_>]) -> String {
    if let [Piece::Text(text)] = pieces {
        return quoted(text);
    }
    match pieces {
        [Piece::Url] => return "url".to_owned(),
        [Piece::Found(name)] => return (*name).to_owned(),
        _ => {}
    }
    let inside: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text, "\"", Beyond::Wide).replace('{', "{{").replace('}', "}}"),
            Piece::Id => "{id}".to_owned(),
            Piece::Timestamp => "{timestamp}".to_owned(),
            Piece::Method => "{method}".to_owned(),
            Piece::Path => "{urlsplit(url).path}".to_owned(),
            Piece::Account => "{account}".to_owned(),
            Piece::Found(name) => format!("{{{name}}}"),
            _ => "{url}".to_owned(),
        })
        .collect();
    format!("f\"{inside}\"")
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path = names.iter().map(|name| format!("[{}]", quoted(name))).collect::<Vec<_>>().concat();
        let template = r"
    # The time stands in the body. One without it is held to none.
    try:
        timestamp = str(json.loads(body)‹path›)
    except (ValueError, KeyError, TypeError):
        return
";
        code.about(Topic::Time, fill(template, &[("path", &path)]));
    }
    let read = match time.unit {
        // Older Pythons do not read the Z that stands for UTC.
        TimestampUnit::Iso => {
            "round(datetime.fromisoformat(timestamp.replace(\"Z\", \"+00:00\")).timestamp() * 1000)"
        }
        TimestampUnit::S | TimestampUnit::Ms => "int(timestamp)",
    };
    let template = r#"
    try:
        age = now - ‹read›
    except ValueError:
        raise Rejected("the time of signing cannot be read")
"#;
    code.about(Topic::Time, fill(template, &[("read", read)]));
    for (limit, reason) in time.rules("age") {
        code.about(Topic::Time, format!("    if {limit}:\n        raise Rejected({})", quoted(reason)));
    }
}

fn form(code: &mut Code) {
    let template = r#"
def form_sorted(body):
    """‹why›"""
    pairs = set()
    for field in filter(None, body.split(b"&")):
        name, _, value = field.replace(b"+", b" ").partition(b"=")
        pairs.add((unquote_to_bytes(name), unquote_to_bytes(value)))
    return b"".join(name + value for name, value in sorted(pairs))
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("class Receiver(BaseHTTPRequestHandler):\n    def do_POST(self):");
    let body = r#"
        # ‹raw›
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
"#;
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        code.about(Topic::Url, "        url = PUBLIC_URL + self.path");
    }
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", self.command",
            Input::Url => ", url",
            Input::NowSeconds => ", int(time.time())",
            Input::NowMillis => ", int(time.time() * 1000)",
        })
        .collect();
    let rest = r"
        try:
            verify(self.headers, body, SECRETS‹inputs›)
        except Rejected as reason:
            return self.answer(401, str(reason))
        # ‹after›
        self.answer(‹status›)
";
    code.add(fill(
        rest,
        &[("inputs", &inputs), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
    if recipe.has(Piece::Method) {
        code.gap();
        code.add("    do_GET = do_PUT = do_POST");
    }
    code.gap();
    code.add(
        r#"
    def answer(self, status, reason=""):
        self.send_response(status)
        if reason:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(reason.encode())))
        self.end_headers()
        self.wfile.write(reason.encode())


if __name__ == "__main__":
    if not SECRETS:
        raise SystemExit("WEBHOOK_SECRET is not set")
"#,
    );
    if recipe.has_certificate() {
        let check =
            "    for one in SECRETS:\n        public_key(one)  # One that is malformed is told at once.";
        code.about(Topic::Secret, check);
    }
    code.add(
        r#"
    ThreadingHTTPServer(("localhost", int(os.environ.get("PORT", 3000))), Receiver).serve_forever()
"#,
    );
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Wide)
}

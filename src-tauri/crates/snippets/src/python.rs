//! Python 3: the standard library alone.

mod found;
mod keys;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
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
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
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
    if recipe.has_certificate() {
        code.add("from cryptography import x509");
    }
    code.add("from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm");
    code.add(match public {
        Public::Ed25519 => {
            "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey"
        }
        Public::Ecdsa => "from cryptography.hazmat.primitives import hashes\nfrom cryptography.hazmat.primitives.asymmetric import ec",
        Public::Rsa | Public::RsaOverSaidHash => {
            "from cryptography.hazmat.primitives import hashes\nfrom cryptography.hazmat.primitives.asymmetric import padding, rsa"
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

/// What the verifying function is declared with.
const PARAMETERS: Inputs = Inputs { method: ", method", url: ", url", seconds: ", now", millis: ", now" };

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r#"
def verify(headers, body, secrets‹inputs›):
    """Raises Rejected unless one of the secrets signed this request. `body`: bytes.‹now›"""
"#;
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &PARAMETERS.of(recipe))]));
    steps::<Python>(recipe, code);
    code.gap();
    code.gap();
}

struct Python;

impl Dialect for Python {
    const INDENT: &'static str = "    ";
    const INNER: &'static str = "        ";
    const EACH_SECRET: &'static str = "    matched = False\n    for secret in secrets:";
    const NONE_FITTED: &'static str = "    if not matched:\n        raise Rejected(‹reason›)";
    const TEXT_KEY: &'static str = "        key = secret.encode()";
    const READ_KEY: &'static str = "        key = key_of(secret)";
    const ACCOUNT: &'static str = "        account = secret.partition(\"\\n\")[0].strip()";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        double_quoted(text, Beyond::Wide)
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r"
    ‹name› = headers.get(‹header›)
    if not ‹name›:
        raise Rejected(‹reason›)
";
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r"
    # Each key has a header of its own.
    names = (‹names›)
    signatures = [headers[name] for name in names if headers.get(name)]
    if not signatures:
        raise Rejected(‹reason›)
";
        fill(template, &[("names", names), ("reason", reason)])
    }

    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let template = r"
    # The header comes once for each key, or with several values in it.
    signatures = [one for value in headers.get_all(‹header›, []) for one in value.split(‹separator›)]
    if not signatures:
        raise Rejected(‹reason›)
";
        fill(template, &[("header", header), ("separator", &quoted(separator)), ("reason", reason)])
    }

    fn behind(word: &str) -> String {
        let template = r#"
    # ‹why›
    word, _, credentials = header.partition(" ")
    signature = "‹word› " + credentials.strip() if word.lower() == "‹small›" else header
"#;
        fill(template, &[("word", word), ("small", &word.to_lowercase()), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("    signatures = header.split({})", quoted(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
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
        let from = before.chars().count().to_string();
        fill(template, &[("from", &from), ("to", &to), ("test", &test), ("reason", reason)])
    }

    fn content(recipe: &Recipe<'_>, indent: &str) -> String {
        content(recipe, indent)
    }

    fn compare(recipe: &Recipe<'_>, code: &mut Code) {
        keys::compare(recipe, code);
    }

    fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
        keys::check(recipe, public, code);
    }

    fn judge(time: &Time<'_>, code: &mut Code) {
        judge(time, code);
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
    except (ValueError, KeyError, TypeError, RecursionError):
        return
";
        code.about(Topic::Time, fill(template, &[("path", &path)]));
    }
    // Older Pythons do not read the Z that stands for UTC.
    let of_iso = r#"
    try:
        age = now - round(datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        raise Rejected("the time of signing cannot be read")
"#;
    let of_digits = r#"
    # Digits alone: int() reads more.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 19):
        raise Rejected("the time of signing is not a number")
    age = now - int(timestamp)
"#;
    code.about(Topic::Time, if time.unit == TimestampUnit::Iso { of_iso } else { of_digits });
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

/// What it is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", self.command",
    url: ", url",
    seconds: ", int(time.time())",
    millis: ", int(time.time() * 1000)",
};

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
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
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
    if recipe.reads_key() {
        let check = r"
    # ‹why›
    try:
        for one in SECRETS:
            key_of(one)
    except ValueError as reason:
        raise SystemExit(str(reason))
";
        code.about(Topic::Secret, fill(check, &[("why", words::AT_THE_START)]));
    }
    code.add(
        r#"
    ThreadingHTTPServer(("localhost", int(os.environ.get("PORT", 3000))), Receiver).serve_forever()
"#,
    );
}

fn quoted(text: &str) -> String {
    Python::quoted(text)
}

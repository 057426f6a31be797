//! JavaScript for Node: `node:http` and `node:crypto`, nothing to install.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    settings(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if !matches!(recipe.proof, Proof::Public(_)) {
        equal(&mut code);
    }
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
        code.gap();
    }
    server(recipe, &mut code);
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r#"
// ‹headline›
// Node 20 or newer, nothing to install: WEBHOOK_SECRET=… node receiver.mjs
import { ‹names› } from "node:crypto";
import { createServer } from "node:http";
"#;
    let mut names = match recipe.proof {
        Proof::Hmac(_) => vec!["createHmac", "timingSafeEqual"],
        Proof::Plain(_) => vec!["createHash", "timingSafeEqual"],
        Proof::Token | Proof::TokenInBase64 => vec!["timingSafeEqual"],
        Proof::Public(_) => vec!["createPublicKey", "verify as isSignedBy"],
    };
    names.extend((recipe.finds == Some(Find::HashInUrl)).then_some("createHash"));
    names.sort_unstable();
    code.add(fill(template, &[("headline", &words::headline(recipe)), ("names", &names.join(", "))]));
    if recipe.finds == Some(Find::Paypal) {
        code.add("import { crc32 } from \"node:zlib\";");
    }
    code.gap();
}

fn settings(recipe: &Recipe<'_>, code: &mut Code) {
    let secrets = r#"
// ‹rotation›
const secrets = [process.env.WEBHOOK_SECRET, process.env.WEBHOOK_SECRET_PREVIOUS].filter(Boolean);
if (secrets.length === 0) fail("WEBHOOK_SECRET is not set");
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::at_the_start());
    }
    if recipe.needs_url() {
        let url = r#"
// ‹why›
// ‹what›
const publicUrl = process.env.PUBLIC_URL ?? "http://localhost:3000";
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
    let fail = r"
function fail(reason) {
  console.error(reason);
  process.exit(1);
}
";
    code.add(fail);
    code.gap();
    code.add("class Rejected extends Error {}");
    code.gap();
}

/// What the verifying function is declared with.
const PARAMETERS: Inputs = Inputs { method: ", method", url: ", url", seconds: ", now", millis: ", now" };

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
/** Throws Rejected unless one of the secrets signed this request. `body`: a Buffer.‹now› */
export function verify(headers, body, secrets‹inputs›) {
";
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &PARAMETERS.of(recipe))]));
    steps::<Node>(recipe, code);
    code.add("}");
    code.gap();
}

struct Node;

impl Dialect for Node {
    const INDENT: &'static str = "  ";
    const INNER: &'static str = "    ";
    const EACH_SECRET: &'static str = "  const matches = secrets.some((secret) => {";
    const NONE_FITTED: &'static str = "  });\n  if (!matches) throw new Rejected(‹reason›);";
    const TEXT_KEY: &'static str = "    const key = Buffer.from(secret);";
    const READ_KEY: &'static str = "    const key = keyOf(secret);";
    const ACCOUNT: &'static str = "    const account = secret.split(\"\\n\", 1)[0].trim();";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        double_quoted(text, Beyond::Utf16)
    }

    /// Node gives header names in lower case.
    fn header(name: &str) -> String {
        name.to_lowercase()
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r"
  const ‹name› = headers[‹header›];
  if (!‹name›) throw new Rejected(‹reason›);
";
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r"
  // Each key has a header of its own.
  const names = [‹names›];
  const signatures = names.map((name) => headers[name]).filter(Boolean);
  if (signatures.length === 0) throw new Rejected(‹reason›);
";
        fill(template, &[("names", names), ("reason", reason)])
    }

    /// Node joins headers that came more than once with a comma and a space.
    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let joined = if separator == ", " {
            String::new()
        } else {
            format!(".replaceAll(\", \", {})", quoted(separator))
        };
        let split = format!("  const signatures = header{joined}.split({});", quoted(separator));
        format!("{}\n{split}", Self::value("header", header, reason).trim_matches('\n'))
    }

    fn behind(word: &str) -> String {
        let template = r#"
  // ‹why›
  const signature = header.replace(/^‹word› +/i, "‹word› ");
"#;
        fill(template, &[("word", word), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("  const signatures = header.split({});", quoted(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
        let template = r"
  const timestamp = signatures.find((part) => ‹test›)?.slice(‹from›);
  if (!timestamp) throw new Rejected(‹reason›);
";
        let mut test = format!("part.startsWith({})", quoted(before));
        let mut from = before.encode_utf16().count().to_string();
        if !after.is_empty() {
            test = format!("{test} && part.endsWith({})", quoted(after));
            from = format!("{from}, -{}", after.encode_utf16().count());
        }
        fill(template, &[("test", &test), ("from", &from), ("reason", reason)])
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
            Run::Text([Piece::Url]) => "Buffer.from(url)".to_owned(),
            Run::Text([Piece::Found(name)]) => format!("Buffer.from({name})"),
            Run::Text(pieces) => format!("Buffer.from({})", text(pieces)),
            Run::Bytes(Piece::Form) => "formSorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    let whole = match runs.as_slice() {
        [one] => one.clone(),
        several => format!("Buffer.concat([{}])", several.join(", ")),
    };
    format!("{indent}const content = {whole};")
}

fn text(pieces: &[Piece<'_>]) -> String {
    let inside: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text, "`$", Beyond::Utf16),
            Piece::Id => "${id}".to_owned(),
            Piece::Timestamp => "${timestamp}".to_owned(),
            Piece::Method => "${method}".to_owned(),
            Piece::Path => "${new URL(url).pathname}".to_owned(),
            Piece::Account => "${account}".to_owned(),
            Piece::Found(name) => format!("${{{name}}}"),
            _ => "${url}".to_owned(),
        })
        .collect();
    format!("`{inside}`")
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path = names.iter().map(|name| format!("?.[{}]", quoted(name))).collect::<Vec<_>>().concat();
        let template = r"
  // The time stands in the body. One without it is held to none.
  let timestamp;
  try {
    timestamp = JSON.parse(body)‹path›;
  } catch {}
  if (timestamp === undefined) return;
";
        code.about(Topic::Time, fill(template, &[("path", &path)]));
    }
    let signed_at = match time.unit {
        TimestampUnit::Iso => "Date.parse(timestamp)",
        TimestampUnit::S | TimestampUnit::Ms => {
            let digits = r#"
  // Digits alone: Number() reads much more.
  if (!/^[0-9]{1,18}$/.test(timestamp)) throw new Rejected("the time of signing is not a number");
"#;
            code.about(Topic::Time, digits);
            "Number(timestamp)"
        }
    };
    code.about(Topic::Time, format!("  const age = now - {signed_at};"));
    let rule =
        |limit: String, reason: &str| format!("  if (!({limit})) throw new Rejected({});", quoted(reason));
    if let Some(past_s) = time.past_s {
        code.about(Topic::Time, rule(format!("age <= {}", time.limit(past_s)), words::STALE));
    }
    if let Some(future_s) = time.future_s {
        code.about(Topic::Time, rule(format!("age >= -{}", time.limit(future_s)), words::FUTURE));
    }
}

fn form(code: &mut Code) {
    let template = r#"
// ‹why›
function formSorted(body) {
  const decode = (text = "") =>
    text.replaceAll("+", " ").replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  // latin1 gives each byte a character of its own.
  const fields = body.toString("latin1").split("&").filter(Boolean);
  const pairs = fields.map((field) => {
    const [name, ...value] = field.split("=");
    return { name: decode(name), value: decode(value.join("=")) };
  });
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  pairs.sort((a, b) => order(a.name, b.name) || order(a.value, b.value));
  const once = pairs.filter((pair, i) => pair.name !== pairs[i - 1]?.name || pair.value !== pairs[i - 1].value);
  return Buffer.from(once.map(({ name, value }) => name + value).join(""), "latin1");
}
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn equal(code: &mut Code) {
    let template = r"
// ‹why›
function equal(left, right) {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
";
    code.about(Topic::Digest, fill(template, &[("why", words::CONSTANT_TIME)]));
    code.gap();
}

/// What it is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", request.method",
    url: ", url",
    seconds: ", Math.floor(Date.now() / 1000)",
    millis: ", Date.now()",
};

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("export const server = createServer(async (request, response) => {\n  try {");
    let body = r"
    // ‹raw›
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
";
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        code.about(Topic::Url, "    const url = publicUrl + request.url;");
    }
    let rest = r#"
    verify(request.headers, body, secrets‹inputs›);
    // ‹after›
    response.statusCode = ‹status›;
    response.end();
  } catch (error) {
    const rejected = error instanceof Rejected;
    response.writeHead(rejected ? 401 : 500, { "Content-Type": "text/plain" });
    response.end(rejected ? error.message : "the receiver failed");
  }
});
server.listen(process.env.PORT ?? 3000, "localhost");
"#;
    code.add(fill(
        rest,
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    Node::quoted(text)
}

//! JavaScript for Node: `node:http` and `node:crypto`, nothing to install.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Piece, Place, Proof, Recipe, Run, Time};
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
if (secrets.length === 0) throw new Error("WEBHOOK_SECRET is not set");
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.needs_url() {
        let url = r#"
// ‹why›
// ‹what›
const publicUrl = process.env.PUBLIC_URL ?? "http://localhost:3000";
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
    code.add("class Rejected extends Error {}");
    code.gap();
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
/** Throws Rejected unless one of the secrets signed this request. `body`: a Buffer.‹now› */
export function verify(headers, body, secrets‹inputs›) {
";
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
        code.about(Topic::Content, content(recipe, "  "));
    }
    keys::compare(recipe, code);
    if let Some(time) = recipe.judged_time() {
        code.gap();
        judge(time, code);
    }
    code.add("}");
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

/// Reads a header that has to be there. Node gives header names in lower case.
fn value(name: &str, header: &str, code: &mut Code) {
    let template = r"
  const ‹name› = headers[‹header›];
  if (!‹name›) throw new Rejected(‹reason›);
";
    let (header, reason) = (quoted(&header.to_lowercase()), quoted(&words::missing(header)));
    code.about(Topic::Header, fill(template, &[("name", name), ("header", &header), ("reason", &reason)]));
}

fn signatures(recipe: &Recipe<'_>, code: &mut Code) {
    let signature = &recipe.signature;
    if signature.headers.is_empty() {
        return;
    }
    if signature.headers.len() > 1 {
        let names: Vec<_> = signature.headers.iter().map(|name| quoted(&name.to_lowercase())).collect();
        let template = r"
  // Each key has a header of its own.
  const names = [‹names›];
  const signatures = names.map((name) => headers[name]).filter(Boolean);
  if (signatures.length === 0) throw new Rejected(‹reason›);
";
        let reason = quoted(&words::missing(signature.headers[0]));
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
        return;
    }
    let Some(separator) = signature.separator else { return value("signature", signature.headers[0], code) };
    value("header", signature.headers[0], code);
    // Node joins headers that came more than once with a comma and a space.
    let joined = if signature.repeated && separator != ", " {
        format!(".replaceAll(\", \", {})", quoted(separator))
    } else {
        String::new()
    };
    code.about(Topic::Header, format!("  const signatures = header{joined}.split({});", quoted(separator)));
}

fn times(recipe: &Recipe<'_>, code: &mut Code) {
    let Some(time) = &recipe.time else { return };
    match time.place {
        Place::Found | Place::Body(_) => {}
        Place::Header(header) => value("timestamp", header, code),
        Place::Part { before, after } => {
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
            let reason = quoted(&words::no_time(recipe));
            code.about(
                Topic::Header,
                fill(template, &[("test", &test), ("from", &from), ("reason", &reason)]),
            );
        }
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
        TimestampUnit::S | TimestampUnit::Ms => "Number(timestamp)",
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
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", request.method",
            Input::Url => ", url",
            Input::NowSeconds => ", Math.floor(Date.now() / 1000)",
            Input::NowMillis => ", Date.now()",
        })
        .collect();
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
        &[("inputs", &inputs), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Utf16)
}

//! Ruby: OpenSSL of the standard library, and webrick around it.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Piece, Place, Recipe, Run, Time};
use crate::words;

/// What the server around it takes.
pub(crate) const DEPENDENCIES: &[&str] = &["gem install webrick"];

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    if recipe.has_certificate() {
        code.about(Topic::Secret, keys::PUBLIC_KEY);
        code.gap();
    }
    server(recipe, &mut code);
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r#"
# ‹headline›
# Ruby 3, and the gem webrick for the server: WEBHOOK_SECRET=… ruby receiver.rb
# Under Rack, `headers` is made of HTTP_… in the environment and `body` is rack.input, read once.
require "openssl"
"#;
    code.add(fill(template, &[("headline", &words::headline(recipe))]));
    if recipe.judged_time().is_some_and(|time| time.unit == TimestampUnit::Iso) {
        code.add("require \"time\"");
    }
    if recipe.has(Piece::Path) {
        code.add("require \"uri\"");
    }
    if recipe.reads_json() {
        code.add("require \"json\"");
    }
    match recipe.finds {
        Some(Find::Paypal) => code.add("require \"zlib\""),
        Some(Find::HashInUrl) => code.add("require \"uri\""),
        _ => {}
    }
    code.gap();
    let secrets = r#"
# ‹rotation›
SECRETS = ENV.values_at("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS").reject { |secret| secret.to_s.empty? }
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.needs_url() {
        let url = r#"
# ‹why›
# ‹what›
PUBLIC_URL = ENV.fetch("PUBLIC_URL", "http://localhost:3000")
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
    code.add("class Rejected < StandardError; end");
    code.gap();
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
# Raises Rejected unless one of the secrets signed this request. `headers`: a hash, names in lower case.‹now›
def verify(headers, body, secrets‹inputs›)
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
    code.add("end");
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
  ‹name› = headers[‹header›].to_s
  raise Rejected, ‹reason› if ‹name›.empty?
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
  # Each key has a header of its own.
  signatures = headers.values_at(‹names›).compact
  raise Rejected, ‹reason› if signatures.empty?
";
        let reason = quoted(&words::missing(signature.headers[0]));
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
        return;
    }
    let Some(separator) = signature.separator else { return value("signature", signature.headers[0], code) };
    value("header", signature.headers[0], code);
    // A string of one space would split at any white space.
    let pattern = if separator == " " { "/ /".to_owned() } else { quoted(separator) };
    let joined = if signature.repeated && separator != ", " {
        format!(".gsub(\", \", {})", quoted(separator))
    } else {
        String::new()
    };
    code.about(Topic::Header, format!("  signatures = header{joined}.split({pattern})"));
}

fn times(recipe: &Recipe<'_>, code: &mut Code) {
    let Some(time) = &recipe.time else { return };
    match time.place {
        Place::Found | Place::Body(_) => {}
        Place::Header(header) => value("timestamp", header, code),
        Place::Part { before, after } => {
            let template = r"
  timestamp = signatures.find { |part| ‹test› }.to_s‹trimmed›
  raise Rejected, ‹reason› if timestamp.empty?
";
            let mut test = format!("part.start_with?({})", quoted(before));
            let mut trimmed = format!(".delete_prefix({})", quoted(before));
            if !after.is_empty() {
                test = format!("{test} && part.end_with?({})", quoted(after));
                trimmed = format!("{trimmed}.delete_suffix({})", quoted(after));
            }
            let reason = quoted(&words::no_time(recipe));
            let values = [("test", test.as_str()), ("trimmed", &trimmed), ("reason", &reason)];
            code.about(Topic::Header, fill(template, &values));
        }
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => format!("{}.b", text(pieces)),
            Run::Bytes(Piece::Form) => "form_sorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    format!("{indent}content = {}", runs.join(" + "))
}

fn text(pieces: &[Piece<'_>]) -> String {
    let inside: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text, "\"#", Beyond::Braced),
            Piece::Id => "#{id}".to_owned(),
            Piece::Timestamp => "#{timestamp}".to_owned(),
            Piece::Method => "#{method}".to_owned(),
            Piece::Path => "#{URI(url).path}".to_owned(),
            Piece::Account => "#{account}".to_owned(),
            Piece::Found(name) => format!("#{{{name}}}"),
            _ => "#{url}".to_owned(),
        })
        .collect();
    match pieces {
        [Piece::Text(_)] | [_, _, ..] => format!("\"{inside}\""),
        _ => inside.trim_start_matches("#{").trim_end_matches('}').to_owned(),
    }
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let template = r#"
  # The time stands in the body. One without it is held to none.
  timestamp = JSON.parse(body).dig(‹names›).to_s rescue ""
  return if timestamp.empty?
"#;
        code.about(Topic::Time, fill(template, &[("names", &names.join(", "))]));
    }
    code.about(Topic::Time, match time.unit {
        TimestampUnit::Iso => r#"
  signed_at = Time.iso8601(timestamp) rescue raise(Rejected, "the time of signing cannot be read")
  age = now - (signed_at.to_r * 1000).to_i
"#,
        TimestampUnit::S | TimestampUnit::Ms => r#"
  signed_at = Integer(timestamp, 10, exception: false) or raise Rejected, "the time of signing is not a number"
  age = now - signed_at
"#,
    });
    for (limit, reason) in time.rules("age") {
        code.about(Topic::Time, format!("  raise Rejected, {} if {limit}", quoted(reason)));
    }
}

fn form(code: &mut Code) {
    let template = r#"
# ‹why›
def form_sorted(body)
  decode = ->(text) { text.tr("+", " ").gsub(/%(\h\h)/n) { $1.hex.chr } }
  fields = body.b.split("&").reject(&:empty?)
  pairs = fields.map do |field|
    name, _, value = field.partition("=")
    [decode.(name), decode.(value)]
  end
  pairs.uniq.sort.join
end
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add(
        r#"
if $PROGRAM_NAME == __FILE__
  require "webrick"

  abort "WEBHOOK_SECRET is not set" if SECRETS.empty?
"#,
    );
    if recipe.has_certificate() {
        code.about(Topic::Secret, "  SECRETS.each { |secret| public_key(secret) }");
    }
    code.add(
        r#"
  server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ENV.fetch("PORT", 3000).to_i)
  server.mount_proc("/") do |request, response|
"#,
    );
    code.about(
        Topic::Header,
        "    headers = request.header.transform_values { |values| values.join(\", \") }",
    );
    let body = r"
    # ‹raw›
    body = request.body.to_s.b
";
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        code.about(Topic::Url, "    url = PUBLIC_URL + request.unparsed_uri");
    }
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", request.request_method",
            Input::Url => ", url",
            Input::NowSeconds => ", Time.now.to_i",
            Input::NowMillis => ", Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)",
        })
        .collect();
    let rest = r#"
    verify(headers, body, SECRETS‹inputs›)
    # ‹after›
    response.status = ‹status›
  rescue Rejected => reason
    response.status = 401
    response["Content-Type"] = "text/plain"
    response.body = reason.message
  end
  trap("INT") { server.shutdown }
  server.start
end
"#;
    code.add(fill(
        rest,
        &[("inputs", &inputs), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    if text.contains('#') {
        return format!("\"{}\"", escaped(text, "\"#", Beyond::Braced));
    }
    double_quoted(text, Beyond::Braced)
}

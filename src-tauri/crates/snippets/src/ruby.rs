//! Ruby: OpenSSL of the standard library, and webrick around it.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Piece, Place, Public, Recipe, Run, Time};
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
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
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

/// What the verifying function is declared with.
const PARAMETERS: Inputs = Inputs { method: ", method", url: ", url", seconds: ", now", millis: ", now" };

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
# Raises Rejected unless one of the secrets signed this request. `headers`: a hash, names in lower case.‹now›
def verify(headers, body, secrets‹inputs›)
";
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &PARAMETERS.of(recipe))]));
    steps::<Ruby>(recipe, code);
    code.add("end");
    code.gap();
}

struct Ruby;

impl Dialect for Ruby {
    const INDENT: &'static str = "  ";
    const INNER: &'static str = "    ";
    const EACH_SECRET: &'static str = "  matched = secrets.any? do |secret|";
    const NONE_FITTED: &'static str = "  end\n  raise Rejected, ‹reason› unless matched";
    const TEXT_KEY: &'static str = "    key = secret.b";
    const READ_KEY: &'static str = "    key = key_of(secret)";
    const ACCOUNT: &'static str = "    account = secret.lines.first.strip";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        if text.contains('#') {
            return format!("\"{}\"", escaped(text, "\"#", Beyond::Braced));
        }
        double_quoted(text, Beyond::Braced)
    }

    fn header(name: &str) -> String {
        name.to_lowercase()
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r"
  ‹name› = headers[‹header›].to_s
  raise Rejected, ‹reason› if ‹name›.empty?
";
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r"
  # Each key has a header of its own.
  signatures = headers.values_at(‹names›).compact
  raise Rejected, ‹reason› if signatures.empty?
";
        fill(template, &[("names", names), ("reason", reason)])
    }

    /// The server joins headers that came more than once with a comma and a space.
    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let joined =
            if separator == ", " { String::new() } else { format!(".gsub(\", \", {})", quoted(separator)) };
        let split = format!("  signatures = header{joined}.split({})", pattern(separator));
        format!("{}\n{split}", Self::value("header", header, reason).trim_matches('\n'))
    }

    fn behind(word: &str) -> String {
        let template = r#"
  # ‹why›
  signature = header.b.sub(/\A‹word› +/i, "‹word› ").force_encoding(header.encoding)
"#;
        fill(template, &[("word", word), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("  signatures = header.split({})", pattern(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
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
        fill(template, &[("test", &test), ("trimmed", &trimmed), ("reason", reason)])
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

/// A string of one space would split at any white space.
fn pattern(separator: &str) -> String {
    if separator == " " { "/ /".to_owned() } else { quoted(separator) }
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
    code.about(
        Topic::Time,
        match time.unit {
            TimestampUnit::Iso => {
                r#"
  signed_at = Time.iso8601(timestamp) rescue raise(Rejected, "the time of signing cannot be read")
  age = now - (signed_at.to_r * 1000).to_i
"#
            }
            TimestampUnit::S | TimestampUnit::Ms => {
                r#"
  # Digits alone: Integer() reads more.
  raise Rejected, "the time of signing is not a number" unless timestamp.b.match?(/\A[0-9]{1,18}\z/)
  age = now - timestamp.to_i
"#
            }
        },
    );
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

/// What it is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", request.request_method",
    url: ", url",
    seconds: ", Time.now.to_i",
    millis: ", Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)",
};

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add(
        r#"
if $PROGRAM_NAME == __FILE__
  require "webrick"

  abort "WEBHOOK_SECRET is not set" if SECRETS.empty?
"#,
    );
    if recipe.reads_key() {
        let check = r"
  # ‹why›
  begin
    SECRETS.each { |secret| key_of(secret) }
  rescue ArgumentError => reason
    abort reason.message
  end
";
        code.about(Topic::Secret, fill(check, &[("why", words::AT_THE_START)]));
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
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    Ruby::quoted(text)
}

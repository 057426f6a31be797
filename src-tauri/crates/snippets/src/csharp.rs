//! C#: a minimal API on .NET 8.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, KeyForm, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

/// What makes the project that the file goes into, and what .NET lacks.
pub(crate) fn dependencies(recipe: &Recipe<'_>) -> Vec<String> {
    let mut commands = vec!["dotnet new web --name Receiver"];
    if recipe.proof == Proof::Public(Public::Ed25519) {
        commands.push("dotnet add Receiver package BouncyCastle.Cryptography");
    }
    if recipe.finds == Some(Find::Paypal) {
        commands.push("dotnet add Receiver package System.IO.Hashing");
    }
    commands.into_iter().map(str::to_owned).collect()
}

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    server(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    if recipe.has_certificate() {
        code.about(Topic::Secret, keys::KEY_OF);
        code.gap();
    }
    code.add("class Rejected(string reason) : Exception(reason);");
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r"
// ‹headline›
// .NET 8 or newer, in the place of a new web project's Program.cs: WEBHOOK_SECRET=… dotnet run
";
    code.add(fill(template, &[("headline", &words::headline(recipe))]));
    if recipe.judged_time().is_some_and(|time| time.unit == TimestampUnit::Iso) {
        code.add("using System.Globalization;");
    }
    code.add("using System.Security.Cryptography;");
    if matches!(recipe.key, KeyForm::Certificate | KeyForm::IdAndCertificate) {
        code.add("using System.Security.Cryptography.X509Certificates;");
    }
    code.add("using System.Text;");
    if recipe.reads_json() {
        code.add("using System.Text.Json;\nusing System.Text.Json.Nodes;");
    }
    if recipe.proof == Proof::Public(Public::Ed25519) {
        code.add("using Org.BouncyCastle.Crypto.Parameters;\nusing Org.BouncyCastle.Crypto.Signers;");
    }
    code.gap();
    let secrets = r#"
// ‹rotation›
string[] names = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"];
string[] secrets = [.. names.Select(Environment.GetEnvironmentVariable).OfType<string>().Where(secret => secret != "")];
if (secrets.Length == 0) throw new InvalidOperationException("WEBHOOK_SECRET is not set");
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.has_certificate() {
        // One that is malformed throws here, at the start.
        code.about(Topic::Secret, "foreach (var secret in secrets) KeyOf(secret).Dispose();");
    }
    if recipe.needs_url() {
        let url = r#"
// ‹why›
// ‹what›
var publicUrl = Environment.GetEnvironmentVariable("PUBLIC_URL") ?? "http://localhost:3000";
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
var app = WebApplication.Create(args);
app.Run(async context =>
{
    var request = context.Request;
";
    code.add(opening);
    let body = r"
    // ‹raw›
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
";
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        // The target as it was sent: paths in ASP.NET are decoded.
        let url = r"
    var target = context.Features.GetRequiredFeature<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>().RawTarget;
    var url = publicUrl + target;
";
        code.about(Topic::Url, url);
    }
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", request.Method",
            Input::Url => ", url",
            Input::NowSeconds => ", DateTimeOffset.UtcNow.ToUnixTimeSeconds()",
            Input::NowMillis => ", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()",
        })
        .collect();
    let rest = r#"
    try
    {
        Verify(request.Headers, body, secrets‹inputs›);
        // ‹after›
        context.Response.StatusCode = ‹status›;
    }
    catch (Rejected rejected)
    {
        context.Response.StatusCode = 401;
        await context.Response.WriteAsync(rejected.Message);
    }
});
app.Run($"http://localhost:{Environment.GetEnvironmentVariable("PORT") ?? "3000"}");
"#;
    code.add(fill(
        rest,
        &[("inputs", &inputs), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
    code.gap();
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
// Throws Rejected unless one of the secrets signed this request.‹now›
static void Verify(IHeaderDictionary headers, byte[] body, string[] secrets‹inputs›)
{
";
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", string method",
            Input::Url => ", string url",
            Input::NowSeconds | Input::NowMillis => ", long now",
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

fn value(name: &str, header: &str, code: &mut Code) {
    let template = r#"
    var ‹name› = headers[‹header›].ToString();
    if (‹name› == "") throw new Rejected(‹reason›);
"#;
    let (header, reason) = (quoted(header), quoted(&words::missing(header)));
    code.about(Topic::Header, fill(template, &[("name", name), ("header", &header), ("reason", &reason)]));
}

fn signatures(recipe: &Recipe<'_>, code: &mut Code) {
    let signature = &recipe.signature;
    if signature.headers.is_empty() {
        return;
    }
    let first = quoted(signature.headers[0]);
    let reason = quoted(&words::missing(signature.headers[0]));
    let separator = quoted(signature.separator.unwrap_or_default());
    if signature.headers.len() > 1 {
        let names: Vec<_> = signature.headers.iter().map(|name| quoted(name)).collect();
        let template = r#"
    // Each key has a header of its own.
    string[] names = [‹names›];
    string[] signatures = [.. names.Select(name => headers[name].ToString()).Where(value => value != "")];
    if (signatures.Length == 0) throw new Rejected(‹reason›);
"#;
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
    } else if signature.repeated {
        let template = r"
    // The header comes once for each key, or with several values in it.
    string[] signatures = [.. headers[‹header›].OfType<string>().SelectMany(value => value.Split(‹separator›))];
    if (signatures.Length == 0) throw new Rejected(‹reason›);
";
        let values = [("header", first.as_str()), ("separator", &separator), ("reason", &reason)];
        code.about(Topic::Header, fill(template, &values));
    } else if signature.separator.is_some() {
        value("header", signature.headers[0], code);
        code.about(Topic::Header, format!("    var signatures = header.Split({separator});"));
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
    var timestamp = signatures.FirstOrDefault(part => ‹test›)?[‹range›];
    if (timestamp is null) throw new Rejected(‹reason›);
";
            let mut test = format!("part.StartsWith({}, StringComparison.Ordinal)", quoted(before));
            let mut range = format!("{}..", before.encode_utf16().count());
            if !after.is_empty() {
                test = format!("{test} && part.EndsWith({}, StringComparison.Ordinal)", quoted(after));
                range = format!("{range}^{}", after.encode_utf16().count());
            }
            let reason = quoted(&words::no_time(recipe));
            code.about(
                Topic::Header,
                fill(template, &[("test", &test), ("range", &range), ("reason", &reason)]),
            );
        }
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => format!("Encoding.UTF8.GetBytes({})", text(pieces)),
            Run::Bytes(Piece::Form) => "FormSorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    match runs.as_slice() {
        [one] => format!("{indent}var content = {one};"),
        several => format!("{indent}byte[] content = [.. {}];", several.join(", .. ")),
    }
}

fn text(pieces: &[Piece<'_>]) -> String {
    let inside: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text, "\"", Beyond::Utf16).replace('{', "{{").replace('}', "}}"),
            Piece::Id => "{id}".to_owned(),
            Piece::Timestamp => "{timestamp}".to_owned(),
            Piece::Method => "{method}".to_owned(),
            Piece::Path => "{new Uri(url).AbsolutePath}".to_owned(),
            Piece::Account => "{account}".to_owned(),
            Piece::Found(name) => format!("{{{name}}}"),
            _ => "{url}".to_owned(),
        })
        .collect();
    match pieces {
        [Piece::Text(text)] => quoted(text),
        [_] => inside.trim_start_matches('{').trim_end_matches('}').to_owned(),
        _ => format!("$\"{inside}\""),
    }
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path = names.iter().map(|name| format!("?[{}]", quoted(name))).collect::<Vec<_>>().concat();
        let template = r"
    // The time stands in the body. One without it is held to none.
    string? timestamp = null;
    try
    {
        timestamp = JsonNode.Parse(body)‹path›?.ToString();
    }
    catch (Exception without) when (without is JsonException or InvalidOperationException)
    {
    }
    if (timestamp is null) return;
";
        code.about(Topic::Time, fill(template, &[("path", &path)]));
    }
    code.about(Topic::Time, match time.unit {
        TimestampUnit::Iso => r#"
    if (!DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt))
        throw new Rejected("the time of signing cannot be read");
    var age = now - signedAt.ToUnixTimeMilliseconds();
"#,
        TimestampUnit::S | TimestampUnit::Ms => r#"
    if (!long.TryParse(timestamp, out var signedAt)) throw new Rejected("the time of signing is not a number");
    var age = now - signedAt;
"#,
    });
    for (limit, reason) in time.rules("age") {
        code.about(Topic::Time, format!("    if ({limit}) throw new Rejected({});", quoted(reason)));
    }
}

fn form(code: &mut Code) {
    let template = r#"
// ‹why›
static byte[] FormSorted(byte[] body)
{
    // Latin-1 gives each byte a character of its own.
    var fields = Encoding.Latin1.GetString(body).Split('&', StringSplitOptions.RemoveEmptyEntries);
    var pairs = fields.Select(field => field.Split('=', 2).Append("").Select(Decoded).ToArray())
        .Select(sides => (Name: sides[0], Value: sides[1])).Distinct()
        .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal);
    return Encoding.Latin1.GetBytes(string.Concat(pairs.Select(pair => pair.Name + pair.Value)));
}

static string Decoded(string text)
{
    var bytes = System.Net.WebUtility.UrlDecodeToBytes(Encoding.Latin1.GetBytes(text), 0, text.Length);
    return Encoding.Latin1.GetString(bytes);
}
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Utf16)
}

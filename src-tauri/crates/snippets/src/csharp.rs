//! C#: a minimal API on .NET 8.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Piece, Place, Proof, Public, Recipe, Run, Time};
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
    if recipe.reads_json() {
        code.add(found::JSON);
        code.gap();
    }
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
        code.gap();
    }
    let fail = r"
static void Fail(string reason)
{
    Console.Error.WriteLine(reason);
    Environment.Exit(1);
}
";
    code.add(fail);
    code.gap();
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
    if recipe.has_certificate() {
        code.add("using System.Security.Cryptography.X509Certificates;");
    }
    code.add("using System.Text;");
    if recipe.reads_json() {
        code.add("using System.Text.Json;\nusing System.Text.Json.Nodes;");
    }
    if recipe.needs_url() {
        code.add("using Microsoft.AspNetCore.Http.Features;");
    }
    if recipe.proof == Proof::Public(Public::Ed25519) {
        code.add("using Org.BouncyCastle.Crypto.Parameters;\nusing Org.BouncyCastle.Crypto.Signers;");
    }
    code.gap();
    let secrets = r#"
// ‹rotation›
var names = new[] { "WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS" };
var secrets = names.Select(name => Environment.GetEnvironmentVariable(name) ?? "").Where(text => text != "").ToArray();
if (secrets.Length == 0) Fail("WEBHOOK_SECRET is not set");
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.reads_key() {
        let check = r"
// ‹why›
try
{
    foreach (var secret in secrets) KeyOf(secret);
}
catch (InvalidOperationException malformed)
{
    Fail(malformed.Message);
}
";
        code.about(Topic::Secret, fill(check, &[("why", words::AT_THE_START)]));
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

/// What the verifying function is declared with.
const PARAMETERS: Inputs =
    Inputs { method: ", string method", url: ", string url", seconds: ", long now", millis: ", long now" };

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
// Throws Rejected unless one of the secrets signed this request.‹now›
static void Verify(IHeaderDictionary headers, byte[] body, string[] secrets‹inputs›)
{
";
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &PARAMETERS.of(recipe))]));
    steps::<CSharp>(recipe, code);
    code.add("}");
    code.gap();
}

struct CSharp;

impl Dialect for CSharp {
    const INDENT: &'static str = "    ";
    const INNER: &'static str = "        ";
    const EACH_SECRET: &'static str = "    var matched = false;\n    foreach (var secret in secrets)\n    {";
    const NONE_FITTED: &'static str = "    }\n    if (!matched) throw new Rejected(‹reason›);";
    const TEXT_KEY: &'static str = "        var key = Encoding.UTF8.GetBytes(secret);";
    const READ_KEY: &'static str = "        var key = KeyOf(secret);";
    const ACCOUNT: &'static str = "        var account = secret.Split('\\n', 2)[0].Trim();";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        double_quoted(text, Beyond::Utf16)
    }

    fn read_key(recipe: &Recipe<'_>) -> &'static str {
        match recipe.proof {
            Proof::Public(Public::Ecdsa | Public::Rsa | Public::RsaOverSaidHash) => {
                "        using var key = KeyOf(secret);"
            }
            _ => Self::READ_KEY,
        }
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r#"
    var ‹name› = headers[‹header›].ToString();
    if (‹name› == "") throw new Rejected(‹reason›);
"#;
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r#"
    // Each key has a header of its own.
    var names = new[] { ‹names› };
    var signatures = names.Select(name => headers[name].ToString()).Where(value => value != "").ToArray();
    if (signatures.Length == 0) throw new Rejected(‹reason›);
"#;
        fill(template, &[("names", names), ("reason", reason)])
    }

    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let template = r"
    // The header comes once for each key, or with several values in it.
    var signatures = headers[‹header›].OfType<string>().SelectMany(value => value.Split(‹separator›)).ToArray();
    if (signatures.Length == 0) throw new Rejected(‹reason›);
";
        fill(template, &[("header", header), ("separator", &quoted(separator)), ("reason", reason)])
    }

    fn behind(word: &str) -> String {
        let template = r#"
    // ‹why›
    var isNamed = header.StartsWith("‹word› ", StringComparison.OrdinalIgnoreCase);
    var signature = isNamed ? "‹word› " + header.Substring(‹length›).Trim() : header;
"#;
        let length = (word.len() + 1).to_string();
        fill(template, &[("word", word), ("length", &length), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("    var signatures = header.Split({});", quoted(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
        let template = r#"
    var dated = signatures.FirstOrDefault(part => ‹test›) ?? "";
    if (dated == "") throw new Rejected(‹reason›);
    var timestamp = ‹text›;
"#;
        let test = keys::stands_between("part", before, after);
        let text = keys::between("dated", before, after);
        fill(template, &[("test", &test), ("text", &text), ("reason", reason)])
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
            Run::Text(pieces) => format!("Encoding.UTF8.GetBytes({})", text(pieces)),
            Run::Bytes(Piece::Form) => "FormSorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    match runs.as_slice() {
        [one] => format!("{indent}var content = {one};"),
        [first, further @ ..] => {
            let further = further.join(").Concat(");
            format!("{indent}var content = {first}.Concat({further}).ToArray();")
        }
        [] => String::new(),
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
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let template = r#"
    // The time stands in the body. One without it is held to none.
    var timestamp = "";
    try
    {
        timestamp = TextAt(Parsed(body), ‹names›);
    }
    catch (Rejected)
    {
    }
    if (timestamp == "") return;
"#;
        code.about(Topic::Time, fill(template, &[("names", &names.join(", "))]));
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

/// What it is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", request.Method",
    url: ", url",
    seconds: ", DateTimeOffset.UtcNow.ToUnixTimeSeconds()",
    millis: ", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()",
};

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
    var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
";
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        // The target as it was sent: paths in ASP.NET are decoded.
        let url = r"
    var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
    var url = publicUrl + target;
";
        code.about(Topic::Url, url);
    }
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
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
    code.gap();
}

fn quoted(text: &str) -> String {
    CSharp::quoted(text)
}

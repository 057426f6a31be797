//! Java: the JDK alone, in one file.

mod bytes;
mod found;
mod imports;
mod keys;
mod server;

pub(crate) use imports::dependencies;

use hookbench_signing::TimestampUnit;

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, double_quoted};
use crate::recipe::{Find, Piece, Place, Public, Recipe, Run, Time};
use crate::words;

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        bytes::form(&mut code);
    }
    if imports::joins(recipe) {
        bytes::join(&mut code);
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    if matches!(recipe.finds, Some(Find::Adyen | Find::Sns)) {
        code.about(Topic::Content, found::FIELD);
        code.gap();
    }
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
        code.gap();
    }
    server::server(recipe, &mut code);
    code.add("}");
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r"
// ‹headline›
// Java 17 or newer, ‹needs›: WEBHOOK_SECRET=… java ‹path›Receiver.java
";
    let (needs, path) = if recipe.reads_json() {
        ("and the library Gson", "-cp gson-2.13.2.jar ")
    } else {
        ("nothing to install", "")
    };
    let values =
        [("headline", words::headline(recipe)), ("needs", needs.to_owned()), ("path", path.to_owned())];
    code.add(fill(template, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
    for import in imports::imports(recipe) {
        code.add(format!("import {import};"));
    }
    code.gap();
    code.add("public class Receiver {");
    let secrets = r#"
    // ‹rotation›
    static final List<String> SECRETS = Stream.of("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS")
        .map(System::getenv).filter(secret -> secret != null && !secret.isEmpty()).toList();
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.needs_url() {
        let url = r#"
    // ‹why›
    // ‹what›
    static final String PUBLIC_URL = System.getenv().getOrDefault("PUBLIC_URL", "http://localhost:3000");
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
    let rejected = r"
    static class Rejected extends Exception {
        Rejected(String reason) {
            super(reason);
        }
    }
";
    code.add(rejected);
    code.gap();
}

/// What the verifying function is declared with.
const PARAMETERS: Inputs =
    Inputs { method: ", String method", url: ", String url", seconds: ", long now", millis: ", long now" };

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
    /** Throws Rejected unless one of the secrets signed this request.‹now› */
    static void verify(Headers headers, byte[] body, List<String> secrets‹inputs›)
            throws Rejected, GeneralSecurityException {
";
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &PARAMETERS.of(recipe))]));
    steps::<Java>(recipe, code);
    code.add("    }");
    code.gap();
    let bytes = r"
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
";
    code.add(bytes);
    code.gap();
}

struct Java;

impl Dialect for Java {
    const INDENT: &'static str = "        ";
    const INNER: &'static str = "            ";
    const EACH_SECRET: &'static str =
        "        boolean matched = false;\n        for (String secret : secrets) {";
    const NONE_FITTED: &'static str =
        "        }\n        if (!matched) {\n            throw new Rejected(‹reason›);\n        }";
    const TEXT_KEY: &'static str = "            byte[] key = bytes(secret);";
    const READ_KEY: &'static str = "            var key = keyOf(secret);";
    const ACCOUNT: &'static str = "            String account = secret.split(\"\\n\", 2)[0].trim();";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        double_quoted(text, Beyond::Utf16)
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r"
        String ‹name› = headers.getFirst(‹header›);
        if (‹name› == null || ‹name›.isEmpty()) {
            throw new Rejected(‹reason›);
        }
";
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r"
        // Each key has a header of its own.
        List<String> signatures = Stream.of(‹names›)
            .map(headers::getFirst).filter(value -> value != null).toList();
        if (signatures.isEmpty()) {
            throw new Rejected(‹reason›);
        }
";
        fill(template, &[("names", names), ("reason", reason)])
    }

    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let template = r"
        // The header comes once for each key, or with several values in it.
        List<String> signatures = headers.getOrDefault(‹header›, List.of()).stream()
            .flatMap(value -> Stream.of(value.split(Pattern.quote(‹separator›)))).toList();
        if (signatures.isEmpty()) {
            throw new Rejected(‹reason›);
        }
";
        fill(template, &[("header", header), ("separator", &quoted(separator)), ("reason", reason)])
    }

    fn behind(word: &str) -> String {
        let template = r#"
        // ‹why›
        String signature = header.replaceFirst("(?i)^‹word› +", "‹word› ");
"#;
        fill(template, &[("word", word), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!(
            "        List<String> signatures = List.of(header.split(Pattern.quote({})));",
            quoted(separator)
        )
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
        let template = r"
        String timestamp = signatures.stream().filter(part -> ‹test›)
            .map(part -> part.substring(‹range›)).findFirst()
            .orElseThrow(() -> new Rejected(‹reason›));
";
        let mut test = format!("part.startsWith({})", quoted(before));
        let start = before.encode_utf16().count();
        let mut range = start.to_string();
        if !after.is_empty() {
            let end = after.encode_utf16().count();
            test = format!("part.length() >= {} && {test} && part.endsWith({})", start + end, quoted(after));
            range = format!("{range}, part.length() - {end}");
        }
        fill(template, &[("test", &test), ("range", &range), ("reason", reason)])
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
            Run::Text(pieces) => format!("bytes({})", text(pieces)),
            Run::Bytes(Piece::Form) => "formSorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    match runs.as_slice() {
        [one] => format!("{indent}byte[] content = {one};"),
        several => format!("{indent}byte[] content = join({});", several.join(", ")),
    }
}

fn text(pieces: &[Piece<'_>]) -> String {
    let pieces: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => quoted(text),
            Piece::Id => "id".to_owned(),
            Piece::Timestamp => "timestamp".to_owned(),
            Piece::Method => "method".to_owned(),
            Piece::Path => "URI.create(url).getRawPath()".to_owned(),
            Piece::Account => "account".to_owned(),
            Piece::Found(name) => (*name).to_owned(),
            _ => "url".to_owned(),
        })
        .collect();
    pieces.join(" + ")
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let (last, path) = names.split_last().map(|(last, path)| (quoted(last), path)).unwrap_or_default();
        let path = path
            .iter()
            .map(|name| format!(".getAsJsonObject({})", quoted(name)))
            .collect::<Vec<_>>()
            .concat();
        let template = r"
        // The time stands in the body. One without it is held to none.
        String timestamp;
        try {
            timestamp = JsonParser.parseString(new String(body, StandardCharsets.UTF_8))
                .getAsJsonObject()‹path›.get(‹last›).getAsString();
        } catch (RuntimeException without) {
            return;
        }
";
        code.about(Topic::Time, fill(template, &[("path", &path), ("last", &last)]));
    }
    let (read, fault) = match time.unit {
        TimestampUnit::Iso => {
            ("OffsetDateTime.parse(timestamp).toInstant().toEpochMilli()", "DateTimeException")
        }
        TimestampUnit::S | TimestampUnit::Ms => ("Long.parseLong(timestamp)", "NumberFormatException"),
    };
    let template = r#"
        long age;
        try {
            age = now - ‹read›;
        } catch (‹fault› error) {
            throw new Rejected("the time of signing cannot be read");
        }
"#;
    code.about(Topic::Time, fill(template, &[("read", read), ("fault", fault)]));
    for (limit, reason) in time.rules("age") {
        let rule = format!(
            "        if ({limit}) {{\n            throw new Rejected({});\n        }}",
            quoted(reason)
        );
        code.about(Topic::Time, rule);
    }
}

fn quoted(text: &str) -> String {
    Java::quoted(text)
}

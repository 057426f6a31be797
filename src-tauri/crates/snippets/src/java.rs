//! Java: the JDK alone, in one file.

mod found;
mod keys;

use std::collections::BTreeSet;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, double_quoted};
use crate::recipe::{Find, KeyForm, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if joins(recipe) {
        join(&mut code);
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    if matches!(recipe.finds, Some(Find::Adyen | Find::Sns)) {
        code.about(Topic::Content, found::FIELD);
        code.gap();
    }
    if recipe.has_certificate() {
        code.about(Topic::Secret, keys::KEY_OF);
        code.gap();
    }
    server(recipe, &mut code);
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
    for import in imports(recipe) {
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

/// True where bytes are put together.
fn joins(recipe: &Recipe<'_>) -> bool {
    let raw_key = recipe.proof == Proof::Public(Public::Ed25519) && recipe.key != KeyForm::Pem;
    recipe.runs().len() > 1 || raw_key
}

/// What reads JSON, which the JDK does not.
pub(crate) fn dependencies(recipe: &Recipe<'_>) -> Vec<String> {
    let gson = "curl -O https://repo1.maven.org/maven2/com/google/code/gson/gson/2.13.2/gson-2.13.2.jar";
    recipe.reads_json().then(|| gson.to_owned()).into_iter().collect()
}

fn imports(recipe: &Recipe<'_>) -> BTreeSet<&'static str> {
    let mut imports = BTreeSet::from([
        "com.sun.net.httpserver.Headers",
        "com.sun.net.httpserver.HttpServer",
        "java.net.InetSocketAddress",
        "java.nio.charset.StandardCharsets",
        "java.security.GeneralSecurityException",
        "java.util.List",
        "java.util.stream.Stream",
    ]);
    match recipe.proof {
        Proof::Hmac(_) => imports.extend([
            "java.security.MessageDigest",
            "javax.crypto.Mac",
            "javax.crypto.spec.SecretKeySpec",
        ]),
        Proof::Plain(_) | Proof::Token | Proof::TokenInBase64 => {
            imports.extend(["java.security.MessageDigest"]);
        }
        Proof::Public(public) => {
            imports.extend([
                "java.security.PublicKey",
                "java.security.Signature",
                "java.security.SignatureException",
            ]);
            imports.extend(match public {
                Public::Ed25519 | Public::Ecdsa => [].as_slice(),
                Public::Rsa | Public::RsaOverSaidHash => &[
                    "java.io.ByteArrayInputStream",
                    "java.security.cert.CertificateFactory",
                    "java.util.Base64",
                ],
            });
            imports.extend(["java.security.KeyFactory", "java.security.spec.X509EncodedKeySpec"]);
        }
    }
    let hex_key = recipe.key == KeyForm::Hex
        || (recipe.proof == Proof::Public(Public::Ed25519) && recipe.key != KeyForm::Pem);
    if recipe.encoding == Encoding::Hex || hex_key || recipe.finds == Some(Find::HashInUrl) {
        imports.insert("java.util.HexFormat");
    }
    let base64_key = matches!(recipe.key, KeyForm::Base64 { .. } | KeyForm::Base64Url | KeyForm::Pem);
    if (recipe.encoding != Encoding::Hex && recipe.proof != Proof::Token) || base64_key {
        imports.insert("java.util.Base64");
    }
    if recipe.reads_json() {
        imports.extend(["com.google.gson.JsonParseException", "com.google.gson.JsonParser"]);
    }
    match recipe.finds {
        Some(Find::Adyen | Find::Sns) => {
            imports.extend(["com.google.gson.JsonElement", "com.google.gson.JsonObject"]);
        }
        Some(Find::Mailgun) => imports.extend(["com.google.gson.JsonObject"]),
        Some(Find::Contentful) => imports.extend(["java.net.URI", "java.util.stream.Collectors"]),
        Some(Find::Paypal) => imports.extend(["java.util.zip.CRC32"]),
        Some(Find::HashInUrl) => imports.extend(["java.net.URI"]),
        None => {}
    }
    if recipe.signature.separator.is_some() {
        imports.insert("java.util.regex.Pattern");
    }
    if joins(recipe) {
        imports.insert("java.io.ByteArrayOutputStream");
    }
    if recipe.has(Piece::Form) {
        imports.extend(["java.net.URLDecoder", "java.util.TreeSet", "java.util.Comparator"]);
    }
    if recipe.has(Piece::Path) {
        imports.insert("java.net.URI");
    }
    if recipe.judged_time().is_some_and(|time| time.unit == TimestampUnit::Iso) {
        imports.extend(["java.time.DateTimeException", "java.time.OffsetDateTime"]);
    }
    imports
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
    /** Throws Rejected unless one of the secrets signed this request.‹now› */
    static void verify(Headers headers, byte[] body, List<String> secrets‹inputs›)
            throws Rejected, GeneralSecurityException {
";
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", String method",
            Input::Url => ", String url",
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
        code.about(Topic::Content, content(recipe, "        "));
    }
    keys::compare(recipe, code);
    if let Some(time) = recipe.judged_time() {
        code.gap();
        judge(time, code);
    }
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
        String ‹name› = headers.getFirst(‹header›);
        if (‹name› == null || ‹name›.isEmpty()) {
            throw new Rejected(‹reason›);
        }
";
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
        let template = r"
        // Each key has a header of its own.
        List<String> signatures = Stream.of(‹names›)
            .map(headers::getFirst).filter(value -> value != null).toList();
        if (signatures.isEmpty()) {
            throw new Rejected(‹reason›);
        }
";
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
    } else if signature.repeated {
        let template = r"
        // The header comes once for each key, or with several values in it.
        List<String> signatures = headers.getOrDefault(‹header›, List.of()).stream()
            .flatMap(value -> Stream.of(value.split(Pattern.quote(‹separator›)))).toList();
        if (signatures.isEmpty()) {
            throw new Rejected(‹reason›);
        }
";
        let values = [("header", first.as_str()), ("separator", &separator), ("reason", &reason)];
        code.about(Topic::Header, fill(template, &values));
    } else if signature.separator.is_some() {
        value("header", signature.headers[0], code);
        let split =
            format!("        List<String> signatures = List.of(header.split(Pattern.quote({separator})));");
        code.about(Topic::Header, split);
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
        String timestamp = signatures.stream().filter(part -> ‹test›)
            .map(part -> part.substring(‹range›)).findFirst()
            .orElseThrow(() -> new Rejected(‹reason›));
";
            let mut test = format!("part.startsWith({})", quoted(before));
            let start = before.encode_utf16().count();
            let mut range = start.to_string();
            if !after.is_empty() {
                let end = after.encode_utf16().count();
                test =
                    format!("part.length() >= {} && {test} && part.endsWith({})", start + end, quoted(after));
                range = format!("{range}, part.length() - {end}");
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
        } catch (JsonParseException | IllegalStateException | NullPointerException without) {
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

fn form(code: &mut Code) {
    let template = r#"
    /** ‹why› */
    static byte[] formSorted(byte[] body) {
        // Latin-1 gives each byte a character of its own.
        var fields = new String(body, StandardCharsets.ISO_8859_1).split("&");
        var pairs = new TreeSet<String[]>(
            Comparator.<String[], String>comparing(pair -> pair[0]).thenComparing(pair -> pair[1]));
        for (String field : fields) {
            if (!field.isEmpty()) {
                String[] sides = field.split("=", 2);
                pairs.add(new String[] {decode(sides[0]), sides.length > 1 ? decode(sides[1]) : ""});
            }
        }
        var joined = new StringBuilder();
        pairs.forEach(pair -> joined.append(pair[0]).append(pair[1]));
        return joined.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.ISO_8859_1);
    }
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn join(code: &mut Code) {
    let template = r"
    static byte[] join(byte[]... pieces) {
        var joined = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            joined.writeBytes(piece);
        }
        return joined.toByteArray();
    }
";
    code.about(Topic::Content, template);
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r#"
    public static void main(String[] args) throws Exception {
        if (SECRETS.isEmpty()) {
            throw new IllegalStateException("WEBHOOK_SECRET is not set");
        }
"#;
    code.add(opening);
    if recipe.has_certificate() {
        let check = r#"
        for (String secret : SECRETS) {
            try {
                keyOf(secret);
            } catch (GeneralSecurityException | RuntimeException error) {
                throw new IllegalStateException("WEBHOOK_SECRET holds neither a public key nor a certificate in PEM", error);
            }
        }
"#;
        code.about(Topic::Secret, check);
    }
    let opening = r#"
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
        var server = HttpServer.create(new InetSocketAddress("localhost", port), 0);
        server.createContext("/", exchange -> {
"#;
    code.add(opening);
    let body = r"
            // ‹raw›
            byte[] body = exchange.getRequestBody().readAllBytes();
";
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        code.about(Topic::Url, "            String url = PUBLIC_URL + exchange.getRequestURI();");
    }
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", exchange.getRequestMethod()",
            Input::Url => ", url",
            Input::NowSeconds => ", System.currentTimeMillis() / 1000",
            Input::NowMillis => ", System.currentTimeMillis()",
        })
        .collect();
    let rest = r"
            try {
                verify(exchange.getRequestHeaders(), body, SECRETS‹inputs›);
                // ‹after›
                exchange.sendResponseHeaders(‹status›, -1);
            } catch (Rejected rejected) {
                byte[] reason = bytes(rejected.getMessage());
                exchange.sendResponseHeaders(401, reason.length);
                exchange.getResponseBody().write(reason);
            } catch (GeneralSecurityException | RuntimeException error) {
                exchange.sendResponseHeaders(500, -1);
            } finally {
                exchange.close();
            }
        });
        server.start();
    }
";
    code.add(fill(
        rest,
        &[("inputs", &inputs), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Utf16)
}

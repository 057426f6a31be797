//! Bodies, and what happens to them on the way. Written apart from what diagnoses it: by `serde_json`, by
//! hand, by the libraries that compress.

use data_encoding::BASE64;
use hookbench_signing::CauseCode::{self, *};
use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) const NESTED: &[u8] = br#"{"id":"evt_1","type":"user.created","data":{"name":"Ada","tags":["a","b",[]],"empty":{},"none":null,"ok":true,"n":3}}"#;
pub(crate) const UNICODE: &str =
    r#"{"type":"note.added","id":"n_7","text":"Zoë Müller: 5 € – né 😀","author":"Jürgen"}"#;
pub(crate) const SLASHED: &[u8] = br#"{"url":"https://shop.example/a/b?c=1","path":"/x/y","id":17}"#;
pub(crate) const NUMBERS: &[u8] = br#"{"amount":12.50,"rate":1.0,"count":100,"weight":0.25,"list":[1,2,3]}"#;
pub(crate) const SPACED: &[u8] = br#"{"id": "evt_2", "zone": "eu", "data": {"b": [1, 2], "a": {}}}"#;
pub(crate) const INDENTED: &[u8] =
    b"{\n  \"id\": \"evt_3\",\n  \"data\": {\n    \"k\": [\n      1,\n      2\n    ]\n  },\n  \"a\": \"x\"\n}";
pub(crate) const FORM: &[u8] = b"From=%2B4179+123&Body=Hello+there%2C+you%21&To=%2A9&AccountSid=AC7f";
pub(crate) const LINES: &[u8] = b"first line\r\nsecond line\r\n\r\nend";
pub(crate) const BINARY: &[u8] = b"\x00\xff\xfe\x01payload\x80\x81\n\xc3\x28";
pub(crate) const LATIN: &str = "name=Zoë;city=Zürich;café";

/// A change on the way: what was signed, what arrives, what it is called.
pub(crate) struct Changed {
    pub(crate) name: &'static str,
    pub(crate) signed: Vec<u8>,
    pub(crate) arrives: Vec<u8>,
    pub(crate) codes: Vec<CauseCode>,
    /// The request says how the body is compressed.
    pub(crate) content_encoding: Option<&'static str>,
}

fn html_of(form: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(form).replace('&', "&amp;").into_bytes()
}

/// All changes.
pub(crate) fn changes() -> Vec<Changed> {
    let mut all = Vec::new();
    let mut add = |name, signed: &[u8], arrives: &[u8], codes: &[CauseCode]| {
        assert_ne!(signed, arrives, "{name}");
        all.push(Changed {
            name,
            signed: signed.to_vec(),
            arrives: arrives.to_vec(),
            codes: codes.to_vec(),
            content_encoding: None,
        });
    };
    for body in [NESTED, UNICODE.as_bytes(), SPACED, FORM, BINARY] {
        add("newline added", body, &with(body, b"\n"), &[BodyNewlineAdded]);
        add("CRLF added", body, &with(body, b"\r\n"), &[BodyNewlineAdded]);
        add("newline lost", &with(body, b"\n"), body, &[BodyNewlineLost]);
    }
    add("CRLF lost", &with(NESTED, b"\r\n"), NESTED, &[BodyNewlineLost]);
    for body in [NESTED, UNICODE.as_bytes(), LINES] {
        add("mark added", body, &[b"\xef\xbb\xbf", body].concat(), &[BodyBom]);
        add("mark lost", &[b"\xef\xbb\xbf", body].concat(), body, &[BodyBom]);
    }
    for (name, body) in [("nested", NESTED), ("unicode", UNICODE.as_bytes()), ("slashed", SLASHED)] {
        let indented = pretty(body, b"  ");
        add(name, body, &indented, &[BodyReserialized]);
        add(name, &indented, body, &[BodyReserialized]);
        add(name, &pretty(body, b"    "), body, &[BodyReserialized]);
        add(name, &pretty(body, b"\t"), body, &[BodyReserialized]);
        add(name, body, &pretty(body, b"   "), &[BodyReserialized]);
    }
    add("compacted", SPACED, &compact(SPACED), &[BodyReserialized]);
    add("spaced", &compact(SPACED), SPACED, &[BodyReserialized]);
    add("compacted", INDENTED, &compact(INDENTED), &[BodyReserialized]);
    add("indented", &compact(INDENTED), INDENTED, &[BodyReserialized]);
    for body in [NESTED, SLASHED] {
        add("signed sorted", &sorted(body), body, &[BodyKeysSorted]);
    }
    add(
        "sorted on the way",
        br#"{"type":"a","id":7,"at":1}"#,
        br#"{"at":1,"id":7,"type":"a"}"#,
        &[BodyKeysSorted],
    );
    for capitals in [false, true] {
        let escaped = escaped(UNICODE, capitals);
        add("unescaped", &escaped, UNICODE.as_bytes(), &[BodyUnicodeEscaped]);
        add("escaped", UNICODE.as_bytes(), &escaped, &[BodyUnicodeEscaped]);
    }
    let html = r#"{"text":"a<b & c>d","n":1}"#;
    add("unescaped for HTML", html_escaped(html).as_bytes(), html.as_bytes(), &[BodyUnicodeEscaped]);
    let slashed = String::from_utf8_lossy(SLASHED).replace('/', "\\/");
    add("slashes unescaped", slashed.as_bytes(), SLASHED, &[BodySlashEscaped]);
    add("slashes escaped", SLASHED, slashed.as_bytes(), &[BodySlashEscaped]);
    let narrow: Vec<u8> =
        LATIN.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1")).collect();
    let wide: String = LATIN.bytes().map(char::from).collect();
    add("to UTF-8", &narrow, LATIN.as_bytes(), &[BodyLatin1]);
    add("to Latin-1", LATIN.as_bytes(), &narrow, &[BodyLatin1]);
    add("encoded twice", LATIN.as_bytes(), wide.as_bytes(), &[BodyLatin1]);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for text in [UNICODE, LATIN] {
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        add("signed in UTF-16", &utf16(text), text.as_bytes(), &[BodyLatin1]);
        add("signed in UTF-16, big end first", &big, text.as_bytes(), &[BodyLatin1]);
        add("came in UTF-16", text.as_bytes(), &utf16(text), &[BodyLatin1]);
        let marked = [b"\xfe\xff", &big[..]].concat();
        add("came in UTF-16 with its mark", text.as_bytes(), &marked, &[BodyLatin1]);
        add("signed in UTF-16 with its mark, big end first", &marked, text.as_bytes(), &[BodyLatin1]);
        // As Python's `encode("utf-16")` has it.
        let marked = [b"\xff\xfe", &utf16(text)[..]].concat();
        add("signed in UTF-16 with its mark", &marked, text.as_bytes(), &[BodyLatin1]);
    }
    for body in [NESTED, SPACED] {
        let (first, second) = body.split_at(20);
        let mut framed = format!("{:x}\r\n", first.len()).into_bytes();
        framed.extend([first, b"\r\n"].concat());
        framed.extend(format!("{:X}\r\n", second.len()).into_bytes());
        framed.extend([second, b"\r\n0\r\n\r\n"].concat());
        add("chunks left on", body, &framed, &[BodyReserialized]);
        let whole = [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
        add("signed in a chunk", &whole, body, &[BodyReserialized]);
        let capitals = [format!("{:X}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat();
        add("signed in a chunk without its end", &capitals, body, &[BodyReserialized]);
        let python = [b"b'", body, b"'"].concat();
        add("signed as Python shows bytes", &python, body, &[BodyReserialized]);
        add("sent as Python shows bytes", body, &python, &[BodyReserialized]);
    }
    let lf = String::from_utf8_lossy(LINES).replace("\r\n", "\n");
    add("to LF", LINES, lf.as_bytes(), &[BodyLineEndings]);
    add("to CRLF", lf.as_bytes(), LINES, &[BodyLineEndings]);
    let crlf = String::from_utf8_lossy(INDENTED).replace('\n', "\r\n");
    add("indented to CRLF", INDENTED, crlf.as_bytes(), &[BodyLineEndings]);
    for body in [NESTED, BINARY, FORM] {
        let base64 = BASE64.encode(body);
        add("in base64", body, base64.as_bytes(), &[BodyBase64]);
        add("base64 removed", base64.as_bytes(), body, &[BodyBase64]);
    }
    let form = String::from_utf8_lossy(FORM).into_owned();
    add("pluses", FORM, form.replace('+', "%20").as_bytes(), &[BodyFormReencoded]);
    add(
        "hexadecimal",
        FORM,
        form.replace("%2B", "%2b").replace("%2C", "%2c").replace("%2A", "%2a").as_bytes(),
        &[BodyFormReencoded],
    );
    add("browser", b"a=x+y*z&b=%7Eq&c=%28d%29", b"a=x%20y%2Az&b=~q&c=(d)", &[BodyFormReencoded]);
    add("fields sorted", b"To=1&From=2&Body=3", b"Body=3&From=2&To=1", &[BodyFormReencoded]);
    let number = |from: &str, to: &str| String::from_utf8_lossy(NUMBERS).replace(from, to).into_bytes();
    add("12.50 to 12.5", NUMBERS, &number("12.50", "12.5"), &[BodyNumberRewritten]);
    add("1.0 to 1", NUMBERS, &number("1.0,", "1,"), &[BodyNumberRewritten]);
    add("100 to 1e2", NUMBERS, &number("100", "1e2"), &[BodyNumberRewritten]);
    add("1e2 to 100", &number("100", "1e2"), NUMBERS, &[BodyNumberRewritten]);
    add(
        "everything by JavaScript",
        br#"{"a":1.50,"b":2e3,"c":-0.0}"#,
        br#"{"a":1.5,"b":2000,"c":0}"#,
        &[BodyNumberRewritten],
    );
    add(
        "signed by JavaScript",
        br#"{"a":1.5,"b":2000,"c":1}"#,
        br#"{"a":1.50,"b":2e3,"c":1.0}"#,
        &[BodyNumberRewritten],
    );
    add(
        "each number in its way",
        br#"{"price":12.50,"total":3.00,"size":1e3,"part":1.0}"#,
        br#"{"price":12.5,"total":3,"size":1000,"part":1}"#,
        &[BodyNumberRewritten],
    );
    add(
        "each number in its way, spaced",
        br#"{"size":1e3,"total":3.00,"part":0.50}"#,
        br#"{"size": 1000.0, "total": 3.0, "part": 0.5}"#,
        &[BodyNumberRewritten, BodyReserialized],
    );
    let (money, bare) = (br#"{"a":12.50,"b":3.00}"#, br#"{"a":12.5,"b":3}"#);
    add("money by JavaScript", money, bare, &[BodyNumberRewritten]);
    let capitals = r#"{"name":"Zo\u00EB","city":"Z\u00FCrich"}"#;
    let small = capitals.replace("\\u00EB", "\\u00eb").replace("\\u00FC", "\\u00fc");
    add("escapes in capitals", capitals.as_bytes(), small.as_bytes(), &[BodyUnicodeEscaped]);
    add("escapes in small letters", small.as_bytes(), capitals.as_bytes(), &[BodyUnicodeEscaped]);
    let (plain, html) = (br#"{"shop":"A & B","note":"1 < 2"}"#, br#"{"shop":"A &amp; B","note":"1 &lt; 2"}"#);
    add("escaped for HTML", plain, html, &[BodyUnicodeEscaped]);
    add("unescaped from HTML", html, plain, &[BodyUnicodeEscaped]);
    let quoted = b"{&quot;shop&quot;:&quot;A &amp; B&quot;,&quot;note&quot;:&quot;1 &lt; 2&quot;}";
    add("escaped for HTML whole", plain, quoted, &[BodyUnicodeEscaped]);
    add("a form escaped for HTML", FORM, &html_of(FORM), &[BodyFormReencoded]);
    for body in [NESTED, FORM, BINARY] {
        add("empty signed", b"", body, &[BodyEmpty]);
    }
    add("body lost", b"{}", b"", &[BodyEmpty]);
    for body in [NESTED, UNICODE.as_bytes(), BINARY] {
        for (name, packed) in compressed(body) {
            for said in [None, Some(name)] {
                all.push(Changed {
                    name,
                    signed: body.to_vec(),
                    arrives: packed.clone(),
                    codes: vec![BodyCompressed],
                    content_encoding: said,
                });
            }
        }
    }
    all
}

fn with(body: &[u8], tail: &[u8]) -> Vec<u8> {
    [body, tail].concat()
}

fn value(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).expect("JSON")
}

fn compact(body: &[u8]) -> Vec<u8> {
    serde_json::to_vec(&value(body)).expect("JSON")
}

fn pretty(body: &[u8], indent: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    serde::Serialize::serialize(&value(body), &mut serializer).expect("JSON");
    out
}

fn sorted(body: &[u8]) -> Vec<u8> {
    fn sort(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                map.sort_keys();
                map.values_mut().for_each(sort);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }
    let mut value = value(body);
    sort(&mut value);
    serde_json::to_vec(&value).expect("JSON")
}

fn escaped(text: &str, capitals: bool) -> Vec<u8> {
    let mut out = String::new();
    for letter in text.chars() {
        if letter.is_ascii() {
            out.push(letter);
            continue;
        }
        let mut units = [0; 2];
        for unit in letter.encode_utf16(&mut units) {
            let written = if capitals { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
            written.expect("memory");
        }
    }
    out.into_bytes()
}

fn html_escaped(text: &str) -> String {
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn compressed(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let level = flate2::Compression::new(6);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    gzip.write_all(body).expect("memory");
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
    zlib.write_all(body).expect("memory");
    let zstd = ruzstd::encoding::compress_to_vec(body, ruzstd::encoding::CompressionLevel::Fastest);
    vec![
        ("gzip", gzip.finish().expect("memory")),
        ("deflate", zlib.finish().expect("memory")),
        ("zstd", zstd),
    ]
}

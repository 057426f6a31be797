//! Requests that are copied as code, from the plain to the hostile. `tests/snippets` compiles the Rust of each.

use bytes::Bytes;
use hookbench_interchange::Message;
use hookbench_model::HeaderPairs;

/// Each under a name that a module can have.
pub(crate) fn messages() -> Vec<(&'static str, Message)> {
    let plain = |method: &str, headers: &[(&str, &str)], body: &'static [u8]| Message {
        method: method.to_owned(),
        path: "/in".to_owned(),
        headers: headers.iter().copied().collect(),
        body: Bytes::from_static(body),
        ..Message::default()
    };
    let json = [("Host", "a.example"), ("Content-Type", "application/json"), ("X-Id", "7")];
    let large: Vec<u8> =
        (0..100 * 1024_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    let large_text = HOSTILE.repeat(100 * 1024 / HOSTILE.len() + 1);
    vec![
        ("nothing", plain("GET", &[("Accept", "text/plain")], b"")),
        ("empty_post", plain("POST", &[("X-Id", "7")], b"")),
        ("delete", plain("DELETE", &[], b"")),
        ("json", plain("POST", &json, b"{\"n\": 1.0, \"s\": \"x\"}\n")),
        ("without_type", plain("PUT", &[("X-Id", "7")], b"a")),
        ("text", hostile(Bytes::from_static(HOSTILE.as_bytes()))),
        (
            "bytes",
            hostile(Bytes::from_static(&[0, 1, 2, 255, b'\'', b'"', b'\\', b'\n', b'\r', 0x80, b'$', 0])),
        ),
        ("large", hostile(Bytes::from(large))),
        ("large_text", hostile(Bytes::from(large_text))),
    ]
}

/// What each tool would stumble over, were it not quoted. A shell that reads it leaves a file behind.
const HOSTILE: &str = "{\"a\": \"it's \\\"x\\\" `touch canary` $(touch canary) $HOME ${x:?} %PATH% %s \\n é😀\", 'b': <?php touch('canary') ?> */}\n\
END\n'; touch canary; '\n\"; touch canary; \"\n{{x}} #{x} ${`touch canary`}\n\u{2028}\u{202e}\n\nend\\";

fn hostile(body: Bytes) -> Message {
    let mut headers = HeaderPairs::from_iter([
        ("Host", "elsewhere"),
        ("Content-Type", "application/json"),
        ("Content-Length", "7"),
        ("X-Quotes", "it's \"quoted\" `touch canary` $(touch canary) $HOME ${x} %PATH% \\ back"),
        ("X-Equals", "=1"),
        ("X-At", "@/etc/passwd"),
        ("X-Odd", "<?php ?> */ ''' --"),
        ("X-Utf8", "Grüße, 世界"),
        ("x-lower", "1"),
        ("X-Twice", "1"),
        ("X-Twice", "2"),
        ("X-Empty", ""),
    ]);
    headers.push("X-Latin", Bytes::from_static(b"caf\xe9"));
    Message {
        method: "POST".to_owned(),
        path: "/a'b/%20(c);$(touch%20canary)`touch%20canary`".to_owned(),
        query: Some("q='x'&r=$(id)&s=%22&t=a;b&u=`id`".to_owned()),
        headers,
        body,
        ..Message::default()
    }
}

//! What browsers copy as cURL, for each shell, is read as the request that they copied.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use hookbench_interchange::{Bounds, ReadFormat, read};
use proptest::prelude::*;

/// A text in quotes, as a browser writes it for a shell.
type Quote = fn(&str) -> String;

/// Chrome, for bash.
fn chrome_posix(text: &str) -> String {
    let is_odd = |c: char| c.is_ascii_control() || ('\u{7f}'..='\u{9f}').contains(&c) || c == '!';
    if !text.contains(|c| is_odd(c) || c == '\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str(r"\\"),
            '\'' => quoted.push_str(r"\'"),
            '\n' => quoted.push_str(r"\n"),
            '\r' => quoted.push_str(r"\r"),
            c if is_odd(c) => write!(quoted, "\\u{:04x}", u32::from(c)).unwrap(),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

/// Firefox, for bash.
fn firefox_posix(text: &str) -> String {
    if !text.contains(|c: char| !(' '..='~').contains(&c) || matches!(c, '\'' | '!')) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("$'");
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('\\') => quoted.push_str(r"\\"),
            Some('\'') => quoted.push_str(r"\'"),
            Some('\n') => quoted.push_str(r"\n"),
            Some('\r') => quoted.push_str(r"\r"),
            Some('!') => quoted.push_str(r"\041"),
            Some(c) if (' '..='~').contains(&c) => quoted.push(c),
            _ if unit < 256 => write!(quoted, "\\x{unit:02x}").unwrap(),
            _ => write!(quoted, "\\u{unit:04x}").unwrap(),
        }
    }
    quoted + "'"
}

/// Characters that both leave as they are for `cmd`; the others have a `^` before them.
fn with_carets(text: &str, plain: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if !(c.is_ascii_alphanumeric() || c.is_whitespace() || plain.contains(c)) {
            quoted.push('^');
        }
        quoted.push(c);
    }
    let mut guarded = String::new();
    let mut rest = quoted.chars().peekable();
    while let Some(c) = rest.next() {
        guarded.push(c);
        if c == '%' && rest.peek().is_some_and(|next| next.is_ascii_alphanumeric() || *next == '_') {
            guarded.push('^');
        }
    }
    guarded
}

/// Chrome, for `cmd`.
fn chrome_cmd(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    let text = with_carets(&text, "_-:=+~'/.,?;()*`");
    format!("^\"{}^\"", text.replace("\r\n", "\n").replace('\n', "^\n\n"))
}

/// Chrome up to 2024, for `cmd`.
fn older_chrome_cmd(text: &str) -> String {
    let around = if text.contains(['\r', '\n']) { "^\"" } else { "\"" };
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    let text = with_carets(&text, "_-:=+~'/.,?;()*`&");
    format!("{around}{}{around}", text.replace("\r\n", "\n").replace('\n', "^\n\n"))
}

/// Firefox, for `cmd`.
fn firefox_cmd(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\"\"");
    let text = with_carets(&text, "_-:=+~'/.,?;()*$&\\{}\"`");
    format!("\"{}\"", text.replace("\r\n", "\n").replace('\n', "\"^\r\n\r\n\""))
}

/// What people write for PowerShell.
fn power(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const WRITERS: [(&str, Quote, &str); 6] = [
    ("Chrome, bash", chrome_posix, " \\\n  "),
    ("Firefox, bash", firefox_posix, " \\\n  "),
    ("Chrome, cmd", chrome_cmd, " ^\n  "),
    ("older Chrome, cmd", older_chrome_cmd, " ^\n  "),
    ("Firefox, cmd", firefox_cmd, " ^\r\n  "),
    ("PowerShell", power, " `\n  "),
];

fn comes_back(body: &str, header: &str) -> Result<(), TestCaseError> {
    for (name, quote, joint) in WRITERS {
        let pieces = [
            format!("curl {}", quote("https://h.example/a%20b?c=1&d={x}%41")),
            format!("-X {}", quote("PUT")),
            format!("-H {}", quote("content-type: application/json")),
            format!("-H {}", quote(&format!("x-note: {header}"))),
            format!("-H {}", quote("x-empty;")),
            format!("-b {}", quote("a=\"b\"; c=d")),
            format!("--data-raw {}", quote(body)),
            "--compressed --insecure".to_owned(),
        ];
        let command = pieces.join(joint);
        let import = read(command.as_bytes(), Some(ReadFormat::Curl), &Bounds::default()).unwrap();
        prop_assert_eq!(&import.left_out, &[], "{}: {}", name, &command);
        let [message] = &import.messages[..] else {
            return Err(TestCaseError::fail(format!(
                "{name}: {} requests in {command}",
                import.messages.len()
            )));
        };
        prop_assert_eq!(message.url(), "https://h.example/a%20b?c=1&d={x}%41", "{}", name);
        prop_assert_eq!(&*message.method, "PUT", "{}", name);
        prop_assert_eq!(message.headers.get_str("x-note"), Some(header), "{}: {}", name, &command);
        prop_assert_eq!(message.headers.get_str("x-empty"), Some(""), "{}", name);
        prop_assert_eq!(message.headers.get_str("cookie"), Some("a=\"b\"; c=d"), "{}", name);
        prop_assert_eq!(std::str::from_utf8(&message.body).unwrap(), body, "{}: {}", name, &command);
    }
    Ok(())
}

#[test]
fn a_usual_body_comes_back() {
    for body in [
        "{\"a\":\"b\",\"n\":[1,2]}",
        "{\n  \"a\": \"it's 100% of $5 & <more>\",\n  \"b\": \"C:\\\\x\\n\"\n}",
        "a=1&b=%20%41&c=!",
        "plain",
        "grüße 世界 😀",
        "%PATH% ^caret^ `tick` |pipe| a\"\"b",
    ] {
        comes_back(body, "it's \"quoted\" (x) 50%").unwrap();
    }
}

proptest! {
    #[test]
    fn any_body_comes_back(
        body in "[a-zA-Z0-9 \\n!#$%&'()*+,./:;<=>?@\\[\\]^_`{|}~\"\\\\é世-]{0,60}",
        header in "[a-zA-Z0-9%&'()*+,./:;<=>?@\\[\\]^_`{|}~\"\\\\-]{1,20}",
    ) {
        // `\"` before a closing quote of Firefox's is read otherwise by `cmd` too.
        prop_assume!(!body.contains("\\\"") && !header.contains("\\\""));
        comes_back(&body, &header)?;
    }
}

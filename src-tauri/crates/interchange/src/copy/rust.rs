use super::quote::Beyond;
use super::{Sending, quote};
use crate::text::Put as _;

/// A program for Rust.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"", Beyond::Braced));
    let mut code = String::from(
        "// cargo add reqwest --features http2\n// cargo add tokio --features macros,rt-multi-thread\n",
    );
    if sending.has_dots() {
        code.push_str("// reqwest takes the steps `.` and `..` out of the path.\n");
    }
    code.push_str("use reqwest::header::{HeaderMap, HeaderName, HeaderValue};\n\n");
    code.push_str("#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    code.push_str("    let mut headers = HeaderMap::new();\n");
    code.push_str("    let sent: &[(&str, &[u8])] = &[\n");
    for (name, value) in &sending.headers {
        code.put(format!("        ({}, b\"{}\"),\n", text(name), quote::bytes(value.as_bytes(), "\"")));
    }
    code.push_str("    ];\n    for (name, value) in sent {\n");
    code.push_str("        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(value)?);\n");
    code.push_str("    }\n");
    let body = match sending.text() {
        Some(body) => format!("{}.as_bytes()", text(body)),
        None => format!("b\"{}\"", quote::bytes(sending.body, "\"")),
    };
    code.put(format!("    let body: &[u8] = {body};\n"));
    code.put(format!(
        "    let method = reqwest::Method::from_bytes(b\"{}\")?;\n",
        quote::bytes(sending.method.as_bytes(), "\"")
    ));
    code.push_str(
        "    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;\n",
    );
    code.put(format!(
        "    let request = client.request(method, {}).headers(headers);\n",
        text(&sending.url())
    ));
    if sending.body.is_empty() {
        code.push_str("    let _ = body;\n    let response = request.send().await?;\n");
    } else {
        code.push_str("    let response = request.body(body.to_vec()).send().await?;\n");
    }
    code.push_str("    println!(\"{} {}\", response.status(), response.text().await?);\n    Ok(())\n}\n");
    if sending.body.is_empty() {
        code =
            code.replace("    let body: &[u8] = \"\".as_bytes();\n", "").replace("    let _ = body;\n", "");
    }
    code
}

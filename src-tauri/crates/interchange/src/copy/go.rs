use super::quote::Beyond;
use super::{Sending, quote};
use crate::text::Put as _;

/// A program for Go, with its own library.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"", Beyond::Wide));
    let (scheme, authority) = sending.origin.split_once("://").unwrap_or(("http", "localhost"));
    let (path, query) = sending
        .target
        .split_once('?')
        .map_or((sending.target.as_str(), None), |(path, query)| (path, Some(query)));
    let (import, body) = match sending.text() {
        Some(body) => ("", format!("[]byte({})", text(body))),
        None => ("\t\"encoding/base64\"\n", "decoded()".to_owned()),
    };
    let mut code = format!(
        "package main\n\nimport (\n\t\"bytes\"\n{import}\t\"fmt\"\n\t\"io\"\n\t\"net/http\"\n\t\"net/url\"\n)\n\n"
    );
    if sending.text().is_none() {
        let base64 = data_encoding::BASE64.encode(sending.body);
        code.push_str("func decoded() []byte {\n");
        code.put(format!("\tbody, err := base64.StdEncoding.DecodeString(\"{base64}\")\n"));
        code.push_str("\tif err != nil {\n\t\tpanic(err)\n\t}\n\treturn body\n}\n\n");
    }
    code.push_str("func main() {\n");
    code.put(format!("\tbody := {body}\n"));
    code.put(format!(
        "\trequest, err := http.NewRequest({}, {}, bytes.NewReader(body))\n\tif err != nil {{\n\t\tpanic(err)\n\t}}\n",
        text(sending.method),
        text(&sending.origin)
    ));
    // Opaque goes out as it is; a path would be cleaned. Two slashes at its beginning would be read as a host.
    let path = if path.starts_with("//") {
        format!("Path: {}", text(path))
    } else {
        format!("Opaque: {}", text(path))
    };
    let query =
        query.map(|query| format!(", RawQuery: {}, ForceQuery: true", text(query))).unwrap_or_default();
    code.put(format!(
        "\trequest.URL = &url.URL{{Scheme: {}, Host: {}, {path}{query}}}\n",
        text(scheme),
        text(authority)
    ));
    code.push_str(
        "\t// Named as they came, without Go's own spelling. A nil leaves out what Go would add.\n",
    );
    code.push_str("\trequest.Header = http.Header{\n");
    for (name, values) in grouped(sending) {
        code.put(format!("\t\t{}: {{{}}},\n", text(name), values.join(", ")));
    }
    if !sending.headers.iter().any(|(name, _)| *name == "User-Agent") {
        code.push_str("\t\t\"User-Agent\": nil,\n");
    }
    code.push_str("\t}\n");
    code.push_str(
        "\ttransport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true}\n",
    );
    code.push_str(
        "\tresponse, err := transport.RoundTrip(request)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n",
    );
    code.push_str("\tdefer response.Body.Close()\n\tanswer, err := io.ReadAll(response.Body)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n");
    code.push_str("\tfmt.Println(response.StatusCode, string(answer))\n}\n");
    code
}

/// The values of each name as it is spelt: a map holds a name once.
fn grouped<'s>(sending: &Sending<'s>) -> Vec<(&'s str, Vec<String>)> {
    let mut grouped: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, value) in &sending.headers {
        let value = format!("\"{}\"", quote::bytes(value.as_bytes(), "\""));
        match grouped.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value),
            None => grouped.push((name, vec![value])),
        }
    }
    grouped
}

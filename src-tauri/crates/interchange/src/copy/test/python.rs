use super::super::python::{body, header_lines};
use super::super::quote::{self, Beyond};
use super::{NO_ADDRESS, Test};
use crate::text::Put as _;

/// A script for Python 3.8 or newer, with nothing installed.
pub(super) fn write(test: &Test<'_>) -> String {
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"", Beyond::Wide));
    let optional = |known: Option<String>| known.unwrap_or_else(|| "None".to_owned());
    let mut code = String::from("#!/usr/bin/env python3\n\"\"\"");
    code.push_str(&test.about("python3 webhook_test.py").join("\n"));
    code.push_str("\n\"\"\"\n");
    let mut imports =
        vec!["import base64", "import http.client", "import os", "import sys", "import unittest"];
    imports.push("from urllib.parse import urlsplit");
    imports.extend(test.signer().map(|signer| signer.imports.as_slice()).unwrap_or_default());
    // Modules before names of modules, each once.
    imports.sort_by_key(|line| (line.starts_with("from"), *line));
    imports.dedup();
    code.put(imports.join("\n") + "\n\n");
    let target = test.checks.target.as_deref().unwrap_or_default();
    code.put(format!("ADDRESS = {}\nMETHOD = {}\n", text(target), text(test.sending.method)));
    code.put(format!("QUERY = {}\n", optional(test.query.as_deref().map(text))));
    code.put(format!("BODY = {}\n", body(&test.sending)));
    code.push_str("HEADERS = [\n");
    code.push_str(&header_lines(&test.sending).join("\n"));
    code.push_str("\n]\n# Credentials that came with the request: their values are taken from the environment.\nSECRET_HEADERS = {\n");
    for (name, variable) in &test.secret {
        code.put(format!("    {}: {},\n", text(name), text(variable)));
    }
    code.push_str("}\n");
    code.put(format!("STATUS = {}\n", optional(test.checks.status.map(|status| status.to_string()))));
    code.put(format!("BODY_HOLDS = {}\n\n\n", optional(test.checks.body_holds.as_deref().map(text))));
    match test.signer() {
        Some(signer) => code.push_str(&signer.code),
        None => code
            .push_str("def signed(method, url, body):\n    \"\"\"As it came.\"\"\"\n    return [], body\n"),
    }
    code.push_str(&REST.replace("‹no_address›", NO_ADDRESS));
    code
}

/// What does the same for every request.
const REST: &str = r#"

def send(url):
    parts = urlsplit(url)
    of_scheme = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(piece for piece in (parts.query, QUERY) if piece)
    target = (parts.path or "/") + ("?" + query if query else "")
    fresh, body = signed(METHOD, f"{parts.scheme}://{host}{target}", BODY)
    connection = of_scheme[parts.scheme](host, timeout=30)
    connection.putrequest(METHOD, target, skip_accept_encoding=True)
    for name, value in HEADERS + fresh:
        connection.putheader(name, value)
    for name, variable in SECRET_HEADERS.items():
        if variable in os.environ:
            connection.putheader(name, os.environ[variable])
        else:
            print(f"{name} is left out: set {variable} to send it", file=sys.stderr)
    if body or METHOD in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    return response.status, response.read()


class Webhook(unittest.TestCase):
    def test_the_handler_takes_it(self):
        status, body = ANSWER
        if STATUS is None:
            self.assertTrue(200 <= status < 300, f"it answered {status}: {body[:500]!r}")
        else:
            self.assertEqual(status, STATUS, f"it answered with {body[:500]!r}")
        if BODY_HOLDS is not None:
            self.assertIn(BODY_HOLDS, body.decode(errors="replace"))


if __name__ == "__main__":
    URL = sys.argv.pop(1) if len(sys.argv) > 1 else os.environ.get("WEBHOOK_URL") or ADDRESS
    if not URL.startswith(("http://", "https://")):
        print("‹no_address›", file=sys.stderr)
        sys.exit(2)
    try:
        ANSWER = send(URL)
    except (OSError, ValueError, http.client.HTTPException) as reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
    unittest.main()
"#;

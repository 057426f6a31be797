//! A request as a test of a handler: a script that sends it and checks what comes back.

use super::python::{body, header_lines};
use super::quote::Beyond;
use super::{Sending, quote};
use crate::text::Put as _;
use crate::{Message, redact};

/// What the script expects of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The status; any 2xx where it is not said.
    pub status: Option<u16>,
    /// Text that the body holds.
    pub body_holds: Option<String>,
}

/// A script for Python 3 with nothing installed. The handler's address is its argument or `WEBHOOK_URL`. Headers that
/// hold a credential come from the environment: none is written into the script.
pub fn save_as_test(message: &Message, checks: &Checks) -> String {
    let sending = Sending::of(message);
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"", Beyond::Wide));
    let (secret, plain): (Vec<_>, Vec<_>) =
        sending.headers.iter().partition(|(name, _)| hookbench_model::is_credential_name(name));
    let sending = Sending { headers: plain.clone(), ..sending };
    let query = sending.target.split_once('?').map(|(_, query)| query.to_owned());
    let query = query.map(|query| if has_secret(&query) { redact_query(&query) } else { query });
    let mut code = String::from(
        "#!/usr/bin/env python3\n\
         \"\"\"Sends a webhook to a handler and checks what it answers.\n\n\
         \x20   python3 webhook_test.py http://localhost:3000/webhooks\n\n\
         Without an argument the address is taken from WEBHOOK_URL. It ends with 0 where the answer is as expected.\n\
         \"\"\"\n",
    );
    code.push_str("import base64\nimport http.client\nimport os\nimport sys\nimport unittest\nfrom urllib.parse import urlsplit\n\n");
    code.put(format!("METHOD = {}\n", text(sending.method)));
    code.put(format!("QUERY = {}\n", query.map_or_else(|| "None".to_owned(), |query| text(&query))));
    code.put(format!("BODY = {}\n", body(&sending)));
    code.push_str("HEADERS = [\n");
    code.push_str(&header_lines(&sending).join("\n"));
    code.push_str("\n]\n# Credentials that came with the request: their values are taken from the environment.\nSECRET_HEADERS = {\n");
    for (name, _) in &secret {
        code.put(format!("    {}: {},\n", text(name), text(&variable(name))));
    }
    code.push_str("}\n");
    code.put(format!(
        "STATUS = {}\n",
        checks.status.map_or_else(|| "None".to_owned(), |status| status.to_string())
    ));
    let holds = checks.body_holds.as_deref().map_or_else(|| "None".to_owned(), text);
    code.put(format!("BODY_HOLDS = {holds}\n"));
    code.push_str(REST);
    code
}

/// What does the same for every request.
const REST: &str = r#"

def send(url):
    parts = urlsplit(url)
    of_scheme = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = of_scheme[parts.scheme](parts.netloc.rpartition("@")[2], timeout=30)
    query = "&".join(piece for piece in (parts.query, QUERY) if piece)
    target = (parts.path or "/") + ("?" + query if query else "")
    connection.putrequest(METHOD, target, skip_accept_encoding=True)
    for name, value in HEADERS:
        connection.putheader(name, value)
    for name, variable in SECRET_HEADERS.items():
        if variable in os.environ:
            connection.putheader(name, os.environ[variable])
        else:
            print(f"{name} is left out: set {variable} to send it", file=sys.stderr)
    if BODY or METHOD in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(BODY)))
    connection.endheaders(BODY)
    response = connection.getresponse()
    return response.status, response.read()


class Webhook(unittest.TestCase):
    def test_the_handler_takes_it(self):
        status, body = send(URL)
        if STATUS is None:
            self.assertTrue(200 <= status < 300, f"it answered {status}: {body[:500]!r}")
        else:
            self.assertEqual(status, STATUS, f"it answered with {body[:500]!r}")
        if BODY_HOLDS is not None:
            self.assertIn(BODY_HOLDS, body.decode(errors="replace"))


if __name__ == "__main__":
    URL = sys.argv.pop(1) if len(sys.argv) > 1 else os.environ.get("WEBHOOK_URL")
    if not URL:
        sys.exit("Give the handler's address: webhook_test.py http://localhost:3000/webhooks")
    unittest.main()
else:
    URL = os.environ.get("WEBHOOK_URL", "http://localhost:3000/")
"#;

/// The name of the variable that a header's value is taken from.
fn variable(header: &str) -> String {
    let upper = header.to_ascii_uppercase();
    let fits = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    format!("WEBHOOK_{}", upper.chars().map(fits).collect::<String>())
}

fn has_secret(query: &str) -> bool {
    redact_query(query) != query
}

fn redact_query(query: &str) -> String {
    redact::pairs(query)
}

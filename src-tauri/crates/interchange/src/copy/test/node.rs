use super::super::quote::{self, Beyond};
use super::{NO_ADDRESS, Test};
use crate::text::Put as _;

/// A module for Node 18 or newer, with nothing installed.
pub(super) fn write(test: &Test<'_>) -> String {
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"", Beyond::Utf16));
    let optional = |known: Option<String>| known.unwrap_or_else(|| "null".to_owned());
    let mut code = String::from("#!/usr/bin/env node\n");
    for line in test.about("node webhook_test.mjs") {
        code.put(format!("// {line}").trim_end().to_owned() + "\n");
    }
    if let Some(signer) = test.signer().filter(|signer| !signer.imports.is_empty()) {
        let mut names = signer.imports.clone();
        names.sort_unstable();
        names.dedup();
        code.put(format!("import {{ {} }} from \"node:crypto\";\n", names.join(", ")));
    }
    code.push_str("import http from \"node:http\";\nimport https from \"node:https\";\n\n");
    let target = test.checks.target.as_deref().unwrap_or_default();
    code.put(format!("const ADDRESS = {};\nconst METHOD = {};\n", text(target), text(test.sending.method)));
    code.put(format!("const QUERY = {};\n", optional(test.query.as_deref().map(text))));
    let body = if let Some(body) = test.sending.text() {
        format!("Buffer.from({})", text(body))
    } else {
        let lines = quote::base64_lines(test.sending.body);
        let lines: Vec<String> = lines.iter().map(|line| format!("    \"{line}\"")).collect();
        format!("Buffer.from(\n{},\n  \"base64\",\n)", lines.join(" +\n"))
    };
    code.put(format!(
        "const BODY = {body};\n// In each value a character stands for a byte.\nconst HEADERS = [\n"
    ));
    for (name, value) in &test.sending.headers {
        code.put(format!("  [{}, \"{}\"],\n", text(name), quote::bytes(value.as_bytes(), "\"")));
    }
    code.push_str("];\n// Credentials that came with the request: their values are taken from the environment.\nconst SECRET_HEADERS = [\n");
    for (name, variable) in &test.secret {
        code.put(format!("  [{}, {}],\n", text(name), text(variable)));
    }
    code.push_str("];\n");
    code.put(format!("const STATUS = {};\n", optional(test.checks.status.map(|status| status.to_string()))));
    code.put(format!("const BODY_HOLDS = {};\n\n", optional(test.checks.body_holds.as_deref().map(text))));
    match test.signer() {
        Some(signer) => code.push_str(&signer.code),
        None => code.push_str(
            "// As it came.\nfunction signed(method, url, body) {\n  return { headers: [], body };\n}\n",
        ),
    }
    code.push_str(&REST.replace("‹no_address›", NO_ADDRESS));
    code
}

/// What does the same for every request.
const REST: &str = r#"
function send(address) {
  const [, scheme, authority, path, own] = /^(https?):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(address);
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const query = [own, QUERY].filter(Boolean).join("&");
  const target = (path || "/") + (query ? `?${query}` : "");
  const fresh = signed(METHOD, `${scheme}://${host}${target}`, BODY);
  const headers = [["Host", host], ...HEADERS, ...fresh.headers];
  for (const [name, variable] of SECRET_HEADERS) {
    if (process.env[variable] !== undefined) headers.push([name, process.env[variable]]);
    else console.error(`${name} is left out: set ${variable} to send it`);
  }
  const body = fresh.body;
  if (body.length > 0 || ["POST", "PUT", "PATCH"].includes(METHOD)) {
    headers.push(["Content-Length", String(body.length)]);
  }
  const { hostname, port } = new URL(`${scheme}://${host}/`);
  const where = { method: METHOD, hostname: hostname.replace(/^\[|\]$/g, ""), port, path: target, headers };
  return new Promise((resolve, reject) => {
    const request = (scheme === "https" ? https : http).request(where, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(pieces) }));
    });
    request.setTimeout(30_000, () => request.destroy(new Error("it did not answer within 30 seconds")));
    request.on("error", reject);
    request.end(body);
  });
}

const address = process.argv[2] || process.env.WEBHOOK_URL || ADDRESS;
if (!/^https?:\/\//.test(address)) {
  console.error("‹no_address›");
  process.exit(2);
}
let answer;
try {
  answer = await send(address);
} catch (error) {
  console.error(error.message || error.code);
  process.exit(2);
}
const said = answer.body.toString("utf8");
const faults = [];
if (STATUS === null ? answer.status < 200 || answer.status > 299 : answer.status !== STATUS) {
  faults.push(`it answered ${answer.status}, not ${STATUS ?? "2xx"}: ${JSON.stringify(said.slice(0, 500))}`);
}
if (BODY_HOLDS !== null && !said.includes(BODY_HOLDS)) {
  faults.push(`the answer does not hold ${JSON.stringify(BODY_HOLDS)}: ${JSON.stringify(said.slice(0, 500))}`);
}
if (faults.length > 0) {
  console.error(`FAILED: ${faults.join("; ")}`);
  process.exit(1);
}
console.log(`OK: it answered ${answer.status}`);
"#;

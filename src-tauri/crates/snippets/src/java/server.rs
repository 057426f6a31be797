//! What listens, in Java.

use crate::code::{Code, Topic, fill};
use crate::dialect::Inputs;
use crate::recipe::Recipe;
use crate::words;

/// What the verifying function is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", exchange.getRequestMethod()",
    url: ", url",
    seconds: ", System.currentTimeMillis() / 1000",
    millis: ", System.currentTimeMillis()",
};

pub(super) fn server(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r#"
    public static void main(String[] args) throws Exception {
        if (SECRETS.isEmpty()) {
            System.err.println("WEBHOOK_SECRET is not set");
            System.exit(1);
        }
"#;
    code.add(opening);
    if recipe.reads_key() {
        let check = r"
        // ‹why›
        try {
            SECRETS.forEach(Receiver::keyOf);
        } catch (IllegalArgumentException malformed) {
            System.err.println(malformed.getMessage());
            System.exit(1);
        }
";
        code.about(Topic::Secret, fill(check, &[("why", words::AT_THE_START)]));
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
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

//! What a request is copied as in Rust, compiled and run. The other languages need no compiler of ours:
//! `interchange/tests/tools.rs` runs them.

#[path = "copies.rs"]
mod copies;
#[path = "../../src-tauri/crates/interchange/tests/messages/mod.rs"]
mod messages;

use std::cell::Cell;

use crate::raw_server::RawServer;

thread_local! {
    /// Where the program of this thread sends to.
    static PORT: Cell<u16> = const { Cell::new(0) };
}

/// The URL with our server in place of the one that is written there.
pub(crate) fn at(url: &str) -> String {
    url.replacen("http://copied.example/", &format!("http://127.0.0.1:{}/", PORT.get()), 1)
}

#[test]
fn every_copy_in_rust_sends_the_same() {
    let server = RawServer::start(202, "good");
    for (name, message) in messages::messages() {
        PORT.set(server.port);
        copies::send(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let taken = server.next().unwrap_or_else(|| panic!("{name}: nothing came"));
        assert_eq!(taken.method, message.method, "{name}");
        // The library writes some characters of a URL in its own way, which means the same.
        let query = message.query.map(|query| format!("?{}", query.replace('\'', "%27"))).unwrap_or_default();
        let target = format!("{}{query}", message.path.replace('`', "%60"));
        assert_eq!(taken.target, target, "{name}");
        assert!(taken.body == message.body, "{name}: {} bytes, not {}", taken.body.len(), message.body.len());
        for (header, _) in message.headers.iter() {
            if matches!(header, "Host" | "Content-Length") {
                continue;
            }
            let wanted: Vec<&[u8]> =
                message.headers.get_all(header).map(hookbench_model::HeaderValue::as_bytes).collect();
            assert_eq!(taken.values(header), wanted, "{name}: {header}");
        }
        let added = |header: &str| {
            message.headers.get(header).is_none()
                && !["host", "content-length", "accept"].contains(&header.to_ascii_lowercase().as_str())
        };
        let added: Vec<_> = taken.headers.iter().filter(|(header, _)| added(header)).collect();
        assert!(added.is_empty(), "{name}: it adds {added:?}");
    }
}

use std::cell::OnceCell;

use serde_json::Value;

use crate::HeaderPairs;

/// The largest body that rules and templates read as JSON, in bytes: 1 MiB.
const LARGEST_JSON: usize = 1 << 20;

/// A request as rules look at it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The method, as it stood on the wire.
    pub method: &'a str,
    /// The path below the slug, as it stood on the wire.
    pub path: &'a str,
    /// The query, without the question mark.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderPairs,
    /// The body.
    pub body: &'a [u8],
    json: OnceCell<Option<Value>>,
}

impl<'a> Asked<'a> {
    /// The largest body that is read as JSON, in bytes.
    pub const LARGEST_JSON: usize = LARGEST_JSON;

    /// A request of these parts.
    pub const fn new(
        method: &'a str,
        path: &'a str,
        query: Option<&'a str>,
        headers: &'a HeaderPairs,
        body: &'a [u8],
    ) -> Self {
        Self { method, path, query, headers, body, json: OnceCell::new() }
    }

    /// The body as JSON, read once and only where somebody asks; `None` where it is none, or larger than
    /// [`Self::LARGEST_JSON`], or nested deeper than 128.
    pub fn json(&self) -> Option<&Value> {
        let read = || {
            let fits = !self.body.is_empty() && self.body.len() <= LARGEST_JSON;
            fits.then(|| serde_json::from_slice(self.body).ok()).flatten()
        };
        self.json.get_or_init(read).as_ref()
    }
}

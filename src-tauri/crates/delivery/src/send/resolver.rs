use std::io;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::phases;

/// Finds addresses by the system's own resolver, and says by its error's type that it was the name.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemResolver;

/// A name has no address.
#[derive(Debug, thiserror::Error)]
#[error("no address for {host}")]
pub(super) struct LookupError {
    /// The name.
    pub(super) host: String,
    /// What the resolver said; `None` where it answered with an empty list.
    pub(super) source: Option<io::Error>,
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        phases::lookup_begins();
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await;
            let addresses: Vec<_> = match found {
                Ok(addresses) => addresses.collect(),
                Err(source) => return Err(LookupError { host: host.to_owned(), source: Some(source) }.into()),
            };
            if addresses.is_empty() {
                return Err(LookupError { host: host.to_owned(), source: None }.into());
            }
            phases::lookup_ends();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

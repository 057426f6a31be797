use std::fmt::Write as _;
use std::net::SocketAddr;

use hookbench_store::StoreError;

/// Why the receiver cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Another program has the address.
    #[error("{address} is already in use by another program")]
    AddressInUse {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The address cannot be listened at: not of this machine, or not allowed.
    #[error("cannot listen at {address}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The listener was no use.
    #[error("the listener has no address")]
    Listener {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The inboxes could not be read.
    #[error("the inboxes could not be read")]
    Inboxes {
        /// What the store said.
        #[source]
        source: StoreError,
    },
}

impl CaptureError {
    /// Listening at an address failed.
    pub(crate) fn listening(address: SocketAddr, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::AddrInUse => Self::AddressInUse { address, source },
            _ => Self::Bind { address, source },
        }
    }
}

/// An error and its sources in one line, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

use hookbench_signing::SignError;

use super::signer::NoSigner;

/// Why a request cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The method is not one.
    #[error("`{method}` is not an HTTP method")]
    Method {
        /// What was given.
        method: String,
    },
    /// A header's name or value cannot stand on the wire.
    #[error(
        "the header `{name}` cannot be sent: its name or its value has characters that HTTP does not allow"
    )]
    Header {
        /// Its name.
        name: String,
    },
    /// The target's URL has no host, or is neither http nor https.
    #[error("`{url}` is not an http or https URL with a host")]
    Url {
        /// The URL.
        url: String,
    },
    /// The scheme changed the URL into something that is none.
    #[error("its scheme made `{url}` of the URL, which is none")]
    SignedUrl {
        /// What it made, without the query.
        url: String,
    },
    /// The endpoint's own scheme is not there any more.
    #[error("the endpoint's scheme `{scheme}` is gone: give it another, or the profile's")]
    SchemeGone {
        /// Its id.
        scheme: String,
    },
    /// The endpoint that the delivery goes to is gone.
    #[error("the endpoint has been deleted")]
    EndpointGone,
    /// What it goes out as cannot be signed anew.
    #[error("it cannot be signed afresh: {source}")]
    NoSigner {
        /// Why.
        #[from]
        source: NoSigner,
    },
    /// What it repeats, or the inbox that captured that, is gone.
    #[error(
        "it cannot be signed afresh: what it repeats, or the inbox that captured that, has been deleted, and with it \
         the secret that would sign"
    )]
    CapturedGone,
    /// It could not be signed.
    #[error("it could not be signed: {source}")]
    Sign {
        /// Why.
        #[from]
        source: SignError,
    },
}

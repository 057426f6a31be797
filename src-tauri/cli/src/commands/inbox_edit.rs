use clap::Args;
use serde_json::{Map, Value, json};

use super::endpoints::{insert, insert_or_null};
use super::inbox_access::Access;
use super::relay_args::RelayArgs;
use super::signatures::header;
use crate::error::CliError;
use crate::secret::SecretArg;

/// Changes to an inbox; what is not given stays.
#[derive(Args)]
pub(crate) struct EditArgs {
    pub(super) id: String,
    #[arg(long)]
    name: Option<String>,
    /// The first segment of its path
    #[arg(long)]
    slug: Option<String>,
    /// The profile by which arrivals are verified
    #[arg(long)]
    provider: Option<String>,
    /// Verify by no profile
    #[arg(long, conflicts_with = "provider")]
    no_provider: bool,
    /// The scheme by which arrivals are verified, in place of the profile's
    #[arg(long)]
    scheme: Option<String>,
    /// Verify by the profile's scheme again
    #[arg(long, conflicts_with = "scheme")]
    no_scheme: bool,
    /// The token that a subscription has to name in a handshake
    #[arg(long, value_name = "TOKEN")]
    verify_token: Option<SecretArg>,
    /// Take any token in a handshake
    #[arg(long, conflicts_with = "verify_token")]
    no_verify_token: bool,
    /// Answer the profile's handshakes
    #[arg(long)]
    handshakes: bool,
    /// Capture handshakes like anything else
    #[arg(long, conflicts_with = "handshakes")]
    no_handshakes: bool,
    /// The secret by which arrivals are verified
    #[arg(long)]
    secret: Option<SecretArg>,
    /// Hold no secret
    #[arg(long, conflicts_with = "secret")]
    no_secret: bool,
    #[command(flatten)]
    access: Access,
    /// Take requests that show nothing
    #[arg(long, conflicts_with_all = ["basic", "token"])]
    no_access: bool,
    #[command(flatten)]
    relay: RelayArgs,
    /// Pass what it captures on to nobody
    #[arg(long, conflicts_with = "relay")]
    no_relay: bool,
    #[command(flatten)]
    answer: Answer,
    #[command(flatten)]
    keep: Keep,
}

/// What it answers.
#[derive(Args)]
struct Answer {
    /// The status that it answers
    #[arg(long)]
    status: Option<u16>,
    /// A header of the answer, `Name: value`; those given replace the old ones
    #[arg(long = "header", short = 'H', value_name = "HEADER")]
    headers: Vec<String>,
    /// The body of the answer, as text
    #[arg(long)]
    body: Option<String>,
    /// How long the answer waits, in milliseconds
    #[arg(long)]
    delay_ms: Option<u64>,
}

/// How long it keeps what it captured.
#[derive(Args)]
pub(super) struct Keep {
    /// The most requests that are kept
    #[arg(long)]
    max_requests: Option<u64>,
    /// Keep any number of requests
    #[arg(long, conflicts_with = "max_requests")]
    no_max_requests: bool,
    /// How old a request may get, in milliseconds
    #[arg(long)]
    max_age_ms: Option<u64>,
    /// Keep requests of any age
    #[arg(long, conflicts_with = "max_age_ms")]
    no_max_age: bool,
}

impl EditArgs {
    /// The body of the call.
    pub(super) fn body(self) -> Result<Value, CliError> {
        let mut body = Map::new();
        insert(&mut body, "name", self.name);
        insert(&mut body, "slug", self.slug);
        insert_or_null(&mut body, "provider", self.provider, self.no_provider);
        insert_or_null(&mut body, "scheme", self.scheme, self.no_scheme);
        insert_or_null(&mut body, "verify_token", self.verify_token, self.no_verify_token);
        insert_or_null(&mut body, "secret", self.secret, self.no_secret);
        if self.handshakes || self.no_handshakes {
            body.insert("handshakes".to_owned(), self.handshakes.into());
        }
        if self.no_access {
            body.insert("access".to_owned(), Value::Null);
        }
        self.access.put(&mut body)?;
        if self.no_relay {
            body.insert("relay".to_owned(), Value::Null);
        }
        self.relay.put(&mut body)?;
        let answer = self.answer.body()?;
        if !answer.is_empty() {
            body.insert("response".to_owned(), answer.into());
        }
        let keep = self.keep.body();
        if !keep.is_empty() {
            body.insert("retention".to_owned(), keep.into());
        }
        Ok(body.into())
    }
}

impl Answer {
    fn body(self) -> Result<Map<String, Value>, CliError> {
        let mut body = Map::new();
        insert(&mut body, "status", self.status);
        insert(&mut body, "body", self.body);
        insert(&mut body, "delay_ms", self.delay_ms);
        if !self.headers.is_empty() {
            let headers = self.headers.iter().map(|line| header(line)).collect::<Result<Vec<_>, _>>()?;
            body.insert("headers".to_owned(), json!(headers));
        }
        Ok(body)
    }
}

impl Keep {
    pub(super) fn body(self) -> Map<String, Value> {
        let mut body = Map::new();
        insert_or_null(&mut body, "max_requests", self.max_requests, self.no_max_requests);
        insert_or_null(&mut body, "max_age_ms", self.max_age_ms, self.no_max_age);
        body
    }
}

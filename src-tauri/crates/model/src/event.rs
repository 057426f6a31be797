use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{EventId, HeaderPairs, ProviderId, Shown, Timestamp};

/// Whether an event's deliveries are signed anew or go out exactly as recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignMode {
    /// Every attempt is signed with the secrets and the time of that attempt.
    #[default]
    Fresh,
    /// The recorded headers go out as they are, the old signature among them; nothing is added.
    Exact,
    /// The recorded headers go out in their order, and what is made for every attempt (the signature, its time, the
    /// event's id) takes the place of what stood there. So goes what was captured and is signed anew.
    Renewed,
}

/// How an event's request differs from a plain POST to the endpoint's URL.
#[derive(Clone, PartialEq, Eq)]
pub struct EventRequest {
    /// The HTTP method.
    pub method: String,
    /// What is added to the path of the target URL, with its leading slash; usually nothing.
    pub path: Option<String>,
    /// The query that is added to the target URL's, without the question mark.
    pub query: Option<String>,
    /// Headers of this event: in `Fresh` mode beside the profile's, in `Exact` and `Renewed` mode all that are recorded
    /// (without those that belong to a connection: Connection and its like). Where `Host` or `Content-Length` stand
    /// among those, they say how it is written and where it goes; what they say is the target's and the body's. An empty
    /// one of the signature's, in `Renewed` mode, says the same of that.
    pub headers: HeaderPairs,
    /// Whether the `Host` among the headers goes out as it stands, in `Exact` mode.
    pub keeps_host: bool,
    /// Signed anew, or exactly as recorded.
    pub sign: SignMode,
    /// The headers and the query as they are recorded, each in its place, where they hold a secret that came
    /// with a captured request; `None` where they hold none.
    pub shown: Option<Shown>,
}

impl fmt::Debug for EventRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, query, headers, keeps_host, sign, shown } = self;
        let shown = shown.as_ref();
        f.debug_struct("EventRequest")
            .field("method", method)
            .field("path", path)
            .field("query", shown.map_or(query, |shown| &shown.query))
            .field("headers", shown.map_or(headers, |shown| &shown.headers))
            .field("keeps_host", keeps_host)
            .field("sign", sign)
            .finish()
    }
}

impl Default for EventRequest {
    fn default() -> Self {
        Self {
            method: "POST".to_owned(),
            path: None,
            query: None,
            headers: HeaderPairs::new(),
            keeps_host: false,
            sign: SignMode::Fresh,
            shown: None,
        }
    }
}

/// Something that happened, with its payload; never changed once made.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The id the provider gives it, in the provider's form; receivers drop repeats by it.
    pub provider_event_id: String,
    /// The profile that made it.
    pub provider: ProviderId,
    /// Its type: `message.sent`.
    pub event_type: String,
    /// The `Content-Type` of the payload.
    pub content_type: String,
    /// How its request differs from a plain POST.
    pub request: EventRequest,
    /// The exact bytes of the body.
    pub payload: Bytes,
    /// When it was made.
    pub created_at: Timestamp,
}

use bytes::Bytes;
use hookbench_model::{
    AnsweredBy, ArrivalFacts, BrokenHead, Colour, HeaderPairs, RequestFault, Timestamp, WireRecord,
};

/// One HTTP request, as the formats carry it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// When it arrived; `None` where the format does not say.
    pub at: Option<Timestamp>,
    /// The method, as it stood on the wire.
    pub method: String,
    /// The URL up to the path, as a captured request has it: `http://localhost:4800/in` with `path` below it, or
    /// `https://example.com` with all of the path. Empty where the sender named no host, `None` where it is not
    /// known.
    pub addressed: Option<String>,
    /// The path after that, undecoded; may be empty.
    pub path: String,
    /// The query without its question mark; `None` where there is none.
    pub query: Option<String>,
    /// `HTTP/1.1`, where the format says it.
    pub http_version: Option<String>,
    /// The headers in their order, with case and duplicates.
    pub headers: HeaderPairs,
    /// The body, to the byte.
    pub body: Bytes,
    /// The status that was answered, where one was.
    pub status: Option<u16>,
    /// Who sent it: address and port.
    pub remote_addr: Option<String>,
    /// What a person wrote about it.
    pub note: String,
    /// What a person marked it with.
    pub tags: Vec<String>,
    /// Whether a person wants it to stay.
    pub pinned: bool,
    /// The colour that a person marked it with.
    pub colour: Option<Colour>,
    /// The event's type.
    pub event_type: Option<String>,
    /// The provider's id of the event.
    pub provider_event_id: Option<String>,
    /// The handshake that was answered, by its kind.
    pub handshake: Option<String>,
    /// The rule that answered it.
    pub answered_by: Option<AnsweredBy>,
    /// How it came in.
    pub came: Option<ArrivalFacts>,
    /// What is wrong with it, where it is not whole or not well formed: its method, version and headers may then be any.
    pub fault: Option<RequestFault>,
    /// How its bytes differ from what is written of all that; as they are shown, where they are not revealed.
    pub wire: WireRecord,
    /// The entry as another tool wrote it, without its body, so that it can be written the same again: JSON.
    pub kept: Option<String>,
}

impl Message {
    /// The whole URL. Where its host is not known it is that of the `Host` header, or `localhost`.
    pub fn url(&self) -> String {
        let addressed = self.addressed.as_deref().filter(|addressed| !addressed.is_empty());
        let base = addressed.map_or_else(
            || {
                let host = self.headers.get_str("host").unwrap_or("localhost");
                format!("http://{host}{}", self.above().unwrap_or_default())
            },
            ToOwned::to_owned,
        );
        format!("{base}{}", self.path_and_query())
    }

    /// What stood before the path in the target of a request that named no host: the slug of its inbox.
    fn above(&self) -> Option<String> {
        let target = BrokenHead::read(self.wire.head.as_deref()?).target;
        let above = target.strip_suffix(&self.path_and_query())?;
        above.starts_with('/').then(|| above.to_owned())
    }

    /// Path and query as they stand in `url`.
    pub fn path_and_query(&self) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", self.path)
    }

    /// The content type, where it has one that is text.
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get_str("content-type")
    }
}

/// What is known about a captured request besides; written where the format has a place for it, and not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its id.
    pub id: String,
    /// The slug of its inbox.
    pub inbox: String,
    /// The delivery that sent it, where Hookbench did, and the number of the attempt.
    pub delivery: Option<(String, u32)>,
    /// What checking its signature gave, as a word.
    pub verification: String,
    /// The scheme it was checked by.
    pub scheme: Option<String>,
    /// Why it is not valid, as a stable code.
    pub reason: Option<String>,
    /// The verdict as a sentence.
    pub message: String,
    /// Whether secrets that it holds are left out.
    pub veiled: bool,
    /// Whether something was taken out by a redaction.
    pub redacted: bool,
}

/// A captured request on its way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The request.
    pub message: Message,
    /// What is known about it.
    pub facts: Facts,
}

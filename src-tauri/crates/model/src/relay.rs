//! Where the requests that an inbox captures are passed on to.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    CapturedRequest, DeliveryId, EndpointId, HeaderPairs, HeaderValue, InboxId, RelayTargetId, Subscriptions,
    Timestamp, is_pseudo,
};

/// What an inbox does with a request once it is kept: whose answer its sender gets, and who else gets the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxRelay {
    /// The target whose answer the sender gets; `None` where the inbox answers as ever, and all is passed on behind
    /// that.
    pub reply_from: Option<RelayTargetId>,
    /// Who gets the request.
    pub targets: Vec<RelayTarget>,
}

/// Somebody who gets what an inbox captures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayTarget {
    /// Its id; it stays through edits.
    pub id: RelayTargetId,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub to: RelayTo,
    /// Which events it gets.
    pub event_types: Subscriptions,
    /// Which `Host` it is sent.
    pub host: RelayHost,
    /// Whether it gets anything.
    pub enabled: bool,
}

/// Where a target of a relay is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayTo {
    /// At a URL; path and query below the inbox are added to its own.
    Url(Url),
    /// At an endpoint's URL, by that endpoint's retries, limits and order.
    Endpoint(EndpointId),
}

/// Which `Host` a target of a relay is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayHost {
    /// The target's own.
    #[default]
    Target,
    /// The one that the sender used.
    Sender,
}

impl InboxRelay {
    /// The most targets that an inbox may have.
    pub const MOST_TARGETS: usize = 16;

    /// The target whose answer the sender gets of an event of this type, where it gets any.
    pub fn answering(&self, event_type: Option<&str>) -> Option<&RelayTarget> {
        let chosen = self.reply_from?;
        self.targets.iter().find(|target| target.id == chosen && target.wants(event_type))
    }
}

impl RelayTarget {
    /// Whether it gets an event of this type; of one whose type is not known, where it gets all.
    pub fn wants(&self, event_type: Option<&str>) -> bool {
        let wanted = match event_type {
            Some(event_type) => self.event_types.matches(event_type),
            None => self.event_types.patterns().iter().any(|pattern| pattern.as_str() == "*"),
        };
        self.enabled && wanted
    }
}

impl RelayTo {
    /// The URL, where it is one.
    pub const fn url(&self) -> Option<&Url> {
        match self {
            Self::Url(url) => Some(url),
            Self::Endpoint(_) => None,
        }
    }

    /// The endpoint, where it is one.
    pub const fn endpoint_id(&self) -> Option<EndpointId> {
        match self {
            Self::Url(_) => None,
            Self::Endpoint(id) => Some(*id),
        }
    }
}

/// How a captured request goes to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayWay {
    /// While its sender waits for the target's answer.
    Inline,
    /// Behind the answer, as a delivery.
    Queued,
}

/// Where the passing on of a request to one target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayState {
    /// It is to be made a delivery.
    Waiting,
    /// It is a delivery, which tells the rest.
    Made,
    /// The target is being asked while the sender waits.
    UnderWay,
    /// The target answered, and the sender has the answer.
    Answered,
    /// The target gave no answer, or not a whole one.
    Failed,
    /// The sender hung up before it had the whole answer.
    HungUp,
}

/// A captured request on its way to one target.
#[derive(Clone, Debug)]
pub struct RequestRelay {
    /// Its number among those of its request, from 1.
    pub number: u32,
    /// The target's id.
    pub target_id: RelayTargetId,
    /// What the target was called then.
    pub name: String,
    /// Where it was then.
    pub to: RelayTo,
    /// Which `Host` it is sent.
    pub host: RelayHost,
    /// How it goes there.
    pub way: RelayWay,
    /// Where it stands.
    pub state: RelayState,
    /// The delivery that it became.
    pub delivery_id: Option<DeliveryId>,
    /// When the target began to be asked; of one that is queued its delivery tells.
    pub started_at: Option<Timestamp>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// What the target answered while the sender waited; without its body.
    pub response: Option<RelayedResponse>,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
}

/// What a target answered while the sender waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayedResponse {
    /// The status.
    pub status: u16,
    /// The headers as they are shown: a secret of the inbox is hidden in them.
    pub headers: HeaderPairs,
    /// How many bytes of body came in.
    pub body_size: u64,
    /// Whether more came than is kept.
    pub body_truncated: bool,
}

/// A captured request that is about to go to a target, written with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRelay {
    /// Who gets it.
    pub target: RelayTarget,
    /// How.
    pub way: RelayWay,
}

/// Headers that belong to one connection and not to the message (RFC 9110, section 7.6.1), and what was asked of us alone.
const STAY_BEHIND: [&str; 10] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authenticate",
    "proxy-authorization",
    "expect",
];

/// The headers that `Connection` names: they are for whoever is connected, and for nobody behind (RFC 9110, section 7.6.1).
/// The host and the length go on whatever it says.
pub fn named_by_connection(headers: &HeaderPairs) -> Vec<&str> {
    let values = headers.get_all("connection").filter_map(HeaderValue::as_str);
    let names = values.flat_map(|value| value.split(',')).map(str::trim);
    let goes_on = |name: &str| ["host", "content-length"].iter().any(|one| one.eq_ignore_ascii_case(name));
    names.filter(|name| !goes_on(name)).collect()
}

/// The headers with which a captured request is passed on, as they came: without those of the connection, and what its
/// `Connection` names. `Host` and `Content-Length` are among them, in their places; the host that a sender named over
/// HTTP/2 is the first.
///
/// Beyond this machine `Via` is added, as it is of a gateway (RFC 9110, section 7.6.3), with the inbox's id: by that a
/// request is known that comes back through a tunnel.
pub fn relayed_headers(captured: &CapturedRequest, target: &Url) -> HeaderPairs {
    let named = named_by_connection(&captured.headers);
    let stays = |name: &str| {
        !is_pseudo(name) && !STAY_BEHIND.iter().chain(&named).any(|other| other.eq_ignore_ascii_case(name))
    };
    let kept = captured.headers.iter().filter(|(name, _)| stays(name));
    let kept = kept.map(|(name, value)| (name.to_owned(), value.clone()));
    // Over HTTP/2 the host comes as a part of the URL, and stands before all headers.
    let is_left_out = captured.headers.get("host").is_none();
    let host = is_left_out.then(|| captured.authority()).flatten();
    let host = host.map(|host| ("Host".to_owned(), HeaderValue::from(host)));
    let mut headers: HeaderPairs = host.into_iter().chain(kept).collect();
    if !is_this_machine(target) {
        headers.push("Via", HeaderValue::from(format!("1.1 {}", captured.inbox_id)));
    }
    headers
}

/// Whether headers say that an inbox has passed the request on before.
pub fn came_by_relay(headers: &HeaderPairs, inbox: InboxId) -> bool {
    let mut vias = headers.get_all("via").peekable();
    if vias.peek().is_none() {
        return false;
    }
    let id = inbox.to_string();
    vias.filter_map(|value| value.as_str()).any(|value| value.contains(&id))
}

/// Whether a URL is of this very machine by its name or its address.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => std::net::IpAddr::from(address).to_canonical().is_loopback(),
        None => false,
    }
}

/// Whether a path has segments that URLs resolve away, plain or encoded: behind a target's own path it would reach
/// outside of it.
pub fn climbs(path: &str) -> bool {
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    path.split(['/', '\\']).any(is_dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(event_types: &[&str], enabled: bool) -> RelayTarget {
        RelayTarget {
            id: RelayTargetId::new(Timestamp::EPOCH),
            name: String::new(),
            to: RelayTo::Url("http://h/".parse().unwrap()),
            event_types: Subscriptions::new(event_types.iter().map(|text| text.parse().unwrap()).collect()),
            host: RelayHost::Target,
            enabled,
        }
    }

    #[test]
    fn a_target_gets_the_types_that_it_wants() {
        assert!(target(&["*"], true).wants(None) && target(&["*"], true).wants(Some("a")));
        assert!(
            target(&["a.*", "b"], true).wants(Some("a.b")) && target(&["a.*", "b"], true).wants(Some("b"))
        );
        assert!(!target(&["a.*", "b"], true).wants(None), "what it is cannot be told");
        assert!(!target(&["a.*"], true).wants(Some("b")) && !target(&["*"], false).wants(Some("a")));
    }

    #[test]
    fn the_chosen_target_answers_what_it_wants_only() {
        let (one, two) = (target(&["a"], true), target(&["*"], true));
        let relay = InboxRelay { reply_from: Some(one.id), targets: vec![two, one.clone()] };
        assert_eq!(relay.answering(Some("a")), Some(&one));
        assert_eq!(relay.answering(Some("b")), None);
        assert_eq!(InboxRelay { reply_from: None, ..relay }.answering(Some("a")), None);
    }

    #[test]
    fn it_reads_back_as_it_is_written() {
        let relay = InboxRelay { reply_from: None, targets: vec![target(&["a.*"], true)] };
        let text = serde_json::to_string(&relay).unwrap();
        assert_eq!(serde_json::from_str::<InboxRelay>(&text).unwrap(), relay);
    }
}

//! Whether a captured request is so: pure, and what the store's searches are held to.

mod json;

use std::net::{IpAddr, SocketAddr};

use hookbench_signing::VerificationStatus;

use super::term::{Mark, Node, Term, TextField, TextTest};
use crate::{Colour, DeliveryId, HeaderPairs, RequestId};

/// What is looked at of a captured request, as it is shown: without its secrets.
#[derive(Clone, Copy, Debug)]
pub struct Searched<'r> {
    /// Its id.
    pub id: RequestId,
    /// The id of the delivery that sent it, as text.
    pub delivery_id: Option<&'r str>,
    /// The slug of its inbox.
    pub inbox: &'r str,
    /// The method.
    pub method: &'r str,
    /// The path below the slug.
    pub path: &'r str,
    /// The query.
    pub query: Option<&'r str>,
    /// The version of HTTP.
    pub http_version: &'r str,
    /// The headers.
    pub headers: &'r HeaderPairs,
    /// The content type.
    pub content_type: Option<&'r str>,
    /// The size of the body in bytes.
    pub body_size: u64,
    /// Who sent it.
    pub remote_addr: &'r str,
    /// The event's type.
    pub event_type: Option<&'r str>,
    /// The provider's id of the event.
    pub provider_event_id: Option<&'r str>,
    /// The verdict on its signature.
    pub verification: VerificationStatus,
    /// The status that was answered; 0 where nobody was told any.
    pub response_status: u16,
    /// Whether it was a handshake.
    pub is_handshake: bool,
    /// Whether it broke off, or could not be understood.
    pub is_fault: bool,
    /// Whether its body differed from what was known before it.
    pub is_drifted: bool,
    /// Whether it is pinned.
    pub is_pinned: bool,
    /// The note.
    pub note: &'r str,
    /// The tags.
    pub tags: &'r [String],
    /// The colour.
    pub colour: Option<Colour>,
    /// What the body says, with the codings undone that it is packed in, and UTF-16 as UTF-8; may be left empty where no
    /// condition reads it.
    pub body: &'r [u8],
}

impl Node {
    /// Whether it holds for that captured request.
    pub fn holds(&self, of: &Searched<'_>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(of)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(of)),
            Self::Not(node) => !node.holds(of),
            Self::Term(term) => term.holds(of),
        }
    }
}

impl Term {
    fn holds(&self, of: &Searched<'_>) -> bool {
        match self {
            Self::Anywhere(text) => of.has(text),
            Self::Text(field, test) => of.fits(*field, test),
            Self::Status(range) => range.holds(of.response_status.into()),
            Self::Size(range) => range.holds(of.body_size),
            Self::Network(network) => address(of.remote_addr).is_some_and(|from| network.fits(from)),
            Self::Verdict(status) => of.verification == *status,
            Self::Mark(Mark::Pinned) => of.is_pinned,
            Self::Mark(Mark::Fault) => of.is_fault,
            Self::Mark(Mark::Handshake) => of.is_handshake,
            Self::Mark(Mark::Ours) => of.delivery_id.is_some(),
            Self::Mark(Mark::Noted) => !of.note.is_empty(),
            Self::Mark(Mark::Tagged) => !of.tags.is_empty(),
            Self::Mark(Mark::Drifted) => of.is_drifted,
            Self::Colour(colour) => of.colour.is_some() && (colour.is_none() || of.colour == *colour),
            Self::Header(name, None) => of.headers.get(name).is_some(),
            Self::Header(name, Some(test)) => {
                of.headers.get_all(name).any(|value| test.fits(value.as_bytes()))
            }
            Self::Json(path, test) => json::holds(of.body, path, test.as_ref()),
            Self::Since(at) => *of.id.as_bytes() >= *RequestId::lowest_at(*at).as_bytes(),
            Self::Until(at) => *of.id.as_bytes() < *RequestId::lowest_at(*at).as_bytes(),
        }
    }
}

impl Searched<'_> {
    fn fits(&self, field: TextField, test: &TextTest) -> bool {
        let fits = |text: &str| test.fits(text.as_bytes());
        match field {
            TextField::Method => fits(self.method),
            TextField::Path => fits(self.path),
            TextField::Query => self.query.is_some_and(fits),
            TextField::Url => match self.query {
                Some(query) => fits(&format!("{}?{query}", self.path)),
                None => fits(self.path),
            },
            TextField::Type => self.event_type.is_some_and(fits),
            TextField::EventId => self.provider_event_id.is_some_and(fits) || fits(&self.id.to_string()),
            TextField::Inbox => fits(self.inbox),
            TextField::Content => {
                self.content_type.is_some_and(|content| fits(&content.to_ascii_lowercase()))
            }
            TextField::From => fits(self.remote_addr),
            TextField::Tag => self.tags.iter().any(|tag| fits(tag)),
            TextField::Note => fits(self.note),
            TextField::Version => fits(self.http_version),
            TextField::Body => test.fits(self.body),
        }
    }

    /// Whether the text stands anywhere in it, or begins one of its ids.
    fn has(&self, text: &str) -> bool {
        let test = TextTest::Holds(text.to_owned());
        let texts = [Some(self.path), self.query, self.event_type, self.provider_event_id, Some(self.note)];
        // What all ids of a kind begin with names none of them.
        let names = |prefix: &str| text.len() > prefix.len() && text.starts_with(prefix);
        texts.into_iter().flatten().any(|one| test.fits(one.as_bytes()))
            || (names(RequestId::PREFIX) && self.id.to_string().starts_with(text))
            || (names(DeliveryId::PREFIX) && self.delivery_id.is_some_and(|id| id.starts_with(text)))
            || self.headers.iter().any(|(name, value)| is_in_header(text.as_bytes(), name, value.as_bytes()))
            || test.fits(self.body)
    }
}

/// Who sent it, without the port; of what was imported there may be no port, or no address at all.
fn address(remote: &str) -> Option<IpAddr> {
    let bare = || remote.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(remote);
    remote.parse::<SocketAddr>().map(|from| from.ip()).or_else(|_| bare().parse()).ok()
}

/// Whether the text stands in a header as it is written, `Name: value` and a line feed; in its name in whatever case.
fn is_in_header(text: &[u8], name: &str, value: &[u8]) -> bool {
    let rest = [b": ", value, b"\n"].concat();
    if memchr::memmem::find(&rest, text).is_some() {
        return true;
    }
    let name = name.as_bytes();
    (0..name.len()).any(|start| {
        let (of_name, of_rest) = text.split_at(text.len().min(name.len() - start));
        name[start..start + of_name.len()].eq_ignore_ascii_case(of_name) && rest.starts_with(of_rest)
    })
}

//! A received request under another event id, for whoever sends it anew.

use std::collections::BTreeMap;

use hookbench_model::HeaderPairs;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::compose::{ComposeInput, EXAMPLE_TIME};
use crate::profile::Profile;
use crate::recognise::{IdPlace, LARGEST_PARSED, Seen, plain_text};

/// What of a request changes with its event id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The headers, the new id where the old one stood.
    pub headers: HeaderPairs,
    /// The body with the new id; `None` where the id does not stand in it.
    pub body: Option<Vec<u8>>,
}

impl Profile {
    /// A received request of this provider under the event id `id`: that takes the old one's place in the headers it is
    /// read from, and in the body where the provider itself writes its event's id. All else stays to the byte. `None`
    /// where the request names no id, or one that is nothing but its content (a resource and a time, say).
    pub fn renewed(&self, seen: &Seen<'_>, id: &str) -> Option<Renewed> {
        let old = self.event_of(seen).provider_event_id?;
        let mut renewed = Renewed { headers: seen.headers.clone(), body: None };
        let mut found = false;
        for place in self.id_places(seen) {
            match place {
                IdPlace::Header(name) => {
                    found = true;
                    let is_old = |known: &str, value: &str| known.eq_ignore_ascii_case(name) && value == old;
                    let put = |(known, value): (&str, &hookbench_model::HeaderValue)| {
                        let stays = !value.as_str().is_some_and(|value| is_old(known, value));
                        (known.to_owned(), if stays { value.clone() } else { id.into() })
                    };
                    renewed.headers = renewed.headers.iter().map(put).collect();
                }
                IdPlace::Body(pointer) => {
                    let body = renewed.body.as_deref().unwrap_or(seen.body);
                    let with = self.writes_its_id_at(pointer).then(|| replaced(body, pointer, id)).flatten();
                    found |= with.is_some();
                    renewed.body = with.or(renewed.body);
                }
            }
        }
        found.then_some(renewed)
    }

    /// Whether the provider writes the id of its events there, as an event composed with a certain id tells.
    fn writes_its_id_at(&self, pointer: &str) -> bool {
        let Some(event) = self.events().next() else { return false };
        let event_type = event.event_type();
        let mut rng = StdRng::seed_from_u64(0);
        let id = self.fresh_event_id(event_type, EXAMPLE_TIME, &mut rng);
        self.envelopes().iter().any(|envelope| {
            let (envelope, now) = (Some(envelope.id()), EXAMPLE_TIME);
            let input = ComposeInput { event_type, data: None, now, event_id: Some(&id), envelope };
            let composed = self.compose(input, &mut rng).ok();
            let document = composed.and_then(|made| serde_json::from_slice::<Value>(&made.payload).ok());
            let there = document.as_ref().and_then(|document| plain_text(document.pointer(pointer)?));
            there.is_some_and(|there| there == id.as_str())
        })
    }
}

/// A JSON document with another text, or another number, in one place.
fn replaced(body: &[u8], pointer: &str, id: &str) -> Option<Vec<u8>> {
    let text = str::from_utf8(body).ok().filter(|text| text.len() <= LARGEST_PARSED)?;
    let mut at: &RawValue = serde_json::from_str(text).ok()?;
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        at = if at.get().starts_with('{') {
            serde_json::from_str::<BTreeMap<String, &RawValue>>(at.get()).ok()?.remove(&key)?
        } else {
            let items: Vec<&RawValue> = serde_json::from_str(at.get()).ok()?;
            items.get(key.parse::<usize>().ok()?)?
        };
    }
    let old = at.get();
    let new = match serde_json::from_str(old).ok()? {
        Value::String(_) => Value::from(id).to_string(),
        Value::Number(_) => id.parse::<u64>().ok()?.to_string(),
        _ => return None,
    };
    let start = old.as_ptr().addr() - text.as_ptr().addr();
    Some([&body[..start], new.as_bytes(), &body[start + old.len()..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    fn renewed(provider: &str, headers: &[(&str, &str)], body: &str) -> Option<(HeaderPairs, String)> {
        let profile = Catalog::builtin().get(&provider.parse().unwrap()).unwrap();
        let headers: HeaderPairs = headers.iter().copied().collect();
        let seen = Seen { method: "POST", query: None, headers: &headers, body: body.as_bytes() };
        let renewed = profile.renewed(&seen, "new-1")?;
        let body = renewed.body.map_or(body.to_owned(), |body| String::from_utf8(body).unwrap());
        Some((renewed.headers, body))
    }

    #[test]
    fn the_id_is_another_where_it_stood_and_all_else_stays_to_the_byte() {
        let body =
            "{ \"object\":\"event\",\n\t\"data\":{\"id\":\"evt_9\"}, \"id\" : \"evt_9\" ,\"n\":1.50e0}\n";
        let (_, after) = renewed("stripe", &[], body).unwrap();
        assert_eq!(after, body.replace("\"id\" : \"evt_9\"", "\"id\" : \"new-1\""));

        let (headers, after) =
            renewed("github", &[("x-a", "d1"), ("X-GitHub-Delivery", "d1")], "{\"id\":\"d1\"}").unwrap();
        assert_eq!(headers, HeaderPairs::from_iter([("x-a", "d1"), ("X-GitHub-Delivery", "new-1")]));
        assert_eq!(after, "{\"id\":\"d1\"}");

        let (headers, after) =
            renewed("politicalcomms", &[("x-event-id", "msg_1")], "{\"event_id\":\"msg_1\"}").unwrap();
        assert_eq!(headers.get_str("x-event-id"), Some("new-1"));
        assert_eq!(after, "{\"event_id\":\"new-1\"}");
    }

    #[test]
    fn what_names_no_id_or_is_known_by_its_content_has_none_to_exchange() {
        assert_eq!(renewed("stripe", &[], "{\"type\":\"charge.succeeded\"}"), None);
        assert_eq!(renewed("stripe", &[], "no JSON"), None);
        // Of which account something is told is no id of the telling.
        assert_eq!(renewed("dropbox", &[], "{\"list_folder\":{\"accounts\":[\"dbid:AA\"]}}"), None);
        let asana = "{\"events\":[{\"resource\":{\"gid\":\"1\"},\"action\":\"added\",\"created_at\":\"t\"}]}";
        assert_eq!(renewed("asana", &[], asana), None);
    }

    #[test]
    fn a_number_stays_one() {
        let with = |id| replaced(b"[{\"eventId\": 12 }]", "/0/eventId", id);
        assert_eq!(with("345"), Some(b"[{\"eventId\": 345 }]".to_vec()));
        assert_eq!(with("no number"), None);
        assert_eq!(replaced(b"{\"a/b\":\"x\"}", "/a~1b", "y\""), Some(br#"{"a/b":"y\""}"#.to_vec()));
    }
}

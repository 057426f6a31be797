use bytes::Bytes;
use hookbench_model::{HeaderPairs, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::marks::Marks;
use super::{Pages, escaped, place};
use crate::read::Intake;
use crate::recorded::Recorded;
use crate::target::{Target, writable};
use crate::{Fault, Message, Place, ReadError, headers, said};

/// An entry larger than this, its body apart, is not kept.
const MOST_KEPT: usize = 1 << 20;

#[derive(Deserialize)]
struct File<'f> {
    #[serde(borrow)]
    log: Log<'f>,
}

/// The entries as they stand: each is read by itself, so that one of them cannot spoil the others.
#[derive(Deserialize)]
struct Log<'f> {
    #[serde(borrow)]
    entries: Vec<&'f RawValue>,
    #[serde(borrow)]
    pages: Option<&'f RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'t> {
    started_date_time: Option<String>,
    #[serde(borrow)]
    request: Request<'t>,
    response: Option<Response>,
    comment: Option<String>,
    #[serde(rename = "_hookbench")]
    own: Option<Own>,
    #[serde(rename = "_hookbench_marks")]
    marks: Option<Marks>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'t> {
    method: String,
    url: String,
    http_version: Option<String>,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(borrow)]
    post_data: Option<PostData<'t>>,
    /// Where HTTP Toolkit puts bodies that are not text.
    #[serde(rename = "_content", borrow)]
    content: Option<PostData<'t>>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
    #[serde(rename = "_base64")]
    base64: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'t> {
    mime_type: Option<String>,
    #[serde(borrow)]
    text: Option<&'t RawValue>,
    #[serde(default)]
    params: Vec<Param>,
    #[serde(alias = "_encoding")]
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Param {
    name: String,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Response {
    status: Option<i64>,
}

/// What of ours the format has no place for.
#[derive(Deserialize)]
struct Own {
    addressed: Option<String>,
    path: String,
    query: Option<String>,
    http_version: Option<String>,
    remote_addr: Option<String>,
    event_type: Option<String>,
    provider_event_id: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pinned: bool,
    #[serde(flatten)]
    recorded: Recorded,
}

pub(crate) fn read(content: &[u8], intake: &mut Intake<'_>) -> Result<(), ReadError> {
    let text = std::str::from_utf8(content).map_err(|_| intake.broken("it is not UTF-8"))?;
    let file: File<'_> = serde_json::from_str(text).map_err(|error| intake.broken(said::of(&error)))?;
    let pages = file.log.pages.map(|list| Pages::read(list.get())).unwrap_or_default();
    for (index, entry) in file.log.entries.iter().enumerate() {
        intake.take(Place::Entry(index + 1), message(entry.get(), &pages))?;
    }
    Ok(())
}

/// One entry, which stands by itself, and names one of the pages.
pub(crate) fn message_of(text: &[u8], pages: &Pages) -> Result<Message, Fault> {
    let text = std::str::from_utf8(text).map_err(|_| Fault::NotJson("it is not UTF-8".to_owned()))?;
    message(text.trim(), pages)
}

fn message(text: &str, pages: &Pages) -> Result<Message, Fault> {
    let Entry { started_date_time, request, response, comment, own, marks } =
        serde_json::from_str(text).map_err(|error| Fault::Form(said::of(&error)))?;
    let at = started_date_time.map(|text| Timestamp::parse_rfc3339(&text).ok_or(Fault::Time)).transpose()?;
    let target = match &own {
        // What is malformed may have no URL.
        Some(_) => Target::default(),
        None => Target::read(&writable(&request.url))?,
    };
    let mut message = Message {
        at,
        method: request.method,
        addressed: target.origin,
        path: target.path,
        query: target.query,
        http_version: request.http_version.as_deref().and_then(version),
        headers: pairs(request.headers, own.is_some())?,
        body: match (request.post_data, request.content) {
            (Some(data), _) | (None, Some(data)) => data.body()?,
            (None, None) => Bytes::new(),
        },
        status: response.and_then(|response| response.status).and_then(status),
        note: comment.unwrap_or_default(),
        ..Message::default()
    };
    let Some(own) = own else {
        if let Some(marks) = marks {
            marks.put(&mut message);
        }
        message.kept = kept(text, pages);
        return Ok(message);
    };
    let Own { addressed, path, query, remote_addr, event_type, provider_event_id, tags, pinned, .. } = own;
    let http_version = own.http_version.or(message.http_version.take());
    message = Message { addressed, path, query, http_version, remote_addr, tags, pinned, ..message };
    message = Message { event_type, provider_event_id, ..message };
    own.recorded.put(&mut message);
    Ok(message)
}

/// A version as captured requests have it; what else tools write there (`h2`, `unknown`) is not told.
fn version(text: &str) -> Option<String> {
    let known = match text.to_ascii_lowercase().as_str() {
        "http/1.0" => "HTTP/1.0",
        "http/1.1" => "HTTP/1.1",
        "http/2.0" | "http/2" | "h2" => "HTTP/2.0",
        "http/3.0" | "http/3" | "h3" => "HTTP/3.0",
        _ => return None,
    };
    Some(known.to_owned())
}

/// 0 stands for none in this format.
fn status(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|status| (100..=599).contains(status))
}

/// The pseudo-headers of HTTP/2 say what method and URL say already; of ours they are part of the record.
fn pairs(given: Vec<Header>, is_ours: bool) -> Result<HeaderPairs, Fault> {
    let real = given.into_iter().filter(|header| is_ours || !header.name.starts_with(':'));
    real.map(|Header { name, value, base64 }| Ok((name, headers::value(value, base64.as_deref())?))).collect()
}

impl PostData<'_> {
    fn body(self) -> Result<Bytes, Fault> {
        if let Some(text) = self.text.map(RawValue::get).filter(|text| *text != "null") {
            return match self.encoding.as_deref() {
                Some(encoding) if encoding.eq_ignore_ascii_case("base64") => {
                    let text: String =
                        serde_json::from_str(text).map_err(|error| Fault::Form(error.to_string()))?;
                    headers::decoded(&text, "body")
                }
                _ => escaped::bytes(text).map(Bytes::from),
            };
        }
        let mime = self.mime_type.unwrap_or_default();
        if self.params.is_empty() {
            return Ok(Bytes::new());
        }
        if !mime.starts_with("application/x-www-form-urlencoded") {
            return Err(Fault::Form(
                "its body is told by its parameters alone, so its bytes are not known".to_owned(),
            ));
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        for Param { name, value } in &self.params {
            form.append_pair(name, value.as_deref().unwrap_or_default());
        }
        Ok(Bytes::from(form.finish()))
    }
}

/// The entry without the text of its body, which is kept as bytes, and with the page that it names.
fn kept(text: &str, pages: &Pages) -> Option<String> {
    let body = place::body(text).map(|(_, body)| place::range(text, body));
    let without = text.len() - body.as_ref().map_or(0, ExactSizeIterator::len);
    if without > MOST_KEPT {
        return None;
    }
    let mut kept = text.to_owned();
    if let Some(body) = body {
        kept.replace_range(body, "null");
    }
    pages.put(&mut kept);
    Some(kept)
}

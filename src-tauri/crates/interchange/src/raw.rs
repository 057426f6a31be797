//! HTTP/1.1 as it stands on the wire, one request after the other.
//!
//! Between requests stands a line that begins with `###`, as the REST clients of editors have it. Ours says on it when
//! the request arrived and how many bytes its head and its body have, so that they can be read back to the byte; and what
//! is wrong with one that did not come whole and well formed, which is not read back: its bytes could pass for another's.

mod chunks;

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, Timestamp, WireRecord, is_pseudo};

use crate::headers::is_chunked;
use crate::read::Intake;
use crate::target::{Target, writable};
use crate::{Fault, Message, Outgoing, Place, ReadError};

const SEPARATOR: &[u8] = b"###";
/// The longest code of what is wrong that is told, in characters.
const LONGEST_CODE: usize = 64;

/// Writes one request: what separates it, its head, its body.
pub(crate) fn write(Outgoing { message, facts }: &Outgoing) -> Vec<u8> {
    let at = message.at.map(Timestamp::to_rfc3339).unwrap_or_default();
    let head = message.wire.head.as_ref().map_or_else(|| head(message), |head| head.to_vec());
    let body = body(message);
    let (head_size, body_size) = (head.len(), body.len());
    let fault = message.fault.as_ref().map(|fault| format!(" fault={}", fault.code)).unwrap_or_default();
    let told = format!("### {} at={at} head={head_size} body={body_size}{fault}\r\n", facts.id);
    let mut out = told.into_bytes();
    out.extend_from_slice(&head);
    out.extend_from_slice(&body);
    out.extend_from_slice(b"\r\n");
    out
}

/// The head as most senders write it. What came over HTTP/2 is written as HTTP/1 says it (RFC 9113, section 8.3.1): its
/// pseudo headers are the request line, and `:authority` is the `Host`.
fn head(message: &Message) -> Vec<u8> {
    let version = message.http_version.as_deref().unwrap_or("HTTP/1.1");
    // Below the slug of an inbox stands what was addressed.
    let base = message.addressed.as_deref().and_then(|url| Target::read(url).ok()).unwrap_or_default().path;
    let target = format!("{base}{}", message.path_and_query());
    let target = if target.is_empty() || target.starts_with('?') { format!("/{target}") } else { target };
    let mut out = format!("{} {target} {version}\r\n", message.method).into_bytes();
    let authority = message.headers.get(":authority").filter(|_| message.headers.get("host").is_none());
    for (name, value) in authority.map(|value| ("host", value)).into_iter().chain(message.headers.iter()) {
        if is_pseudo(name) {
            continue;
        }
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// The body as its head says that it comes: in the chunks in which it came, where those are known, faulty ones and what
/// lay behind them too. What followed a malformed head stands as it came, whatever that says of it.
fn body(message: &Message) -> Vec<u8> {
    let WireRecord { chunks, trailers, .. } = &message.wire;
    if let Some(chunks) = chunks.as_ref().filter(|chunks| chunks.complete) {
        return chunks.written(&message.body, trailers);
    }
    let is_of_head = message.fault.as_ref().is_some_and(|fault| !fault.code.starts_with("body"));
    if is_of_head || !is_chunked(&message.headers) {
        return message.body.to_vec();
    }
    let mut chunks = Vec::new();
    if !message.body.is_empty() {
        chunks.extend_from_slice(format!("{:x}\r\n", message.body.len()).as_bytes());
        chunks.extend_from_slice(&message.body);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    chunks
}

pub(crate) fn read(content: &[u8], intake: &mut Intake<'_>) -> Result<(), ReadError> {
    let mut rest = content;
    let mut number = 0;
    loop {
        let told = separators(&mut rest);
        if rest.is_empty() {
            return Ok(());
        }
        number += 1;
        let behind = told.behind(rest);
        // Where it says how long it is, the line is ours.
        let found = match told.fault.as_ref().filter(|_| behind.is_some()) {
            Some(code) => Err(Fault::NotWhole(code.clone())),
            None => request(&mut rest, &told),
        };
        match found {
            Ok(message) => intake.take(Place::Request(number), Ok(message))?,
            Err(fault) => {
                intake.take(Place::Request(number), Err(fault))?;
                // Where it ends is not known: the next begins behind the next line between two.
                rest = behind.unwrap_or_else(|| next_separator(rest).map_or(&[], |at| &rest[at..]));
            }
        }
    }
}

/// What the line before a request says of it.
#[derive(Default)]
struct Told {
    at: Option<Timestamp>,
    head: Option<usize>,
    body: Option<usize>,
    /// The code of what is wrong with it.
    fault: Option<String>,
}

/// Passes over lines between requests.
fn separators(rest: &mut &[u8]) -> Told {
    let mut told = Told::default();
    loop {
        let line_end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let line = &rest[..line_end];
        let is_separator = line.starts_with(SEPARATOR);
        let is_comment = line.starts_with(b"#") || line.starts_with(b"//");
        if line.is_empty() || !(is_separator || is_comment || line.trim_ascii().is_empty()) {
            return told;
        }
        if is_separator {
            told = Told::read(line);
        }
        *rest = &rest[line_end..];
    }
}

impl Told {
    fn read(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let named = |name: &str| text.split_whitespace().find_map(|word| word.strip_prefix(name));
        Self {
            at: named("at=").and_then(Timestamp::parse_rfc3339),
            head: named("head=").and_then(|text| text.parse().ok()),
            body: named("body=").and_then(|text| text.parse().ok()),
            fault: named("fault=").map(|code| {
                let fits = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
                code.chars().filter(fits).take(LONGEST_CODE).collect()
            }),
        }
    }

    /// What lies behind the request, where it says how long that is.
    fn behind<'c>(&self, rest: &'c [u8]) -> Option<&'c [u8]> {
        rest.get(self.head?.checked_add(self.body?)?..)
    }
}

fn next_separator(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        if rest[at..].starts_with(SEPARATOR) {
            return Some(at);
        }
        at += rest[at..].iter().position(|byte| *byte == b'\n')? + 1;
    }
}

/// Takes one request off the front.
fn request(rest: &mut &[u8], told: &Told) -> Result<Message, Fault> {
    let raw = told.head.map(|size| take(rest, size)).transpose()?;
    let mut of_head = raw;
    let lines = of_head.as_mut().unwrap_or(rest);
    let line = take_line(lines);
    let (method, target, version) = request_line(line)?;
    let headers = header_lines(lines)?;
    let target = if raw.is_some() { Target::read(&target)? } else { Target::read(&writable(&target))? };
    let body = take_body(rest, &headers, told.body)?;
    let mut wire = WireRecord { head: raw.map(Bytes::copy_from_slice), ..WireRecord::default() };
    let body = if is_chunked(&headers) {
        let chunked = chunks::read(&body)?;
        // What somebody wrote by hand is no record of how it came.
        if raw.is_some() {
            (wire.chunks, wire.trailers) = (Some(chunked.chunks), chunked.trailers);
        }
        chunked.body
    } else {
        body
    };
    Ok(Message {
        at: told.at,
        method,
        addressed: match (target.origin, headers.get_str("host")) {
            (Some(origin), _) => Some(origin),
            (None, Some(host)) => Some(format!("http://{host}")),
            (None, None) => Some(String::new()),
        },
        path: target.path,
        query: target.query,
        http_version: version,
        headers,
        body,
        wire,
        ..Message::default()
    })
}

/// Takes a line off the front, and gives it without its end.
fn take_line<'c>(rest: &mut &'c [u8]) -> &'c [u8] {
    let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
    let (line, after) = rest.split_at(end);
    *rest = after;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn request_line(line: &[u8]) -> Result<(String, String, Option<String>), Fault> {
    let text = std::str::from_utf8(line).map_err(|_| Fault::RequestLine)?;
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(Fault::RequestLine) };
    let version = words.next();
    let is_version = version.is_none_or(|version| version.starts_with("HTTP/"));
    if !is_version || words.next().is_some() {
        return Err(Fault::RequestLine);
    }
    Ok((method.to_owned(), target.to_owned(), version.map(ToOwned::to_owned)))
}

fn header_lines(rest: &mut &[u8]) -> Result<HeaderPairs, Fault> {
    let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut number = 1;
    while !rest.is_empty() {
        number += 1;
        let line = take_line(rest);
        if line.is_empty() {
            break;
        }
        // A line that goes on where the one before it ended.
        if let (Some((_, value)), true) =
            (pairs.last_mut(), line.starts_with(b" ") || line.starts_with(b"\t"))
        {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Fault::HeaderLine(number))?;
        let name = std::str::from_utf8(&line[..colon]).map_err(|_| Fault::HeaderLine(number))?;
        pairs.push((name.trim().to_owned(), line[colon + 1..].trim_ascii().to_vec()));
    }
    Ok(pairs.into_iter().map(|(name, value)| (name, HeaderValue::from(Bytes::from(value)))).collect())
}

/// Takes the body off the front: as long as the line before the request says, or the head; else up to the next line
/// between two requests.
fn take_body(rest: &mut &[u8], headers: &HeaderPairs, told: Option<usize>) -> Result<Bytes, Fault> {
    let announced = || headers.get_str("content-length").and_then(|text| text.trim().parse().ok());
    let length = if is_chunked(headers) { told } else { told.or_else(announced) };
    let length = length.unwrap_or_else(|| up_to_next(rest));
    take(rest, length).map(Bytes::copy_from_slice)
}

/// Takes so many bytes off the front.
fn take<'c>(rest: &mut &'c [u8], length: usize) -> Result<&'c [u8], Fault> {
    let short = Fault::Short { announced: length as u64, there: rest.len() as u64 };
    let (taken, after) = rest.split_at_checked(length).ok_or(short)?;
    *rest = after;
    Ok(taken)
}

/// How many bytes stand before the next request; the line end before that one is not part of this one.
fn up_to_next(rest: &[u8]) -> usize {
    let Some(end) = next_separator(rest) else { return rest.len() };
    let body = &rest[..end];
    let without_end = body.strip_suffix(b"\n").map(|body| body.strip_suffix(b"\r").unwrap_or(body));
    without_end.unwrap_or(body).len()
}

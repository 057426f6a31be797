//! HTTP/1.1 as it stands on the wire, one request after the other.
//!
//! Between requests stands a line that begins with `###`, as the REST clients of editors have it. Ours says on it when
//! the request arrived and how many bytes its body has, so that any body can be read back.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, Timestamp};

use crate::read::Intake;
use crate::target::{Target, writable};
use crate::{Fault, Message, Outgoing, Place, ReadError};

const SEPARATOR: &[u8] = b"###";

/// Writes one request: what separates it, its head, its body.
pub(crate) fn write(Outgoing { message, facts }: &Outgoing) -> Vec<u8> {
    let at = message.at.map(Timestamp::to_rfc3339).unwrap_or_default();
    let version = message.http_version.as_deref().unwrap_or("HTTP/1.1");
    // Below the slug of an inbox stands what was addressed.
    let base = message.addressed.as_deref().and_then(|url| Target::read(url).ok()).unwrap_or_default().path;
    let target = format!("{base}{}", message.path_and_query());
    let target = if target.is_empty() || target.starts_with('?') { format!("/{target}") } else { target };
    let body = body(message);
    let mut out = format!("### {} at={at} body={}\r\n", facts.id, body.len()).into_bytes();
    out.extend_from_slice(format!("{} {target} {version}\r\n", message.method).as_bytes());
    for (name, value) in message.headers.iter() {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&body);
    out.extend_from_slice(b"\r\n");
    out
}

/// The body as its head says that it comes.
fn body(message: &Message) -> Vec<u8> {
    if !is_chunked(&message.headers) {
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

fn is_chunked(headers: &HeaderPairs) -> bool {
    let codings = headers.get_all("transfer-encoding").filter_map(HeaderValue::as_str);
    codings.last().is_some_and(|text| text.trim().to_ascii_lowercase().ends_with("chunked"))
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
        match request(&mut rest, &told) {
            Ok(message) => intake.take(Place::Request(number), Ok(message))?,
            Err(fault) => {
                intake.take(Place::Request(number), Err(fault))?;
                // Where it ends is not known: the next begins behind the next line between two.
                rest = next_separator(rest).map_or(&[], |at| &rest[at..]);
            }
        }
    }
}

/// What the line before a request says of it.
#[derive(Default)]
struct Told {
    at: Option<Timestamp>,
    body: Option<usize>,
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
            body: named("body=").and_then(|text| text.parse().ok()),
        }
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
    let line = take_line(rest);
    let (method, target, version) = request_line(line)?;
    let headers = header_lines(rest)?;
    let target = Target::read(&writable(&target))?;
    let body = take_body(rest, &headers, told.body)?;
    let body = if is_chunked(&headers) { dechunked(&body)? } else { body };
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
    if length > rest.len() {
        return Err(Fault::Short { announced: length as u64, there: rest.len() as u64 });
    }
    let (body, after) = rest.split_at(length);
    *rest = after;
    Ok(Bytes::copy_from_slice(body))
}

/// How many bytes stand before the next request; the line end before that one is not part of this one.
fn up_to_next(rest: &[u8]) -> usize {
    let Some(end) = next_separator(rest) else { return rest.len() };
    let body = &rest[..end];
    let without_end = body.strip_suffix(b"\n").map(|body| body.strip_suffix(b"\r").unwrap_or(body));
    without_end.unwrap_or(body).len()
}

fn dechunked(mut rest: &[u8]) -> Result<Bytes, Fault> {
    let mut body = Vec::new();
    loop {
        let line = take_line(&mut rest);
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(size).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        match size {
            Some(0) => return Ok(Bytes::from(body)),
            Some(size) if size <= rest.len() => {
                body.extend_from_slice(&rest[..size]);
                rest = &rest[size..];
                if !take_line(&mut rest).is_empty() {
                    return Err(Fault::Chunks);
                }
            }
            _ => return Err(Fault::Chunks),
        }
    }
}

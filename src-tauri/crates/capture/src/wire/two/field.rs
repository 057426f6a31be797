use hookbench_model::{BrokenHead, HeaderPairs, HeaderValue};

use super::hpack::{Field, Fields};
use crate::Limits;
use crate::fault::Fault;
use crate::wire::framing::content_length;
use crate::wire::scan::is_token;
use crate::wire::{Head, Target, Version};

/// Headers of a connection, which HTTP/2 has not (RFC 9113 section 8.2.2).
const OF_CONNECTION: [&str; 5] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// A head over HTTP/2, as far as it can be read.
pub(super) enum Known {
    /// It says whom it is for; what may be wrong with it all the same.
    Head(Box<Head>, Option<Fault>),
    /// It does not.
    Broken(BrokenHead, Fault),
}

/// The parts of a request line, in fields of their own.
#[derive(Default)]
struct Pseudo<'f> {
    method: Option<&'f [u8]>,
    scheme: Option<&'f [u8]>,
    authority: Option<&'f [u8]>,
    path: Option<&'f [u8]>,
}

/// Reads a head by RFC 9113 section 8; what is wrong first is told.
pub(super) fn head_of(fields: &Fields, limits: &Limits) -> Known {
    let mut fault = fields.too_large.then_some(Fault::HeadTooLarge(limits.head_bytes));
    let (mut pseudo, mut headers, mut own) = (Pseudo::default(), HeaderPairs::new(), 0);
    for (name, value) in &fields.all {
        headers.push(String::from_utf8_lossy(name), HeaderValue::from(value.clone()));
        let wrong = if name.starts_with(b":") {
            let is_late = own > 0;
            let is_odd = pseudo.take(name, value).is_err();
            (is_late || is_odd).then_some(Fault::PseudoHeader)
        } else {
            own += 1;
            wrong_with(name, value)
        };
        fault = fault.or(wrong);
    }
    let most = limits.headers.min(Limits::MOST_HEADERS);
    let wrong = (own > most).then_some(Fault::TooManyHeaders(most)).or_else(|| pseudo.wrong());
    let (length, wrong_length) = match content_length(&headers) {
        Ok(length) => (length, None),
        Err(wrong) => (None, Some(wrong)),
    };
    let fault = fault.or(wrong).or(wrong_length);
    let method = String::from_utf8_lossy(pseudo.method.unwrap_or_default()).into_owned();
    let (target, wrong) = match pseudo.target() {
        Ok(target) => (Some(target), None),
        // What no path may hold may stand behind what tells the inbox.
        Err(wrong) => (pseudo.malformed_target(), Some(wrong)),
    };
    match (target, wrong) {
        (Some(target), wrong) => {
            let head =
                Head { method, target, version: Version::Http2, headers, announced: length, raw: None };
            Known::Head(Box::new(head), fault.or(wrong))
        }
        (None, wrong) => {
            let wrong = wrong.unwrap_or(Fault::Target);
            let target = String::from_utf8_lossy(pseudo.path.unwrap_or_default()).into_owned();
            let version = Version::Http2.as_str().to_owned();
            let broken = BrokenHead { method, target, target_ends: true, version, headers, length: 0 };
            Known::Broken(broken, fault.unwrap_or(wrong))
        }
    }
}

/// What is wrong with the headers behind a body.
pub(super) fn wrong_with_trailers(trailers: &Fields) -> Option<Fault> {
    let is_wrong = |(name, value): &Field| name.starts_with(b":") || wrong_with(name, value).is_some();
    (trailers.too_large || trailers.all.iter().any(is_wrong)).then_some(Fault::Trailer)
}

fn wrong_with(name: &[u8], value: &[u8]) -> Option<Fault> {
    let fits = |byte: &u8| is_token(*byte) && !byte.is_ascii_uppercase();
    if name.is_empty() || !name.iter().all(fits) {
        return Some(Fault::NameInHttp2);
    }
    if value.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
        return Some(Fault::HeaderValue);
    }
    let is_of_connection = OF_CONNECTION.iter().any(|known| known.as_bytes() == name);
    let is_other_te = name == b"te" && !value.trim_ascii().eq_ignore_ascii_case(b"trailers");
    (is_of_connection || is_other_te).then_some(Fault::HeaderOfConnection)
}

impl<'f> Pseudo<'f> {
    fn take(&mut self, name: &[u8], value: &'f [u8]) -> Result<(), ()> {
        let place = match name {
            b":method" => &mut self.method,
            b":scheme" => &mut self.scheme,
            b":authority" => &mut self.authority,
            b":path" => &mut self.path,
            _ => return Err(()),
        };
        // The first one says whom it is for.
        if place.is_some() {
            return Err(());
        }
        *place = Some(value);
        Ok(())
    }

    fn wrong(&self) -> Option<Fault> {
        let method = self.method.unwrap_or_default();
        if method == b"CONNECT" {
            return Some(Fault::Connect);
        }
        let is_missing = self.method.is_none() || self.scheme.is_none() || self.path.is_none();
        if is_missing || method.is_empty() || !method.iter().copied().all(is_token) {
            return Some(Fault::PseudoHeader);
        }
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
        (!self.authority.unwrap_or_default().iter().all(fits)).then_some(Fault::HostMalformed)
    }

    /// The URL in one, with what of it there is.
    fn target(&self) -> Result<Target, Fault> {
        let text = |part: Option<&'f [u8]>| std::str::from_utf8(part.unwrap_or_default()).ok();
        let path = text(self.path).ok_or(Fault::TargetNotText)?;
        if path.bytes().any(|byte| byte <= b' ' || byte == 0x7f) || !(path.starts_with('/') || path == "*") {
            return Err(Fault::Target);
        }
        let (scheme, authority) = (text(self.scheme), text(self.authority));
        match (scheme, authority) {
            (Some(scheme), Some(authority)) if !authority.is_empty() && path != "*" => {
                Target::read(&format!("{scheme}://{authority}{path}")).or_else(|_| Target::read(path))
            }
            _ => Target::read(path),
        }
    }

    /// What a path leads to that is malformed behind its first segment.
    fn malformed_target(&self) -> Option<Target> {
        let path = String::from_utf8_lossy(self.path?).into_owned();
        let text = |part: Option<&'f [u8]>| std::str::from_utf8(part.unwrap_or_default()).ok();
        let origin = text(self.scheme).zip(text(self.authority));
        let origin = origin.filter(|(scheme, authority)| !scheme.is_empty() && !authority.is_empty());
        Target::malformed(origin.map(|(scheme, authority)| format!("{scheme}://{authority}")), path)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn fields(all: &[(&'static str, &'static str)]) -> Fields {
        let field = |(name, value): &(&'static str, &'static str)| {
            (Bytes::from_static(name.as_bytes()), Bytes::from_static(value.as_bytes()))
        };
        Fields { all: all.iter().map(field).collect(), too_large: false }
    }

    const LINE: [(&str, &str); 4] =
        [(":method", "PUT"), (":scheme", "http"), (":path", "/in/a?b=c"), (":authority", "h:1")];

    #[test]
    fn a_head_keeps_the_order_of_its_fields() {
        let mut all = LINE.to_vec();
        all.extend([
            ("x-b", "1"),
            ("x-a", "\u{fc}"),
            ("x-b", "2"),
            ("content-length", "3"),
            ("te", "trailers"),
        ]);
        let Known::Head(head, None) = head_of(&fields(&all), &Limits::default()) else { panic!("no head") };
        assert_eq!((head.method.as_str(), head.url().as_str()), ("PUT", "http://h:1/in/a?b=c"));
        assert_eq!((head.announced, head.addressed().as_str()), (Some(3), "http://h:1/in"));
        let names: Vec<&str> = head.headers.iter().map(|(name, _)| name).collect();
        let line = [":method", ":scheme", ":path", ":authority"];
        assert_eq!(names, [&line[..], &["x-b", "x-a", "x-b", "content-length", "te"]].concat());
    }

    #[test]
    fn what_is_wrong_is_named_and_the_head_kept_where_it_says_whom_it_is_for() {
        for (more, fault) in [
            (vec![("X-Upper", "1")], Fault::NameInHttp2),
            (vec![("a b", "1")], Fault::NameInHttp2),
            (vec![("", "1")], Fault::NameInHttp2),
            (vec![("a", "1\r\nb: 2")], Fault::HeaderValue),
            (vec![("a", "\0")], Fault::HeaderValue),
            (vec![("connection", "close")], Fault::HeaderOfConnection),
            (vec![("transfer-encoding", "chunked")], Fault::HeaderOfConnection),
            (vec![("te", "gzip")], Fault::HeaderOfConnection),
            (vec![("a", "1"), (":path", "/other")], Fault::PseudoHeader),
            (vec![(":path", "/other")], Fault::PseudoHeader),
            (vec![(":status", "200")], Fault::PseudoHeader),
            (vec![(":protocol", "websocket")], Fault::PseudoHeader),
            (vec![("content-length", "+1")], Fault::LengthMalformed),
            (vec![("content-length", "1"), ("content-length", "2")], Fault::LengthConflict),
            (vec![("a", "b"); 257], Fault::TooManyHeaders(256)),
        ] {
            let all = [&LINE[..], &more].concat();
            let Known::Head(head, Some(found)) = head_of(&fields(&all), &Limits::default()) else {
                panic!("{fault:?}")
            };
            assert_eq!((found, head.target.slug()), (fault, "in"));
            // What is wrong stands where it stood.
            let names = head.headers.iter().map(|(name, value)| (name, value.as_str().unwrap()));
            assert!(names.eq(all));
        }
        let without = |name: &str| LINE.into_iter().filter(|(other, _)| *other != name).collect::<Vec<_>>();
        for (all, fault) in [
            (without(":path"), Fault::PseudoHeader),
            ([without(":path"), vec![(":path", "in")]].concat(), Fault::Target),
            ([without(":path"), vec![(":path", "/ in")]].concat(), Fault::Target),
        ] {
            let Known::Broken(broken, found) = head_of(&fields(&all), &Limits::default()) else {
                panic!("a head")
            };
            assert_eq!((found, broken.method.as_str()), (fault, "PUT"));
        }
        for (all, fault) in [
            (without(":method"), Fault::PseudoHeader),
            (without(":scheme"), Fault::PseudoHeader),
            ([without(":path"), vec![(":path", "/in a")]].concat(), Fault::Target),
            ([without(":method"), vec![(":method", "CONNECT")]].concat(), Fault::Connect),
            ([without(":authority"), vec![(":authority", "u@h")]].concat(), Fault::HostMalformed),
        ] {
            let Known::Head(_, found) = head_of(&fields(&all), &Limits::default()) else { panic!("no head") };
            assert_eq!(found, Some(fault));
        }
        assert_eq!(wrong_with_trailers(&fields(&[("x-t", "1")])), None);
        assert_eq!(wrong_with_trailers(&fields(&[("X-T", "1")])), Some(Fault::Trailer));
    }
}

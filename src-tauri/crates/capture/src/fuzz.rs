//! Entries for fuzzing: each takes any bytes, drives one reader of the receiver with them, and panics only
//! where a promise is broken. The fuzz targets are calls to these, and a test runs each over a corpus and its
//! mutations.
//!
//! No part of the crate's interface.

use crate::Limits;
use crate::handshake::{Asked, answer};
use crate::wire::{ChunkScan, Framing, Head, HeadScan};
use bytes::{Bytes, BytesMut};
use hookbench_model::HeaderPairs;
use hookbench_providers::Handshake;
use hookbench_signing::Secret;

/// One entry.
pub type Entry = fn(&[u8]);

/// All entries by name.
pub const ENTRIES: [(&str, Entry); 3] = [("head", head), ("chunks", chunks), ("handshake", handshake)];

/// A request's head. Its end is found alike in whatever pieces it comes, and what is read keeps every header;
/// the head of our own writing in its place frames the same body.
pub fn head(data: &[u8]) {
    let limits = Limits::default();
    let whole = HeadScan::default().look(data, &limits);
    let mut scan = HeadScan::default();
    let by_bytes =
        (1..=data.len()).map(|end| scan.look(&data[..end], &limits)).find(|seen| !matches!(seen, Ok(None)));
    match (&whole, &by_bytes) {
        (Ok(Some(bounds)), Some(Ok(Some(other)))) => assert_eq!(bounds, other),
        (Ok(None), seen) => assert!(seen.is_none(), "{seen:?}"),
        // A fault behind the head is seen with the whole, and the head alone without it.
        (Err(_), _) => {}
        (Ok(Some(_)), seen) => panic!("{seen:?}"),
    }
    let Ok(Some((start, end))) = whole else { return };
    let bytes = Bytes::copy_from_slice(&data[start..end]);
    let Ok((head, framing)) = Head::read(&bytes, &limits) else { return };
    for (name, value) in head.headers.iter() {
        let kept = |part: &[u8]| part.is_empty() || bytes.windows(part.len()).any(|window| window == part);
        assert!(kept(name.as_bytes()) && kept(value.as_bytes()), "{name}");
    }
    let _ = (head.url(), head.target.slug(), head.target.path_below_slug(), head.target.query());
    let mut plain = BytesMut::new();
    head.write_plain(framing, &mut plain);
    // It is written for hyper, which asks for no host.
    let text =
        [plain.split_off(0).freeze().strip_suffix(b"\r\n").unwrap_or_default(), b"host: h\r\n\r\n"].concat();
    let again = Head::read(&Bytes::from(text), &limits);
    let Ok((_, again)) = again else { panic!("{again:?}") };
    match (framing, again) {
        (Framing::Sized(one), Framing::Sized(other)) => assert_eq!(one.min(1 << 60), other),
        (one, other) => assert_eq!(one, other),
    }
}

/// A chunked body: its end is the same in whatever pieces it comes.
pub fn chunks(data: &[u8]) {
    let mut whole = ChunkScan::default();
    let followed = whole.follow(data);
    let mut scan = ChunkScan::default();
    let mut used = 0;
    for byte in data {
        match scan.follow(std::slice::from_ref(byte)) {
            Ok(more) => used += more,
            Err(fault) => return assert_eq!(followed, Err(fault)),
        }
    }
    assert_eq!((followed, whole.ended()), (Ok(used), scan.ended()));
}

/// The questions that providers ask: method, query and one header are lines, and the rest is the body. An
/// answer repeats nothing that could be taken for anything but text.
pub fn handshake(data: &[u8]) {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, query, header) = (line(), line(), line());
    let (Ok(method), Ok(query)) = (std::str::from_utf8(method), std::str::from_utf8(query)) else { return };
    let mut headers = HeaderPairs::new();
    if let Some(colon) = header.iter().position(|byte| *byte == b':')
        && let Ok(name) = std::str::from_utf8(&header[..colon])
    {
        headers.push(name, Bytes::copy_from_slice(&header[colon + 1..]));
    }
    let secret = Secret::from("hush");
    for verify_token in [None, Some(&secret)] {
        for secrets in [&[][..], &[&secret]] {
            let body = data.splitn(4, |byte| *byte == b'\n').nth(3).unwrap_or_default();
            let asked = Asked { method, query: Some(query), headers: &headers, body, secrets, verify_token };
            for kind in Handshake::ALL {
                let Some((answered, answer)) = answer(&[kind], &asked) else { continue };
                assert_eq!(answered, kind);
                assert!(answer.body.len() <= 16 << 10, "{} bytes", answer.body.len());
                let typed = answer.headers.get("content-type").map(http::HeaderValue::as_bytes);
                let plain = typed.is_none_or(|typed| !typed.starts_with(b"text/html"));
                assert!(plain && (answer.body.is_empty() || typed.is_some()), "{answer:?}");
            }
        }
    }
}

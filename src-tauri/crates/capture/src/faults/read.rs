use bytes::{Bytes, BytesMut};
use hookbench_model::HeaderPairs;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use crate::Limits;
use crate::fault::Fault;
use crate::wire::{ChunkScan, Framing, Head, HeadScan};

/// How much of a body is held on to, to tell which attempt it is of. What is longer is read past and counted.
const HELD: usize = 1 << 20;
/// How much is read at once, in bytes.
const PIECE: usize = 16 << 10;

/// A request, read to its end.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderPairs,
    /// The bytes of its body as they were framed.
    pub(super) body_size: u64,
    /// The body, where it came with its length and is not long.
    pub(super) body: Option<Bytes>,
}

/// Reads one request under the limits; `None` where the other side went without a word.
pub(super) async fn read<S>(stream: &mut S, limits: &Limits) -> Result<Option<Request>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut wire = BytesMut::new();
    let until = Instant::now() + limits.head_time;
    let Some(end) = timeout_at(until, head_end(stream, &mut wire, limits))
        .await
        .map_err(|_| Fault::HeadTooSlow(limits.head_time.as_millis()))??
    else {
        return Ok(None);
    };
    let (start, end) = end;
    let mut rest = wire.split_off(end);
    let head = wire.freeze().slice(start..);
    let (head, framing) = Head::read(&head, limits)?;
    if head.lists("expect", "100-continue") && framing != Framing::Sized(0) {
        // Whoever does not read it is told by the answer.
        let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
    }
    let mut body = Body::new(framing);
    body.take(&rest)?;
    rest.clear();
    let whole = Instant::now() + limits.body_time;
    while !body.ended() {
        let patience = whole.min(Instant::now() + limits.body_idle);
        rest.reserve(PIECE);
        let came = timeout_at(patience, stream.read_buf(&mut rest)).await.map_err(|_| Fault::BodyTooSlow)?;
        if came.map_err(|_| Fault::BodyBrokenOff)? == 0 {
            return Err(Fault::BodyBrokenOff);
        }
        body.take(&rest)?;
        rest.clear();
    }
    Ok(Some(Request {
        target: head.target.path_and_query().to_owned(),
        method: head.method,
        headers: head.headers,
        body_size: body.size,
        body: body.held.map(BytesMut::freeze),
    }))
}

/// Reads to the end of a head: where it starts and ends.
async fn head_end<S: AsyncRead + Unpin>(
    stream: &mut S,
    wire: &mut BytesMut,
    limits: &Limits,
) -> Result<Option<(usize, usize)>, Fault> {
    let mut scan = HeadScan::default();
    loop {
        if let Some(bounds) = scan.look(wire, limits)? {
            return Ok(Some(bounds));
        }
        wire.reserve(PIECE);
        match stream.read_buf(wire).await {
            Ok(0) | Err(_) if wire.is_empty() => return Ok(None),
            Ok(0) | Err(_) => return Err(Fault::BodyBrokenOff),
            Ok(_) => {}
        }
    }
}

/// A body on its way past.
#[derive(Debug)]
struct Body {
    left: Left,
    size: u64,
    held: Option<BytesMut>,
}

#[derive(Debug)]
enum Left {
    Bytes(u64),
    Chunks(ChunkScan),
}

impl Body {
    fn new(framing: Framing) -> Self {
        match framing {
            Framing::Sized(length) => {
                let held = (length <= HELD as u64).then(BytesMut::new);
                Self { left: Left::Bytes(length), size: 0, held }
            }
            Framing::Chunked => Self { left: Left::Chunks(ChunkScan::default()), size: 0, held: None },
        }
    }

    fn ended(&self) -> bool {
        match &self.left {
            Left::Bytes(left) => *left == 0,
            Left::Chunks(scan) => scan.ended(),
        }
    }

    /// Takes what belongs to it; what comes after it is of a request that nobody will answer.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let used = match &mut self.left {
            Left::Bytes(left) => {
                let used = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= used as u64;
                used
            }
            Left::Chunks(scan) => scan.follow(bytes)?,
        };
        self.size += used as u64;
        if let Some(held) = &mut self.held {
            held.extend_from_slice(&bytes[..used]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(wire: &[u8]) -> Result<Option<Request>, Fault> {
        let (mut ours, mut theirs) = tokio::io::duplex(64);
        let wire = wire.to_vec();
        let sent = tokio::spawn(async move {
            let _ = theirs.write_all(&wire).await;
            let _ = theirs.shutdown().await;
            let mut said = Vec::new();
            let _ = theirs.read_to_end(&mut said).await;
            said
        });
        let read = read(&mut ours, &Limits::default()).await;
        drop(ours);
        let said = sent.await.unwrap();
        assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 100"), "{said:?}");
        read
    }

    #[tokio::test]
    async fn a_request_is_read_to_its_end() {
        let sized = read_all(b"POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET").await;
        let sized = sized.unwrap().unwrap();
        assert_eq!((sized.method.as_str(), sized.target.as_str(), sized.body_size), ("POST", "/a?b", 5));
        assert_eq!(sized.body.as_deref(), Some(&b"hello"[..]));
        let chunked =
            b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n\
            5\r\nhello\r\n0\r\n\r\n";
        let chunked = read_all(chunked).await.unwrap().unwrap();
        assert_eq!((chunked.body_size, chunked.body), (15, None));
        let long =
            [&b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n"[..], &vec![b'x'; 2_000_000]];
        let long = read_all(&long.concat()).await.unwrap().unwrap();
        assert_eq!((long.body_size, long.body), (2_000_000, None), "it is counted and not held");
    }

    #[tokio::test]
    async fn what_is_no_request_is_told_apart_from_nothing() {
        assert!(read_all(b"").await.unwrap().is_none());
        for (wire, fault) in [
            (&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], Fault::Version),
            (b"GET / HTTP/1.1\r\n", Fault::BodyBrokenOff),
            (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell", Fault::BodyBrokenOff),
            (b"\x16\x03\x01", Fault::NotHttp(0x16)),
        ] {
            assert_eq!(read_all(wire).await.unwrap_err(), fault, "{}", String::from_utf8_lossy(wire));
        }
    }
}

//! A server that looks at the bytes: it takes requests one at a time and answers each alike.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Taken {
    pub(crate) fn values(&self, name: &str) -> Vec<&[u8]> {
        let of_name = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.as_slice()).collect()
    }
}

pub(crate) struct RawServer {
    pub(crate) port: u16,
    taken: Receiver<Taken>,
}

impl RawServer {
    /// Answers every request with this status and body. It ends with the process.
    pub(crate) fn start(status: u16, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let (sender, taken) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if serve(stream, status, answer, &sender).is_none() {
                    return;
                }
            }
        });
        Self { port, taken }
    }

    /// The next request.
    pub(crate) fn next(&self) -> Option<Taken> {
        self.taken.recv_timeout(Duration::from_secs(20)).ok()
    }
}

/// `None` once nobody wants to know any more. Who hangs up early is passed over.
fn serve(mut stream: TcpStream, status: u16, answer: &str, sender: &Sender<Taken>) -> Option<()> {
    let Some(taken) = read(&mut stream) else { return Some(()) };
    let answer = format!(
        "HTTP/1.1 {status} As Told\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    );
    // Whoever is told of the request finds it answered.
    let _ = stream.write_all(answer.as_bytes());
    sender.send(taken).ok()
}

fn read(stream: &mut TcpStream) -> Option<Taken> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    let head = loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
    };
    let mut lines =
        bytes[..head].split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let line = String::from_utf8_lossy(lines.next()?).into_owned();
    let headers: Vec<(String, Vec<u8>)> = lines
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((
                String::from_utf8_lossy(&line[..colon]).into_owned(),
                line[colon + 1..].trim_ascii().to_vec(),
            ))
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(Some(0), |(_, value)| String::from_utf8_lossy(value).parse().ok())?;
    let from = head + 4;
    while bytes.len() < from + length {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    Some(Taken { method, target, headers, body: bytes.split_off(from) })
}

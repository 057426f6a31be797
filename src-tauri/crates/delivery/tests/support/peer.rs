//! Servers on raw TCP, good and bad.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
pub const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// A peer that treats every connection alike.
pub struct Peer {
    pub address: SocketAddr,
    /// The requests that came whole, each as the bytes on the wire.
    pub requests: Arc<Mutex<Vec<Vec<u8>>>>,
    /// How many connections came.
    pub connections: Arc<Mutex<usize>>,
}

impl Peer {
    /// Reads each request whole and then does with the connection what `answer` says; goes on with the next
    /// request for as long as `answer` gives the connection back.
    pub async fn new<F, Fut>(answer: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Option<TcpStream>> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            connections: Arc::default(),
        };
        let (requests, connections) = (Arc::clone(&peer.requests), Arc::clone(&peer.connections));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let (requests, answer) = (Arc::clone(&requests), answer.clone());
                tokio::spawn(async move {
                    while let Some(request) = read_request(&mut stream).await {
                        requests.lock().unwrap().push(request);
                        match answer(stream).await {
                            Some(back) => stream = back,
                            None => return,
                        }
                    }
                });
            }
        });
        peer
    }

    /// Answers every request with these bytes and keeps the connection.
    pub async fn answering(bytes: &'static [u8]) -> Self {
        Self::new(move |mut stream| async move {
            stream.write_all(bytes).await.ok()?;
            Some(stream)
        })
        .await
    }

    /// Answers every request with these bytes and closes the connection.
    pub async fn closing_after(bytes: &'static [u8]) -> Self {
        Self::new(move |mut stream| async move {
            stream.write_all(bytes).await.ok()?;
            stream.shutdown().await.ok()?;
            None
        })
        .await
    }

    /// Answers every request with these bytes and then resets the connection.
    pub async fn resetting_after(bytes: &'static [u8]) -> Self {
        Self::new(move |mut stream| async move {
            stream.write_all(bytes).await.ok()?;
            stream.flush().await.ok()?;
            stream.set_zero_linger().ok()?;
            None
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies that arrived, in their order.
    pub fn bodies(&self) -> Vec<String> {
        let body = |bytes: &Vec<u8>| {
            let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            String::from_utf8(bytes[end..].to_vec()).unwrap()
        };
        self.requests().iter().map(body).collect()
    }
}

/// One request, head and body, as the bytes on the wire; `None` where the connection ends before.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(bytes);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

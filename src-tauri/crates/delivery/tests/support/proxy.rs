//! Proxies for tests: they note what they are asked for, and lead every tunnel to the same place.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::peer::read_request;

/// A proxy on a port of its own.
pub struct TestProxy {
    pub address: SocketAddr,
    /// What it was asked for: the head of each request, or the target of a SOCKS request.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    async fn new<F, Fut>(treat: F) -> Self
    where
        F: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Fut + Send + 'static,
        Fut: Future<Output = Option<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let notes = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(treat(stream, Arc::clone(&notes)));
            }
        });
        Self { address, asked }
    }

    /// Answers each request with these bytes; after a CONNECT they lead to `upstream`.
    pub async fn http(answer: &'static [u8], upstream: SocketAddr) -> Self {
        Self::new(move |mut stream, asked| async move {
            while let Some(request) = read_request(&mut stream).await {
                let connects = request.starts_with(b"CONNECT ");
                asked.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
                stream.write_all(answer).await.ok()?;
                if connects && answer.starts_with(b"HTTP/1.1 200") {
                    let mut there = TcpStream::connect(upstream).await.ok()?;
                    copy_bidirectional(&mut stream, &mut there).await.ok()?;
                    return None;
                }
            }
            None
        })
        .await
    }

    /// Speaks SOCKS 5: wants this user and password if any, and replies to each request with this code; 0 leads
    /// to `upstream`.
    pub async fn socks(login: Option<(&'static str, &'static str)>, reply: u8, upstream: SocketAddr) -> Self {
        Self::socks_by(login, move |_| reply, upstream).await
    }

    /// The same with a code for each target.
    pub async fn socks_by<F>(
        login: Option<(&'static str, &'static str)>,
        reply: F,
        upstream: SocketAddr,
    ) -> Self
    where
        F: Fn(&str) -> u8 + Copy + Send + Sync + 'static,
    {
        Self::new(move |mut stream, asked| async move {
            greet(&mut stream, login).await?;
            let target = socks_target(&mut stream).await?;
            let reply = reply(&target);
            asked.lock().unwrap().push(target);
            stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
            if reply == 0 {
                let mut there = TcpStream::connect(upstream).await.ok()?;
                copy_bidirectional(&mut stream, &mut there).await.ok()?;
            }
            None
        })
        .await
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn greet(stream: &mut TcpStream, login: Option<(&str, &str)>) -> Option<()> {
    let (_version, count) = (stream.read_u8().await.ok()?, stream.read_u8().await.ok()?);
    let mut methods = vec![0; count.into()];
    stream.read_exact(&mut methods).await.ok()?;
    let wanted = if login.is_some() { 2 } else { 0 };
    if !methods.contains(&wanted) {
        stream.write_all(&[5, 0xff]).await.ok()?;
        return None;
    }
    stream.write_all(&[5, wanted]).await.ok()?;
    let Some((user, password)) = login else { return Some(()) };
    let _version = stream.read_u8().await.ok()?;
    let given = (short_text(stream).await?, short_text(stream).await?);
    let accepted = (given.0.as_str(), given.1.as_str()) == (user, password);
    stream.write_all(&[1, u8::from(!accepted)]).await.ok()?;
    accepted.then_some(())
}

async fn short_text(stream: &mut TcpStream) -> Option<String> {
    let mut text = vec![0; stream.read_u8().await.ok()?.into()];
    stream.read_exact(&mut text).await.ok()?;
    String::from_utf8(text).ok()
}

async fn socks_target(stream: &mut TcpStream) -> Option<String> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let host = match head[3] {
        1 => std::net::Ipv4Addr::from(stream.read_u32().await.ok()?).to_string(),
        3 => short_text(stream).await?,
        _ => std::net::Ipv6Addr::from(stream.read_u128().await.ok()?).to_string(),
    };
    Some(format!("{host}:{}", stream.read_u16().await.ok()?))
}

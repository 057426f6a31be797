use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cpu::LOAD_THREADS;

/// What is asked of a server: each connection sends its next request when the last is answered, or at a
/// rate that all of them keep together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) body: usize,
    pub(crate) per_s: Option<u32>,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    pub(crate) count: usize,
    pub(crate) time: Duration,
    pub(crate) p99: Duration,
}

impl Load {
    pub(crate) fn run(&self, address: SocketAddr, request: &Arc<[u8]>, time: Duration) -> Done {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(LOAD_THREADS)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut sending = Vec::new();
            for number in 0..self.connections {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let length = first_answer(&mut stream, request).await;
                sending.push((number, stream, length));
            }
            let began = Instant::now();
            let tasks: Vec<_> = sending
                .into_iter()
                .map(|(number, stream, length)| {
                    let gap = self.gap();
                    let offset = gap.map(|gap| gap * u32::try_from(number).unwrap() / self.connections_u32());
                    let pace = gap.zip(offset);
                    tokio::spawn(send(stream, Arc::clone(request), length, began, time, pace))
                })
                .collect();
            let mut took = Vec::new();
            for task in tasks {
                took.extend(task.await.unwrap());
            }
            let time = began.elapsed();
            took.sort_unstable();
            Done { count: took.len(), time, p99: took[took.len() * 99 / 100] }
        })
    }

    fn connections_u32(&self) -> u32 {
        u32::try_from(self.connections).unwrap()
    }

    /// The time between two requests of one connection.
    fn gap(&self) -> Option<Duration> {
        self.per_s.map(|per_s| Duration::from_secs(1) * self.connections_u32() / per_s)
    }
}

/// Sends once and learns how long the answers are; they are all alike.
async fn first_answer(stream: &mut TcpStream, request: &[u8]) -> usize {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "an answer");
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    answer.len()
}

async fn send(
    mut stream: TcpStream,
    request: Arc<[u8]>,
    length: usize,
    began: Instant,
    time: Duration,
    pace: Option<(Duration, Duration)>,
) -> Vec<Duration> {
    let mut answer = vec![0; length];
    let mut took = Vec::with_capacity(4096);
    let mut next = pace.map(|(_, offset)| began + offset);
    loop {
        if let (Some(at), Some((gap, _))) = (&mut next, pace) {
            tokio::time::sleep_until((*at).into()).await;
            *at += gap;
        }
        let sent = Instant::now();
        if sent - began >= time {
            return took;
        }
        stream.write_all(&request).await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
        took.push(sent.elapsed());
    }
}

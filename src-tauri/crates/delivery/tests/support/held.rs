//! A receiver that answers when the test lets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncWriteExt as _;
use tokio::sync::Semaphore;

use super::peer::{OK, Peer};

/// A peer whose answers are held until the test lets them go.
pub struct Gate {
    pub peer: Peer,
    pub arrived: Arc<Semaphore>,
    pub go: Arc<Semaphore>,
    /// How many were held at once, at the most.
    pub most: Arc<AtomicUsize>,
}

impl Gate {
    pub async fn new() -> Self {
        let (arrived, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (held, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let answer = {
            let (arrived, go, most) = (Arc::clone(&arrived), Arc::clone(&go), Arc::clone(&most));
            move |mut stream: tokio::net::TcpStream| {
                let (arrived, go) = (Arc::clone(&arrived), Arc::clone(&go));
                let (held, most) = (Arc::clone(&held), Arc::clone(&most));
                async move {
                    let now = held.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    arrived.add_permits(1);
                    go.acquire().await.unwrap().forget();
                    held.fetch_sub(1, Ordering::SeqCst);
                    stream.write_all(OK).await.ok()?;
                    Some(stream)
                }
            }
        };
        Self { peer: Peer::new(answer).await, arrived, go, most }
    }

    pub async fn arrivals(&self, count: u32) {
        self.arrived.acquire_many(count).await.unwrap().forget();
    }
}

//! A receiver that is well or not, as the test says; and waiting until the engine has done what it can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookbench_delivery::DeliveryEngine;
use tokio::io::AsyncWriteExt as _;

use super::peer::{BUSY, OK, Peer};

/// A receiver that is well or not, as the test says.
pub struct Moody {
    pub peer: Peer,
    well: Arc<AtomicBool>,
}

impl Moody {
    pub async fn new(well: bool) -> Self {
        let well = Arc::new(AtomicBool::new(well));
        let shared = Arc::clone(&well);
        let peer = Peer::new(move |mut stream| {
            let answer = if shared.load(Ordering::SeqCst) { OK } else { BUSY };
            async move {
                stream.write_all(answer).await.ok()?;
                Some(stream)
            }
        })
        .await;
        Self { peer, well }
    }

    pub fn set(&self, well: bool) {
        self.well.store(well, Ordering::SeqCst);
    }

    pub fn seen(&self) -> usize {
        self.peer.requests().len()
    }
}

/// Has the engine look, and waits until it has nothing to do that the clock does not bring.
pub async fn settled(engine: &DeliveryEngine) {
    let mut rests = engine.rests();
    engine.wake();
    while engine.rest().is_none() {
        rests.changed().await.unwrap();
    }
}

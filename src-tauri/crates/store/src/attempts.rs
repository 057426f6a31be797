use bytes::Bytes;
use hookbench_model::{Attempt, DeliveryId};

use crate::{Result, Store};

/// Attempts.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub(crate) store: Store,
}

impl Attempts {
    /// Those of a delivery, oldest first, without the bodies of their responses.
    pub async fn of(&self, delivery: DeliveryId) -> Result<Vec<Attempt>> {
        let _ = delivery;
        unimplemented!()
    }

    /// One of them, without the body of its response.
    pub async fn get(&self, delivery: DeliveryId, number: u32) -> Result<Option<Attempt>> {
        let _ = (delivery, number);
        unimplemented!()
    }

    /// The body of its response, as received; `None` where there was no response.
    pub async fn response_body(&self, delivery: DeliveryId, number: u32) -> Result<Option<Bytes>> {
        let _ = (delivery, number);
        unimplemented!()
    }
}

//! Attempts, and what they sent and got.

use bytes::Bytes;
use hookbench_model::{Attempt, DeliveryId, HeaderPairs};
use hookbench_signing::Unpacked;

use crate::Workbench;
use crate::error::{Result, WorkbenchError};
use crate::requests::unpack;

impl Workbench {
    /// One attempt.
    pub async fn attempt(&self, delivery: DeliveryId, number: u32) -> Result<Attempt> {
        let found = self.store().attempts().get(delivery, number).await?;
        found.ok_or_else(|| WorkbenchError::not_found("attempt", format_args!("{number} of {delivery}")))
    }

    /// The body of an attempt's request, and its content type.
    pub async fn attempt_request_body(
        &self,
        delivery: DeliveryId,
        number: u32,
    ) -> Result<(Bytes, Option<String>)> {
        let (body, headers) = self.sent(delivery, number).await?;
        Ok((body, content_type(&headers)))
    }

    /// What that body says once what it was packed in is undone: at most `limit` bytes of it, and never more than
    /// [`LARGEST_UNPACKED`](crate::LARGEST_UNPACKED).
    pub async fn unpacked_attempt_request(
        &self,
        delivery: DeliveryId,
        number: u32,
        limit: usize,
    ) -> Result<(Unpacked, Option<String>)> {
        let (body, headers) = self.sent(delivery, number).await?;
        Ok((unpack(body, &headers, limit).await?, content_type(&headers)))
    }

    /// The body of an attempt's response as far as it is kept, and its content type.
    pub async fn attempt_response_body(
        &self,
        delivery: DeliveryId,
        number: u32,
    ) -> Result<(Bytes, Option<String>)> {
        let (body, headers) = self.received(delivery, number).await?;
        Ok((body, content_type(&headers)))
    }

    /// What that body says once what it was packed in is undone, within the same limits.
    pub async fn unpacked_attempt_response(
        &self,
        delivery: DeliveryId,
        number: u32,
        limit: usize,
    ) -> Result<(Unpacked, Option<String>)> {
        let (body, headers) = self.received(delivery, number).await?;
        Ok((unpack(body, &headers, limit).await?, content_type(&headers)))
    }

    async fn sent(&self, delivery: DeliveryId, number: u32) -> Result<(Bytes, HeaderPairs)> {
        let attempt = self.attempt(delivery, number).await?;
        let Some(request) = attempt.request else {
            let what = format_args!("of attempt {number} of {delivery}: nothing was sent");
            return Err(WorkbenchError::not_found("request", what));
        };
        let body = self.store().attempts().request_body(delivery, number).await?;
        let body = body.ok_or_else(|| WorkbenchError::not_found("delivery", delivery))?;
        Ok((body, request.headers))
    }

    pub(crate) async fn received(&self, delivery: DeliveryId, number: u32) -> Result<(Bytes, HeaderPairs)> {
        let attempt = self.attempt(delivery, number).await?;
        let body = self.store().attempts().response_body(delivery, number).await?;
        let (Some(response), Some(body)) = (attempt.response, body) else {
            let what = format_args!("to attempt {number} of {delivery}: none came");
            return Err(WorkbenchError::not_found("response", what));
        };
        Ok((body, response.headers))
    }
}

/// The content type that headers say.
pub(crate) fn content_type(headers: &HeaderPairs) -> Option<String> {
    headers.get_str("content-type").map(ToOwned::to_owned)
}

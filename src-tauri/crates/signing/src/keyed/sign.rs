//! Signing by a recipe of the keyed family.

use super::Keyed;
use crate::content::Fields;
use crate::json::Json;
use crate::proof::Proof;
use crate::secret::Secret;
use crate::sign::{Message, SignError, Signed};
use crate::spec::Several;

impl Keyed {
    pub(crate) fn sign(&self, secrets: &[&Secret], message: &Message<'_>) -> Result<Signed, SignError> {
        self.check_message(message)?;
        let timestamp = self.write_time(message.timestamp)?;
        let rewritten = self.body_with_time(message.body, &timestamp)?;
        let laid = self.content.lay(&Fields {
            id: message.id.as_bytes(),
            timestamp: timestamp.as_bytes(),
            method: message.method,
            url: message.url,
            body: rewritten.as_deref().unwrap_or(message.body),
        });
        let signatures = self
            .signing_secrets(secrets)
            .iter()
            .map(|secret| {
                let key = self.key(secret).map_err(|source| self.malformed(source))?;
                key.sign(&laid.pieces(key.in_content()), self.spec.encoding)
                    .map(|proof: Proof| proof.to_text())
                    .ok_or_else(|| SignError::NotPrivate { scheme: self.spec.id.clone() })
            })
            .collect::<Result<Vec<String>, SignError>>()?;
        if signatures.is_empty() {
            return Err(SignError::NoSecret);
        }
        let signed_content = laid.to_show();
        Ok(Signed {
            headers: self.headers(message, &timestamp, &signatures),
            url: None,
            body: rewritten,
            signed_content,
        })
    }

    fn malformed(&self, source: crate::secret::SecretMalformed) -> SignError {
        SignError::SecretMalformed { scheme: self.spec.id.clone(), source }
    }

    fn check_message(&self, message: &Message<'_>) -> Result<(), SignError> {
        if self.spec.id_header.is_some() {
            message.check_id(&self.spec.id)?;
        }
        if self.content.uses_url() && message.url.is_empty() {
            return Err(SignError::UrlMissing { scheme: self.spec.id.clone() });
        }
        Ok(())
    }

    fn write_time(&self, unix_ms: i64) -> Result<String, SignError> {
        match &self.spec.timestamp {
            Some(timestamp) => timestamp.unit.write(unix_ms).ok_or(SignError::TimeOutOfRange { unix_ms }),
            None => Ok(String::new()),
        }
    }

    /// The body with the time of signing in its field, where the scheme keeps it there. A body without the
    /// field stays as it is, unless the time is signed by itself too.
    fn body_with_time(&self, body: &[u8], timestamp: &str) -> Result<Option<Vec<u8>>, SignError> {
        let Some(field) = self.spec.timestamp.as_ref().and_then(|timestamp| timestamp.body.as_deref()) else {
            return Ok(None);
        };
        match Json::read(body).and_then(|json| json.with_time(field, timestamp)) {
            Ok(body) => Ok(Some(body)),
            Err(_) if !self.content.uses_timestamp() => Ok(None),
            Err(source) => Err(SignError::BodyUnfit { scheme: self.spec.id.clone(), source }),
        }
    }

    /// The secrets that sign: all of them as far as the scheme has room for their signatures.
    fn signing_secrets<'a, 'b>(&self, secrets: &'a [&'b Secret]) -> &'a [&'b Secret] {
        let room = match &self.spec.several {
            Several::One => 1,
            Several::Parts | Several::RepeatedHeader => usize::MAX,
            Several::Headers(further) => 1 + further.len(),
        };
        &secrets[..secrets.len().min(room)]
    }

    fn headers(
        &self,
        message: &Message<'_>,
        timestamp: &str,
        signatures: &[String],
    ) -> Vec<(String, String)> {
        let spec = &self.spec;
        let mut headers = Vec::new();
        if let Some(name) = &spec.id_header {
            headers.push((name.clone(), message.id.to_owned()));
        }
        if let Some(name) = self.timestamp_header() {
            headers.push((name.to_owned(), timestamp.to_owned()));
        }
        let written = |signatures: &[String]| self.format.write(signatures, timestamp);
        match &spec.several {
            Several::One | Several::Parts => {
                headers.push((spec.signature_header.clone(), written(signatures)));
            }
            Several::RepeatedHeader => headers.extend(
                signatures.chunks(1).map(|signature| (spec.signature_header.clone(), written(signature))),
            ),
            Several::Headers(_) => headers.extend(
                self.signature_headers()
                    .zip(signatures.chunks(1))
                    .map(|(name, signature)| (name.to_owned(), written(signature))),
            ),
        }
        headers.extend(spec.extra_headers.iter().cloned());
        headers
    }
}

//! Checking by a recipe of the keyed family.

use super::Keyed;
use crate::case::{Case, Fault};
use crate::content::{Fields, Segment};
use crate::json::Json;
use crate::spec::Several;
use crate::verdict::{Reason, Verification};
use std::borrow::Cow;
use subtle::Choice;

/// The signature header, read.
struct Claim<'a> {
    signatures: Vec<&'a str>,
    timestamp: Option<Cow<'a, [u8]>>,
}

impl Keyed {
    pub(crate) fn verify(&self, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let values = self.signature_values(case)?;
        let keys = case.keys(|secret| self.key(secret))?;
        let claim = self.claim(case, &values)?;
        found.received = claim.signatures.iter().map(|&text| text.to_owned()).collect();
        found.signed_at = self.signed_at(&claim).and_then(|ms| i64::try_from(ms).ok());
        let fields = self.fields(case, &claim)?;

        let laid = self.content.lay(&fields);
        found.signed_content = Some(laid.to_show());
        let encoding = self.spec.encoding;
        for (at, key) in &keys {
            let pieces = laid.pieces(key.in_content());
            // A signature by a private key is only shown, so one is enough; those of shared keys are compared.
            let shown = key.is_asymmetric() && found.expected.is_some();
            let expected = if shown { None } else { key.sign(&pieces, encoding) };
            let mut matched = Choice::from(0);
            for signature in &claim.signatures {
                matched |= match &expected {
                    Some(expected) if !key.is_asymmetric() => expected.matches(signature.as_bytes()),
                    _ => key.checks(&pieces, encoding, signature),
                };
            }
            if bool::from(matched) {
                found.secret.get_or_insert(*at);
            }
            if let (None, Some(expected)) = (&found.expected, expected) {
                found.expected = Some(expected.to_text());
            }
        }
        if found.secret.is_none() {
            return Err(Case::mismatch(claim.signatures.len(), keys.len()));
        }
        self.judge_time(case, &claim)
    }

    /// The values of all headers that may carry a signature.
    fn signature_values<'a>(&self, case: &Case<'a>) -> Result<Vec<&'a [u8]>, Fault> {
        let mut values = Vec::new();
        for name in self.signature_headers() {
            let mut here: Vec<&[u8]> = case.values(name).collect();
            if !self.may_repeat() && here.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(case.conflict(name, here.len()));
            }
            here.dedup();
            values.append(&mut here);
        }
        if values.is_empty() {
            let header = &self.spec.signature_header;
            return Err(Fault::unsigned(format!(
                "The request carries no {header} header, so it is not signed."
            )));
        }
        Ok(values)
    }

    /// Signature headers of these schemes are a list however many headers it is spread over.
    fn may_repeat(&self) -> bool {
        let listed = self.format.repeats() && !self.format.has_timestamp();
        listed || self.spec.several == Several::RepeatedHeader
    }

    fn claim<'a>(&self, case: &Case<'a>, values: &[&'a [u8]]) -> Result<Claim<'a>, Fault> {
        let mut signatures = Vec::new();
        let mut timestamps = Vec::new();
        for value in values.iter().filter_map(|value| std::str::from_utf8(value).ok()) {
            let read = self.format.read(value);
            signatures.extend(read.signatures.into_iter().filter(|signature| !signature.is_empty()));
            timestamps.extend(read.timestamps);
        }
        timestamps.dedup();
        if signatures.is_empty() || timestamps.len() > 1 {
            return Err(case.malformed(&self.spec.signature_header, &self.spec.signature_format));
        }
        let place = self.spec.timestamp.as_ref();
        let timestamp = match place.map(|place| (place.header.as_deref(), place.body.as_deref())) {
            Some((Some(header), _)) => case.only(header)?.map(Cow::Borrowed),
            Some((None, Some(field))) => time_in_body(case, field).map(Cow::Owned),
            _ => timestamps.first().map(|text| Cow::Borrowed(text.as_bytes())),
        };
        Ok(Claim { signatures, timestamp })
    }

    fn fields<'b>(&self, case: &Case<'b>, claim: &'b Claim<'_>) -> Result<Fields<'b>, Fault> {
        if self.content.uses_timestamp() && claim.timestamp.is_none() {
            return Err(self.no_timestamp(case));
        }
        if self.content.uses_url() {
            case.url()?;
        }
        Ok(Fields {
            id: self.id(case)?,
            timestamp: claim.timestamp.as_deref().unwrap_or_default(),
            method: case.received.method,
            url: case.received.url,
            body: case.received.body,
        })
    }

    fn id<'a>(&self, case: &Case<'a>) -> Result<&'a [u8], Fault> {
        let Some(header) = &self.spec.id_header else { return Ok(&[]) };
        match case.only(header)? {
            Some(id) => Ok(id),
            None if !self.content.has(&Segment::Id) => Ok(&[]),
            None => Err(Fault::invalid(
                Reason::HeaderMissing,
                format!(
                    "The {header} header is missing, and it is part of what {} signs.",
                    case.scheme.name()
                ),
            )),
        }
    }

    fn signed_at(&self, claim: &Claim<'_>) -> Option<i128> {
        let unit = self.spec.timestamp.as_ref()?.unit;
        unit.read(std::str::from_utf8(claim.timestamp.as_ref()?).ok()?)
    }

    fn judge_time(&self, case: &Case<'_>, claim: &Claim<'_>) -> Result<String, Fault> {
        let (Some(place), true) = (&self.spec.timestamp, self.spec.tolerance.rules()) else {
            return Ok("The signature is right.".to_owned());
        };
        if claim.timestamp.is_none() {
            // The body is signed, so nobody can have taken the time out of it.
            if place.body.is_some() {
                return Ok("The signature is right; the body holds no time of signing to judge.".to_owned());
            }
            return Err(self.no_timestamp(case));
        }
        case.judge_time(self.spec.tolerance, place.unit, self.signed_at(claim))
    }

    fn no_timestamp(&self, case: &Case<'_>) -> Fault {
        let place = self.spec.timestamp.as_ref();
        let place = match place.map(|place| (place.header.as_deref(), place.body.as_deref())) {
            Some((Some(header), _)) => format!("The {header} header is missing"),
            Some((None, Some(field))) => format!("The body has no time at {field}"),
            _ => format!("The {} header holds no time", self.spec.signature_header),
        };
        Fault::invalid(
            Reason::TimestampMissing,
            format!("{place}, and {} needs the time of signing.", case.scheme.name()),
        )
    }
}

/// The time as it stands in a JSON body: the text of a string, the digits of a number.
fn time_in_body(case: &Case<'_>, field: &str) -> Option<Vec<u8>> {
    let json = Json::read(case.received.body).ok()?;
    json.scalar(field).ok().map(|text| text.into_owned().into_bytes())
}

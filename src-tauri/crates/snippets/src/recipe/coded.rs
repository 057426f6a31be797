//! The steps of schemes that code stands behind.

use hookbench_signing::{CodedSpec, Encoding, Kind, TimestampUnit};

use super::{Find, Hash, KeyForm, Piece, Place, Proof, Public, Recipe, Signature, Time, USUAL_STATUS};

impl<'a> Recipe<'a> {
    pub(super) fn coded(spec: &'a CodedSpec) -> Self {
        let time = |place, unit| Some(Time::new(place, unit, spec.tolerance)).filter(Time::is_judged);
        let plain = Self {
            name: &spec.name,
            signature: Signature::in_header("Authorization", ""),
            time: None,
            id_header: None,
            content: Vec::new(),
            proof: Proof::Token,
            encoding: Encoding::Base64,
            key: KeyForm::Text,
            finds: None,
            status: USUAL_STATUS,
        };
        let lines = [Piece::Method, Piece::Text("\n"), Piece::Found("target"), Piece::Text("\n")];
        match spec.kind {
            Kind::Token => {
                let header = spec.header.as_deref().unwrap_or_default();
                Self { signature: Signature::in_header(header, ""), ..plain }
            }
            Kind::Bearer => Self { signature: Signature::authorization("Bearer "), ..plain },
            Kind::Basic => {
                Self { signature: Signature::authorization("Basic "), proof: Proof::TokenInBase64, ..plain }
            }
            Kind::TwilioJson => Self {
                signature: Signature::in_header("X-Twilio-Signature", ""),
                content: vec![Piece::Url],
                proof: Proof::Hmac(Hash::Sha1),
                finds: Some(Find::HashInUrl),
                ..plain
            },
            Kind::Contentful => Self {
                signature: Signature::in_header("X-Contentful-Signature", ""),
                time: Some(Time::new(
                    Place::Header("X-Contentful-Timestamp"),
                    TimestampUnit::Ms,
                    spec.tolerance,
                )),
                content: [&lines[..], &[Piece::Found("listed"), Piece::Text("\n"), Piece::Body]].concat(),
                proof: Proof::Hmac(Hash::Sha256),
                encoding: Encoding::Hex,
                finds: Some(Find::Contentful),
                ..plain
            },
            Kind::Mailgun => Self {
                signature: Signature::found(),
                time: Some(Time::new(Place::Found, TimestampUnit::S, spec.tolerance)),
                content: vec![Piece::Timestamp, Piece::Found("token")],
                proof: Proof::Hmac(Hash::Sha256),
                encoding: Encoding::Hex,
                finds: Some(Find::Mailgun),
                ..plain
            },
            Kind::Adyen => Self {
                signature: Signature::found(),
                content: vec![Piece::Found("signed")],
                proof: Proof::Hmac(Hash::Sha256),
                key: KeyForm::Hex,
                finds: Some(Find::Adyen),
                ..plain
            },
            Kind::AwsSns => Self {
                signature: Signature::found(),
                time: time(Place::Found, TimestampUnit::Iso),
                content: vec![Piece::Found("signed")],
                proof: Proof::Public(Public::RsaOverSaidHash),
                key: KeyForm::Certificate,
                finds: Some(Find::Sns),
                ..plain
            },
            Kind::Paypal => Self {
                signature: Signature::in_header("PAYPAL-TRANSMISSION-SIG", ""),
                time: Some(Time::new(
                    Place::Header("PAYPAL-TRANSMISSION-TIME"),
                    TimestampUnit::Iso,
                    spec.tolerance,
                )),
                id_header: Some("PAYPAL-TRANSMISSION-ID"),
                content: vec![
                    Piece::Id,
                    Piece::Text("|"),
                    Piece::Timestamp,
                    Piece::Text("|"),
                    Piece::Account,
                    Piece::Text("|"),
                    Piece::Found("checksum"),
                ],
                proof: Proof::Public(Public::Rsa),
                key: KeyForm::IdAndCertificate,
                finds: Some(Find::Paypal),
                ..plain
            },
        }
    }
}

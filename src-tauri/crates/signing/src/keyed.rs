//! The keyed family: schemes whose whole recipe is data.

mod sign;
mod verify;

use crate::algorithm::{Algorithm, Encoding};
use crate::check::{self, SchemeError};
use crate::content::Content;
use crate::keys::{self, Key, SecretUse};
use crate::read::SignatureFormat;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use crate::spec::{SchemeSpec, Several};
use zeroize::Zeroizing;

/// A recipe with its templates read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keyed {
    pub(crate) spec: SchemeSpec,
    pub(crate) content: Content,
    pub(crate) format: SignatureFormat,
}

impl Keyed {
    pub(crate) fn new(spec: SchemeSpec) -> Result<Self, SchemeError> {
        let (content, format) = check::check(&spec)?;
        Ok(Self { spec, content, format })
    }

    /// The names of all headers that may carry a signature, the first first.
    pub(crate) fn signature_headers(&self) -> impl Iterator<Item = &str> {
        let further = match &self.spec.several {
            Several::Headers(names) => names.as_slice(),
            _ => &[],
        };
        std::iter::once(self.spec.signature_header.as_str()).chain(further.iter().map(String::as_str))
    }

    pub(crate) fn timestamp_header(&self) -> Option<&str> {
        self.spec.timestamp.as_ref()?.header.as_deref()
    }

    pub(crate) fn key(&self, secret: &Secret) -> Result<Key, SecretMalformed> {
        Key::read(secret, self.spec.secret, self.spec.algorithm)
    }

    pub(crate) fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        self.key(secret).map(|key| key.usable())
    }

    pub(crate) fn generate_secret(&self, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let form = self.spec.secret;
        match self.spec.algorithm {
            Algorithm::Ed25519 => keys::ed25519::generate(form, random),
            Algorithm::EcdsaP256 => keys::p256::generate(form, random),
            _ => self.generate_shared(random),
        }
    }

    fn generate_shared(&self, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let (prefix, encoding, count) = match (&self.spec.generates, self.spec.secret) {
            (Some(own), _) => (own.prefix.as_str(), own.encoding, usize::from(own.bytes)),
            (None, SecretForm::WhsecB64) => ("whsec_", Encoding::Base64, 24),
            (None, SecretForm::Base64) => ("", Encoding::Base64, 32),
            (None, SecretForm::Base64Url) => ("", Encoding::Base64Url, 32),
            (None, _) => ("", Encoding::Hex, 32),
        };
        let mut bytes = Zeroizing::new(vec![0; count]);
        random(&mut bytes);
        Secret::spell(prefix, encoding, &bytes)
    }

    pub(crate) fn public_half(&self, secret: &Secret) -> Option<Secret> {
        match self.key(secret).ok()? {
            Key::Shared(..) => None,
            Key::Ed25519(key) => keys::ed25519::public_half(&key, self.spec.secret),
            Key::P256(key) => keys::p256::public_half(&key, self.spec.secret),
        }
    }

    pub(crate) fn secret_words(&self) -> &'static str {
        let form = self.spec.secret;
        match self.spec.algorithm {
            Algorithm::Ed25519 => keys::ed25519::wanted(form),
            Algorithm::EcdsaP256 => keys::p256::wanted(form),
            _ => match form {
                SecretForm::WhsecB64 => "the signing secret: base64, with whsec_ in front",
                SecretForm::Base64 => "the signing secret, in base64",
                SecretForm::Base64Url => "the signing secret, in base64 of the alphabet for URLs",
                SecretForm::Hex => "the signing secret, in hexadecimal",
                SecretForm::Raw | SecretForm::WhskB64 | SecretForm::Pem => {
                    "the signing secret, as it was given"
                }
            },
        }
    }
}

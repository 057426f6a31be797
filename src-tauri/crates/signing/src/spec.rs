//! The written form of a scheme: what stands in `schemes.json`, in a user's own file or in a call.

use crate::algorithm::{Algorithm, Encoding};
use crate::secret::SecretForm;
use crate::time::TimestampUnit;
use serde::{Deserialize, Serialize};

/// One signature recipe as written, unchecked. Only [`Scheme::new`](crate::Scheme::new) turns it into a
/// [`Scheme`](crate::Scheme) that signs and verifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeSpec {
    /// Name in the catalogue: lower-case letters, digits and `_`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Header that carries the signature.
    pub signature_header: String,
    /// Value of that header: `{sig}`, and `{ts}` where the time stands in it too.
    pub signature_format: String,
    /// What separates the parts of the header's value, where it has parts. Exact: `,` is not `, `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// How several signatures travel while secrets are rotated.
    #[serde(default, skip_serializing_if = "Several::is_one")]
    pub several: Several,
    /// Where the time of signing stands, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<TimestampSpec>,
    /// Header that carries the id, if one is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_header: Option<String>,
    /// What is signed: a template over `{id} {ts} {method} {url} {path} {body} {form_sorted} {secret}`.
    pub content: String,
    /// Hash or HMAC.
    pub algorithm: Algorithm,
    /// Spelling of the signature.
    pub encoding: Encoding,
    /// How the written secret becomes the key.
    pub secret: SecretForm,
    /// How the provider spells the secrets it makes; without it, in the plainest spelling of their form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generates: Option<Spelling>,
    /// How far the time of signing may be from the time of checking.
    #[serde(default, skip_serializing_if = "Tolerance::is_unlimited")]
    pub tolerance: Tolerance,
    /// Further headers that a sender of this scheme always adds, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_headers: Vec<(String, String)>,
    /// Anything a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the recipe was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

/// How a scheme sends one signature for each of several secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// It does not: the newest secret signs.
    #[default]
    One,
    /// The part with `{sig}` is repeated inside the header's value.
    Parts,
    /// The whole header is repeated.
    RepeatedHeader,
    /// The second, third, … signature has a header of its own.
    Headers(Vec<String>),
}

/// How a provider spells the secrets it makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spelling {
    /// What stands in front of each of them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// How the random bytes are written.
    pub encoding: Encoding,
    /// How many random bytes there are.
    pub bytes: u16,
}

/// Where the time of signing stands and how it is written. Without `header` and `body` it stands in the
/// signature header as `{ts}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimestampSpec {
    /// Its own header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Its place in a JSON body, as a JSON pointer (`/webhookTimestamp`). Signing writes the time there, if
    /// the body has the field; a body without it is not held to any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How it is written.
    pub unit: TimestampUnit,
}

/// The greatest distance between signing and checking, in seconds. `None` is no rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// How old a signature may be.
    #[serde(default)]
    pub past_s: Option<u32>,
    /// How far ahead of the receiver's clock it may be.
    #[serde(default)]
    pub future_s: Option<u32>,
}

impl TimestampSpec {
    /// True where the time stands in the signature header.
    pub(crate) fn in_signature(&self) -> bool {
        self.header.is_none() && self.body.is_none()
    }
}

impl Several {
    fn is_one(&self) -> bool {
        *self == Self::One
    }
}

impl Tolerance {
    /// True where there is any rule about time.
    pub(crate) fn rules(&self) -> bool {
        !self.is_unlimited()
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }
}

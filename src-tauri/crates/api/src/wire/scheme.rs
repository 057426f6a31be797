use hookbench_workbench::SeenScheme;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A signature recipe in the catalogue's own form, with what the workspace says of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scheme {
    #[serde(flatten)]
    #[schema(value_type = SchemeForm)]
    form: Map<String, Value>,
    /// What the workspace says of it; no part of the form.
    about: SchemeAbout,
}

/// What the workspace says of a scheme.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchemeAbout {
    /// Whether somebody added it; those that Hookbench comes with cannot be changed.
    own: bool,
    /// Whether the sender holds a private key and the receiver its public half.
    asymmetric: bool,
    /// Whether the URL is signed, so that a proxy in between can break the signature.
    signs_url: bool,
    /// What to ask for: `the signing secret`, `the public key`, …
    secret: &'static str,
    /// How many endpoints and inboxes sign or verify by it.
    used_by: u64,
}

impl From<SeenScheme> for Scheme {
    fn from(SeenScheme { scheme, own, used_by }: SeenScheme) -> Self {
        let form = match scheme.to_value() {
            Value::Object(form) => form,
            _ => Map::new(),
        };
        let about = SchemeAbout {
            own,
            asymmetric: scheme.is_asymmetric(),
            signs_url: scheme.signs_url(),
            secret: scheme.secret_words(),
            used_by,
        };
        Self { form, about }
    }
}

/// A scheme as it is given: its form. What the workspace says of it is passed over, so that an answer can be
/// edited and sent back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = SchemeForm)]
pub(crate) struct SchemeGiven(Map<String, Value>);

impl From<SchemeGiven> for Value {
    fn from(SchemeGiven(mut form): SchemeGiven) -> Self {
        form.remove("about");
        Self::Object(form)
    }
}

/// A signature recipe in the catalogue's own form. Which fields it has depends on `kind`; those below without
/// which no recipe of the keyed family is whole are `signature_header`, `signature_format`, `content`,
/// `algorithm`, `encoding` and `secret`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for the catalogue's own form in the OpenAPI document")]
pub(crate) struct SchemeForm {
    /// Name in the catalogue: lower-case letters, digits and `_`.
    id: String,
    /// Name for people.
    name: String,
    /// Which code stands behind it: `aws_sns`, `mailgun`, …; left out for the keyed family, which is data alone.
    kind: Option<String>,
    /// Header that carries the signature.
    signature_header: Option<String>,
    /// Value of that header: `{sig}`, and `{ts}` where the time stands in it too.
    signature_format: Option<String>,
    /// What separates the parts of the header's value, where it has parts.
    separator: Option<String>,
    /// How several signatures travel while secrets are rotated: `parts`, `repeated_header` or
    /// `{"headers": […]}`.
    several: Option<Value>,
    /// Where the time of signing stands: `{"header"?, "unit": "s" | "ms" | "iso"}`.
    timestamp: Option<SchemeTimestamp>,
    /// Header that carries the id, if one is signed.
    id_header: Option<String>,
    /// What is signed: a template over `{id} {ts} {method} {url} {path} {body} {form_sorted} {secret}`.
    content: Option<String>,
    /// Hash, HMAC or signature: `hmac-sha256`, `ed25519`, `ecdsa-p256`.
    algorithm: Option<String>,
    /// Spelling of the signature: `hex`, `base64` or `base64url`.
    encoding: Option<String>,
    /// How the written secret becomes the key: `raw`, `whsec_b64`, `hex`, …
    secret: Option<String>,
    /// How far the time of signing may be from the time of checking.
    tolerance: Option<SchemeTolerance>,
    /// Further headers that a sender always adds.
    extra_headers: Option<Vec<(String, String)>>,
    /// Anything a reader should know.
    note: Option<String>,
    /// Where the recipe was read.
    sources: Option<Vec<String>>,
}

/// Where the time of signing stands and how it is written.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for the catalogue's own form in the OpenAPI document")]
pub(crate) struct SchemeTimestamp {
    /// Its own header; without one it stands in the signature header as `{ts}`.
    header: Option<String>,
    /// `s`, `ms` or `iso`.
    unit: String,
}

/// The greatest distance between signing and checking, in seconds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for the catalogue's own form in the OpenAPI document")]
pub(crate) struct SchemeTolerance {
    /// How old a signature may be.
    past_s: Option<u32>,
    /// How far ahead of the receiver's clock it may be.
    future_s: Option<u32>,
}

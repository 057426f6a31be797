use hookbench_model::HeaderPairs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Header names and values in their order, with case and duplicates.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<(String, HeaderText)>)]
pub(crate) struct Headers(pub(crate) HeaderPairs);

/// A header's value: text, or base64 where it is not UTF-8. The model writes and reads this form.
#[derive(ToSchema)]
#[schema(as = HeaderValue)]
#[serde(untagged)]
#[expect(dead_code, reason = "stands for the model's own form in the OpenAPI document")]
pub(crate) enum HeaderText {
    /// The value as text.
    Text(String),
    /// The value's bytes.
    Bytes {
        /// In standard base64.
        base64: String,
    },
}

impl From<HeaderPairs> for Headers {
    fn from(pairs: HeaderPairs) -> Self {
        Self(pairs)
    }
}

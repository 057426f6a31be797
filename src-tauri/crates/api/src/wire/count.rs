use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Count {
    /// The number.
    pub(crate) count: u64,
}

/// The body of a call that needs none: nothing, or `{}`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

use hookbench_model as model;
use hookbench_model::{InboxId, Timestamp};
use hookbench_workbench::SavedFilterDraft;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter_text::read_filter;
use super::{Time, given};
use crate::problem::Problem;

/// A filter for captured requests that somebody gave a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedFilter {
    /// `svf_…`.
    id: String,
    /// Its name; no two are alike.
    name: String,
    /// The filter. Ages in it are from whenever it is used.
    filter: String,
    /// The inbox that it is for; null for all.
    #[schema(required)]
    inbox_id: Option<String>,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
}

impl From<model::SavedFilter> for SavedFilter {
    fn from(filter: model::SavedFilter) -> Self {
        Self {
            id: filter.id.to_string(),
            name: filter.name,
            filter: filter.filter,
            inbox_id: filter.inbox_id.map(|id| id.to_string()),
            created_at: filter.created_at.into(),
            updated_at: filter.updated_at.into(),
        }
    }
}

/// A filter to be given a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedFilterInput {
    /// The name, 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// The filter.
    #[schema(max_length = 2000)]
    filter: String,
    /// The inbox that it is for; all unless given.
    #[schema(value_type = Option<String>)]
    inbox_id: Option<InboxId>,
}

impl SavedFilterInput {
    pub(crate) fn draft(self, now: Timestamp) -> Result<SavedFilterDraft, Problem> {
        let filter = read_filter("filter", &self.filter, now)?;
        Ok(SavedFilterDraft { name: self.name, filter, inbox_id: self.inbox_id })
    }
}

/// Changes to a saved filter: what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedFilterEdit {
    /// Another name.
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// Another filter.
    #[schema(max_length = 2000)]
    filter: Option<String>,
    /// Another inbox; null for all.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    inbox_id: Option<Option<InboxId>>,
}

impl SavedFilterEdit {
    pub(crate) fn edit(self, now: Timestamp) -> Result<model::SavedFilterEdit, Problem> {
        let filter = self.filter.map(|text| read_filter("filter", &text, now)).transpose()?;
        Ok(model::SavedFilterEdit { name: self.name, filter, inbox_id: self.inbox_id })
    }
}

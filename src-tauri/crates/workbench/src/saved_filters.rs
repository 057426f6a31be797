use hookbench_model::query::Query;
use hookbench_model::{InboxId, SavedFilter, SavedFilterEdit, SavedFilterId};

use crate::Workbench;
use crate::error::{Faults, Result};

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;
/// The most that there may be.
const MOST: usize = 200;

/// A filter that somebody gives a name.
#[derive(Clone, Debug)]
pub struct SavedFilterDraft {
    /// The name.
    pub name: String,
    /// The filter.
    pub filter: Query,
    /// The inbox that it is for; `None` for all.
    pub inbox_id: Option<InboxId>,
}

impl Workbench {
    /// The filters that have names, newest first.
    pub async fn saved_filters(&self) -> Result<Vec<SavedFilter>> {
        Ok(self.store().saved_filters().all().await?)
    }

    /// Gives a filter a name.
    pub async fn save_filter(&self, draft: SavedFilterDraft) -> Result<SavedFilter> {
        let name = checked(&draft.name)?;
        if let Some(id) = draft.inbox_id {
            self.inbox(id).await?;
        }
        let now = self.now();
        let filter = SavedFilter {
            id: SavedFilterId::new(now),
            name,
            filter: draft.filter.text().to_owned(),
            inbox_id: draft.inbox_id,
            created_at: now,
            updated_at: now,
        };
        Ok(self.store().saved_filters().create(filter, MOST).await?)
    }

    /// Changes a saved filter.
    pub async fn edit_saved_filter(
        &self,
        id: SavedFilterId,
        mut edit: SavedFilterEdit,
    ) -> Result<SavedFilter> {
        edit.name = edit.name.as_deref().map(checked).transpose()?;
        if let Some(Some(id)) = edit.inbox_id {
            self.inbox(id).await?;
        }
        Ok(self.store().saved_filters().edit(id, edit, self.now()).await?)
    }

    /// Removes a saved filter.
    pub async fn delete_saved_filter(&self, id: SavedFilterId) -> Result<()> {
        Ok(self.store().saved_filters().delete(id).await?)
    }
}

fn checked(name: &str) -> Result<String> {
    let name = name.trim().to_owned();
    let mut faults = Faults::default();
    let fits =
        !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    faults.unless(fits, "name", || format!("must be 1 to {LONGEST_NAME} characters"));
    faults.finish().map(|()| name)
}

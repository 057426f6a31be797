use crate::query::Query;
use crate::{InboxId, SavedFilterId, Timestamp};

/// A filter for captured requests that somebody gave a name.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedFilter {
    /// Its id.
    pub id: SavedFilterId,
    /// Its name; no two are alike.
    pub name: String,
    /// In the filter's language. Ages in it are from whenever it is used.
    pub filter: String,
    /// The inbox that it is for; `None` for all.
    pub inbox_id: Option<InboxId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is changed about one; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct SavedFilterEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another filter.
    pub filter: Option<Query>,
    /// Another inbox, or all.
    pub inbox_id: Option<Option<InboxId>>,
}

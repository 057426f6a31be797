use futures::FutureExt as _;
use hookbench_model::{Action, InboxId, Noun, SavedFilter, SavedFilterEdit, SavedFilterId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::columns::Columns;
use crate::writer::Write;
use crate::{Result, Store, StoreError};

/// Filters for captured requests that have names.
#[derive(Clone, Debug)]
pub struct SavedFilters {
    pub(crate) store: Store,
}

const ALL: &str =
    "SELECT id, name, filter, inbox_id, created_at, updated_at FROM saved_filters ORDER BY id DESC";
const ONE: &str = "SELECT id, name, filter, inbox_id, created_at, updated_at FROM saved_filters WHERE id = ?";

impl SavedFilters {
    /// All of them, newest first.
    pub async fn all(&self) -> Result<Vec<SavedFilter>> {
        let rows = sqlx::query(ALL).fetch_all(self.store.readers()).await?;
        rows.iter().map(read).collect()
    }

    /// Keeps one; `Conflict` on `name` where another has it, or where there are `most` already.
    pub async fn create(&self, filter: SavedFilter, most: usize) -> Result<SavedFilter> {
        self.store.writer().run(move |write| create(write, filter, most).boxed()).await
    }

    /// Changes one.
    pub async fn edit(
        &self,
        id: SavedFilterId,
        edit: SavedFilterEdit,
        now: Timestamp,
    ) -> Result<SavedFilter> {
        self.store.writer().run(move |write| change(write, id, edit, now).boxed()).await
    }

    /// Removes one.
    pub async fn delete(&self, id: SavedFilterId) -> Result<()> {
        self.store.writer().run(move |write| remove(write, id).boxed()).await
    }
}

fn read(row: &SqliteRow) -> Result<SavedFilter> {
    let mut columns = Columns::new(row);
    Ok(SavedFilter {
        id: SavedFilterId::from_bytes(columns.id()?),
        name: columns.get()?,
        filter: columns.get()?,
        inbox_id: columns.id_or_none()?.map(InboxId::from_bytes),
        created_at: columns.time()?,
        updated_at: columns.time()?,
    })
}

async fn create(write: &mut Write, filter: SavedFilter, most: usize) -> Result<SavedFilter> {
    const COUNT: &str = "SELECT count(*) FROM saved_filters";
    const INSERT: &str = "INSERT INTO saved_filters (id, name, filter, inbox_id, created_at, updated_at) \
                          VALUES (?, ?, ?, ?, ?, ?)";
    let count: i64 = sqlx::query_scalar(COUNT).fetch_one(write.connection().await?).await?;
    if usize::try_from(count).is_ok_and(|count| count >= most) {
        let message = format!("there are {most} saved filters already: delete one first");
        return Err(StoreError::Conflict { field: "name", message });
    }
    free(write, &filter.name, filter.id).await?;
    let insert = sqlx::query(INSERT)
        .bind(filter.id.as_bytes().to_vec())
        .bind(&filter.name)
        .bind(&filter.filter)
        .bind(filter.inbox_id.map(|id| id.as_bytes().to_vec()))
        .bind(filter.created_at.unix_ms())
        .bind(filter.updated_at.unix_ms());
    insert.execute(write.connection().await?).await?;
    write.changed(Noun::SavedFilter, Action::Created, filter.id, None, None);
    Ok(filter)
}

/// Refuses a name that another one has.
async fn free(write: &mut Write, name: &str, id: SavedFilterId) -> Result<()> {
    const TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM saved_filters WHERE name = ? AND id <> ?)";
    let taken = sqlx::query_scalar(TAKEN).bind(name).bind(id.as_bytes().to_vec());
    if taken.fetch_one(write.connection().await?).await? {
        let message = format!("there is a saved filter called `{name}` already");
        return Err(StoreError::Conflict { field: "name", message });
    }
    Ok(())
}

async fn change(
    write: &mut Write,
    id: SavedFilterId,
    edit: SavedFilterEdit,
    now: Timestamp,
) -> Result<SavedFilter> {
    const CHANGE: &str =
        "UPDATE saved_filters SET name = ?2, filter = ?3, inbox_id = ?4, updated_at = ?5 WHERE id = ?1";
    let row = sqlx::query(ONE).bind(id.as_bytes().to_vec()).fetch_optional(write.connection().await?).await?;
    let row = row.ok_or_else(|| not_found(id))?;
    let known = read(&row)?;
    let changed = SavedFilter {
        name: edit.name.unwrap_or(known.name),
        filter: edit.filter.map_or(known.filter, |filter| filter.text().to_owned()),
        inbox_id: edit.inbox_id.unwrap_or(known.inbox_id),
        updated_at: now,
        ..known
    };
    free(write, &changed.name, id).await?;
    let update = sqlx::query(CHANGE)
        .bind(id.as_bytes().to_vec())
        .bind(&changed.name)
        .bind(&changed.filter)
        .bind(changed.inbox_id.map(|id| id.as_bytes().to_vec()))
        .bind(now.unix_ms());
    update.execute(write.connection().await?).await?;
    write.changed(Noun::SavedFilter, Action::Updated, id, None, None);
    Ok(changed)
}

async fn remove(write: &mut Write, id: SavedFilterId) -> Result<()> {
    const DELETE: &str = "DELETE FROM saved_filters WHERE id = ?";
    let delete = sqlx::query(DELETE).bind(id.as_bytes().to_vec());
    if delete.execute(write.connection().await?).await?.rows_affected() == 0 {
        return Err(not_found(id));
    }
    write.changed(Noun::SavedFilter, Action::Deleted, id, None, None);
    Ok(())
}

fn not_found(id: SavedFilterId) -> StoreError {
    StoreError::not_found(Noun::SavedFilter, id)
}

//! What people added themselves and what is kept as a written form: schemes and provider profiles. What a form
//! means is for those who read it.

use futures::FutureExt as _;
use hookbench_model::{Action, Noun, Timestamp};
use sqlx::SqliteConnection;

use crate::writer::Write;
use crate::{Result, Store, StoreError};

/// Something of one's own, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnForm {
    /// The id that it was given.
    pub id: String,
    /// The form: JSON text.
    pub form: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How many endpoints or inboxes have chosen a scheme or a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The scheme of their own choice.
    pub scheme: Option<String>,
    /// Their provider.
    pub provider: Option<String>,
    /// How many they are.
    pub count: u64,
}

/// Forms of one kind, by id.
#[derive(Clone, Debug)]
pub struct OwnForms {
    pub(crate) store: Store,
    pub(crate) kind: Kind,
}

/// Which kind, and how the database is asked for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    noun: Noun,
    all: &'static str,
    insert: &'static str,
    update: &'static str,
    delete: &'static str,
    /// The names of those that use the one with a certain id.
    users: &'static str,
}

macro_rules! kind {
    ($noun:ident, $table:literal, $users:expr) => {
        Kind {
            noun: Noun::$noun,
            all: concat!("SELECT id, form, created_at, updated_at FROM ", $table, " ORDER BY created_at, id"),
            insert: concat!(
                "INSERT INTO ",
                $table,
                " (id, form, created_at, updated_at) VALUES (?, ?, ?, ?)"
            ),
            update: concat!("UPDATE ", $table, " SET form = ?2, updated_at = ?3 WHERE id = ?1"),
            delete: concat!("DELETE FROM ", $table, " WHERE id = ?"),
            users: $users,
        }
    };
}

/// Schemes. One that an own profile names is used by it.
pub(crate) const SCHEMES: Kind = kind!(
    Scheme,
    "own_schemes",
    "SELECT 'the endpoint “' || name || '”' FROM endpoints WHERE scheme = ?1 AND deleted_at IS NULL \
     UNION ALL SELECT 'the inbox “' || name || '”' FROM inboxes WHERE scheme = ?1 \
     UNION ALL SELECT 'the provider “' || id || '”' FROM own_profiles WHERE json_extract(form, '$.scheme') = ?1"
);

/// Provider profiles.
pub(crate) const PROFILES: Kind = kind!(
    Provider,
    "own_profiles",
    "SELECT 'the endpoint “' || name || '”' FROM endpoints WHERE provider = ?1 AND deleted_at IS NULL \
     UNION ALL SELECT 'the inbox “' || name || '”' FROM inboxes WHERE provider = ?1"
);

/// The endpoints and inboxes by what they chose.
const CHOICES: &str = "SELECT scheme, provider, count(*) FROM endpoints WHERE deleted_at IS NULL GROUP BY scheme, provider \
     UNION ALL SELECT scheme, provider, count(*) FROM inboxes GROUP BY scheme, provider";

/// How many users are named where one refuses to go.
const MOST_NAMED: usize = 3;

impl OwnForms {
    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<OwnForm>> {
        let rows = sqlx::query_as(self.kind.all).fetch_all(self.store.readers()).await?;
        let form = |(id, form, created_at, updated_at)| OwnForm {
            id,
            form,
            created_at: Timestamp::from_unix_ms(created_at),
            updated_at: Timestamp::from_unix_ms(updated_at),
        };
        Ok(rows.into_iter().map(form).collect())
    }

    /// What the endpoints and inboxes have chosen.
    pub async fn choices(&self) -> Result<Vec<Choice>> {
        let rows: Vec<(Option<String>, Option<String>, i64)> =
            sqlx::query_as(CHOICES).fetch_all(self.store.readers()).await?;
        let choice =
            |(scheme, provider, count)| Choice { scheme, provider, count: u64::try_from(count).unwrap_or(0) };
        Ok(rows.into_iter().map(choice).collect())
    }

    /// Adds one; `Conflict` on `id` where that is taken.
    pub async fn create(&self, id: String, form: String, now: Timestamp) -> Result<()> {
        let kind = self.kind;
        self.store.writer().run(move |write| create(write, kind, id, form, now).boxed()).await
    }

    /// Puts another form in the place of one.
    pub async fn update(&self, id: String, form: String, now: Timestamp) -> Result<()> {
        let kind = self.kind;
        self.store.writer().run(move |write| update(write, kind, id, form, now).boxed()).await
    }

    /// Removes one; `Conflict` on `id` where something uses it.
    pub async fn delete(&self, id: String) -> Result<()> {
        let kind = self.kind;
        self.store.writer().run(move |write| delete(write, kind, id).boxed()).await
    }
}

async fn create(write: &mut Write, kind: Kind, id: String, form: String, now: Timestamp) -> Result<()> {
    let insert = sqlx::query(kind.insert).bind(&id).bind(form).bind(now.unix_ms()).bind(now.unix_ms());
    let inserted = insert.execute(write.connection().await?).await.map_err(StoreError::from);
    let taken = || format!("there is a {} `{id}` already", kind.noun.as_str());
    inserted.map_err(|error| error.or_conflict("id", taken))?;
    write.changed(kind.noun, Action::Created, &id, None, None);
    Ok(())
}

async fn update(write: &mut Write, kind: Kind, id: String, form: String, now: Timestamp) -> Result<()> {
    let update = sqlx::query(kind.update).bind(&id).bind(form).bind(now.unix_ms());
    let updated = update.execute(write.connection().await?).await?;
    if updated.rows_affected() == 0 {
        return Err(StoreError::not_found(kind.noun, &id));
    }
    write.changed(kind.noun, Action::Updated, &id, None, None);
    Ok(())
}

async fn delete(write: &mut Write, kind: Kind, id: String) -> Result<()> {
    let users = users(write.connection().await?, kind, &id).await?;
    if !users.is_empty() {
        return Err(StoreError::Conflict { field: "id", message: in_use(kind.noun, &id, &users) });
    }
    let deleted = sqlx::query(kind.delete).bind(&id).execute(write.connection().await?).await?;
    if deleted.rows_affected() == 0 {
        return Err(StoreError::not_found(kind.noun, &id));
    }
    write.changed(kind.noun, Action::Deleted, &id, None, None);
    Ok(())
}

async fn users(connection: &mut SqliteConnection, kind: Kind, id: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(kind.users).bind(id).fetch_all(connection).await?)
}

fn in_use(noun: Noun, id: &str, users: &[String]) -> String {
    let named = users.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = match users.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("the {} `{id}` is used by {named}{more}", noun.as_str())
}

//! Statements that go to the database together.
//!
//! The connection has a thread of its own. Each call wakes that thread, and its end wakes whoever waits: with little
//! to do, that is most of what a transaction costs. So statements that give no rows are gathered, and go with
//! whatever comes next, the transaction's beginning and its end among them.

use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

use crate::{Result, StoreError};

/// From so many rows on a script goes by itself. The statement cache knows scripts by their texts: of those with many
/// rows there would be too many, and there is little to gain by them.
const MOST_ROWS: usize = 32;
const FEW_ROWS: usize = 2;

/// What has gathered. Parameters are plain `?`: numbered ones would count through all of it.
#[derive(Debug, Default)]
pub(crate) struct Script {
    text: String,
    arguments: SqliteArguments,
    /// How many rows it writes.
    rows: usize,
    /// A value that could not be bound.
    unbound: Option<BoxDynError>,
}

impl Script {
    /// Adds a statement; its values are bound next, in their order.
    pub(crate) fn add(&mut self, text: &str) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        self.text.push_str(text);
        self
    }

    pub(crate) fn bind<'v>(&mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.unbound.get_or_insert(error);
        }
        self
    }

    /// The same for one that writes so many rows.
    pub(super) fn add_rows(&mut self, text: &str, rows: usize) -> &mut Self {
        self.rows += rows;
        self.add(text)
    }

    /// Whether so many rows more are too many for one script.
    pub(super) fn is_full_with(&self, rows: usize) -> bool {
        self.rows > 0 && self.rows + rows > MOST_ROWS
    }

    /// Whether it is worth a call of its own.
    pub(super) fn is_long(&self) -> bool {
        self.rows > FEW_ROWS
    }

    /// Whether that is all it holds.
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Runs what has gathered.
    pub(super) async fn run(&mut self, connection: &mut SqliteConnection) -> Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let (text, arguments) = self.take()?;
        sqlx::query_with(AssertSqlSafe(text), arguments).execute(connection).await.map_err(conflict)?;
        Ok(())
    }

    /// Runs it, and gives the row that its last statement gives.
    pub(super) async fn row(&mut self, connection: &mut SqliteConnection) -> Result<SqliteRow> {
        let (text, arguments) = self.take()?;
        sqlx::query_with(AssertSqlSafe(text), arguments).fetch_one(connection).await.map_err(conflict)
    }

    fn take(&mut self) -> Result<(String, SqliteArguments)> {
        let Self { text, arguments, unbound, .. } = std::mem::take(self);
        match unbound {
            Some(error) => Err(sqlx::Error::Encode(error).into()),
            None => Ok((text, arguments)),
        }
    }
}

/// Which of the ids that somebody gave is there already. What runs together does not tell whose statement failed;
/// the column does.
fn conflict(error: sqlx::Error) -> StoreError {
    const IDS: [(&str, &str); 2] = [("events.id", "an event"), ("deliveries.id", "a delivery")];
    let column = match &error {
        sqlx::Error::Database(error) => error.message().rsplit(' ').next().unwrap_or_default(),
        _ => "",
    };
    let noun = IDS.iter().find(|(id, _)| *id == column).map(|(_, noun)| *noun);
    let error = StoreError::from(error);
    match noun {
        Some(noun) => error.or_conflict("id", || format!("{noun} with this id is there")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, Row as _};

    use super::*;

    async fn tables() -> SqliteConnection {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let mut script = Script::default();
        script.add("CREATE TABLE events (id INTEGER UNIQUE, name TEXT)");
        script.add("CREATE TABLE others (id INTEGER UNIQUE)");
        script.run(&mut connection).await.unwrap();
        connection
    }

    #[tokio::test]
    async fn what_has_gathered_runs_in_its_order_and_the_last_one_gives_the_row() {
        let mut connection = tables().await;
        let mut script = Script::default();
        script
            .add_rows("INSERT INTO events VALUES (?, ?), (?, ?)", 2)
            .bind(1_i64)
            .bind("one")
            .bind(2_i64)
            .bind("two");
        script.add_rows("UPDATE events SET name = ? WHERE id = ?", 1).bind("second").bind(2_i64);
        script.add("SELECT name, (SELECT count(*) FROM events) FROM events WHERE id = ?").bind(2_i64);
        let row = script.row(&mut connection).await.unwrap();
        assert_eq!((row.get::<String, _>(0), row.get::<i64, _>(1)), ("second".to_owned(), 2));
        // Nothing is left of it.
        assert!(script.is(""));
        script.run(&mut connection).await.unwrap();
    }

    #[tokio::test]
    async fn what_fails_stops_it_and_an_id_that_is_there_is_told_by_its_noun() {
        let mut connection = tables().await;
        for (table, is_conflict) in [("events (id)", true), ("others (id)", false)] {
            let mut script = Script::default();
            for id in [1_i64, 1, 2] {
                script.add_rows(&format!("INSERT INTO {table} VALUES (?)"), 1).bind(id);
            }
            let error = script.run(&mut connection).await.unwrap_err();
            let told = matches!(&error, StoreError::Conflict { field: "id", message } if message.starts_with("an event"));
            assert_eq!(told, is_conflict, "{error}");
            let count = format!("SELECT count(*) FROM {table}").replace("(id)", "");
            script.add(&count);
            let row = script.row(&mut connection).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), 1);
        }
    }

    #[test]
    fn few_rows_wait_for_others_and_many_go_by_themselves() {
        let mut script = Script::default();
        assert!(!script.is_full_with(MOST_ROWS + 1), "what is alone goes whole");
        script.add_rows("", FEW_ROWS);
        assert!(!script.is_long() && !script.is_full_with(MOST_ROWS - FEW_ROWS));
        assert!(script.is_full_with(MOST_ROWS - FEW_ROWS + 1));
        script.add_rows("", 1);
        assert!(script.is_long());
    }
}

//! Reads the columns of a row in the order in which the statement names them.

use hookbench_model::{HeaderPairs, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, Type};

use crate::codes::Coded;
use crate::{Result, StoreError, header_bytes};

/// The 16 bytes of the id in that column.
pub(crate) fn id(row: &SqliteRow, column: usize) -> Result<[u8; 16]> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|error| StoreError::undecodable("an id that has not 16 bytes", error))
}

/// A row, read column by column.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn new(row: &'r SqliteRow) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(crate) fn get<T: Decode<'r, Sqlite> + Type<Sqlite>>(&mut self) -> Result<T> {
        self.next += 1;
        Ok(self.row.try_get(self.next - 1)?)
    }

    /// Passes over columns.
    pub(crate) fn skip(&mut self, count: usize) {
        self.next += count;
    }

    pub(crate) fn id(&mut self) -> Result<[u8; 16]> {
        self.next += 1;
        id(self.row, self.next - 1)
    }

    pub(crate) fn id_or_none(&mut self) -> Result<Option<[u8; 16]>> {
        let bytes: Option<&[u8]> = self.get()?;
        let fixed = bytes.map(TryInto::try_into).transpose();
        fixed.map_err(|error| StoreError::undecodable("an id that has not 16 bytes", error))
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        self.get().map(Timestamp::from_unix_ms)
    }

    pub(crate) fn time_or_none(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>()?.map(Timestamp::from_unix_ms))
    }

    /// A size or a duration.
    pub(crate) fn count(&mut self) -> Result<u64> {
        unsigned(self.get()?)
    }

    pub(crate) fn count_or_none(&mut self) -> Result<Option<u64>> {
        self.get::<Option<i64>>()?.map(unsigned).transpose()
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T> {
        small(self.get()?)
    }

    pub(crate) fn number_or_none<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        self.get::<Option<i64>>()?.map(small).transpose()
    }

    pub(crate) fn coded<T: Coded>(&mut self) -> Result<T> {
        T::from_code(self.get()?)
    }

    pub(crate) fn coded_or_none<T: Coded>(&mut self) -> Result<Option<T>> {
        self.get::<Option<i64>>()?.map(T::from_code).transpose()
    }

    pub(crate) fn headers(&mut self) -> Result<HeaderPairs> {
        header_bytes::decode(self.get()?)
    }

    /// A text that the model reads.
    pub(crate) fn parsed<T>(&mut self) -> Result<T>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        parse(self.get()?)
    }

    pub(crate) fn parsed_or_none<T>(&mut self) -> Result<Option<T>>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        self.get::<Option<&str>>()?.map(parse).transpose()
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        from_json(self.get()?)
    }

    pub(crate) fn json_or_none<T: serde::de::DeserializeOwned>(&mut self) -> Result<Option<T>> {
        self.get::<Option<&str>>()?.map(from_json).transpose()
    }
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|error| StoreError::undecodable("a negative size", error))
}

fn small<T: TryFrom<i64>>(number: i64) -> Result<T> {
    T::try_from(number).map_err(|_| StoreError::corrupt("a number out of its range"))
}

fn parse<T>(text: &str) -> Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse().map_err(|error| StoreError::undecodable("a text that cannot be read", error))
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::undecodable("JSON that cannot be read", error))
}

/// A count as `SQLite` keeps it: signed; none of ours comes near the end.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// JSON for a column.
pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::undecodable("a value that is no JSON", error))
}

/// Ids as a JSON array of hexadecimal texts, for `unhex`.
pub(crate) fn hex_ids<'i>(ids: impl Iterator<Item = &'i [u8; 16]>) -> Result<String> {
    let ids: Vec<String> = ids.map(|id| format!("{:032x}", u128::from_be_bytes(*id))).collect();
    to_json(&ids)
}

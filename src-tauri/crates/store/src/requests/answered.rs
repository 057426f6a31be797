//! Which rule answered a request: a row beside it, where one did.

use hookbench_model::{AnsweredBy, RuleId};

use crate::columns::Columns;
use crate::writer::Write;
use crate::{Result, StoreError};

const INSERT: &str =
    "INSERT INTO request_answers (seq, rule, name, fault, shows_status) VALUES (?, ?, ?, ?, ?)";

/// Writes the row.
pub(super) async fn insert(write: &mut Write, seq: i64, by: &AnsweredBy) -> Result<()> {
    let script = write.rows(INSERT, 1).await?;
    script
        .bind(seq)
        .bind(by.rule.as_bytes().to_vec())
        .bind(by.name.clone())
        .bind(by.fault.map(|kind| kind.as_str().to_owned()))
        .bind(by.shows_status);
    Ok(())
}

/// The columns `rule, name, fault, shows_status`; all are NULL where no rule answered.
pub(super) fn read(columns: &mut Columns<'_>) -> Result<Option<AnsweredBy>> {
    let Some(rule) = columns.id_or_none()? else {
        columns.skip(3);
        return Ok(None);
    };
    let name = columns.get()?;
    let fault: Option<String> = columns.get()?;
    let fault = fault.map(|text| text.parse()).transpose();
    Ok(Some(AnsweredBy {
        rule: RuleId::from_bytes(rule),
        name,
        fault: fault.map_err(|error| StoreError::undecodable("an unknown fault of an answer", error))?,
        shows_status: columns.get()?,
    }))
}

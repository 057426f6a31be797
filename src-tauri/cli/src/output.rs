//! What commands print: one JSON value (or one a line), or a table for people.

use std::io::Write as _;

use serde_json::Value;

use crate::error::CliError;

/// The most characters of a cell; a path may be thousands long and would push every other row out of sight.
const WIDEST_CELL: usize = 80;

/// How a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, for programs.
    Json,
    /// Words and tables, for people.
    Text,
}

/// A column of a table: its heading, and where in a row its value is (`last_attempt.outcome`).
pub(crate) type Column = (&'static str, &'static str);

/// Prints one value: as JSON, or its fields a line each.
pub(crate) fn value(form: Form, value: &Value) -> Result<(), CliError> {
    match form {
        Form::Json => line(&value.to_string()),
        Form::Text => line(fields(value).trim_end()),
    }
}

/// Prints a list: one JSON value a line, or a table.
pub(crate) fn rows(form: Form, rows: &[Value], columns: &[Column], empty: &str) -> Result<(), CliError> {
    match form {
        Form::Json => rows.iter().try_for_each(|row| line(&row.to_string())),
        Form::Text if rows.is_empty() => line(empty),
        Form::Text => line(table(rows, columns).trim_end()),
    }
}

/// Prints a line for people; nothing where JSON is wanted.
pub(crate) fn note(form: Form, text: &str) -> Result<(), CliError> {
    match form {
        Form::Json => Ok(()),
        Form::Text => line(text),
    }
}

/// Prints bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Prints a line.
pub(crate) fn line(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn table(rows: &[Value], columns: &[Column]) -> String {
    let mut lines = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect::<Vec<_>>()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|(_, path)| cell(row, path)).collect()));
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in lines {
        let padded = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(row: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(row, |value, key| value.get(key));
    found.map(|value| cut(plain(value))).unwrap_or_default()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(WIDEST_CELL) {
        None => text,
        Some(_) => text.chars().take(WIDEST_CELL - 1).chain(['…']).collect(),
    }
}

/// A text in one line. Control characters are hostile to a terminal and are shown escaped.
pub(crate) fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}

/// A value in one line.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    };
    escaped(&text)
}

fn fields(value: &Value) -> String {
    let Value::Object(map) = value else { return plain(value) };
    let width = map.keys().map(|key| key.chars().count()).max().unwrap_or(0);
    let lines = map.iter().map(|(key, value)| format!("{key:width$}  {}", plain(value)));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_line_up_and_missing_values_are_blank() {
        let rows = [json!({"id": "a", "last": {"outcome": "timeout"}}), json!({"id": "long"})];
        assert_eq!(
            table(&rows, &[("ID", "id"), ("OUTCOME", "last.outcome")]),
            "ID    OUTCOME\na     timeout\nlong\n"
        );
    }

    #[test]
    fn a_long_value_is_cut_in_a_table_and_whole_alone() {
        let long = json!({"path": "é".repeat(WIDEST_CELL + 1), "size": 1});
        let table = table(std::slice::from_ref(&long), &[("PATH", "path"), ("SIZE", "size")]);
        let row = table.lines().nth(1).unwrap();
        assert_eq!(row, format!("{}…  1", "é".repeat(WIDEST_CELL - 1)));
        assert!(fields(&long).contains(&"é".repeat(WIDEST_CELL + 1)));
    }

    #[test]
    fn terminal_escapes_are_shown_and_not_sent() {
        assert_eq!(plain(&json!("a\u{1b}[2Jb")), "a\\u{1b}[2Jb");
        assert_eq!(escaped("/in/\u{9b}2J"), "/in/\\u{9b}2J");
    }
}

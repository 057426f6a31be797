//! A table: one captured request a row, its body last and as text only where it is text.

use hookbench_model::{HeaderValue, Timestamp};

use crate::{Outgoing, text};

/// The columns, in their order.
pub(crate) const COLUMNS: [&str; 16] = [
    "id",
    "received_at",
    "inbox",
    "method",
    "url",
    "status",
    "event_type",
    "provider_event_id",
    "verification",
    "remote_addr",
    "content_type",
    "body_size",
    "headers",
    "tags",
    "note",
    "body",
];

/// One row, with its line end.
pub(crate) fn row(Outgoing { message, facts }: &Outgoing) -> Vec<u8> {
    let owned = |text: &str| text.to_owned();
    let cells = [
        owned(&facts.id),
        message.at.map(Timestamp::to_rfc3339).unwrap_or_default(),
        owned(&facts.inbox),
        owned(&message.method),
        message.url(),
        message.status.map(|status| status.to_string()).unwrap_or_default(),
        message.event_type.clone().unwrap_or_default(),
        message.provider_event_id.clone().unwrap_or_default(),
        owned(&facts.verification),
        message.remote_addr.clone().unwrap_or_default(),
        message.content_type().map(owned).unwrap_or_default(),
        message.body.len().to_string(),
        message.headers.iter().map(header).collect::<Vec<_>>().join("\n"),
        message.tags.join(", "),
        owned(&message.note),
        body(&message.body),
    ];
    line(cells.iter().map(|cell| guarded(cell)))
}

/// The first line.
pub(crate) fn heading() -> Vec<u8> {
    line(COLUMNS.iter().map(|&name| name.to_owned()))
}

fn line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory cannot fail, and there is one row, so none has another number of cells.
    let written = writer.write_record(cells);
    debug_assert!(written.is_ok());
    writer.into_inner().unwrap_or_default()
}

/// A cell that a spreadsheet takes for text: one that it would compute gets an apostrophe before it.
fn guarded(cell: &str) -> String {
    // Some take the full-width forms of the same signs too.
    const BEGIN: [char; 11] =
        ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if cell.starts_with(BEGIN) { format!("'{cell}") } else { cell.to_owned() }
}

fn header((name, value): (&str, &HeaderValue)) -> String {
    format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
}

fn body(body: &[u8]) -> String {
    text::of(body).map_or_else(|| format!("base64:{}", data_encoding::BASE64.encode(body)), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, Message};

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_its_row() {
        let message = Message {
            method: "POST".to_owned(),
            note: "=HYPERLINK(\"http://x\")".to_owned(),
            path: "/a".to_owned(),
            body: "a,\"b\"\r\nc".into(),
            ..Message::default()
        };
        let facts = Facts { id: "@SUM(A1)".to_owned(), ..Facts::default() };
        let row = String::from_utf8(row(&Outgoing { message, facts })).unwrap();
        assert_eq!(
            row,
            "'@SUM(A1),,,POST,http://localhost/a,,,,,,,8,,,\"'=HYPERLINK(\"\"http://x\"\")\",\"a,\"\"b\"\"\r\nc\"\r\n"
        );
        let mut reader = csv::Reader::from_reader(row.as_bytes());
        assert_eq!(reader.headers().unwrap().len(), COLUMNS.len());
        for formula in ["\n=1+1", "\u{ff1d}1+1", "-1"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
    }

    #[test]
    fn the_heading_names_the_columns() {
        assert!(String::from_utf8(heading()).unwrap().starts_with("id,received_at,inbox,method,url,"));
    }
}

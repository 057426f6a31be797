//! Statements for many rows at once. Their texts are made once: the statement cache knows them by text.

/// How many rows one statement takes: measured, more gain nothing.
pub(crate) const ROWS: usize = 16;

/// The texts of a statement for 1 to [`ROWS`] rows.
#[derive(Debug)]
pub(crate) struct RowTexts(Vec<String>);

impl RowTexts {
    /// `make` gives the text for so many rows.
    pub(crate) fn new(make: impl FnMut(usize) -> String) -> Self {
        Self((1..=ROWS).map(make).collect())
    }

    /// The text for so many rows, 1 to [`ROWS`].
    pub(crate) fn of(&'static self, rows: usize) -> &'static str {
        debug_assert!((1..=ROWS).contains(&rows));
        &self.0[rows - 1]
    }
}

/// `INSERT INTO table (columns) VALUES (?, …), …`
pub(crate) fn insert(table: &str, columns: &str, rows: usize) -> String {
    let width = columns.split(',').count();
    let row = format!("({})", vec!["?"; width].join(","));
    format!("INSERT INTO {table} ({columns}) VALUES {}", vec![row.as_str(); rows].join(","))
}

/// `?,?,…`
pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(",")
}

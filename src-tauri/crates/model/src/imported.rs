/// Where a captured request comes from that was read from a file and did not arrive here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// What the file was: `har`, `curl`, `raw`, `postman`, `jsonl`.
    pub format: String,
    /// What the file was called; empty where it had no name.
    pub name: String,
    /// The entry as another tool wrote it, without its body, so that it can be written the same again.
    pub entry: Option<String>,
}

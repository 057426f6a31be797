use crate::{Outgoing, WriteFormat, csv_file, har, jsonl, raw};

/// A file being written, piece by piece: a beginning, each request, an end.
#[derive(Clone, Debug)]
pub struct Writer {
    format: WriteFormat,
    written: u64,
    /// Those that the entries of a HAR name.
    pages: har::Gathered,
}

impl Writer {
    /// Nothing written yet.
    pub const fn new(format: WriteFormat) -> Self {
        Self { format, written: 0, pages: har::Gathered::new() }
    }

    /// What is written.
    pub const fn format(&self) -> WriteFormat {
        self.format
    }

    /// What stands before all requests.
    pub fn begin(&self) -> Vec<u8> {
        match self.format {
            WriteFormat::Har => har::BEGIN.as_bytes().to_vec(),
            WriteFormat::Csv => csv_file::heading(),
            WriteFormat::JsonLines | WriteFormat::Raw => Vec::new(),
        }
    }

    /// One request.
    pub fn one(&mut self, outgoing: &Outgoing) -> Vec<u8> {
        self.written += 1;
        match self.format {
            WriteFormat::Har => {
                let mut text = String::from(if self.written == 1 { "\n" } else { ",\n" });
                text.push_str(&har::entry(outgoing, &mut self.pages));
                text.into_bytes()
            }
            WriteFormat::JsonLines => {
                let mut line = jsonl::line(outgoing);
                line.push(b'\n');
                line
            }
            WriteFormat::Csv => csv_file::row(outgoing),
            WriteFormat::Raw => raw::write(outgoing),
        }
    }

    /// What stands after them.
    pub fn end(&self) -> Vec<u8> {
        match self.format {
            WriteFormat::Har => har::end(&self.pages).into_bytes(),
            WriteFormat::JsonLines | WriteFormat::Csv | WriteFormat::Raw => Vec::new(),
        }
    }

    /// How many requests it holds.
    pub const fn written(&self) -> u64 {
        self.written
    }
}

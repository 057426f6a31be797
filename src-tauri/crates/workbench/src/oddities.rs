//! What of a request's bytes is unusual, in plain words.

use hookbench_model::ChunkRecord;

/// How many lines of size with something unusual are looked at.
const MOST_LINES: usize = 1_000;

/// Sentences without their full stops.
#[derive(Debug, Default)]
pub(crate) struct Oddities(pub(crate) Vec<String>);

impl Oddities {
    pub(crate) fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    fn count(&mut self, count: usize, one: &str, many: &str) {
        match count {
            0 => {}
            1 => self.add(format!("One {one}")),
            _ => self.add(format!("{count} {many}")),
        }
    }
}

/// Says what is unusual of a head as it stood.
pub(crate) fn of_head(head: &[u8], notes: &mut Oddities) {
    let start = head.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(head.len());
    if start > 0 {
        notes.add("There are empty lines before the request line");
    }
    let mut lines = head[start..].split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    of_request_line(first, notes);
    let lines: Vec<&[u8]> = lines.collect();
    let bare =
        lines.iter().chain([&first]).filter(|line| line.ends_with(b"\n") && !line.ends_with(b"\r\n")).count();
    notes.count(bare, "line ends in a bare line feed", "lines end in a bare line feed");
    let fields: Vec<&[u8]> =
        lines.iter().map(|line| trimmed_end(line)).filter(|line| !line.is_empty()).collect();
    let count = |is: fn(&[u8]) -> bool| fields.iter().filter(|line| is(line)).count();
    notes.count(
        count(|line| line.starts_with(b" ") || line.starts_with(b"\t")),
        "line is folded: it belongs to the header before it",
        "lines are folded: they belong to the header before them",
    );
    notes.count(count(|line| !line.contains(&b':')), "line has no colon", "lines have no colon");
    notes.count(
        count(|line| colon(line).is_some_and(|(name, _)| name.ends_with(b" ") || name.ends_with(b"\t"))),
        "header has white space before its colon",
        "headers have white space before their colon",
    );
    notes.count(
        count(|line| colon(line).is_some_and(|(_, value)| !value.is_empty() && !is_usual(value))),
        "header has other white space round its value than one space before it",
        "headers have other white space round their values than one space before them",
    );
    notes.count(
        count(|line| line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f)),
        "header holds control characters",
        "headers hold control characters",
    );
    notes.count(
        count(|line| !line.is_ascii()),
        "header holds bytes that are not ASCII",
        "headers hold bytes that are not ASCII",
    );
    of_framing(&fields, notes);
}

fn of_request_line(line: &[u8], notes: &mut Oddities) {
    let target = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    if target.windows(3).any(|window| window == b"://") && !target.starts_with(b"/") {
        notes.add("The target is a whole URL, as proxies are asked");
    }
    if !target.is_ascii() {
        notes.add("The target holds characters that are not ASCII");
    }
}

fn of_framing(fields: &[&[u8]], notes: &mut Oddities) {
    let named = |name: &str| {
        let is_named =
            |line: &&&[u8]| colon(line).is_some_and(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        fields.iter().filter(is_named).count()
    };
    let (lengths, encodings) = (named("content-length"), named("transfer-encoding"));
    if lengths > 1 {
        notes.add("Content-Length came more than once");
    }
    if lengths > 0 && encodings > 0 {
        notes.add("Content-Length and Transfer-Encoding stand side by side");
    }
}

/// Says what is unusual of how a body was cut.
pub(crate) fn of_chunks(chunks: &ChunkRecord, notes: &mut Oddities) {
    let unusual = chunks.unusual(MOST_LINES);
    let count = |is: fn(&[u8]) -> bool| unusual.iter().filter(|line| is(line)).count();
    notes.count(count(|line| line.contains(&b';')), "chunk has an extension", "chunks have extensions");
    let digits = |line: &[u8]| line.iter().position(|byte| *byte == b';').unwrap_or(line.len());
    let zeros = unusual.iter().filter(|line| line.starts_with(b"0") && digits(line) > 1).count();
    notes.count(zeros, "chunk's size has leading zeros", "chunks' sizes have leading zeros");
    let capitals =
        unusual.iter().filter(|line| line[..digits(line)].iter().any(u8::is_ascii_uppercase)).count();
    notes.count(capitals, "chunk's size is in capital digits", "chunks' sizes are in capital digits");
    if !chunks.complete {
        notes.add("There are more chunks than are kept: the last of them are written as one");
    }
}

fn trimmed_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn colon(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(|byte| *byte == b':')?;
    Some((&line[..at], &line[at + 1..]))
}

/// One space before a value, and none behind it.
fn is_usual(value: &[u8]) -> bool {
    let rest = value.strip_prefix(b" ").unwrap_or_default();
    rest.len() == rest.trim_ascii().len() && value.starts_with(b" ")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hookbench_model::ChunkRun;

    use super::*;

    fn head(text: &str) -> Vec<String> {
        let mut notes = Oddities::default();
        of_head(text.as_bytes(), &mut notes);
        notes.0
    }

    #[test]
    fn of_a_usual_head_nothing_is_said() {
        assert!(head("POST /in?a HTTP/1.1\r\nHost: h\r\nEmpty: \r\nContent-Length: 2\r\n\r\n").is_empty());
    }

    #[test]
    fn what_is_unusual_is_said_in_plain_words() {
        for (text, said) in [
            ("\r\nGET / HTTP/1.1\r\n\r\n", "There are empty lines before the request line"),
            ("GET / HTTP/1.1\nA: b\n\n", "3 lines end in a bare line feed"),
            ("GET http://h/in HTTP/1.1\r\n\r\n", "The target is a whole URL, as proxies are asked"),
            (
                "GET / HTTP/1.1\r\nA:b\r\nB:  c\r\nC: d \r\n\r\n",
                "3 headers have other white space round their values than one space before them",
            ),
            ("GET / HTTP/1.1\r\nA : b\r\n\r\n", "One header has white space before its colon"),
            (
                "GET / HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n",
                "One line is folded: it belongs to the header before it",
            ),
            ("GET / HTTP/1.1\r\nnonsense\r\n\r\n", "One line has no colon"),
            ("GET / HTTP/1.1\r\nA: b\0\r\n\r\n", "One header holds control characters"),
            ("GET / HTTP/1.1\r\nA: ä\r\n\r\n", "One header holds bytes that are not ASCII"),
            (
                "GET / HTTP/1.1\r\nContent-Length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
                "Content-Length and Transfer-Encoding stand side by side",
            ),
            (
                "GET / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n",
                "Content-Length came more than once",
            ),
        ] {
            assert_eq!(head(text), [said], "{text}");
        }
    }

    #[test]
    fn chunks_are_looked_at_too() {
        let run = |line: &'static str| ChunkRun {
            size: 10,
            times: 1,
            spelt: Some(Bytes::from_static(line.as_bytes())),
        };
        let record = ChunkRecord {
            runs: vec![run("A"), run("0a"), run("a;x=Y")],
            complete: true,
            ..ChunkRecord::default()
        };
        let mut notes = Oddities::default();
        of_chunks(&record, &mut notes);
        let said = [
            "One chunk has an extension",
            "One chunk's size has leading zeros",
            "One chunk's size is in capital digits",
        ];
        assert_eq!(notes.0, said);
    }
}

/// A format that requests are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadFormat {
    /// HTTP Archive 1.2.
    Har,
    /// One or several `curl` commands.
    Curl,
    /// One or several requests as they stand on the wire.
    Raw,
    /// A Postman collection, version 2.
    Postman,
    /// One request a line, as Hookbench writes them.
    JsonLines,
}

impl ReadFormat {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Har, Self::Curl, Self::Raw, Self::Postman, Self::JsonLines];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Curl => "curl",
            Self::Raw => "raw",
            Self::Postman => "postman",
            Self::JsonLines => "jsonl",
        }
    }

    /// The format of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Har => "HAR",
            Self::Curl => "cURL",
            Self::Raw => "raw HTTP",
            Self::Postman => "Postman collection",
            Self::JsonLines => "JSON Lines",
        }
    }

    /// What the content looks like; `None` where it is none of them.
    pub(crate) fn of(content: &[u8]) -> Option<Self> {
        let start = content.trim_ascii_start();
        if is_utf16(content) {
            // Its reader says so.
            return Some(if content.contains(&b'{') { Self::Har } else { Self::Raw });
        }
        if start.first() == Some(&b'{') {
            return Some(Self::of_json(start));
        }
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let word = word.strip_prefix(b"$").filter(|rest| rest.is_empty()).map_or(word, |_| b"curl");
        if word.eq_ignore_ascii_case(b"curl") || word.eq_ignore_ascii_case(b"curl.exe") {
            return Some(Self::Curl);
        }
        let is_request = line.starts_with(b"###")
            || (word.len() < line.len()
                && !word.is_empty()
                && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-'));
        is_request.then_some(Self::Raw)
    }

    fn of_json(start: &[u8]) -> Self {
        // A line that is a whole object has others after it, or none: the other two are one object over all.
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_object = serde_json::from_slice::<Heads>(line);
        match is_object.or_else(|_| serde_json::from_slice::<Heads>(start)) {
            Ok(Heads { log: Some(_), .. }) => Self::Har,
            Ok(Heads { item: Some(_), .. } | Heads { requests: Some(_), .. }) => Self::Postman,
            // What is broken is told by the reader it was most likely meant for.
            Err(_) if contains(start, b"\"log\"") => Self::Har,
            Err(_) if contains(start, b"\"info\"") || contains(start, b"\"order\"") => Self::Postman,
            Ok(_) | Err(_) => Self::JsonLines,
        }
    }
}

/// Whether a file says that it is UTF-16, which is not read.
pub(crate) fn is_utf16(content: &[u8]) -> bool {
    content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff")
}

/// What is said of such a file.
pub(crate) const UTF16: &str = "it is UTF-16, and only UTF-8 is read: save it as UTF-8";

fn contains(content: &[u8], sought: &[u8]) -> bool {
    let start = content.get(..4096).unwrap_or(content);
    start.windows(sought.len()).any(|window| window == sought)
}

/// What tells the JSON formats apart.
#[derive(serde::Deserialize)]
struct Heads {
    log: Option<serde::de::IgnoredAny>,
    item: Option<serde::de::IgnoredAny>,
    /// Of Postman's version 1.
    requests: Option<serde::de::IgnoredAny>,
}

/// A format that requests are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteFormat {
    /// HTTP Archive 1.2.
    Har,
    /// One request a line, with all that is known of it.
    JsonLines,
    /// One request a line, for a table.
    Csv,
    /// Requests as they stand on the wire, one after the other.
    Raw,
}

impl WriteFormat {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Har, Self::JsonLines, Self::Csv, Self::Raw];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Raw => "raw",
        }
    }

    /// The format of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// What a file of it is called by its end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Raw => "http",
            other => other.as_str(),
        }
    }

    /// Its media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Har => "application/json",
            Self::JsonLines => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Raw => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_its_content() {
        for (content, format) in [
            (r#"{"log": {"entries": []}}"#, Some(ReadFormat::Har)),
            ("{\n  \"log\": {\n \"entries\": [", Some(ReadFormat::Har)),
            ("\n {\"info\": {}, \"item\": []}", Some(ReadFormat::Postman)),
            ("{\"method\": \"POST\"}\n{\"method\": \"GET\"}\n", Some(ReadFormat::JsonLines)),
            ("curl http://a", Some(ReadFormat::Curl)),
            ("$ curl http://a", Some(ReadFormat::Curl)),
            ("CURL.EXE http://a", Some(ReadFormat::Curl)),
            ("POST /a HTTP/1.1\r\nHost: b\r\n\r\n", Some(ReadFormat::Raw)),
            ("### one\nGET http://a", Some(ReadFormat::Raw)),
            ("", None),
            ("[1, 2]", None),
            ("word", None),
            ("\u{0}\u{1}", None),
        ] {
            assert_eq!(ReadFormat::of(content.as_bytes()), format, "{content}");
        }
    }
}

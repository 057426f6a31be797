//! What curl makes of its options for the body.

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Fault;
use crate::text::Put as _;

/// What curl leaves as it is when it encodes.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The value of `--data` and `--data-binary`: text, and no file.
pub(super) fn text(value: String) -> Result<String, Fault> {
    match value.strip_prefix('@') {
        Some(file) => Err(Fault::File(file.to_owned())),
        None => Ok(value),
    }
}

/// The value of `--data-urlencode`: `content`, `=content`, `name=content`, or a file.
pub(super) fn urlencoded(value: &str) -> Result<String, Fault> {
    // Spaces become plus signs, also in a query.
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string().replace("%20", "+");
    let at = value.find(['=', '@']);
    match at.map(|at| (&value[..at], value.as_bytes()[at], &value[at + 1..])) {
        None => Ok(encode(value)),
        Some((_, b'@', file)) => Err(Fault::File(file.to_owned())),
        Some(("", _, content)) => Ok(encode(content)),
        Some((name, _, content)) => Ok(format!("{name}={}", encode(content))),
    }
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) content: String,
    pub(crate) content_type: Option<String>,
    pub(crate) file_name: Option<String>,
}

impl Part {
    /// The value of `--form`: `name=content`, `name=content;type=…`.
    pub(super) fn of_form(value: &str) -> Result<Self, Fault> {
        let (name, content) = value.split_once('=').ok_or_else(|| Fault::OptionValue("--form".to_owned()))?;
        if let Some(file) = content.strip_prefix(['@', '<']) {
            let file = file.split(';').next().unwrap_or_default();
            return Err(Fault::File(file.to_owned()));
        }
        let mut content = content;
        let (mut content_type, mut file_name) = (None, None);
        while let Some((before, (what, value))) = last_parameter(content) {
            let place = if what == "type" { &mut content_type } else { &mut file_name };
            *place = Some(unquoted(value));
            content = before;
        }
        Ok(Self { name: name.to_owned(), content: unquoted(content), content_type, file_name })
    }

    /// The value of `--form-string`.
    pub(super) fn of_string(value: &str) -> Result<Self, Fault> {
        let (name, content) =
            value.split_once('=').ok_or_else(|| Fault::OptionValue("--form-string".to_owned()))?;
        Ok(Self { name: name.to_owned(), content: content.to_owned(), content_type: None, file_name: None })
    }
}

/// The parameter that stands last in the value of `--form`, and what stands before it.
fn last_parameter(content: &str) -> Option<(&str, (&str, &str))> {
    let (before, last) = content.rsplit_once(';')?;
    let (what, value) = last.trim_start().split_once('=')?;
    matches!(what, "type" | "filename").then_some((before, (what, value)))
}

fn unquoted(text: &str) -> String {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    quoted.map_or_else(|| text.to_owned(), |text| text.replace("\\\"", "\"").replace("\\\\", "\\"))
}

/// What every boundary begins with, and how many digits follow.
const BOUNDARY: &str = "------------------------hookbench";
const DIGITS: usize = 7;

/// The content type and the body of a form. The boundary is the same every time, and stands in no part.
pub(crate) fn multipart(parts: &[Part]) -> (String, String) {
    // Looked for once, however many boundaries somebody put into a part.
    let taken: HashSet<&str> = parts
        .iter()
        .flat_map(|part| {
            part.content.match_indices(BOUNDARY).map(|(at, _)| &part.content[at + BOUNDARY.len()..])
        })
        .filter_map(|behind| behind.get(..DIGITS))
        .collect();
    let mut numbers = (0_u32..).map(|number| format!("{number:0DIGITS$}"));
    let number = numbers.find(|number| !taken.contains(&**number)).unwrap_or_default();
    let boundary = format!("{BOUNDARY}{number}");
    let mut body = String::new();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "%22").replace(['\r', '\n'], " "));
    for Part { name, content, content_type, file_name } in parts {
        body.put(format!("--{boundary}\r\nContent-Disposition: form-data; name={}", quoted(name)));
        if let Some(file_name) = file_name {
            body.put(format!("; filename={}", quoted(file_name)));
        }
        body.put("\r\n".to_owned());
        if let Some(content_type) = content_type {
            body.put(format!("Content-Type: {}\r\n", content_type.replace(['\r', '\n'], " ")));
        }
        body.put(format!("\r\n{content}\r\n"));
    }
    body.put(format!("--{boundary}--\r\n"));
    (format!("multipart/form-data; boundary={boundary}"), body)
}

//! Names of fields: which are names, which are data, and how a way into a body is written.

use std::fmt::Write as _;

/// Longer names are data.
const LONGEST_NAME: usize = 100;
/// From so many characters on a mixture of letters and digits is an id.
const ID_FROM: usize = 10;

/// Whether a key is a name of a field, and not data that stands where a name does: an id, a number, a day, an address.
pub(super) fn is_name(key: &str) -> bool {
    if key.is_empty() || key.len() > LONGEST_NAME || key.contains(['@', '/', '\n']) {
        return false;
    }
    let is_digits = key.bytes().all(|byte| byte.is_ascii_digit() || b"-_:. ".contains(&byte));
    !is_digits && !key.split(['_', '-', ':', '.', ' ']).any(is_id)
}

fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() >= ID_FROM && digits >= 3 && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// One step of a way into a body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'k> {
    /// Into the field of that name.
    Name(&'k str),
    /// Into a field whose name is data.
    AnyName,
    /// Into the items of an array.
    Items,
}

/// The way as people write it: `data.items[].id`, `a["odd key"]`, `users.*.name`; `$` for the whole body.
pub(super) fn written(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Items => path.push_str(if path.is_empty() { "$[]" } else { "[]" }),
            Step::AnyName => path.push_str(if path.is_empty() { "*" } else { ".*" }),
            Step::Name(name) if is_plain(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Name(name) => {
                if path.is_empty() {
                    path.push('$');
                }
                // As JSON writes it, so that nothing in it can end it. Writing to a text cannot fail.
                let _ = write!(path, "[{}]", serde_json::Value::from(*name));
            }
        }
    }
    if path.is_empty() { "$".to_owned() } else { path }
}

fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    begins && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

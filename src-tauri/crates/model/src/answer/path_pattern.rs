use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest pattern, in bytes.
const LONGEST: usize = 256;
/// The most stars.
const MOST_STARS: usize = 8;

/// Which paths below an inbox's slug a rule takes: `/hooks/*/done`. `*` stands for any run within a segment, `**`
/// for any run. A path that is empty is taken for `/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Star,
    Stars,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathPatternError {
    /// It does not begin like a path.
    #[error("must begin with `/` or `*`: it is the path below the inbox's own")]
    Start,
    /// It is too long.
    #[error("may be at most {LONGEST} bytes long")]
    TooLong,
    /// It has too many stars.
    #[error("may have at most {MOST_STARS} stars")]
    TooManyStars,
}

impl PathPattern {
    /// Whether it takes a path, which is as it stood on the wire.
    pub fn takes(&self, path: &str) -> bool {
        matches(&self.parts, if path.is_empty() { "/" } else { path })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The stars are few and the depth of the recursion is theirs.
fn matches(parts: &[Part], path: &str) -> bool {
    let Some((first, rest)) = parts.split_first() else { return path.is_empty() };
    match first {
        Part::Text(text) => path.strip_prefix(text.as_str()).is_some_and(|path| matches(rest, path)),
        Part::Star | Part::Stars => {
            let end = if *first == Part::Star { path.find('/').unwrap_or(path.len()) } else { path.len() };
            if rest.is_empty() {
                return end == path.len();
            }
            // What follows a star is text: only where that stands need be tried.
            let Some(Part::Text(next)) = rest.first() else { return false };
            let mut from = 0;
            while let Some(at) = path.get(from..).and_then(|rest| rest.find(next.as_str())) {
                let at = from + at;
                if at > end {
                    return false;
                }
                if matches(rest, &path[at..]) {
                    return true;
                }
                from = at + path[at..].chars().next().map_or(1, char::len_utf8);
            }
            false
        }
    }
}

impl FromStr for PathPattern {
    type Err = PathPatternError;

    fn from_str(text: &str) -> Result<Self, PathPatternError> {
        if !text.starts_with(['/', '*']) {
            return Err(PathPatternError::Start);
        }
        if text.len() > LONGEST {
            return Err(PathPatternError::TooLong);
        }
        let mut parts: Vec<Part> = Vec::new();
        for c in text.chars() {
            match (c, parts.last_mut()) {
                ('*', Some(last @ (Part::Star | Part::Stars))) => *last = Part::Stars,
                ('*', _) => parts.push(Part::Star),
                (_, Some(Part::Text(text))) => text.push(c),
                _ => parts.push(Part::Text(c.to_string())),
            }
        }
        if parts.iter().filter(|part| !matches!(part, Part::Text(_))).count() > MOST_STARS {
            return Err(PathPatternError::TooManyStars);
        }
        Ok(Self { text: text.to_owned(), parts })
    }
}

impl TryFrom<String> for PathPattern {
    type Error = PathPatternError;

    fn try_from(text: String) -> Result<Self, PathPatternError> {
        text.parse()
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_runs() {
        for (pattern, path, takes) in [
            ("/hooks", "/hooks", true),
            ("/hooks", "/hooks/", false),
            ("/hooks", "/hooksx", false),
            ("/", "", true),
            ("/*", "", true),
            ("/hooks/*", "/hooks/a", true),
            ("/hooks/*", "/hooks/a/b", false),
            ("/hooks/**", "/hooks/a/b", true),
            ("/hooks/*/done", "/hooks/7/done", true),
            ("/hooks/*/done", "/hooks/7/8/done", false),
            ("**/done", "/a/b/done", true),
            ("**/done", "/done/x", false),
            ("/a*a", "/aa", true),
            ("/a*b*c", "/axxbxxbc", true),
            ("/a*b*c", "/axxbxxcb", false),
            ("/ü*ü", "/üxü", true),
            ("**", "", true),
            ("***/x", "/x", true),
        ] {
            assert_eq!(pattern.parse::<PathPattern>().unwrap().takes(path), takes, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        assert_eq!("hooks".parse::<PathPattern>(), Err(PathPatternError::Start));
        assert_eq!("".parse::<PathPattern>(), Err(PathPatternError::Start));
        assert_eq!("/*a".repeat(9).parse::<PathPattern>(), Err(PathPatternError::TooManyStars));
        assert_eq!(format!("/{}", "a".repeat(256)).parse::<PathPattern>(), Err(PathPatternError::TooLong));
    }
}

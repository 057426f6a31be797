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
        matches(&self.parts, if path.is_empty() { b"/" } else { path.as_bytes() })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Follows at once every place in the path that a beginning of the pattern may lead to: the work is the path's length
/// for each part, whatever stands in either.
fn matches(parts: &[Part], path: &[u8]) -> bool {
    if let [Part::Text(text)] = parts {
        return text.as_bytes() == path;
    }
    // From before the first byte to behind the last.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in parts {
        match part {
            // From the end on, so that what it leads to is not followed again.
            Part::Text(text) => {
                for at in (0..reached.len()).rev() {
                    let from = at.checked_sub(text.len());
                    reached[at] =
                        from.is_some_and(|from| reached[from] && path[from..at] == *text.as_bytes());
                }
            }
            Part::Star => {
                for at in 1..reached.len() {
                    reached[at] |= reached[at - 1] && path[at - 1] != b'/';
                }
            }
            Part::Stars => {
                for at in 1..reached.len() {
                    reached[at] |= reached[at - 1];
                }
            }
        }
    }
    reached[path.len()]
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
    fn a_path_is_judged_at_once_however_long_it_is_and_however_many_stars_there_are() {
        let path = format!("/{}/x", "-".repeat(60_000));
        for (pattern, takes) in [
            ("/*-*-*-*-*-*-*-*y", false),
            ("**-**-**-**-**-**-**-**y", false),
            ("/*-*-*-*-*-*-*-/*", true),
            ("**-**-**-**-**-**-**-**x", true),
        ] {
            assert_eq!(pattern.parse::<PathPattern>().unwrap().takes(&path), takes, "{pattern}");
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

//! Texts with `{placeholders}`: the one reader behind content templates, signature formats and the headers
//! of provider profiles.

/// A part of a template, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Text that stands as it is.
    Literal(&'a str),
    /// The name between braces.
    Placeholder(&'a str),
}

/// A template whose braces do not pair up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{` without its `}`.
    #[error("a `{{` is never closed")]
    Unclosed,
    /// `}` without its `{`.
    #[error("a `}}` was never opened")]
    Unopened,
    /// A name that the place does not know.
    #[error("`{{{name}}}` is not one of {known}")]
    Unknown {
        /// The name as written.
        name: String,
        /// The names that would have been understood.
        known: &'static str,
    },
}

/// Splits a template into its parts. Names are not judged here: each place knows its own.
pub fn tokens(template: &str) -> Result<Vec<Token<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        if rest.as_bytes()[at] == b'}' {
            return Err(TemplateError::Unopened);
        }
        if at > 0 {
            parts.push(Token::Literal(&rest[..at]));
        }
        let inside = &rest[at + 1..];
        let end = inside.find(['{', '}']).filter(|&end| inside.as_bytes()[end] == b'}');
        let end = end.ok_or(TemplateError::Unclosed)?;
        parts.push(Token::Placeholder(&inside[..end]));
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() {
        parts.push(Token::Literal(rest));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_names_come_in_order() {
        assert_eq!(
            tokens("v0:{ts}:{body}").unwrap(),
            [
                Token::Literal("v0:"),
                Token::Placeholder("ts"),
                Token::Literal(":"),
                Token::Placeholder("body")
            ]
        );
        assert_eq!(tokens("").unwrap(), []);
    }

    #[test]
    fn braces_must_pair_up() {
        assert_eq!(tokens("{ts"), Err(TemplateError::Unclosed));
        assert_eq!(tokens("{ts{body}"), Err(TemplateError::Unclosed));
        assert_eq!(tokens("ts}"), Err(TemplateError::Unopened));
    }
}

use serde::{Deserialize, Serialize};

/// What answer counts as delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum SuccessRule {
    /// Any status from 200 to 299.
    #[default]
    Any2xx,
    /// One of these statuses.
    Statuses {
        /// The statuses that count.
        statuses: Vec<u16>,
    },
    /// A status that fits, and a body that is just this word, blanks around it aside.
    BodyWord {
        /// The word, letter case included.
        word: String,
        /// The statuses that fit; `None` for any from 200 to 299.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        statuses: Option<Vec<u16>>,
    },
}

/// Why a success rule is refused: the field below it, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuccessRuleError {
    /// No status, or too many of them.
    #[error("must name 1 to {max} statuses", max = SuccessRule::MOST_STATUSES)]
    Count,
    /// A number that is no status of an answer.
    #[error("{given} is no status that an answer has: 200 to 599 are")]
    Status {
        /// What was given.
        given: u16,
    },
    /// An empty word, or one that is long or has blanks around it.
    #[error("must be 1 to {max} bytes, without blanks around it", max = SuccessRule::LONGEST_WORD)]
    Word,
}

impl SuccessRule {
    /// The most statuses that a rule may name.
    pub const MOST_STATUSES: usize = 100;
    /// The longest word, in bytes.
    pub const LONGEST_WORD: usize = 200;

    /// Whether an answer with this status may count as delivered; a rule by a word looks at the body too.
    pub fn accepts(&self, status: u16) -> bool {
        match self {
            Self::Any2xx | Self::BodyWord { statuses: None, .. } => (200..300).contains(&status),
            Self::Statuses { statuses } | Self::BodyWord { statuses: Some(statuses), .. } => {
                statuses.contains(&status)
            }
        }
    }

    /// Whether an answer counts as delivered. `body` is what is kept of it, `whole` whether that is all: a
    /// word in a body that was cut off is not the body.
    pub fn accepts_answer(&self, status: u16, body: &[u8], whole: bool) -> bool {
        let said = match self {
            Self::Any2xx | Self::Statuses { .. } => true,
            Self::BodyWord { word, .. } => whole && body.trim_ascii() == word.as_bytes(),
        };
        self.accepts(status) && said
    }

    /// The word that the body has to be, if any.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::BodyWord { word, .. } => Some(word),
            Self::Any2xx | Self::Statuses { .. } => None,
        }
    }

    /// The statuses that count; `None` for any from 200 to 299.
    pub fn statuses(&self) -> Option<&[u16]> {
        match self {
            Self::Any2xx => None,
            Self::Statuses { statuses } => Some(statuses),
            Self::BodyWord { statuses, .. } => statuses.as_deref(),
        }
    }

    /// What a receiver that is content answers: 200 where that counts, else the first status that does.
    pub fn usual_status(&self) -> u16 {
        match self.statuses() {
            Some(statuses) if !self.accepts(200) => statuses.first().copied().unwrap_or(200),
            _ => 200,
        }
    }

    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), SuccessRuleError> {
        if let Some(statuses) = self.statuses() {
            if statuses.is_empty() || statuses.len() > Self::MOST_STATUSES {
                return Err(SuccessRuleError::Count);
            }
            if let Some(&given) = statuses.iter().find(|status| !(200..600).contains(*status)) {
                return Err(SuccessRuleError::Status { given });
            }
        }
        let fits = |word: &str| !word.is_empty() && word.len() <= Self::LONGEST_WORD && word.trim() == word;
        if self.word().is_some_and(|word| !fits(word)) {
            return Err(SuccessRuleError::Word);
        }
        Ok(())
    }

    /// The rule as a sentence.
    pub fn sentence(&self) -> String {
        let listed = |statuses: &[u16]| {
            let texts: Vec<_> = statuses.iter().map(ToString::to_string).collect();
            texts.join(", ")
        };
        match self {
            Self::Any2xx => "Any status from 200 to 299.".to_owned(),
            Self::Statuses { statuses } => format!("One of these statuses: {}.", listed(statuses)),
            Self::BodyWord { word, statuses: None } => {
                format!("Any status from 200 to 299, where the body is just `{word}`.")
            }
            Self::BodyWord { word, statuses: Some(statuses) } => {
                format!("One of these statuses: {}; and the body is just `{word}`.", listed(statuses))
            }
        }
    }
}

impl SuccessRuleError {
    /// The field that is refused, as the contract names it below `success`.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Count | Self::Status { .. } => "statuses",
            Self::Word => "word",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_whole_body_but_for_blanks() {
        let rule = SuccessRule::BodyWord { word: "True".to_owned(), statuses: None };
        assert!(rule.accepts_answer(200, b"True", true));
        assert!(rule.accepts_answer(202, b" \r\nTrue\n", true));
        for body in [&b""[..], b"true", b"True.", b"\"True\"", b"False"] {
            assert!(!rule.accepts_answer(200, body, true), "{body:?}");
        }
        assert!(!rule.accepts_answer(500, b"True", true));
        assert!(!rule.accepts_answer(200, b"True", false), "the rest of it was cut off");
        let only = SuccessRule::BodyWord { word: "ok".to_owned(), statuses: Some(vec![201]) };
        assert!(only.accepts_answer(201, b"ok", true) && !only.accepts_answer(200, b"ok", true));
        assert_eq!(only.usual_status(), 201);
    }

    #[test]
    fn rules_out_of_bounds_are_refused_by_field() {
        let statuses = |statuses: &[u16]| SuccessRule::Statuses { statuses: statuses.to_vec() };
        let word = |word: &str| SuccessRule::BodyWord { word: word.to_owned(), statuses: None };
        let field = |rule: &SuccessRule| rule.validate().err().map(|error| error.field());
        assert_eq!(field(&statuses(&[200, 302])), None);
        assert_eq!(field(&statuses(&[])), Some("statuses"));
        assert_eq!(field(&statuses(&[200; 101])), Some("statuses"));
        assert_eq!(field(&statuses(&[199])), Some("statuses"));
        assert_eq!(field(&statuses(&[600])), Some("statuses"));
        assert_eq!(field(&word("True")), None);
        assert_eq!(field(&word(" True")), Some("word"));
        assert_eq!(field(&word("")), Some("word"));
    }
}

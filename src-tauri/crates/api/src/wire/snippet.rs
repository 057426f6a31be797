use hookbench_workbench::{Language, Section as KnownSection, Snippet as KnownSnippet};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SchemeInput;

/// A language that receivers can be had in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SnippetLanguage {
    /// Its name for programs: `node`, `python`, `go`, `ruby`, `php`, `java`, `csharp` or `rust`.
    language: &'static str,
    /// Its name for people.
    title: &'static str,
    /// What the file is called.
    filename: &'static str,
}

impl From<Language> for SnippetLanguage {
    fn from(language: Language) -> Self {
        Self { language: language.as_str(), title: language.title(), filename: language.filename() }
    }
}

/// A receiver that verifies a scheme's signatures: a whole program, ready to be copied.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Snippet {
    #[serde(flatten)]
    language: SnippetLanguage,
    /// The whole source file.
    code: String,
    /// Commands that install what it needs; none where the language itself is enough.
    dependencies: Vec<String>,
    /// Which lines are about what. They may overlap.
    sections: Vec<SnippetSection>,
    /// What to know beside the code.
    notes: String,
}

/// Lines of a receiver about one topic: those that mend a cause of that topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SnippetSection {
    /// `body`, `secret`, `digest`, `content`, `time`, `url` or `header`.
    topic: &'static str,
    /// The first line, counted from 1.
    from_line: usize,
    /// The last line.
    to_line: usize,
}

impl From<KnownSnippet> for Snippet {
    fn from(snippet: KnownSnippet) -> Self {
        Self {
            language: snippet.language.into(),
            code: snippet.code,
            dependencies: snippet.dependencies,
            sections: snippet.sections.into_iter().map(Into::into).collect(),
            notes: snippet.notes.join(" "),
        }
    }
}

impl From<KnownSection> for SnippetSection {
    fn from(KnownSection { topic, from_line, to_line }: KnownSection) -> Self {
        Self { topic: topic.as_str(), from_line, to_line }
    }
}

/// For which scheme a receiver is wanted, and in which language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnippetInput {
    /// The scheme; it need not be saved.
    pub(crate) scheme: SchemeInput,
    /// The language, such as `node`.
    pub(crate) language: String,
}

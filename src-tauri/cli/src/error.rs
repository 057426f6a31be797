use std::path::PathBuf;

/// Why a command could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The workspace said no; its words are the message.
    #[error("{detail}")]
    Refused {
        /// The HTTP status of the answer.
        status: u16,
        /// What the problem document said.
        detail: String,
        /// Which words of which fields it means.
        places: Vec<FaultPlace>,
    },
    /// The running workspace could not be spoken to.
    #[error("the running workspace at {place} cannot be reached")]
    Unreachable {
        /// Where it was said to listen.
        place: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer was not what the contract promises.
    #[error("the workspace answered something that is not in the contract: {0}")]
    Unexpected(String),
    /// The workspace could not be opened.
    #[error(transparent)]
    Workbench(#[from] hookbench_workbench::WorkbenchError),
    /// The router of a workspace opened by ourselves failed.
    #[error("the answer broke off")]
    Router(#[source] axum::Error),
    /// The workspace of a folder could not be opened.
    #[error("the workspace in {} cannot be opened", .folder.display())]
    Open {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: hookbench_workbench::WorkbenchError,
    },
    /// It was told to stop again while it was stopping.
    #[error(
        "told to stop a second time: it ends at once, and the next start records what was under way as interrupted"
    )]
    StoppedAtOnce,
    /// A file could not be read.
    #[error("{} could not be read", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("{} could not be written", .path.display())]
    Written {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It was stopped before it was done.
    #[error("stopped before it was whole: {} is as it was", .0.display())]
    Stopped(PathBuf),
    /// An address could not be listened at.
    #[error("{what} cannot listen at {addr}{}", in_use(.source))]
    Listen {
        /// Who wanted to.
        what: &'static str,
        /// Which.
        addr: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Standard input or output broke.
    #[error("standard input or output failed")]
    Stdio(#[from] std::io::Error),
    /// What was asked for lives in a workspace that runs, and none does.
    #[error(
        "no workspace runs in this folder, and fault receivers live no longer than one does: start it with \
         `hookbench serve`"
    )]
    NotRunning,
    /// An argument is not what it must be.
    #[error("{0}")]
    Usage(String),
    /// It was done, and what was done did not succeed: a delivery failed, a signature is invalid.
    #[error("{0}")]
    Unsuccessful(String),
}

/// A stretch of a field that is wrong, in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultPlace {
    /// The field.
    pub(crate) field: String,
    /// The first character, from 0.
    pub(crate) start: usize,
    /// The one after the last.
    pub(crate) end: usize,
}

impl CliError {
    /// The refusal with the field's text below it, and marks under the words that are wrong.
    pub(crate) fn pointing(self, field: &str, text: &str) -> Self {
        let Self::Refused { status, mut detail, places } = self else { return self };
        let length = text.chars().count();
        let mut marks = vec![' '; length + 1];
        let mut is_marked = false;
        for place in places.iter().filter(|place| place.field == field) {
            let start = place.start.min(length);
            // What is missing is missed where the next word would stand.
            let end = place.end.clamp(start + 1, length + 1);
            for mark in marks.iter_mut().take(end).skip(start) {
                *mark = '^';
                is_marked = true;
            }
        }
        if is_marked {
            let plain: String = text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
            let marks: String = marks.into_iter().collect();
            detail = format!("{detail}\n  {plain}\n  {}", marks.trim_end());
        }
        Self::Refused { status, detail, places }
    }

    /// A workspace that cannot be opened, with its folder unless what is wrong names it.
    pub(crate) fn open(folder: PathBuf, source: hookbench_workbench::WorkbenchError) -> Self {
        let is_store = matches!(source, hookbench_workbench::WorkbenchError::Store(_));
        if is_store && !whole(&source).contains(&*folder.to_string_lossy()) {
            Self::Open { folder, source }
        } else {
            Self::Workbench(source)
        }
    }

    /// 2 for wrong usage, 1 for everything else.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Refused { status: 400 | 422, .. } => 2,
            _ => 1,
        }
    }
}

fn in_use(source: &std::io::Error) -> &'static str {
    if source.kind() == std::io::ErrorKind::AddrInUse { ": it is in use by another program" } else { "" }
}

/// An error with all that lies behind it, in one line.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut behind = error.source();
    while let Some(source) = behind {
        let said = source.to_string();
        if !words.contains(&said) {
            words.push_str(": ");
            words.push_str(&said);
        }
        behind = source.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_points_at_the_words() {
        let refused = |places: &[(usize, usize)]| CliError::Refused {
            status: 422,
            detail: "no".to_owned(),
            places: places
                .iter()
                .map(|&(start, end)| FaultPlace { field: "filter".to_owned(), start, end })
                .collect(),
        };
        let said =
            |places: &[(usize, usize)], text: &str| refused(places).pointing("filter", text).to_string();
        assert_eq!(said(&[(0, 3)], "é\u{1b}x:1"), "no\n  é x:1\n  ^^^");
        assert_eq!(said(&[(0, 1), (4, 5)], "a bb c"), "no\n  a bb c\n  ^   ^");
        assert_eq!(said(&[(2, 2)], "a:"), "no\n  a:\n    ^", "at the end");
        assert_eq!(said(&[(70, 90)], "a:"), "no\n  a:\n    ^", "beyond it");
        assert_eq!(said(&[], "a"), "no");
        assert_eq!(refused(&[(0, 1)]).pointing("name", "a").to_string(), "no", "another field");
    }
}

/// The shell that a command is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    /// sh, bash, zsh.
    Posix,
    /// `cmd.exe`: `^` escapes, only double quotes quote.
    Cmd,
    /// PowerShell: a backtick escapes, quotes are doubled.
    Power,
}

impl Shell {
    /// The shell of a text: a command's lines are joined by another sign in each, and `cmd`'s copies have a `^` before
    /// their quotes.
    pub(super) fn of(text: &str) -> Self {
        let joins = |sign: &str| {
            text.lines()
                .any(|line| line.trim_end().strip_suffix(sign).is_some_and(|line| !line.ends_with(sign)))
        };
        if text.contains("^\"") || (joins("^") && !joins("\\")) {
            Self::Cmd
        } else if joins("`") && !joins("\\") {
            Self::Power
        } else {
            Self::Posix
        }
    }
}

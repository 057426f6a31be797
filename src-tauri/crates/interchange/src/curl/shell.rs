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
    /// The shell of a text: a command's lines are joined by another sign in each, which the first line shows. Where that is
    /// a whole command, `cmd`'s copies have a `^` before their quotes, or double those within.
    pub(super) fn of(text: &str) -> Self {
        let first = text.trim_start().lines().next().unwrap_or_default();
        Self::joining(first).unwrap_or_else(|| {
            if first.contains(" ^\"") || doubles_quotes(first) {
                return Self::Cmd;
            }
            let joints: Vec<Self> = text.lines().filter_map(Self::joining).collect();
            let first_of = |shells: [Self; 3]| shells.into_iter().find(|shell| joints.contains(shell));
            first_of([Self::Posix, Self::Cmd, Self::Power]).unwrap_or(Self::Posix)
        })
    }

    /// The shell in which a line goes on in the next.
    fn joining(line: &str) -> Option<Self> {
        let line = line.trim_end();
        let (shell, sign) = match line.chars().next_back()? {
            '\\' => (Self::Posix, '\\'),
            '^' => (Self::Cmd, '^'),
            '`' => (Self::Power, '`'),
            _ => return None,
        };
        // Two of them are the sign itself.
        let before = line.strip_suffix(sign)?;
        (!before.ends_with(sign)).then_some(shell)
    }
}

/// Whether a quote in quotes is written twice, as Firefox does for `cmd`: `"{""a"":1}"`. In other shells two of them
/// together are a word without anything in it.
fn doubles_quotes(text: &str) -> bool {
    let is_in_word = |character: Option<char>| character.is_some_and(|c| !c.is_whitespace() && c != '"');
    text.find(['"', '\'']).is_some_and(|at| text[at..].starts_with('"'))
        && text.match_indices("\"\"").any(|(at, _)| {
            is_in_word(text[..at].chars().next_back()) && is_in_word(text[at + 2..].chars().next())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_told_by_how_a_command_goes_on() {
        for (text, shell) in [
            ("curl 'a^\"b' \\\n -d 'x^\n'", Shell::Posix),
            ("curl ^\"a^\" ^\r\n -d ^\"b\\\n^\"", Shell::Cmd),
            ("curl 'a' `\n -d 'b^\nc'", Shell::Power),
            ("curl ^\"a^\"", Shell::Cmd),
            ("curl \"a\" -d \"{\"\"b\"\":\"\"it's\"\"}\"", Shell::Cmd),
            ("curl 'a' -d '{\"b\":\"\"}'", Shell::Posix),
            ("curl \"a\" -d \"\" b", Shell::Posix),
            ("curl a\ncurl b \\\n -d c", Shell::Posix),
            ("curl a", Shell::Posix),
        ] {
            assert_eq!(Shell::of(text), shell, "{text}");
        }
    }
}

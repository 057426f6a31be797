//! What the tasks say to the person who started them.

use std::error::Error as _;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::time::Duration;

/// Prints one line to standard output. A closed pipe is no reason to stop working.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints an error and what lies under it to standard error.
pub(crate) fn complain(error: &crate::error::Error) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "xtask: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = writeln!(err, "  because: {cause}");
        source = cause.source();
    }
}

/// A duration as a person reads it: `0.8 s`, `42 s`, `3 min 07 s`.
pub(crate) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 10 {
        format!("{:.1} s", duration.as_secs_f64())
    } else if seconds < 60 {
        format!("{seconds} s")
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        assert_eq!(in_words(Duration::from_millis(840)), "0.8 s");
        assert_eq!(in_words(Duration::from_secs(42)), "42 s");
        assert_eq!(in_words(Duration::from_secs(187)), "3 min 07 s");
    }
}

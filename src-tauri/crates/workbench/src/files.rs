//! How many files may be open, and what of them is for whom.

/// More than all parts together ever want.
const WANTED: u64 = 16_384;

/// How many connections senders may have at a time: as many as usual, and at most a third of the files that may be open,
/// so that a flood of them leaves the database, the API and the deliveries theirs. What this process may have open is
/// raised to what the system permits first: many systems begin with little.
pub(crate) fn connections(usual: usize) -> usize {
    match rlimit::increase_nofile_limit(WANTED) {
        Ok(files) => share(files, usual),
        Err(error) => {
            tracing::warn!(%error, "the number of files that may be open cannot be told");
            usual
        }
    }
}

fn share(files: u64, usual: usize) -> usize {
    usize::try_from(files / 3).map_or(usual, |third| third.clamp(1, usual.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_have_a_third_of_few_files_and_no_more_than_usual_of_many() {
        assert_eq!(share(64, 1024), 21);
        assert_eq!(share(16_384, 1024), 1024);
        assert_eq!(share(u64::MAX, 1024), 1024);
        assert_eq!(share(1, 1024), 1);
    }
}

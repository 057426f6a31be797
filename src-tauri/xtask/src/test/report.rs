//! What became of the stages.

use std::time::Duration;

use crate::console::in_words;
use crate::error::Error;

#[derive(Debug)]
pub(super) enum Verdict {
    Passed,
    Failed(Error),
}

#[derive(Debug)]
struct Entry {
    stage: &'static str,
    verdict: Verdict,
    took: Duration,
    /// What the stage itself had to say in a line, such as the count of tests.
    notes: Vec<String>,
}

impl Entry {
    fn line(&self) -> String {
        let took = in_words(self.took);
        let stage = self.stage;
        match &self.verdict {
            Verdict::Passed => format!("ok      {stage:<12} {took:>13}"),
            Verdict::Failed(error) => format!("FAILED  {stage:<12} {took:>13}  {error}"),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Report {
    entries: Vec<Entry>,
}

impl Report {
    /// Notes a stage and gives its line.
    pub(super) fn add(
        &mut self,
        stage: &'static str,
        verdict: Verdict,
        took: Duration,
        notes: Vec<String>,
    ) -> String {
        let entry = Entry { stage, verdict, took, notes };
        let line = entry.line();
        self.entries.push(entry);
        line
    }

    pub(super) fn has_failed(&self, stage: &str) -> bool {
        self.failed().contains(&stage)
    }

    pub(super) fn failed(&self) -> Vec<&'static str> {
        let failed = self.entries.iter().filter(|entry| matches!(entry.verdict, Verdict::Failed(_)));
        failed.map(|entry| entry.stage).collect()
    }

    /// A line per stage with its notes below, and the whole time.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        for entry in &self.entries {
            lines.push(entry.line());
            lines.extend(entry.notes.iter().map(|note| format!("        {}", note.trim())));
        }
        let whole: Duration = self.entries.iter().map(|entry| entry.took).sum();
        lines.push(format!("{} stages in {}", self.entries.len(), in_words(whole)));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_tells_which_failed_and_why() {
        let mut report = Report::default();
        report.add("format", Verdict::Passed, Duration::from_secs(2), vec![]);
        let error = Error::Blocked { needs: "build" };
        report.add("rust", Verdict::Failed(error), Duration::ZERO, vec!["  Summary 3 tests".into()]);
        assert_eq!(report.failed(), ["rust"]);
        assert_eq!(
            report.lines(),
            [
                "",
                "ok      format               2.0 s",
                "FAILED  rust                 0.0 s  build has to succeed first",
                "        Summary 3 tests",
                "2 stages in 2.0 s",
            ]
        );
    }
}

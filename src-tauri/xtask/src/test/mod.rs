//! `cargo xtask test`: every check there is, a line and a time for each.
//!
//! All stages run even when one has failed, so that one run tells everything; a stage that builds on one
//! that failed is not tried.

mod report;
mod stage;

use std::time::Instant;

use clap::Args;

use self::report::{Report, Verdict};
use self::stage::Stage;
use crate::console::say;
use crate::error::Error;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The stages to run, in their usual order; all without.
    #[arg(value_enum)]
    stages: Vec<Stage>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<(), Error> {
    let mut report = Report::default();
    for stage in stage::ALL {
        if options.stages.is_empty() || options.stages.contains(stage) {
            attempt(project, *stage, &mut report);
        }
    }
    for line in report.lines() {
        say(line);
    }
    let stages = report.failed();
    if stages.is_empty() { Ok(()) } else { Err(Error::Stages { stages }) }
}

fn attempt(project: &Project, stage: Stage, report: &mut Report) {
    say(format!("\n── {}: {}", stage.name(), stage.meaning()));
    let started = Instant::now();
    let blocker = stage.needs().iter().find(|need| report.has_failed(need.name()));
    let (verdict, notes) = if let Some(need) = blocker {
        (Verdict::Failed(Error::Blocked { needs: need.name() }), Vec::new())
    } else {
        let (notes, result) = stage.run(project);
        (result.map_or_else(Verdict::Failed, |()| Verdict::Passed), notes)
    };
    let line = report.add(stage.name(), verdict, started.elapsed(), notes);
    say(line);
}

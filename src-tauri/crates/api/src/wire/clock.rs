use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// Whose time it is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClockMode {
    /// The machine's.
    Real,
    /// A demo's, made by hand.
    Virtual,
}

/// Whether time is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClockRun {
    /// It goes on.
    Running,
    /// It stands.
    Paused,
}

/// What happened to the machine's time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MachineEvent {
    /// The machine slept.
    Slept,
    /// Hookbench was held up while the machine went on.
    HeldUp,
    /// The clock was set forward.
    SetForward,
    /// The clock was set back.
    SetBack,
}

impl From<workbench::MachineEvent> for MachineEvent {
    fn from(event: workbench::MachineEvent) -> Self {
        match event {
            workbench::MachineEvent::Slept => Self::Slept,
            workbench::MachineEvent::HeldUp => Self::HeldUp,
            workbench::MachineEvent::SetForward => Self::SetForward,
            workbench::MachineEvent::SetBack => Self::SetBack,
        }
    }
}

/// What was noticed of the machine's time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MachineNotice {
    /// What happened.
    event: MachineEvent,
    /// How long it lasted, or by how much the clock was set.
    by_ms: u64,
    /// When it was noticed.
    at: Time,
}

/// How time goes in the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clock {
    /// Whose time it is.
    mode: ClockMode,
    /// The time.
    now: Time,
    /// How many times as fast as real time it goes while nothing is under way.
    speed: u32,
    /// How many times as fast it goes at this moment: 1 at most while requests are under way, which go at real speed;
    /// 0 while it stands.
    rate: u32,
    /// Whether it stands.
    paused: bool,
    /// When the next thing happens by itself: now while something is under way, null where nothing waits for a time.
    #[schema(required)]
    next_due_at: Option<Time>,
    /// Where a jump that is under way leads.
    #[schema(required)]
    jumping_to: Option<Time>,
    /// Whether it can be changed: in a demo.
    can_change: bool,
    /// What was noticed of the machine's time last, since the start; null where nothing was.
    #[schema(required)]
    noticed: Option<MachineNotice>,
}

impl From<workbench::TimeSeen> for Clock {
    fn from(seen: workbench::TimeSeen) -> Self {
        Self {
            mode: match seen.mode {
                workbench::TimeMode::Real => ClockMode::Real,
                workbench::TimeMode::Virtual => ClockMode::Virtual,
            },
            now: seen.now.into(),
            speed: seen.speed,
            rate: seen.rate,
            paused: seen.paused,
            next_due_at: seen.next_due_at.map(Into::into),
            jumping_to: seen.jumping_to.map(Into::into),
            can_change: seen.mode == workbench::TimeMode::Virtual,
            noticed: seen.noticed.map(|notice| MachineNotice {
                event: notice.event.into(),
                by_ms: u64::try_from(notice.by.as_millis()).unwrap_or(u64::MAX),
                at: notice.at.into(),
            }),
        }
    }
}

/// What is to become of a demo's time. What is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ClockEdit {
    /// Whether it is to go on. A pause ends a jump.
    #[schema(nullable = false)]
    mode: Option<ClockRun>,
    /// How many times as fast as real time it is to go.
    #[schema(nullable = false, minimum = 1, maximum = 3600)]
    speed: Option<u64>,
    /// It is to go on by so much at once: everything that is due on the way happens in its order, at its own time.
    #[schema(nullable = false, minimum = 1, maximum = 31_622_400_000_u64)]
    advance_ms: Option<u64>,
    /// It is to go at once to when the next thing is due.
    advance_to_next: bool,
}

impl From<ClockEdit> for workbench::TimeEdit {
    fn from(edit: ClockEdit) -> Self {
        Self {
            paused: edit.mode.map(|mode| mode == ClockRun::Paused),
            speed: edit.speed,
            advance_ms: edit.advance_ms,
            to_next: edit.advance_to_next,
        }
    }
}

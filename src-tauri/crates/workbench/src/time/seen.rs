use std::time::Duration;

use hookbench_model::{Clock as _, Timestamp};

use super::wish::{FASTEST, Jump, Wish};
use super::{DemoTime, MachineNotice};
use crate::Workbench;
use crate::error::{Faults, Result, WorkbenchError};

/// The furthest jump: a leap year, in milliseconds.
const FURTHEST_MS: u64 = 366 * 86_400_000;

/// How long the answer to a jump waits for its end, in real time.
const JUMP_PATIENCE: Duration = Duration::from_secs(5);

/// Whose time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeMode {
    /// The machine's.
    Real,
    /// A demo's, made by hand.
    Virtual,
}

/// How time goes in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSeen {
    /// Whose time it is.
    pub mode: TimeMode,
    /// The time.
    pub now: Timestamp,
    /// How many times as fast as real time it goes while nothing is under way.
    pub speed: u32,
    /// How many times as fast it goes at this moment: less than `speed` while requests are under way, 0 while paused.
    pub rate: u32,
    /// Whether it stands.
    pub paused: bool,
    /// When the next thing happens by itself; now where something is under way.
    pub next_due_at: Option<Timestamp>,
    /// Where a jump that is under way leads.
    pub jumping_to: Option<Timestamp>,
    /// What was noticed of the machine's time last, since the start.
    pub noticed: Option<MachineNotice>,
}

/// What is to become of a demo's time. What is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeEdit {
    /// Whether it is to stand.
    pub paused: Option<bool>,
    /// How many times as fast as real time it is to go: 1 to 3,600.
    pub speed: Option<u64>,
    /// It is to go on by so much at once, in milliseconds.
    pub advance_ms: Option<u64>,
    /// It is to go to when the next thing is due.
    pub to_next: bool,
}

impl Workbench {
    /// How time goes.
    pub async fn time(&self) -> TimeSeen {
        let now = self.now();
        let next_due_at = match self.engine_rest().await {
            None => Some(now),
            Some(rest) => self.next_due(rest.until).await.map(|at| at.max(now)),
        };
        let noticed = self.machine_notice().borrow().clone();
        let Some(time) = self.demo_time() else {
            let mode = TimeMode::Real;
            return TimeSeen {
                mode,
                now,
                speed: 1,
                rate: 1,
                paused: false,
                next_due_at,
                jumping_to: None,
                noticed,
            };
        };
        let wish = *time.wish.borrow();
        TimeSeen {
            mode: TimeMode::Virtual,
            now,
            speed: wish.speed,
            rate: time.clock.rate(),
            paused: wish.paused,
            next_due_at,
            jumping_to: wish.jump.map(|jump| match jump {
                Jump::To(at) => at,
                Jump::Next => now,
            }),
            noticed,
        }
    }

    /// Changes how a demo's time goes, and says how it goes then. A jump that takes longer than a few seconds goes on
    /// after that; pausing ends it.
    pub async fn set_time(&self, edit: TimeEdit) -> Result<TimeSeen> {
        let Some(time) = self.demo_time() else {
            let message = "Time can be changed in a demo workspace alone: this one keeps the machine's time.";
            return Err(WorkbenchError::wrong_state(message));
        };
        let mut faults = Faults::default();
        let speed = edit.speed.map(|speed| u32::try_from(speed).unwrap_or(u32::MAX));
        faults.unless(speed.is_none_or(|speed| (1..=FASTEST).contains(&speed)), "speed", || {
            format!("must lie between 1 and {FASTEST}")
        });
        faults.unless(edit.advance_ms.is_none_or(|by| (1..=FURTHEST_MS).contains(&by)), "advance_ms", || {
            format!("must lie between 1 and {FURTHEST_MS}")
        });
        faults.unless(edit.advance_ms.is_none() || !edit.to_next, "advance_to_next", || {
            "cannot be given together with advance_ms".to_owned()
        });
        faults.finish()?;
        let jump = match edit.advance_ms {
            Some(by) => Some(Jump::To(time.clock.now().plus(Duration::from_millis(by)))),
            None => edit.to_next.then_some(Jump::Next),
        };
        let mut number = 0;
        let mut before = *time.wish.borrow();
        time.wish.send_modify(|wish| {
            before = *wish;
            number = wish.number + 1;
            // Whoever pauses ends a jump; whoever changes the speed alone does not.
            let goes_on = if edit.paused == Some(true) { None } else { wish.jump };
            *wish = Wish {
                speed: speed.unwrap_or(wish.speed),
                paused: edit.paused.unwrap_or(wish.paused),
                jump: jump.or(goes_on),
                number,
            };
        });
        let obeyed = tokio::time::timeout(JUMP_PATIENCE, obeyed(time, number, jump.is_some())).await;
        if obeyed == Ok(true) && edit.to_next {
            take_back(time, number, before).await;
            return Err(WorkbenchError::wrong_state(
                "Nothing is due: nothing here waits for a time to come.",
            ));
        }
        Ok(self.time().await)
    }

    /// When something happens by itself, the earliest of all that is known, where the engine rests until then: an
    /// attempt, a probe, an expiry, what a replay makes next; in a demo, where there are few, also when a rotated secret
    /// ends.
    pub(crate) async fn next_due(&self, engine: Option<Timestamp>) -> Option<Timestamp> {
        let replays = self.replays_rest().borrow().and_then(|resting| resting.until);
        let secrets = if self.is_demo() { self.next_secret_end().await } else { None };
        [engine, replays, secrets].into_iter().flatten().min()
    }

    async fn next_secret_end(&self) -> Option<Timestamp> {
        let now = self.now();
        let endpoints = self.store().endpoints().all().await.unwrap_or_default();
        let inboxes = self.store().inboxes().all().await.unwrap_or_default();
        let of_endpoints = endpoints.iter().flat_map(|endpoint| &endpoint.secrets);
        let of_inboxes = inboxes.iter().flat_map(|inbox| &inbox.secrets);
        of_endpoints.chain(of_inboxes).filter_map(|kept| kept.expires_at).filter(|at| *at > now).min()
    }
}

/// What was refused changes nothing: time goes by the wish before that one, unless another was uttered meanwhile.
async fn take_back(time: &DemoTime, refused: u64, before: Wish) {
    let number = refused + 1;
    let taken_back = time.wish.send_if_modified(|wish| {
        let is_newest = wish.number == refused;
        if is_newest {
            *wish = Wish { number, ..before };
        }
        is_newest
    });
    if taken_back {
        // Whoever looks right after the refusal sees it done; should it take longer, it is done all the same.
        let _ = tokio::time::timeout(JUMP_PATIENCE, obeyed(time, number, false)).await;
    }
}

/// Waits until time goes by that wish or a later one and, for a jump, until it is over; true where there was nothing
/// to jump to.
async fn obeyed(time: &DemoTime, number: u64, jumps: bool) -> bool {
    let mut going = time.going.subscribe();
    let done = going
        .wait_for(|going| {
            going.by.number > number || going.by.number == number && !(jumps && going.by.jump.is_some())
        })
        .await;
    done.is_ok_and(|going| jumps && going.by.number == number && going.nothing_due)
}

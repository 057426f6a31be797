//! What makes a demo's time go.
//!
//! Requests go out over the real network at real speed, so while one is under way time goes at real speed at most:
//! an attempt begins and ends as far apart as it lasted, and no timeout eats hours of the plan. As soon as all is at
//! rest time goes as fast as was asked, up to the next time that anybody waits for, and there all is done before it
//! goes on. A jump does the same without the time between: it goes from one due time to the next, so everything that
//! is due on the way happens in its order and at its own time.

use std::time::Duration;

use hookbench_delivery::{DeliveryEngine, Rest};
use hookbench_model::{Clock as _, ReplayStatus, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::keeper::Keeper;
use super::wish::{Going, Jump, Resting, Wish};
use super::{DemoClock, DemoTime};
use crate::Workbench;

/// The longest that time waits for all to come to rest, in real time: requests without end, or a disk that takes no
/// records, must not hold it for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is looked whether all is at rest, should nobody say so.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Readers are told at most this often that the rate has changed.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Makes the demo's time go until it is stopped.
pub(crate) async fn run(
    workbench: Workbench,
    engine: watch::Receiver<Option<Rest>>,
    stopping: CancellationToken,
) {
    let Some(time) = workbench.demo_time() else { return };
    let mut pacer = Pacer {
        clock: time.clock.clone(),
        wishes: time.wish.subscribe(),
        replays: workbench.replays_rest().subscribe(),
        engine,
        told: None,
        keeper: Keeper::new(workbench.store().clone(), time.clock.clone()),
        workbench: &workbench,
        time,
    };
    while stopping.run_until_cancelled(pacer.step()).await.is_some() {}
    // From here on it stands, and there it goes on.
    pacer.clock.set_rate(0);
    let wish = *pacer.wishes.borrow();
    pacer.keeper.let_go(wish, 0, None).await;
}

struct Pacer<'a> {
    workbench: &'a Workbench,
    time: &'a DemoTime,
    clock: DemoClock,
    wishes: watch::Receiver<Wish>,
    engine: watch::Receiver<Option<Rest>>,
    replays: watch::Receiver<Option<Resting>>,
    keeper: Keeper,
    /// When readers were told last, and what.
    told: Option<(Instant, Going)>,
}

/// How the wait for rest ended.
enum Settled {
    /// All that is due is done. What the engine waits for is told with it: it may look again at any moment, at what was
    /// told to it late, and says nothing while it does. `None` where time goes on all the same.
    AtRest(Option<Rest>),
    /// Something else was asked of the time meanwhile.
    OtherWish,
}

impl Pacer<'_> {
    /// Goes on to where something is to be decided.
    async fn step(&mut self) {
        let wish = *self.wishes.borrow_and_update();
        self.clock.set_rate(u32::from(!wish.paused));
        self.clock.wake_due();
        self.let_go(wish).await;
        // What is told is kept.
        self.say(wish);
        if wish.jump.is_none() && (wish.paused || wish.speed == 1) {
            tokio::select! {
                () = self.clock.next_due() => {}
                () = self.keeper.runs_low() => {}
                _ = self.wishes.changed() => {}
            }
            return;
        }
        let Settled::AtRest(rest) = self.settle(wish).await else { return };
        match wish.jump {
            Some(jump) => self.jump(wish, jump, rest).await,
            None => self.run_free(wish, rest).await,
        }
    }

    /// Lets time go at the rate that it has, which is that of requests under way.
    async fn let_go(&mut self, wish: Wish) {
        let (rate, next) = (self.clock.rate(), self.clock.next_wake());
        self.keeper.let_go(wish, rate, next).await;
    }

    /// Takes the next step of a jump; everything is at rest, the engine as it says.
    async fn jump(&mut self, wish: Wish, jump: Jump, rest: Option<Rest>) {
        let now = self.clock.now();
        let engine = rest.and_then(|rest| rest.until);
        let to = match jump {
            Jump::To(to) => Some(to),
            Jump::Next => self.workbench.next_due(engine).await,
        };
        match to {
            Some(to) if to > now => {
                if jump == Jump::Next {
                    self.answer(wish, Wish { jump: Some(Jump::To(to)), ..wish }, false);
                }
                let next = self.next_wake(engine);
                let to = next.map_or(to, |next| next.min(to));
                self.keeper.keep(wish, to).await;
                // Something may have come up meanwhile, and then it is waited for once more.
                if rest.is_none() || self.workbench.engine_rest().await.is_some() {
                    self.clock.move_to(to);
                    self.clock.wake_due();
                }
            }
            to => self.answer(wish, Wish { jump: None, ..wish }, to.is_none()),
        }
    }

    /// Goes as fast as was asked until somebody has something to do.
    async fn run_free(&mut self, wish: Wish, rest: Option<Rest>) {
        if self.engine.borrow_and_update().is_none() {
            return;
        }
        self.replays.mark_unchanged();
        let next = self.next_wake(rest.and_then(|rest| rest.until));
        self.keeper.let_go(wish, wish.speed, next).await;
        self.clock.set_rate(wish.speed);
        self.say(wish);
        tokio::select! {
            () = self.clock.next_due() => {}
            () = self.keeper.runs_low() => {}
            _ = self.wishes.changed() => {}
            _ = self.engine.changed() => {}
            _ = self.replays.changed() => {}
        }
    }

    /// Waits until all that is due is done. Who sleeps until a time that comes meanwhile is woken.
    async fn settle(&mut self, wish: Wish) -> Settled {
        let end = Instant::now() + PATIENCE;
        let mut looked_at = None;
        loop {
            self.clock.wake_due();
            if self.wishes.has_changed().unwrap_or(true) {
                return Settled::OtherWish;
            }
            self.let_go(wish).await;
            if let Some(rest) = self.workbench.engine_rest().await.filter(|rest| self.is_ahead(rest.until)) {
                if looked_at == Some(rest.recorded) && self.replays_rest().await {
                    return Settled::AtRest(Some(rest));
                }
                // It may rest because what it just recorded has not come round to it: it looks once more.
                if looked_at != Some(rest.recorded) {
                    looked_at = Some(rest.recorded);
                    self.workbench.with_engine(DeliveryEngine::wake).await;
                    continue;
                }
            }
            if Instant::now() >= end {
                tracing::warn!("the demo's time goes on though not everything has come to rest");
                return Settled::AtRest(None);
            }
            tokio::select! {
                _ = self.engine.changed() => {}
                _ = self.replays.changed() => {}
                _ = self.wishes.changed() => return Settled::OtherWish,
                () = self.clock.next_due() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    fn is_ahead(&self, at: Option<Timestamp>) -> bool {
        at.is_none_or(|at| at > self.clock.now())
    }

    /// Whether no replay has anything to make now.
    async fn replays_rest(&self) -> bool {
        let resting = *self.replays.borrow();
        let Some(resting) = resting.filter(|resting| self.is_ahead(resting.until)) else { return false };
        if resting.until.is_some() {
            return true;
        }
        // One that was made a moment ago may not have come round to the worker.
        match self.workbench.store().replays().unfinished().await {
            Ok(replays) => !replays
                .iter()
                .any(|replay| replay.status == ReplayStatus::Running && replay.progress.waiting > 0),
            Err(_) => true,
        }
    }

    /// The first time that anybody waits for. A worker at rest may not have come to sleep on the clock yet.
    fn next_wake(&self, engine: Option<Timestamp>) -> Option<Timestamp> {
        let replays = self.replays.borrow().and_then(|resting| resting.until);
        [self.clock.next_wake(), engine, replays].into_iter().flatten().min()
    }

    /// Replaces the wish by what has become of it, unless another was uttered meanwhile.
    fn answer(&mut self, wish: Wish, becomes: Wish, nothing_due: bool) {
        self.time.going.send_modify(|going| going.nothing_due = nothing_due);
        self.time.wish.send_if_modified(|current| {
            let same = *current == wish;
            if same {
                *current = becomes;
            }
            same
        });
    }

    /// Says how time goes now.
    fn say(&mut self, by: Wish) {
        let rate = self.clock.rate();
        self.time.going.send_modify(|going| (going.by, going.rate) = (by, rate));
        let going = Going { by, rate, nothing_due: false };
        let tells = self
            .told
            .is_none_or(|(at, told)| told.by != by || (told.rate != rate && at.elapsed() >= TELL_EVERY));
        if tells {
            self.told = Some((Instant::now(), going));
            self.workbench.changes().tell_clock();
        }
    }
}

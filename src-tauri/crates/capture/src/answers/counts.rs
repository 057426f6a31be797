use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookbench_model::{AnswerRule, RuleId};

/// How many requests a rule has seen since it was made, changed or told to start again, or since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many met what it says of their parts, and were not taken by a rule before it.
    pub matched: u64,
    /// How many of those it answered.
    pub answered: u64,
}

/// A rule's counts at work.
#[derive(Debug, Default)]
pub(super) struct Counts {
    matched: AtomicU64,
    answered: AtomicU64,
}

impl Counts {
    /// Counts a request that matches; gives how many did before.
    pub(super) fn one_matches(&self) -> u64 {
        self.matched.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a request that is answered; gives how many were before.
    pub(super) fn one_is_answered(&self) -> u64 {
        self.answered.fetch_add(1, Ordering::Relaxed)
    }

    fn counted(&self) -> Counted {
        Counted {
            matched: self.matched.load(Ordering::Relaxed),
            answered: self.answered.load(Ordering::Relaxed),
        }
    }

    fn start_again(&self) {
        self.matched.store(0, Ordering::Relaxed);
        self.answered.store(0, Ordering::Relaxed);
    }
}

/// The counts of all rules. They outlive a reading of the inboxes, which another inbox's change brings about.
#[derive(Debug, Default)]
pub(crate) struct CountBook(Mutex<HashMap<RuleId, (AnswerRule, Arc<Counts>)>>);

impl CountBook {
    /// A rule's counts: those that it has, unless it says something else than it did.
    pub(super) fn of(&self, rule: &AnswerRule) -> Arc<Counts> {
        let mut known = self.lock();
        let same = known.get(&rule.id).filter(|(old, _)| (&old.when, &old.then) == (&rule.when, &rule.then));
        let counts = same.map(|(_, counts)| Arc::clone(counts)).unwrap_or_default();
        known.insert(rule.id, (rule.clone(), Arc::clone(&counts)));
        counts
    }

    /// Forgets the rules that are not there any more.
    pub(crate) fn keep<'r>(&self, rules: impl Iterator<Item = &'r AnswerRule>) {
        let there: std::collections::HashSet<RuleId> = rules.map(|rule| rule.id).collect();
        self.lock().retain(|id, _| there.contains(id));
    }

    /// What a rule has counted; nothing where it is not known.
    pub(crate) fn counted(&self, rule: RuleId) -> Counted {
        self.lock().get(&rule).map(|(_, counts)| counts.counted()).unwrap_or_default()
    }

    /// Has a rule begin anew.
    pub(crate) fn start_again(&self, rule: RuleId) {
        if let Some((_, counts)) = self.lock().get(&rule) {
            counts.start_again();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RuleId, (AnswerRule, Arc<Counts>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

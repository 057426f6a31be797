//! How the places for attempts under way are shared among endpoints. Numbers in, numbers out.

/// The places, and who has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slots {
    /// How many there are.
    pub(super) most: usize,
    /// How many are taken.
    pub(super) taken: usize,
    /// How many of those by endpoints whose newest attempt failed.
    pub(super) struggling: usize,
}

impl Slots {
    /// The most that one endpoint may add to the `own` places that it has.
    ///
    /// One that takes long must not take every place, or whoever comes next waits for its timeouts: a sixteenth
    /// is kept for endpoints that have none. Those that fail have half of all together, and a quarter each.
    pub(super) fn room(self, own: usize, struggling: bool) -> usize {
        let free = self.most.saturating_sub(self.taken);
        let kept = if own == 0 { 0 } else { self.most / 16 };
        // The first place of one that has none is not one that is kept.
        let open = free.saturating_sub(kept).min(match own {
            0 => (free.saturating_sub(self.most / 16)).max(1),
            _ => usize::MAX,
        });
        if !struggling {
            return open;
        }
        let together = (self.most / 2).max(1).saturating_sub(self.struggling);
        let each = (self.most / 4).max(1).saturating_sub(own);
        open.min(together).min(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(taken: usize, struggling: usize) -> Slots {
        Slots { most: 64, taken, struggling }
    }

    #[test]
    fn one_alone_has_nearly_all_and_leaves_some_for_who_comes_next() {
        assert_eq!(slots(0, 0).room(0, false), 60);
        assert_eq!(slots(59, 0).room(59, false), 1);
        assert_eq!(slots(60, 0).room(60, false), 0);
        assert_eq!(slots(60, 0).room(0, false), 1);
        assert_eq!(slots(63, 0).room(0, false), 1);
        assert_eq!(slots(64, 0).room(0, false), 0);
    }

    #[test]
    fn those_that_fail_have_a_quarter_each_and_half_together() {
        assert_eq!(slots(0, 0).room(0, true), 16);
        assert_eq!(slots(16, 16).room(16, true), 0);
        assert_eq!(slots(16, 16).room(0, true), 16);
        assert_eq!(slots(32, 32).room(0, true), 0);
        assert_eq!(slots(32, 32).room(0, false), 28);
    }

    #[test]
    fn where_there_are_few_nobody_is_left_without() {
        for most in 1..16 {
            let slots = Slots { most, taken: 0, struggling: 0 };
            assert_eq!(slots.room(0, false), most);
            assert!(slots.room(0, true) >= 1);
        }
        assert_eq!(Slots { most: 1, taken: 1, struggling: 0 }.room(0, false), 0);
    }
}

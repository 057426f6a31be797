//! Which endpoints something waits for, in memory.
//!
//! A claim must cost what it claims, and neither what waits nor how many endpoints there are. So the writer, through
//! which every delivery comes to wait, keeps for each endpoint when it is to be looked at: never later than its
//! first delivery is due, and earlier where something of it has ceased to wait, or its queue stands otherwise. A look
//! sets that right, whether there is room for the endpoint or not: so what is due next is known once all is looked at.

use std::collections::{BTreeSet, HashMap};

use hookbench_model::Timestamp;

/// When each endpoint is to be looked at, and whose turn it is. Endpoint 0 stands for plain URLs.
#[derive(Debug, Default)]
pub(crate) struct Board {
    lanes: HashMap<i64, Lane>,
    /// Those whose time has not come, by their time.
    sleeping: BTreeSet<(Timestamp, i64)>,
    /// Those to be looked at, by when they had their last turn.
    due: BTreeSet<(u64, i64)>,
    turn: u64,
    /// Nothing expires before.
    expiry: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    /// When it is to be looked at; `None` where it need not be.
    at: Option<Timestamp>,
    /// The same for what a person asked for, which goes through an open breaker.
    by_hand_at: Option<Timestamp>,
    is_due: bool,
    /// What of it was found to be due, where nothing has gone or come since that could change that.
    known: Option<Known>,
    /// Whether something that a person asked for may be waiting.
    by_hand: bool,
    /// The number of its last turn.
    turn: u64,
    /// Whether its last turn gave later attempts the odd place.
    later_had_more: bool,
}

/// What is due of an endpoint that has no room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Whether a person asked for something of it.
    pub(crate) by_hand: bool,
}

impl Lane {
    fn first(&self) -> Option<Timestamp> {
        earlier(self.at, self.by_hand_at)
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}

impl Board {
    /// Something waits for that endpoint until `at`.
    pub(crate) fn waits(&mut self, endpoint_seq: i64, at: Timestamp) {
        let lane = *self.lanes.entry(endpoint_seq).or_default();
        if !lane.is_due && lane.at.is_none_or(|known| at < known) {
            self.put(endpoint_seq, Some(at), lane.by_hand_at);
        }
    }

    /// What waits for that endpoint may be other than is known: something waits no more, say, or its queue goes on.
    pub(crate) fn look_at(&mut self, endpoint_seq: i64) {
        match self.lanes.get_mut(&endpoint_seq) {
            Some(lane) if lane.is_due => lane.known = None,
            _ => self.put(endpoint_seq, Some(Timestamp::EPOCH), None),
        }
    }

    /// Something that a person asked for waits for that endpoint until `at`.
    pub(crate) fn waits_by_hand(&mut self, endpoint_seq: i64, at: Timestamp) {
        let lane = self.lanes.entry(endpoint_seq).or_default();
        lane.by_hand = true;
        if lane.is_due {
            lane.known = None;
        }
        let lane = *lane;
        if !lane.is_due && lane.by_hand_at.is_none_or(|known| at < known) {
            self.put(endpoint_seq, lane.at, Some(at));
        }
    }

    /// What was looked for by hand is not there.
    pub(crate) fn nothing_by_hand(&mut self, endpoint_seq: i64) {
        if let Some(lane) = self.lanes.get_mut(&endpoint_seq) {
            lane.by_hand = false;
        }
    }

    pub(crate) fn may_have_by_hand(&self, endpoint_seq: i64) -> bool {
        self.lanes.get(&endpoint_seq).is_some_and(|lane| lane.by_hand)
    }

    /// Endpoints whose time has come by `now` are to be looked at.
    pub(crate) fn wake(&mut self, now: Timestamp) {
        while let Some(&(at, endpoint_seq)) = self.sleeping.first()
            && at <= now
        {
            self.sleeping.pop_first();
            if let Some(lane) = self.lanes.get_mut(&endpoint_seq) {
                (lane.is_due, lane.known) = (true, None);
                self.due.insert((lane.turn, endpoint_seq));
            }
        }
    }

    /// Whether something of that endpoint may be due by `now`.
    pub(crate) fn has_due(&self, endpoint_seq: i64, now: Timestamp) -> bool {
        let lane = self.lanes.get(&endpoint_seq);
        lane.is_some_and(|lane| lane.is_due || lane.first().is_some_and(|at| at <= now))
    }

    /// Those to be looked at, the longest without a turn first.
    pub(crate) fn due(&self) -> impl Iterator<Item = i64> + '_ {
        self.due.iter().map(|(_, endpoint_seq)| *endpoint_seq)
    }

    /// What of that endpoint was found to be due, and still is.
    pub(crate) fn known_due(&self, endpoint_seq: i64) -> Option<Known> {
        self.lanes.get(&endpoint_seq).filter(|lane| lane.is_due)?.known
    }

    /// An endpoint to be looked at was: something more of it is due.
    pub(crate) fn found_due(&mut self, endpoint_seq: i64, found: Known) {
        if let Some(lane) = self.lanes.get_mut(&endpoint_seq) {
            lane.known = lane.is_due.then_some(found);
        }
    }

    /// An endpoint had its turn; more of its deliveries may be due.
    pub(crate) fn had_turn(&mut self, endpoint_seq: i64) {
        self.turn += 1;
        let turn = self.turn;
        let Some(lane) = self.lanes.get_mut(&endpoint_seq) else { return };
        let before = std::mem::replace(&mut lane.turn, turn);
        lane.later_had_more = !lane.later_had_more;
        if lane.is_due {
            self.due.remove(&(before, endpoint_seq));
            self.due.insert((turn, endpoint_seq));
        }
    }

    /// Whether the odd place of the endpoint's next turn is for a first attempt.
    pub(crate) fn gives_first_more(&self, endpoint_seq: i64) -> bool {
        self.lanes.get(&endpoint_seq).is_none_or(|lane| !lane.later_had_more)
    }

    /// An endpoint was looked at: nothing more is to be claimed of it before `next`, and of what a person asked for
    /// before `by_hand`.
    pub(crate) fn looked(&mut self, endpoint_seq: i64, next: Option<Timestamp>, by_hand: Option<Timestamp>) {
        self.put(endpoint_seq, next, by_hand);
    }

    /// When the first of those is to be looked at whose time has not come. Nothing goes to an endpoint before the time
    /// that `shut_until` gives for it, and for whether a person asked for it: looking earlier would find nothing to do.
    pub(crate) fn next(&self, shut_until: impl Fn(i64, bool) -> Option<Timestamp>) -> Option<Timestamp> {
        let mut next = None::<Timestamp>;
        for &(at, endpoint_seq) in &self.sleeping {
            if next.is_some_and(|next| next <= at) {
                break;
            }
            let opens = |at: Option<Timestamp>, by_hand| {
                at.map(|at| shut_until(endpoint_seq, by_hand).map_or(at, |shut| shut.max(at)))
            };
            if let Some(lane) = self.lanes.get(&endpoint_seq) {
                next = earlier(next, earlier(opens(lane.at, false), opens(lane.by_hand_at, true)));
            }
        }
        next
    }

    /// Something expires at that time.
    pub(crate) fn expires(&mut self, at: Timestamp) {
        self.expiry = Some(self.expiry.map_or(at, |known| known.min(at)));
    }

    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        self.expiry
    }

    /// Nothing expires before that time.
    pub(crate) fn set_expiry(&mut self, at: Option<Timestamp>) {
        self.expiry = at;
    }

    fn put(&mut self, endpoint_seq: i64, at: Option<Timestamp>, by_hand_at: Option<Timestamp>) {
        let lane = self.lanes.entry(endpoint_seq).or_default();
        if lane.is_due {
            self.due.remove(&(lane.turn, endpoint_seq));
        } else if let Some(before) = lane.first() {
            self.sleeping.remove(&(before, endpoint_seq));
        }
        (lane.at, lane.by_hand_at, lane.is_due, lane.known) = (at, by_hand_at, false, None);
        if let Some(at) = lane.first() {
            self.sleeping.insert((at, endpoint_seq));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn due(board: &Board) -> Vec<i64> {
        board.due().collect()
    }

    fn next(board: &Board) -> Option<Timestamp> {
        board.next(|_, _| None)
    }

    #[test]
    fn an_endpoint_that_is_shut_is_next_when_it_opens_unless_a_person_asked_for_it() {
        let mut board = Board::default();
        board.waits(1, ms(10));
        board.waits(2, ms(20));
        board.waits(3, ms(90));
        let shut =
            |opens: i64| move |endpoint, by_hand: bool| (endpoint == 1 && !by_hand).then_some(ms(opens));
        assert_eq!(board.next(shut(15)), Some(ms(15)));
        assert_eq!(board.next(shut(50)), Some(ms(20)), "the other is earlier");
        assert_eq!(board.next(shut(5)), Some(ms(10)), "it opens before anything is due");
        assert_eq!(board.next(|_, _| Some(ms(70))), Some(ms(70)));
        board.waits_by_hand(1, ms(12));
        assert_eq!(board.next(shut(50)), Some(ms(12)), "and what the plan asks for waits");
        board.wake(ms(12));
        board.looked(1, Some(ms(10)), None);
        assert_eq!((board.next(shut(50)), board.may_have_by_hand(1)), (Some(ms(20)), true), "it went");
        board.looked(1, None, Some(ms(15)));
        assert_eq!(board.next(shut(50)), Some(ms(15)));
        board.wake(ms(15));
        assert!(board.has_due(1, ms(15)));
    }

    #[test]
    fn an_endpoint_is_looked_at_when_its_first_delivery_is_due() {
        let mut board = Board::default();
        board.waits(1, ms(50));
        board.waits(1, ms(20));
        board.waits(1, ms(90));
        board.waits(2, ms(30));
        board.wake(ms(19));
        assert_eq!((due(&board), next(&board)), (vec![], Some(ms(20))));
        board.wake(ms(20));
        assert_eq!((due(&board), next(&board)), (vec![1], Some(ms(30))));
        board.looked(1, Some(ms(50)), None);
        board.wake(ms(49));
        assert_eq!((due(&board), next(&board)), (vec![2], Some(ms(50))));
        board.looked(2, None, None);
        board.looked(1, None, None);
        assert_eq!((due(&board), next(&board)), (vec![], None));
    }

    #[test]
    fn whoever_had_a_turn_goes_behind_the_others() {
        let mut board = Board::default();
        for endpoint in 1..=3 {
            board.waits(endpoint, ms(0));
        }
        board.wake(ms(0));
        board.had_turn(1);
        assert_eq!(due(&board), [2, 3, 1]);
        board.had_turn(2);
        // One that comes after long goes first, however long the others have been due.
        board.waits(9, ms(0));
        board.wake(ms(0));
        assert_eq!(due(&board), [3, 9, 1, 2]);
    }

    #[test]
    fn what_is_known_of_an_endpoint_is_doubted_until_it_is_looked_at() {
        let mut board = Board::default();
        board.waits(1, ms(50));
        board.look_at(1);
        board.wake(ms(20));
        assert_eq!((due(&board), board.known_due(1)), (vec![1], None));
        board.looked(1, Some(ms(70)), None);
        assert_eq!((due(&board), next(&board)), (vec![], Some(ms(70))));
        board.wake(ms(70));
        assert_eq!(board.known_due(1), None, "nobody has looked");
        let (known, by_hand) = (Known { by_hand: false }, Known { by_hand: true });
        board.found_due(1, known);
        board.waits(1, ms(60));
        assert_eq!(board.known_due(1), Some(known));
        board.waits_by_hand(1, ms(60));
        assert_eq!(board.known_due(1), None, "that is due too");
        board.found_due(1, by_hand);
        assert_eq!(board.known_due(1), Some(by_hand));
        board.look_at(1);
        assert_eq!((due(&board), board.known_due(1)), (vec![1], None));
        board.looked(1, None, None);
        board.found_due(1, known);
        assert_eq!((due(&board), next(&board), board.known_due(1)), (vec![], None, None));
    }

    #[test]
    fn what_comes_while_an_endpoint_is_due_changes_nothing() {
        let mut board = Board::default();
        board.waits(1, ms(0));
        board.wake(ms(0));
        board.waits(1, ms(-5));
        board.wake(ms(0));
        assert_eq!((due(&board), next(&board)), (vec![1], None));
        board.looked(1, None, None);
        assert_eq!((due(&board), next(&board)), (vec![], None));
    }
}

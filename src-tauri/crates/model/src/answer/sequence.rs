/// Statuses, one a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusSequence<'a> {
    /// In their order; 200 where there are none.
    pub statuses: &'a [u16],
    /// Whether they begin anew after the last one; else the last one stays.
    pub repeat: bool,
}

impl StatusSequence<'_> {
    /// The status of the request that comes after so many others.
    pub fn status(self, before: u64) -> u16 {
        let count = self.statuses.len() as u64;
        let index = if self.repeat { before % count.max(1) } else { before.min(count.saturating_sub(1)) };
        usize::try_from(index).ok().and_then(|index| self.statuses.get(index)).copied().unwrap_or(200)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_status_stays_or_they_begin_anew() {
        let of = |statuses, repeat, count| -> Vec<u16> {
            (0..count).map(|before| StatusSequence { statuses, repeat }.status(before)).collect()
        };
        assert_eq!(of(&[503, 429, 200], false, 5), [503, 429, 200, 200, 200]);
        assert_eq!(of(&[503, 429, 200], true, 5), [503, 429, 200, 503, 429]);
        assert_eq!(of(&[], true, 2), [200, 200]);
    }
}

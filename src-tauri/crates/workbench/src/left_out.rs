//! What an exact repeat has to go without: secrets of an endpoint that are in no record, and are not there any more.

use hookbench_delivery::build::{BuildInput, build, is_of_the_connection};
use hookbench_model::{Attempt, Delivery, DeliveryId, DeliveryTarget, Event, Replay, SignMode, is_veiled};

use crate::Workbench;
use crate::error::Result;
use crate::replay_worker::{again, as_sent};

impl Workbench {
    /// The headers that a replay would send one delivery without, now.
    pub(crate) async fn left_out_of(&self, replay: &Replay, id: DeliveryId) -> Result<Vec<String>> {
        let nothing = Ok(Vec::new());
        let Some(original) = self.store().deliveries().get(id).await? else { return nothing };
        let Some(event) = as_sent(self, &original).await? else { return nothing };
        let Some(delivery) = again(self, replay, &original).await? else { return nothing };
        self.left_out_at(&event, &delivery.target).await
    }

    async fn left_out_at(&self, event: &Event, target: &DeliveryTarget) -> Result<Vec<String>> {
        let endpoint = match target.endpoint_id() {
            Some(id) => self.store().endpoints().get(id).await?,
            None => None,
        };
        let profile = self.profile_or_generic(endpoint.as_ref().map_or(&event.provider, |one| &one.provider));
        let chosen = endpoint.as_ref().and_then(|endpoint| endpoint.scheme.as_deref());
        let scheme = chosen.and_then(|id| self.library().scheme(id));
        let input = BuildInput {
            event,
            target,
            endpoint: endpoint.as_ref(),
            profile: &profile,
            scheme: scheme.as_deref(),
            signer: None,
            attempt: 1,
            now: self.now(),
        };
        // What cannot be built is told by the attempt.
        Ok(build(&input).map(|request| request.left_out().to_vec()).unwrap_or_default())
    }

    /// The headers that the newest attempt of an exact repeat went without.
    pub(crate) async fn was_left_out(
        &self,
        delivery: &Delivery,
        attempts: &[Attempt],
    ) -> Result<Vec<String>> {
        let sent = attempts.iter().rev().find_map(|attempt| attempt.request.as_ref());
        let Some(sent) = sent.filter(|_| delivery.repeats_delivery.is_some()) else { return Ok(Vec::new()) };
        let Some(event) = self.store().events().get(delivery.event_id).await? else { return Ok(Vec::new()) };
        if event.request.sign != SignMode::Exact {
            return Ok(Vec::new());
        }
        let mut went: Vec<&str> = sent.headers.iter().map(|(name, _)| name).collect();
        let left_out = event.request.headers.iter().filter(|(_, value)| is_veiled(value));
        let mut missing = Vec::new();
        for (name, _) in left_out {
            match went.iter().position(|sent| sent.eq_ignore_ascii_case(name)) {
                Some(at) => drop(went.remove(at)),
                None if is_of_the_connection(name) => {}
                None => missing.push(name.to_owned()),
            }
        }
        Ok(missing)
    }
}

/// What a dry run says of it: `left_out` are the headers of each repeat that goes without any, `seen` is how many
/// repeats were looked at, and `total` how many there are.
pub(crate) fn note(left_out: &[Vec<String>], seen: usize, total: u64) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in left_out.iter().flatten() {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let who = match (left_out.len(), seen) {
        (1, 1) if total == 1 => "It goes out".to_owned(),
        (some, all) if all as u64 == total => format!("{some} of {total} go out"),
        (some, all) => format!("{some} of the first {all} go out"),
    };
    Some(format!(
        "{who} without {}: what stood there was a secret of the endpoint, which is not there any more or must not go \
         elsewhere.",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::note;

    #[test]
    fn what_is_left_out_is_told_with_how_many_it_is_left_out_of() {
        let one = vec!["Authorization".to_owned()];
        let two = vec!["authorization".to_owned(), "X-Api-Key".to_owned()];
        let begins = |left_out: &[Vec<String>], seen, total| {
            note(left_out, seen, total)
                .and_then(|note| note.split_once(':').map(|(begin, _)| begin.to_owned()))
        };
        assert_eq!(begins(&[], 3, 3), None);
        let alone = begins(std::slice::from_ref(&one), 1, 1);
        assert_eq!(alone.as_deref(), Some("It goes out without Authorization"));
        let all = begins(&[one.clone(), two.clone()], 3, 3);
        assert_eq!(all.as_deref(), Some("2 of 3 go out without Authorization, X-Api-Key"));
        let some = begins(&[one, two], 50, 900);
        assert_eq!(some.as_deref(), Some("2 of the first 50 go out without Authorization, X-Api-Key"));
    }
}

//! What may have been signed instead under a scheme that code stands behind: its parts joined or ordered
//! otherwise, one left out, or the body alone.

use super::cause::{Cause, CauseCode};
use super::contents::{self, ContentWay, Piece, SEPARATORS, permutations, said};
use crate::coded::{Claimed, InParts, Part, Role};

/// More parts than this are not put in every order.
const MOST_PERMUTED: usize = 4;

/// The ways, the scheme's own first.
pub(super) fn ways(whole: &InParts, claimed: &Claimed) -> Vec<ContentWay> {
    let mut maker = Maker { whole, parts: &claimed.parts, ways: Vec::new() };
    maker.all();
    maker.ways
}

struct Maker<'x> {
    whole: &'x InParts,
    parts: &'x [Part],
    ways: Vec<ContentWay>,
}

impl<'x> Maker<'x> {
    fn all(&mut self) {
        let own: Vec<&Part> = self.parts.iter().collect();
        self.add(&own, self.whole.between, self.whole.behind, &[], 0);
        self.body_alone(&own);
        if own.len() < 2 {
            return;
        }
        self.left_out(&own);
        self.separators(&own);
        self.method_in_small_letters(&own);
        self.orders(&own);
    }

    fn add(&mut self, parts: &[&Part], between: &str, behind: &str, causes: &[Cause], odds: u32) {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut bytes: Vec<u8> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                bytes.extend_from_slice(between.as_bytes());
            }
            if part.role == Role::Body {
                pieces.extend([Piece::Bytes(std::mem::take(&mut bytes)), Piece::Body]);
            } else {
                bytes.extend_from_slice(&part.bytes);
            }
        }
        bytes.extend_from_slice(behind.as_bytes());
        pieces.push(Piece::Bytes(bytes));
        pieces.retain(|piece| !matches!(piece, Piece::Bytes(bytes) if bytes.is_empty()));
        if !pieces.is_empty() && !self.ways.iter().any(|way| way.pieces == pieces) {
            self.ways.push(ContentWay { pieces, causes: causes.to_vec(), odds });
        }
    }

    fn body_alone(&mut self, own: &[&Part]) {
        let body: Vec<&Part> = own.iter().copied().filter(|part| part.role == Role::Body).collect();
        let cause = Cause::new(
            CauseCode::ContentBodyOnly,
            format!("The body alone was signed, and the scheme signs {}.", self.described()),
            format!("Let the sender sign {} instead of the body alone.", self.described()),
        );
        self.add(&body, "", "", &[cause], 10);
    }

    fn left_out(&mut self, own: &[&Part]) {
        for (at, gone) in own.iter().enumerate() {
            let code = match gone.role {
                Role::Time => CauseCode::ContentTimestamp,
                Role::Id => CauseCode::ContentId,
                Role::Method | Role::Body | Role::Other => continue,
            };
            let cause = Cause::new(
                code,
                format!(
                    "The {} was left out of what was signed, and the scheme signs {}.",
                    gone.name,
                    self.described()
                ),
                format!("Let the sender put the {} in: {}.", gone.name, self.described()),
            );
            let rest = [&own[..at], &own[at + 1..]].concat();
            self.add(&rest, self.whole.between, self.whole.behind, &[cause], 15);
        }
    }

    fn separators(&mut self, own: &[&Part]) {
        let cause = |between: &str| {
            Cause::new(
                CauseCode::ContentSeparator,
                format!("The parts were signed with {between}, and the scheme signs {}.", self.described()),
                format!("Let the sender join the parts exactly as {} does.", self.described()),
            )
        };
        let mut found = Vec::new();
        for between in SEPARATORS {
            found.push((between, "", cause(&format!("{} between them", said(between)))));
            found.push((between, between, cause(&format!("{} behind each", said(between)))));
        }
        for (between, behind, cause) in found {
            self.add(own, between, behind, &[cause], 22);
        }
    }

    fn method_in_small_letters(&mut self, own: &[&Part]) {
        let lower = |part: &&Part| match part.role {
            Role::Method => Part { bytes: part.bytes.to_ascii_lowercase(), ..(*part).clone() },
            _ => (*part).clone(),
        };
        let lowered: Vec<Part> = own.iter().map(lower).collect();
        let lowered: Vec<&Part> = lowered.iter().collect();
        let cause = contents::method_cause(&self.described());
        self.add(&lowered, self.whole.between, self.whole.behind, &[cause], 23);
    }

    fn orders(&mut self, own: &[&'x Part]) {
        let cause = Cause::new(
            CauseCode::ContentOrder,
            format!("The parts were signed in another order than {}.", self.described()),
            format!("Let the sender put the parts together in the order {}.", self.described()),
        );
        let orders: Vec<Vec<&Part>> = if own.len() <= MOST_PERMUTED {
            let order = |order: Vec<usize>| order.into_iter().map(|at| own[at]).collect();
            permutations(own.len()).into_iter().map(order).collect()
        } else {
            let mut sorted = own.to_vec();
            sorted.sort_by_key(|part| part.name);
            vec![sorted, own.iter().rev().copied().collect()]
        };
        for order in orders {
            self.add(&order, self.whole.between, self.whole.behind, std::slice::from_ref(&cause), 24);
        }
    }

    /// The content as a template: `{timestamp}{token}`.
    fn described(&self) -> String {
        let names: Vec<String> = self.parts.iter().map(|part| format!("{{{}}}", part.name)).collect();
        names.join(&self.whole.between.escape_debug().to_string())
    }
}

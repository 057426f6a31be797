//! Texts that a pattern matches.

use rand::{Rng, RngCore};
use regex_syntax::hir::{Class, Hir, HirKind};

/// The longest text that is made.
const LONGEST: usize = 500;
/// How often something is repeated that may be repeated without end.
const REPEATED: u32 = 8;

/// A text that the pattern matches, as far as one can be made. Patterns need not match from end to end, so what
/// is made is just the matching part.
pub(super) fn matching(pattern: &str, rng: &mut dyn RngCore) -> Option<String> {
    let pattern = regex_syntax::ParserBuilder::new().nest_limit(50).build().parse(pattern).ok()?;
    let mut text = String::new();
    append(&pattern, &mut text, rng)?;
    (text.len() <= LONGEST).then_some(text)
}

fn append(pattern: &Hir, text: &mut String, rng: &mut dyn RngCore) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let ranges: Vec<(char, char)> =
                class.ranges().iter().map(|range| (range.start(), range.end())).collect();
            text.push(one_of(&ranges, rng)?);
        }
        HirKind::Class(Class::Bytes(class)) => {
            let ranges: Vec<(char, char)> =
                class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect();
            text.push(one_of(&ranges, rng)?);
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min.max(REPEATED));
            let count = repetition.min.max(1.min(most)).max(most.min(REPEATED));
            for _ in 0..count {
                append(&repetition.sub, text, rng)?;
            }
        }
        HirKind::Capture(capture) => append(&capture.sub, text, rng)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| append(part, text, rng))?,
        HirKind::Alternation(choices) => append(choices.get(rng.random_range(0..choices.len()))?, text, rng)?,
    }
    Some(())
}

/// A letter or digit where there is one among them, else another that can be seen, else any.
fn one_of(ranges: &[(char, char)], rng: &mut dyn RngCore) -> Option<char> {
    let among = |low: char, high: char| {
        let parts = ranges.iter().map(move |(from, to)| ((*from).max(low), (*to).min(high)));
        parts.filter(|(from, to)| from <= to)
    };
    let plain: Vec<(char, char)> =
        [('0', '9'), ('a', 'z'), ('A', 'Z')].iter().flat_map(|(low, high)| among(*low, *high)).collect();
    let seen: Vec<(char, char)> = among('!', '~').collect();
    let choices = [plain, seen, ranges.to_vec()].into_iter().find(|choices| !choices.is_empty())?;
    let (from, to) = choices[rng.random_range(0..choices.len())];
    char::from_u32(rng.random_range(u32::from(from)..=u32::from(to))).or(Some(from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn what_is_made_matches() {
        for pattern in [
            "^[a-z]{3}_[A-Za-z0-9]{12}$",
            "^(foo|bar)-\\d+$",
            "^\\+[1-9]\\d{1,14}$",
            "^$",
            "a|b",
            "[^x]",
            "\\w+@\\w+\\.io",
            "^v\\d+\\.\\d+(\\.\\d+)?$",
            ".*",
        ] {
            let validator = jsonschema::validator_for(&serde_json::json!({"pattern": pattern})).unwrap();
            for seed in 0..20 {
                let text = matching(pattern, &mut StdRng::seed_from_u64(seed)).unwrap();
                assert!(validator.is_valid(&text.clone().into()), "{pattern}: {text}");
            }
        }
    }

    #[test]
    fn patterns_without_an_end_are_left() {
        assert_eq!(matching("(((a{50}){50}){50})", &mut StdRng::seed_from_u64(1)), None);
        assert_eq!(matching("(", &mut StdRng::seed_from_u64(1)), None);
    }
}

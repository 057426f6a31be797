//! What was captured and is signed anew: as it came, line by line, with what is made for this attempt in its place.

use hookbench_model::{HeaderPairs, HeaderValue};
use hookbench_signing::Signed;
use http::Method;
use http::header::AUTHORIZATION;

use super::credentials::endpoints_headers;
use super::target::Target;
use super::{BuildError, BuildInput, context, exact_headers, own, scheme_of, signature_id, signed_by};

/// The recorded headers with those in their places that are made for this attempt, and the signature among them.
pub(super) fn renewed(
    input: &BuildInput<'_>,
    target: &Target,
    method: &Method,
    authorization: Option<String>,
) -> Result<(HeaderPairs, Option<Signed>), BuildError> {
    let context = context(input, input.now, input.attempt);
    let mut lines = input.event.request.headers.clone();
    of_this_attempt(input, &mut lines);
    if let Some(authorization) = authorization {
        put(&mut lines, vec![(AUTHORIZATION.as_str().to_owned(), authorization.into())]);
    }
    if let Some(endpoint) = input.endpoint {
        let added = endpoints_headers(input, endpoint);
        put(&mut lines, own(&added).map(|(name, value)| (name.to_owned(), value)).collect());
    }
    let kept = without_places(input, &lines);
    let others = exact_headers(&kept, &target.url, false, None);
    let others: Vec<_> = others.iter().map(|(name, value)| (name, value.as_bytes())).collect();
    let signed = signed_by(input, target, method, &others, &signature_id(input, &context))?;
    let Some(signed) = signed else { return Ok((kept, None)) };
    let made = signed.headers.iter();
    put(&mut lines, made.map(|(name, value)| (name.clone(), value.as_str().into())).collect());
    Ok((without_places(input, &lines), Some(signed)))
}

/// What the profile said when the event was made it says as of now, and of a retry what it says of one. What reads
/// otherwise somebody wrote so, or the sender.
fn of_this_attempt(input: &BuildInput<'_>, lines: &mut HeaderPairs) {
    let profile = input.profile;
    let first = profile.changing_headers(&context(input, input.event.created_at, 1));
    for (name, value) in profile.changing_headers(&context(input, input.now, input.attempt)) {
        match first.iter().find(|(known, _)| *known == name) {
            Some((_, was)) if lines.get_str(&name) == Some(was) => put(lines, vec![(name, value.into())]),
            Some(_) => {}
            None => put(lines, vec![(name, value.into())]),
        }
    }
}

/// The lines without the places of a signature in which there is none.
fn without_places(input: &BuildInput<'_>, lines: &HeaderPairs) -> HeaderPairs {
    let made = scheme_of(input).made_headers();
    let is_place = |name: &str, value: &HeaderValue| {
        value.as_bytes().is_empty() && made.iter().any(|made| made.eq_ignore_ascii_case(name))
    };
    let kept = lines.iter().filter(|(name, value)| !is_place(name, value));
    kept.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Puts headers in the place of those of their names, whose case they keep, and behind the others where there is none.
/// Of a name that stands there more often nothing of the rest stays.
fn put(lines: &mut HeaderPairs, mut layer: Vec<(String, HeaderValue)>) {
    let named: Vec<String> = layer.iter().map(|(name, _)| name.clone()).collect();
    let mut with = HeaderPairs::new();
    for (name, value) in lines.iter() {
        match layer.iter().position(|(made, _)| made.eq_ignore_ascii_case(name)) {
            Some(at) => with.push(name, layer.remove(at).1),
            None if named.iter().any(|made| made.eq_ignore_ascii_case(name)) => {}
            None => with.push(name, value.clone()),
        }
    }
    with.extend(layer);
    *lines = with;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_takes_the_places_and_the_case_of_what_was_there() {
        let mut lines = HeaderPairs::from_iter([("x-SIG", "1"), ("A", "b"), ("X-Sig", "2"), ("x-sig", "3")]);
        let made = |value: &str| ("X-Sig".to_owned(), HeaderValue::from(value));
        put(&mut lines, vec![made("4"), made("5"), ("New".to_owned(), "6".into())]);
        assert_eq!(lines, HeaderPairs::from_iter([("x-SIG", "4"), ("A", "b"), ("X-Sig", "5"), ("New", "6")]));
    }
}

//! What every receiver has, whatever its scheme and language. Whether it verifies is tried where it runs, in
//! the workspace's `tests/snippets`.

use hookbench_signing::{Scheme, SchemeCatalog};
use hookbench_snippets::{Language, Snippet, Topic, snippet};

fn every() -> impl Iterator<Item = (&'static Scheme, Snippet)> {
    let of = |scheme| Language::ALL.into_iter().map(move |language| (scheme, snippet(scheme, language, 200)));
    SchemeCatalog::builtin().iter().flat_map(of)
}

fn has(snippet: &Snippet, topic: Topic) -> bool {
    snippet.sections.iter().any(|section| section.topic == topic)
}

#[test]
fn nothing_is_left_unfilled() {
    for (scheme, snippet) in every() {
        let who = format!("{} in {}", scheme.id(), snippet.language.title());
        assert!(!snippet.code.contains(['‹', '›']), "{who}:\n{}", snippet.code);
        assert!(!snippet.code.contains("\n\n\n\n"), "{who} has a hole");
        assert!(snippet.code.lines().all(|line| line == line.trim_end()), "{who} has white space at an end");
        assert!(
            snippet.code.ends_with('\n') && !snippet.code.ends_with("\n\n"),
            "{who} ends in one line break"
        );
    }
}

#[test]
fn the_secret_comes_from_the_environment() {
    for (scheme, snippet) in every() {
        assert!(snippet.code.contains("WEBHOOK_SECRET"), "{} in {}", scheme.id(), snippet.language.title());
    }
}

#[test]
fn every_topic_that_a_scheme_has_is_marked() {
    for (scheme, snippet) in every() {
        let who = format!("{} in {}", scheme.id(), snippet.language.title());
        for topic in [Topic::Body, Topic::Secret, Topic::Digest] {
            assert!(has(&snippet, topic), "{who} has no lines about {}", topic.as_str());
        }
        let in_headers = scheme.signature_headers().next().is_some();
        assert!(!in_headers || has(&snippet, Topic::Header), "{who}: the headers");
        assert_eq!(has(&snippet, Topic::Url), scheme.signs_url(), "{who}: the URL");
        let judged = scheme.keyed().is_some_and(|spec| spec.tolerance.past_s.is_some());
        assert!(!judged || has(&snippet, Topic::Time), "{who}: the time");
        assert!(scheme.keyed().is_none() || has(&snippet, Topic::Content), "{who}: the content");
    }
}

#[test]
fn sections_lie_within_the_text_and_in_order() {
    for (scheme, snippet) in every() {
        let lines = snippet.code.lines().count();
        let sound = |from: usize, to: usize| 1 <= from && from <= to && to <= lines;
        assert!(
            snippet.sections.iter().all(|section| sound(section.from_line, section.to_line)),
            "{}",
            scheme.id()
        );
        assert!(snippet.sections.is_sorted_by_key(|section| section.from_line), "{}", scheme.id());
    }
}

#[test]
fn languages_are_known_by_their_words() {
    for language in Language::ALL {
        assert_eq!(Language::from_name(language.as_str()), Some(language));
    }
    assert_eq!(Language::from_name("cobol"), None);
}

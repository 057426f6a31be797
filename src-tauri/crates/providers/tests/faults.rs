//! Profiles that cannot be used are refused with the file and the field.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_providers::{Catalog, ProfileError};

const SOUND: &str = r#"
id = "generic"
name = "Generic"
description = "A sender."
notes = "None."
headers = [["X-Type", "{event_type}"]]
event_id = "evt_{alnum:8}"
dedupe = "By id."
timeout_ms = 1000
retry = { delays_ms = [1000] }
signature = { scheme = "github" }
secret = { encoding = "hex", bytes = 16 }
read = { event_type = ["{body:/type}"] }
envelopes = [{ id = "e", name = "E", template = '{"type": "{event_type}", "data": "{data}"}' }]
events = [{ type = "a.b", name = "A", description = "B.", provenance = "own" }]
"#;

fn load(profile: &str, sample: &str) -> Result<Catalog, ProfileError> {
    let files = [("generic.toml", profile), ("generic/a.b.json", sample)];
    Catalog::from_files(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes())))
}

fn fault(from: &str, to: &str) -> ProfileError {
    assert!(SOUND.contains(from), "{from}");
    load(&SOUND.replace(from, to), "{}").unwrap_err()
}

#[test]
fn the_sound_profile_loads() {
    assert_eq!(load(SOUND, "{}").unwrap().generic().name(), "Generic");
}

#[test]
fn every_fault_is_reported_at_its_field() {
    for (from, to, field) in [
        (r#"id = "generic""#, r#"id = "Generic!""#, "id"),
        (r#"id = "generic""#, r#"id = "other""#, "id"),
        (r#"name = "Generic""#, "name = 7", "name"),
        ("X-Type", "X Type", "headers"),
        (r#""{event_type}"]]"#, r#""{nonce}"]]"#, "headers"),
        (r#""{event_type}"]]"#, r#""{alnum:4}"]]"#, "headers"),
        ("evt_{alnum:8}", "evt_{alnum}", "event_id"),
        ("evt_{alnum:8}", "evt_{event_id}", "event_id"),
        ("timeout_ms = 1000", "timeout_ms = 0", "timeout_ms"),
        ("timeout_ms = 1000", "timeout_ms = -1", "timeout_ms"),
        ("timeout_ms = 1000", "timeout_ms = 1000\nlimits = { timeout_ms = [5, 6] }", "timeout_ms"),
        ("timeout_ms = 1000", "timeout_ms = 1000\nlimits = { retries = [3, 5] }", "retry.delays_ms"),
        ("timeout_ms = 1000", "timeout_ms = 1000\ncolour = 1", "colour"),
        ("delays_ms = [1000]", "delays_ms = [\"soon\"]", "retry.delays_ms[0]"),
        ("delays_ms = [1000]", "delays_ms = [1], jitter = 7.0", "retry.jitter"),
        ("delays_ms = [1000]", "delays_ms = [1], no_retry = [\"7xx\"]", "retry.no_retry[0]"),
        (
            "timeout_ms = 1000",
            "timeout_ms = 1000\nsuccess = { kind = \"statuses\", statuses = [] }",
            "success.statuses",
        ),
        (
            "timeout_ms = 1000",
            "timeout_ms = 1000\ndisable = { kind = \"failure_share\", share = 2.0, window_ms = 1000, min_attempts = 1 }",
            "disable.share",
        ),
        ("timeout_ms = 1000", "timeout_ms = 1000\ncontent_type = \"json\"", "content_type"),
        ("timeout_ms = 1000", "timeout_ms = 1000\nretry_headers = [[\"a b\", \"1\"]]", "retry_headers"),
        ("timeout_ms = 1000", "timeout_ms = 1000\nthrottle = { after = 0, delay_ms = 1 }", "throttle"),
        ("timeout_ms = 1000", "timeout_ms = 1000\nhandshakes = [{ kind = \"nod\" }]", "handshakes[0].kind"),
        ("github", "nobody", "signature.scheme"),
        ("github", "standardwebhooks", "signature.id"),
        (r#""github" }"#, r#""github", id = "{event_id}" }"#, "signature.id"),
        (r#""github" }"#, r#""standardwebhooks", id = "{uuid}" }"#, "signature.id"),
        ("bytes = 16", "bytes = 0", "secret.bytes"),
        (r#"encoding = "hex""#, r#"encoding = "octal""#, "secret.encoding"),
        ("{body:/type}", "{body:type}", "read.event_type[0]"),
        ("{body:/type}", "fixed", "read.event_type[0]"),
        (r#""data": "{data}""#, r#""data": "{daten}""#, "envelopes[0].template/data"),
        ("envelopes = [", "envelopes = [{ id = \"f\", name = \"F\", template = '1' },", "envelope"),
        ("envelopes = [", "envelope = \"g\"\nenvelopes = [", "envelope"),
        (r#"type = "a.b""#, r#"type = "a.*""#, "events[0].type"),
        (r#"type = "a.b""#, r#"type = "a b", sample = "a.b.json""#, "events[0].type"),
        (r#"type = "a.b""#, r#"type = "a.c""#, "events[0].sample"),
        (r#"provenance = "own""#, r#"provenance = "guessed""#, "events[0].provenance"),
        (r#"provenance = "own""#, r#"provenance = "own", method = "SEND""#, "events[0].method"),
        (r#"provenance = "own""#, r#"provenance = "own", wire = "a b""#, "events[0].wire"),
        (r#"provenance = "own""#, r#"provenance = "own", content_type = "x""#, "events[0].content_type"),
        (r#"provenance = "own""#, r#"provenance = "own", headers = [["X", "{hex:3}"]]"#, "events[0].headers"),
        (r#"provenance = "own""#, r#"provenance = "own", schema = "b.json""#, "events[0].schema"),
        (r#"provenance = "own""#, r#"provenance = "own", shape = "odd""#, "envelopes"),
        (r#"provenance = "own""#, r#"provenance = "own", event_id = "{data}""#, "events[0].event_id"),
        (r#"provenance = "own""#, r#"provenance = "own", recognise = [["where"]]"#, "events[0].recognise"),
    ] {
        let error = fault(from, to);
        assert_eq!((error.file.as_str(), error.field.as_str()), ("generic.toml", field), "{error}");
    }
}

#[test]
fn the_same_event_twice_is_refused() {
    let event = r#"{ type = "a.b", name = "A", description = "B.", provenance = "own" }"#;
    let error = fault(event, &format!("{event}, {event}"));
    assert_eq!(error.field, "events[1].type");
}

#[test]
fn two_events_of_one_file_name_are_refused() {
    let event = r#"{ type = "a.b", name = "A", description = "B.", provenance = "own" }"#;
    let other = event.replace("a.b", "a/b");
    let error = load(&SOUND.replace(event, &format!("{other}, {}", event.replace("a.b", "a:b"))), "{}");
    assert_eq!(error.unwrap_err().field, "events[1].type");
}

#[test]
fn faults_in_schemas_name_the_schema() {
    for schema in ["{", "[]"] {
        let files =
            [("generic.toml", SOUND), ("generic/a.b.json", "{}"), ("generic/a.b.schema.json", schema)];
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes()));
        assert_eq!(Catalog::from_files(files).unwrap_err().file, "generic/a.b.schema.json", "{schema}");
    }
}

#[test]
fn faults_in_samples_name_the_sample() {
    let error = load(SOUND, r#"{"data": {"id": "{nonce}"}}"#).unwrap_err();
    assert_eq!((error.file.as_str(), error.field.as_str()), ("generic/a.b.json", "/data/id"));
    assert!(load(SOUND, "{").unwrap_err().to_string().starts_with("generic/a.b.json"));
}

#[test]
fn text_that_is_no_toml_is_refused() {
    assert_eq!(load("id = ", "{}").unwrap_err().file, "generic.toml");
}

#[test]
fn there_must_be_a_generic_profile() {
    let error = Catalog::from_files(std::iter::empty::<(String, &[u8])>()).unwrap_err();
    assert_eq!(error.file, "generic.toml");
}

//! Every event's data, composed from its sample at several seeds, is what its JSON Schema says.

use hookbench_model::Timestamp;
use hookbench_providers::Catalog;
use jsonschema::Draft;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

const SEEDS: u64 = 25;

#[test]
fn every_sample_is_what_its_schema_says() {
    let mut faults = Vec::new();
    for profile in Catalog::builtin().iter() {
        for event in profile.events() {
            let place = format!("{} {}", profile.id(), event.event_type());
            let Some(schema) = event.schema() else { continue };
            faults.extend(faults_of_the_schema(schema).map(|fault| format!("{place}: {fault}")));
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            let validator = match options.build(schema) {
                Ok(validator) => validator,
                Err(error) => {
                    faults.push(format!("{place}: {error}"));
                    continue;
                }
            };
            for seed in 0..SEEDS {
                let now = Timestamp::from_unix_ms(
                    1_705_488_600_042 + i64::try_from(seed).unwrap_or(0) * 86_399_983,
                );
                let data = profile.sample_data(event.event_type(), now, &mut StdRng::seed_from_u64(seed));
                let data = data.expect("a listed event has a sample");
                let wrong = validator.iter_errors(&data).next();
                faults.extend(wrong.map(|error| format!("{place}: {}: {error}", error.instance_path())));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A schema says which draft it is written in, and describes at least the fields of the outermost document.
fn faults_of_the_schema(schema: &Value) -> impl Iterator<Item = &'static str> {
    let draft = schema["$schema"] == "https://json-schema.org/draft/2020-12/schema";
    let says_something = ["type", "properties", "items", "$ref", "oneOf", "anyOf", "allOf"];
    let says = says_something.iter().any(|keyword| schema.get(keyword).is_some());
    let no_draft = (!draft).then_some("$schema is not that of JSON Schema 2020-12");
    no_draft.into_iter().chain((!says).then_some("the schema says nothing"))
}

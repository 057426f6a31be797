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
            let Some(schema) = event.schema() else {
                faults.push(format!("{place}: there is no schema beside its sample"));
                continue;
            };
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

#[test]
fn every_file_beside_a_profile_is_used() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut unused = Vec::new();
    for profile in Catalog::builtin().iter() {
        let written = std::fs::read_to_string(folder.join(format!("{}.toml", profile.id()))).unwrap();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let stems: Vec<String> = profile
            .events()
            .map(|event| event.event_type().chars().map(|one| if plain(one) { one } else { '_' }).collect())
            .collect();
        let is_used = |file: &str| {
            let stem = file.strip_suffix(".schema.json").or_else(|| file.strip_suffix(".json"));
            written.contains(&format!("\"{file}\"")) || stems.iter().any(|known| Some(known.as_str()) == stem)
        };
        for entry in std::fs::read_dir(folder.join(profile.id().as_str())).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            if !is_used(&file) {
                unused.push(format!("{}/{file}", profile.id()));
            }
        }
    }
    assert!(unused.is_empty(), "no event has these files: {unused:?}");
}

#[test]
fn the_well_known_providers_have_at_least_five_events() {
    let well_known = "generic politicalcomms smsportal sent contactmanager pulsewave github stripe shopify slack \
                      twilio sendgrid svix paddle hubspot linear meta zoom square adyen mailgun discord";
    for id in well_known.split_whitespace() {
        let profile = Catalog::builtin().get(&id.parse().unwrap()).unwrap();
        assert!(profile.events().len() >= 5, "{id} has {}", profile.events().len());
    }
}

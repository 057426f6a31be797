use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn learnt(bodies: &[Value]) -> Shape {
    let mut shape = Shape::default();
    for body in bodies {
        shape.learn(body);
    }
    shape
}

fn told(shape: &Shape, body: &Value) -> Vec<(DriftKind, String)> {
    shape.compare(body).into_iter().map(|drift| (drift.kind, drift.path)).collect()
}

fn message() -> Value {
    json!({"id": "msg_1", "data": {"to": "+491701", "parts": [{"text": "hi"}]}, "at": "2025-11-21T05:00:00Z"})
}

#[test]
fn what_is_new_missing_or_of_another_type_is_told_and_nothing_else() {
    let shape = learnt(&vec![message(); 5]);
    assert_eq!(shape.compare(&message()), []);
    let body =
        json!({"id": 7, "data": {"to": null, "parts": [{"text": "hi", "lang": "en"}, {"lang": "de"}]}});
    let found = told(&shape, &body);
    let at = |kind, path: &str| (kind, path.to_owned());
    assert_eq!(
        found,
        [
            at(DriftKind::ChangedType, "id"),
            at(DriftKind::ChangedType, "data.to"),
            at(DriftKind::NewField, "data.parts[].lang"),
            at(DriftKind::MissingField, "data.parts[].text"),
            at(DriftKind::MissingField, "at"),
        ]
    );
    let first = &shape.compare(&body)[0];
    assert_eq!((&first.was[..], first.is), (&[JsonType::String][..], Some(JsonType::Integer)));
}

#[test]
fn a_field_is_only_missed_once_five_bodies_had_it_and_all_of_them() {
    let without = json!({"id": "msg_2", "data": {}});
    assert_eq!(told(&learnt(&vec![message(); 4]), &without), []);
    let mut shape = learnt(&vec![message(); 5]);
    assert!(!told(&shape, &without).is_empty());
    shape.learn(&without);
    assert_eq!(told(&shape, &without), []);
}

#[test]
fn numbers_without_a_fraction_fit_those_with_one_and_not_the_other_way_round() {
    let whole = learnt(&[json!({"amount": 10})]);
    assert_eq!(told(&whole, &json!({"amount": 10.0})), []);
    assert_eq!(told(&whole, &json!({"amount": 10.5})).len(), 1);
    assert_eq!(told(&learnt(&[json!({"amount": 10.5})]), &json!({"amount": 10})), []);
    // Of what was null before nobody knows what it will be.
    assert_eq!(told(&learnt(&[json!({"to": null})]), &json!({"to": "x"})), []);
    assert_eq!(told(&learnt(&[json!({"to": "x"})]), &json!({"to": null})).len(), 1);
}

#[test]
fn keys_that_are_data_never_drift() {
    let shape = learnt(&[json!({"users": {"usr_01h8xgjwbw": {"n": 1}}, "days": {"2025-11-21": 1}})]);
    let other = json!({"users": {"usr_77a0012bcd": {"n": 2}, "9": {"n": 1}}, "days": {"2025-11-22": 3}});
    assert_eq!(told(&shape, &other), []);
    let wrong = json!({"users": {"usr_77a0012bcd": {"n": "2"}}, "days": {}});
    assert_eq!(told(&shape, &wrong), [(DriftKind::ChangedType, "users.*.n".to_owned())]);
    // Names by the hundred are data too.
    let many = |offset: u32| -> Value {
        let name =
            |n: u32| format!("key{}{}", char::from(b'a' + (n % 26) as u8), "x".repeat(n as usize / 26));
        let fields: Map<String, Value> = (offset..offset + 200).map(|n| (name(n), json!(n))).collect();
        json!({ "by_name": fields })
    };
    let shape = learnt(&[many(0)]);
    assert_eq!(told(&shape, &many(1000)), []);
    assert_eq!(shape.places(), 3);
}

#[test]
fn a_shape_stays_within_its_bounds() {
    let wide = |depth: usize| -> Value {
        (0..depth).fold(json!(1), |inner, _| {
            let names = (b'a'..=b'p').map(|letter| (char::from(letter).to_string(), inner.clone()));
            Value::Object(names.collect())
        })
    };
    let shape = learnt(&[wide(4)]);
    assert!(shape.places() <= MOST_PLACES, "{}", shape.places());
    assert_eq!(shape.compare(&wide(4)), []);
    let deep = (0..120).fold(json!(1), |inner, _| json!([{ "in": inner }]));
    let shape = learnt(&[deep]);
    assert_eq!(shape.places(), DEEPEST + 1);
    let long = json!({ "k".repeat(5000): "v".repeat(5000) });
    let text = serde_json::to_string(&learnt(&[long])).unwrap();
    assert!(text.len() < 400, "{text}");
    // However much differs.
    let many: Map<String, Value> = (0..100).map(|n| (format!("name{}", "x".repeat(n)), json!(1))).collect();
    assert_eq!(learnt(&[json!({})]).compare(&Value::Object(many)).len(), 50);
}

#[test]
fn the_outline_says_types_presence_formats_words_and_an_example() {
    let mut bodies = vec![message(); 5];
    bodies.push(json!({"id": "msg_9", "state": "sent", "data": {"to": "+49", "parts": []}}));
    let shape = learnt(&bodies);
    let outline = shape.outline(Some(&message()));
    let paths: Vec<&str> = outline.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(
        paths,
        ["$", "at", "data", "data.parts", "data.parts[]", "data.parts[].text", "data.to", "id", "state"]
    );
    let at = |path: &str| outline.iter().find(|field| field.path == path).unwrap();
    assert_eq!((at("at").seen, at("at").of, at("at").required), (5, 6, false));
    assert_eq!(at("at").format, Some(TextFormat::DateTime));
    assert_eq!(at("state").words, ["sent"]);
    assert_eq!((at("data.to").example.clone(), at("data.to").required), (Some(json!("+491701")), true));
    let drift = |kind, is| Drift { kind, path: String::new(), was: Vec::new(), is };
    assert_eq!(at("state").times(&drift(DriftKind::NewField, None)), Some(1));
    assert_eq!(at("at").times(&drift(DriftKind::MissingField, None)), Some(1));
    assert_eq!(at("id").times(&drift(DriftKind::ChangedType, Some(JsonType::String))), Some(6));
}

#[test]
fn formats_are_those_that_all_texts_have() {
    let of = |texts: &[&str]| {
        let bodies: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
        learnt(&bodies).outline(None)[0].format
    };
    for (text, format) in [
        ("2025-11-21T05:00:00.123+01:00", TextFormat::DateTime),
        ("2025-11-21", TextFormat::Date),
        ("0190a3f0-7b1c-7000-8000-0123456789ab", TextFormat::Uuid),
        ("a.b+c@example.com", TextFormat::Email),
        ("https://example.com/x?y=1", TextFormat::Url),
        ("-12.50", TextFormat::Number),
    ] {
        assert_eq!(of(&[text, text]), Some(format), "{text}");
        assert_eq!(of(&[text, "none of these"]), None);
    }
    for none in ["", "@", "a@b", "1.", ".5", "https://", "2025-13-01", "1e5"] {
        assert_eq!(of(&[none]), None, "{none}");
    }
}

#[test]
fn odd_names_are_written_so_that_they_can_be_read() {
    let shape = learnt(&[json!({"a": 1})]);
    let paths: Vec<String> =
        shape.compare(&json!({"odd \"key\"": 1, "a.b": 2})).into_iter().map(|drift| drift.path).collect();
    assert_eq!(paths, [r#"$["odd \"key\""]"#, r#"$["a.b"]"#]);
    assert_eq!(told(&learnt(&[json!([1])]), &json!(["x"])), [(DriftKind::ChangedType, "$[]".to_owned())]);
}

/// Whether a body fits a schema, as far as ours use it.
fn fits(schema: &Value, body: &Value) -> bool {
    let kind = JsonType::of(body);
    let is = |name: &Value| name == kind.as_str() || (name == "number" && kind == JsonType::Integer);
    let type_fits = match schema.get("type") {
        None => true,
        Some(Value::Array(names)) => names.iter().any(is),
        Some(name) => is(name),
    };
    let enum_fits = schema.get("enum").and_then(Value::as_array).is_none_or(|words| words.contains(body));
    let below_fits = match body {
        Value::Array(items) => {
            schema.get("items").is_none_or(|schema| items.iter().all(|item| fits(schema, item)))
        }
        Value::Object(fields) => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let known = |key: &String| schema.get("properties").and_then(|known| known.get(key));
            let of = |key: &String| known(key).or_else(|| schema.get("additionalProperties"));
            required.filter_map(Value::as_str).all(|name| fields.contains_key(name))
                && fields.iter().all(|(key, value)| of(key).is_none_or(|schema| fits(schema, value)))
        }
        _ => true,
    };
    type_fits && enum_fits && below_fits
}

#[test]
fn the_schema_says_what_is_always_there_and_which_words_there_are() {
    let id = "0190a3f0-7b1c-7000-8000-0123456789ab";
    let body = |n: usize| json!({"id": id, "kind": if n.is_multiple_of(2) { "a" } else { "b" }, "n": 1.5});
    let bodies: Vec<Value> = (0..10).map(body).chain([json!({"id": null, "kind": "a", "n": 1})]).collect();
    assert_eq!(
        learnt(&bodies).schema(Some("thing.done")),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "thing.done",
            "type": "object",
            "properties": {
                "id": {"type": ["null", "string"], "format": "uuid"},
                "kind": {"type": "string", "enum": ["a", "b"]},
                "n": {"type": "number"},
            },
            "required": ["id", "kind", "n"],
        })
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof!["[a-e]", "[0-9]{1,3}", "[a-z]{3}_[0-9a-f]{12}", ".{0,4}"];
    let text = prop_oneof!["[a-c]{1,2}", "2025-11-2[0-9]", ".{0,12}"].prop_map(Value::from);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_i64..9).prop_map(Value::from),
        (-9.0_f64..9.0).prop_map(Value::from),
        text,
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_learning_makes_no_difference(
        (bodies, shuffled) in prop::collection::vec(any_json(), 1..12)
            .prop_flat_map(|bodies| (Just(bodies.clone()), Just(bodies).prop_shuffle()))
    ) {
        prop_assert_eq!(learnt(&bodies), learnt(&shuffled));
    }

    #[test]
    fn what_was_learnt_never_differs_fits_the_schema_and_the_shape_reads_back(
        bodies in prop::collection::vec(any_json(), 1..12)
    ) {
        let shape = learnt(&bodies);
        let schema = shape.schema(None);
        for body in &bodies {
            prop_assert_eq!(shape.compare(body), vec![]);
            prop_assert!(fits(&schema, body), "{} does not fit {}", body, schema);
        }
        let kept = serde_json::to_string(&shape).unwrap();
        prop_assert_eq!(serde_json::from_str::<Shape>(&kept).unwrap(), shape.clone());
        prop_assert_eq!(shape.outline(bodies.first()).len(), shape.places());
    }

    #[test]
    fn each_difference_is_told_once(known in any_json(), other in any_json()) {
        let mut shape = learnt(&[known]);
        shape.compare(&other);
        shape.learn(&other);
        prop_assert_eq!(shape.compare(&other), vec![]);
    }
}

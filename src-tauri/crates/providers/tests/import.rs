//! Catalogues of others become profiles that compose, verify and are recognised as built-in ones are; hostile
//! documents end in a sentence, soon.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::{EndpointId, HeaderPairs, Timestamp};
use hookbench_providers::{
    AttemptContext, ComposeInput, ImportError, ImportErrors, ImportInput, OwnProfile, Profile, Provenance,
    Seen, import,
};
use hookbench_signing::{Message, Received, VerificationStatus, sign, verify};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::fmt::Write as _;

const AT: Timestamp = Timestamp::from_unix_ms(1_705_488_600_042);

const SHOP: &str = r##"
openapi: 3.1.0
info: { title: Shop events, version: "1" }
webhooks:
  order.created:
    post:
      summary: Order created
      description: |
        Somebody ordered.

        More of it here.
      parameters:
        - { name: X-Shop-Topic, in: header, schema: { const: orders } }
        - { $ref: "#/components/parameters/delivery" }
        - { name: X-Shop-Signature, in: header, schema: { type: string } }
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/OrderEvent" }
  order.paid:
    post:
      parameters: [{ name: X-Shop-Topic, in: header, schema: { enum: [orders] } }]
      requestBody:
        $ref: "#/components/requestBodies/paid"
  stock low:
    $ref: "#/components/pathItems/stock"
components:
  parameters:
    delivery: { name: X-Shop-Delivery, in: header, schema: { type: string, format: uuid } }
  requestBodies:
    paid:
      content:
        application/json:
          schema:
            allOf:
              - $ref: "#/components/schemas/Base"
              - type: object
                required: [kind, amount]
                properties:
                  kind: { const: paid }
                  amount: { type: integer, minimum: 5, maximum: 9 }
          examples:
            wrong: { value: { kind: paid } }
            right: { value: { id: "ord_{1}", at: "2024-01-01T00:00:00Z", kind: paid, amount: 7 } }
  pathItems:
    stock:
      post:
        requestBody:
          content:
            application/x-www-form-urlencoded:
              schema:
                type: object
                required: [Sku, Left]
                properties:
                  Sku: { type: string, pattern: "^SKU-[0-9]{6}$" }
                  Left: { type: integer, exclusiveMinimum: 0, maximum: 10 }
  schemas:
    Base:
      type: object
      required: [id, at]
      properties:
        id: { type: string, minLength: 4, maxLength: 40 }
        at: { type: string, format: date-time }
    OrderEvent:
      allOf:
        - $ref: "#/components/schemas/Base"
        - type: object
          required: [kind, customer, lines]
          properties:
            kind: { const: created }
            customer: { $ref: "#/components/schemas/Person" }
            lines: { type: array, minItems: 2, items: { $ref: "#/components/schemas/Line" } }
            note: { oneOf: [{ type: "null" }, { type: string, maxLength: 10 }] }
    Person:
      type: object
      required: [name, email]
      properties:
        name: { type: string }
        email: { type: string, format: email }
        boss: { $ref: "#/components/schemas/Person" }
    Line:
      type: object
      required: [price, state]
      properties:
        price: { type: number, multipleOf: 0.5, minimum: 1 }
        state: { enum: [open, sent, back] }
        children: { type: array, items: { $ref: "#/components/schemas/Line" } }
"##;

fn imported(documents: &[(&str, &str)]) -> Result<OwnProfile, ImportErrors> {
    imported_with(documents, "generic", None)
}

fn imported_with(
    documents: &[(&str, &str)],
    base: &str,
    scheme: Option<&str>,
) -> Result<OwnProfile, ImportErrors> {
    import(&ImportInput {
        id: "shop".parse().unwrap(),
        name: "Shop",
        base: base.parse().unwrap(),
        scheme,
        documents: documents.to_vec(),
    })
}

/// The one thing that is wrong with a document.
fn fault(text: &str) -> ImportError {
    let mut errors = imported(&[("doc.yaml", text)]).unwrap_err();
    assert_eq!((errors.faults.len(), errors.more), (1, false), "{errors}");
    errors.faults.remove(0)
}

/// One webhook with that schema of its body.
fn with_schema(schema: &Value) -> String {
    let body = json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
    json!({"openapi": "3.1.0", "webhooks": {"a": {"post": body}}}).to_string()
}

fn data_of(schema: &Value) -> Value {
    let profile = imported(&[("doc.json", &with_schema(schema))]).unwrap().assemble(&[]).unwrap();
    profile.sample_data("a", AT, &mut StdRng::seed_from_u64(1)).unwrap()
}

/// Composes, signs, verifies and recognises every event of a profile.
fn works_throughout(profile: &Profile) {
    let secret = profile.generate_secret(&mut StdRng::seed_from_u64(4));
    for event in profile.events() {
        let event_type = event.event_type();
        let input = ComposeInput { event_type, data: None, now: AT, event_id: None, envelope: None };
        let composed = profile.compose(input, &mut StdRng::seed_from_u64(3)).unwrap();
        let context = AttemptContext {
            event_type,
            provider_event_id: &composed.provider_event_id,
            endpoint: EndpointId::from_bytes([7; 16]),
            at: AT,
            attempt: 1,
        };
        let mut headers = profile.attempt_headers(&context);
        let id = profile.signature_id(&context).unwrap_or_default();
        let message = Message {
            method: &composed.method,
            url: "https://hooks.example/in",
            headers: &[],
            body: &composed.payload,
            timestamp: AT.unix_ms(),
            id: &id,
        };
        headers.extend(sign(profile.scheme(), &[&secret], &message).unwrap().headers);
        let pairs: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received =
            Received { method: &composed.method, url: message.url, headers: &pairs, body: &composed.payload };
        let verdict = verify(profile.scheme(), &[&secret], &received, AT.unix_ms());
        assert_eq!(verdict.status, VerificationStatus::Valid, "{event_type}");
        let headers: HeaderPairs = headers.into_iter().collect();
        let seen = Seen { method: &composed.method, query: None, headers: &headers, body: &composed.payload };
        let event = profile.event_of(&seen);
        assert_eq!(event.event_type.as_deref(), Some(event_type));
        assert_eq!(event.provider_event_id, Some(composed.provider_event_id.clone()), "{event_type}");
    }
}

#[test]
fn the_webhooks_of_a_document_become_a_profile_that_works() {
    let own = imported(&[("shop.yaml", SHOP)]).unwrap();
    assert_eq!(own, OwnProfile::read(&own.to_form()).unwrap());
    assert_eq!(
        (own.description.as_str(), own.sources.as_slice()),
        ("Shop events", &["shop.yaml".to_owned()][..])
    );
    let names: Vec<_> = own.events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(names, ["order.created", "order.paid", "stock_low"]);
    assert_eq!(own.events[0].description, "Somebody ordered.");
    assert_eq!(
        own.events[0].headers,
        [
            ("X-Shop-Topic".to_owned(), "orders".to_owned()),
            ("X-Shop-Delivery".to_owned(), "{event_uuid}".to_owned())
        ]
    );
    assert_eq!(own.events[0].provenance, Provenance::Derived);
    assert_eq!(own.events[1].provenance, Provenance::Found);
    works_throughout(&own.assemble(&[]).unwrap());
}

#[test]
fn any_scheme_and_base_may_sign_them() {
    for (base, scheme) in [
        ("generic", Some("github")),
        ("pulsewave", None),
        ("generic", Some("discord")),
        ("generic", Some("svix")),
    ] {
        let own = imported_with(&[("shop.yaml", SHOP)], base, scheme).unwrap();
        let profile = own.assemble(&[]).unwrap();
        assert_eq!(profile.scheme().id(), scheme.unwrap_or("pulsewave"));
        if scheme == Some("svix") {
            works_throughout(&profile);
        }
        let secret = profile.generate_secret(&mut StdRng::seed_from_u64(1));
        assert!(!secret.is_empty());
    }
    let own = imported_with(&[("shop.yaml", SHOP)], "generic", Some("nobody")).unwrap();
    assert_eq!(own.assemble(&[]).unwrap_err().field, "scheme");
    let own = imported_with(&[("shop.yaml", SHOP)], "nobody", None).unwrap();
    assert_eq!(own.assemble(&[]).unwrap_err().field, "base");
}

#[test]
fn a_printed_example_that_fits_is_the_sample() {
    let own = imported(&[("shop.yaml", SHOP)]).unwrap();
    let profile = own.assemble(&[]).unwrap();
    let data = profile.sample_data("order.paid", AT, &mut StdRng::seed_from_u64(1)).unwrap();
    assert_eq!(data, json!({"id": "ord_{1}", "at": "2024-01-01T00:00:00Z", "kind": "paid", "amount": 7}));
}

#[test]
fn samples_are_what_their_schemas_say_at_any_seed_and_repeat() {
    let own = imported(&[("shop.yaml", SHOP)]).unwrap();
    assert_eq!(own, imported(&[("shop.yaml", SHOP)]).unwrap());
    let profile = own.assemble(&[]).unwrap();
    for event in profile.events() {
        let validator =
            jsonschema::options().should_validate_formats(true).build(event.schema().unwrap()).unwrap();
        for seed in 0..30 {
            let data = profile.sample_data(event.event_type(), AT, &mut StdRng::seed_from_u64(seed)).unwrap();
            assert!(validator.is_valid(&data), "{}: {data}", event.event_type());
        }
    }
    let data = |seed| profile.sample_data("order.created", AT, &mut StdRng::seed_from_u64(seed)).unwrap();
    assert_eq!(data(1), data(1));
    assert_ne!(data(1), data(2));
}

#[test]
fn schemas_of_every_kind_have_a_sample() {
    for schema in [
        json!({"type": "string", "minLength": 100, "maxLength": 120}),
        json!({"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"}),
        json!({"type": "string", "maxLength": 0}),
        json!({"type": "integer", "multipleOf": 7, "minimum": 50}),
        json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        json!({"type": "integer", "minimum": -9_007_199_254_740_991_i64}),
        json!({"type": ["null", "boolean"]}),
        json!({"type": "null"}),
        json!({"enum": [1, "two", null, {"three": 3}]}),
        json!({"const": {"a": ["{braces}"]}}),
        json!({"type": "array", "minItems": 3, "uniqueItems": true, "items": {"type": "string", "format": "uuid"}}),
        json!({"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": false, "minItems": 2}),
        json!({"type": "array", "contains": {"const": 5}}),
        json!({"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}}),
        json!({"type": "object", "required": ["x"], "additionalProperties": {"type": "boolean"}}),
        json!({"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "string"}}}]}),
        json!({"oneOf": [{"type": "integer"}, {"type": "string"}]}),
        json!({"type": "object", "properties": {"deep": {"$ref": "#/webhooks/a/post/requestBody/content/application~1json/schema"}}}),
        json!({"allOf": [{"properties": {"a": {"type": "integer", "minimum": 5}}}, {"properties": {"a": {"maximum": 6}}, "required": ["a"]}]}),
        json!({"type": "string", "format": "ipv6"}),
        json!({"type": "string", "format": "hostname"}),
        json!({"type": "string", "format": "uri"}),
        json!({"type": "string", "format": "time"}),
        json!({"type": "string", "format": "duration"}),
        json!({"type": "string", "nullable": true}),
        json!({"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}, "type": "object", "properties": {"a": {"const": 1}, "b": {"type": "string"}}}),
        json!({}),
        json!(true),
    ] {
        let data = data_of(&schema);
        let referred = schema.to_string().contains("$ref");
        assert!(
            referred || schema["nullable"] == true || jsonschema::is_valid(&schema, &data),
            "{schema}: {data}"
        );
    }
}

#[test]
fn json_schema_files_are_one_event_each_named_by_the_file() {
    let paid = json!({"title": "Invoice paid", "type": "object", "required": ["type"], "properties": {"type": {"const": "invoice.paid"}}});
    let sent = json!({"$id": "https://example.com/sent", "type": "object", "required": ["to"], "properties": {"to": {"$ref": "#/$defs/to"}}, "$defs": {"to": {"type": "string", "format": "email"}}});
    let own = imported(&[
        ("schemas/invoice.paid.schema.json", &paid.to_string()),
        ("mail.sent.json", &sent.to_string()),
    ])
    .unwrap();
    let names: Vec<_> =
        own.events.iter().map(|event| (event.event_type.as_str(), event.name.as_str())).collect();
    assert_eq!(names, [("invoice.paid", "Invoice paid"), ("mail.sent", "mail.sent")]);
    works_throughout(&own.assemble(&[]).unwrap());
}

#[test]
fn faults_name_their_place() {
    for (from, to, place, says) in [
        ("openapi: 3.1.0", "openapi: 3.0.3", "/openapi", "3.1"),
        ("webhooks:", "webhoks:", "/webhooks", "missing"),
        (
            "#/components/schemas/Person",
            "#/components/schemas/Nobody",
            "/components/schemas/OrderEvent/allOf/1/properties/customer/$ref",
            "nothing at",
        ),
        (
            "#/components/schemas/Person",
            "other.yaml#/Person",
            "/components/schemas/OrderEvent/allOf/1/properties/customer/$ref",
            "leads out",
        ),
        (
            "#/components/schemas/Person",
            "#person",
            "/components/schemas/OrderEvent/allOf/1/properties/customer/$ref",
            "anchors",
        ),
        (
            "application/x-www-form-urlencoded",
            "text/xml",
            "/components/pathItems/stock/post/requestBody/content",
            "only JSON",
        ),
        ("minimum: 5, maximum: 9", "minimum: 9, maximum: 5", "/webhooks/order.paid/post", "needs an example"),
        ("minItems: 2", "minItems: two", "/webhooks/order.created/post", "is no schema"),
        ("stock low:", "order.paid:", "line", "is not YAML: the key `order.paid` stands twice in one place"),
        ("openapi: 3.1.0", "openapi: [3.1.0", "line", "YAML"),
    ] {
        assert!(SHOP.contains(from), "{from}");
        let error = fault(&SHOP.replacen(from, to, 1));
        assert!(error.place.starts_with(place) && error.problem.contains(says), "{to}: {error}");
        assert_eq!((error.index, error.document.as_str()), (0, "doc.yaml"));
    }
    assert!(fault("").problem.contains("object"));
    assert!(fault("[1]").problem.contains("object"));
    assert!(fault(r#"{"a": }"#).place.starts_with("line 1, column"));
    assert!(fault(r#"{"a": 1}"#).problem.contains("neither"));
    let twice = imported(&[("a.json", r#"{"type": "object"}"#), ("b/a.yaml", "type: object")]).unwrap_err();
    let twice = &twice.faults[0];
    assert_eq!((twice.index, twice.document.as_str()), (1, "b/a.yaml"));
}

#[test]
fn all_that_is_wrong_is_told_at_once_each_thing_once() {
    let document = json!({"openapi": "3.1.0",
        "components": {"schemas": {"Shared": {"properties": {"a": {"$ref": "#/nowhere"}, "b": 5}}}},
        "webhooks": {
            "one": {"post": {
                "parameters": [{"$ref": "#/no/parameter"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Shared"}}}},
            }},
            "two": {"post": {"requestBody": {"content": {"application/json": {"schema":
                {"allOf": [{"$ref": "#/components/schemas/Shared"}, {"$dynamicRef": "#x"}]}}}}}},
            "three": {},
            "four": {"post": {}},
            "five": {"post": {"requestBody": {"content": {"text/xml": {}}}}},
        }})
    .to_string();
    let errors = imported(&[
        ("first.json", &document),
        ("second.yaml", "a: ["),
        ("four.json", r#"{"type": "object"}"#),
        ("five.json", r#"{"type": "object"}"#),
        ("last.json", "{}"),
    ])
    .unwrap_err();
    let told: Vec<_> = errors.faults.iter().map(|fault| (fault.index, fault.place.as_str())).collect();
    let schema = "requestBody/content/application~1json/schema";
    let dynamic = format!("/webhooks/two/post/{schema}/allOf/1/$dynamicRef");
    assert_eq!(
        told,
        [
            (0, "/components/schemas/Shared/properties/a/$ref"),
            (0, "/components/schemas/Shared/properties/b"),
            (0, "/webhooks/one/post/parameters/0/$ref"),
            (0, dynamic.as_str()),
            (0, "/webhooks/three"),
            (0, "/webhooks/five/post/requestBody/content"),
            (1, "line 1, column 4"),
            (2, "/"),
            (4, "/"),
        ]
    );
    assert!(errors.faults[7].problem.contains("there is an event `four` already"), "{errors}");
    assert!(!errors.more);
}

#[test]
fn a_few_of_very_many_faults_are_told() {
    let webhooks: serde_json::Map<String, Value> =
        (0..30).map(|at| (format!("e{at}"), json!({"get": {}}))).collect();
    let bad = json!({"openapi": "3.1.0", "webhooks": webhooks}).to_string();
    let errors = imported(&[("a.json", r#"{"a": 1}"#), ("b.json", &bad), ("c.json", "{")]).unwrap_err();
    assert_eq!((errors.faults.len(), errors.more), (20, true));
    assert_eq!((errors.faults[0].index, errors.faults[19].index), (0, 1));
}

#[test]
fn a_schema_that_leads_back_to_itself_ends() {
    let own_end = json!({"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/N"}}});
    let document = |schema: &Value| {
        json!({"openapi": "3.1.0", "components": {"schemas": {"N": schema}}, "webhooks": {"a": {"post": {"requestBody":
            {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}}}}}})
        .to_string()
    };
    let problem = fault(&document(&own_end)).problem;
    assert!(problem.contains("needs an example") && problem.contains("without an end"), "{problem}");
    for itself in [
        json!({"$ref": "#/components/schemas/N"}),
        json!({"allOf": [{"$ref": "#/components/schemas/N"}]}),
        json!({"anyOf": [{"$ref": "#/components/schemas/N"}, {"$ref": "#/components/schemas/N"}]}),
    ] {
        let error = fault(&document(&itself));
        assert!(error.problem.contains("itself") || error.problem.contains("needs an example"), "{error}");
    }
}

#[test]
fn hostile_documents_end_in_a_sentence() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (name, before) in ('b'..='k').zip('a'..='j') {
        writeln!(bomb, "{name}: &{name} [{}]", vec![format!("*{before}"); 10].join(",")).unwrap();
    }
    let deep_json = format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
    let deep_yaml = (0..5_000).fold(String::new(), |mut text, depth| {
        writeln!(text, "{}a:", " ".repeat(depth)).unwrap();
        text
    });
    let flow = "[".repeat(100_000);
    for text in [bomb.as_str(), &deep_json, &deep_yaml, &flow, "\u{0}", "&a *a", "!!binary x", "a: .inf"] {
        let error = fault(text);
        assert!(!error.problem.is_empty() && error.problem.len() < 2_000, "{error}");
        assert!(!error.problem.contains(" { "), "in words: {error}");
    }
    assert!(fault(&bomb).problem.contains("too large: its anchors and aliases"), "{}", fault(&bomb));
    assert!(fault(&deep_yaml).problem.contains("nested more than"), "{}", fault(&deep_yaml));
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(17 << 20));
    assert!(fault(&large).problem.contains("larger"));
}

#[test]
fn schemas_that_multiply_are_bounded() {
    // Each of thirty refers twice to the next: a billion steps where every path is walked.
    let mut schemas = serde_json::Map::new();
    for at in 0..30 {
        let next = json!({"$ref": format!("#/components/schemas/S{}", at + 1)});
        let properties = json!({"x": next, "y": next});
        schemas.insert(format!("S{at}"), json!({"type": "object", "required": ["x", "y"], "properties": properties, "allOf": [next, next]}));
    }
    schemas.insert("S30".to_owned(), json!({"type": "object"}));
    let body = json!({"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}});
    let document =
        json!({"openapi": "3.1.0", "components": {"schemas": schemas}, "webhooks": {"a": {"post": body}}});
    let problem = fault(&document.to_string()).problem;
    assert!(problem.contains("too large to be made up") && !problem.contains("without an end"), "{problem}");
    // A pattern on which going back and forth takes for ever.
    let schema = json!({"type": "string", "pattern": "^(a+)+$", "minLength": 40});
    let text = with_schema(&schema);
    assert!(imported(&[("doc.json", &text)]).is_ok() || !fault(&text).problem.is_empty());
    // Very many events.
    let webhooks: serde_json::Map<String, Value> =
        (0..1_500).map(|at| (format!("e{at}"), json!({"post": {}}))).collect();
    let many = json!({"openapi": "3.1.0", "webhooks": webhooks}).to_string();
    assert!(fault(&many).problem.contains("more than"));
}

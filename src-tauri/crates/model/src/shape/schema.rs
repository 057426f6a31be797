use serde_json::{Map, Value, json};

use super::node::Node;
use super::{JsonType, MISSED_FROM, Shape, TextFormat};

/// Words are the only ones there are once so many texts came for each of them.
const SEEN_FOR_EACH: u64 = 5;

impl Shape {
    /// What was learnt, as JSON Schema, draft 2020-12 (<https://json-schema.org/draft/2020-12>). Every body that was
    /// learnt fits it.
    pub fn schema(&self, title: Option<&str>) -> Value {
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        if let Some(title) = title {
            schema.insert("title".to_owned(), json!(title));
        }
        schema.extend(self.of_node(&self.root));
        Value::Object(schema)
    }

    fn of_node(&self, node: &Node) -> Map<String, Value> {
        let mut schema = Map::new();
        match &types(node)[..] {
            [] => {}
            [one] => drop(schema.insert("type".to_owned(), json!(one))),
            several => drop(schema.insert("type".to_owned(), json!(several))),
        }
        if node.strings > 0 {
            add_texts(node, &mut schema);
        }
        if node.objects > 0 {
            self.add_fields(node, &mut schema);
        }
        if let Some(items) = &node.items {
            schema.insert("items".to_owned(), Value::Object(self.of_node(items)));
        }
        schema
    }

    fn add_fields(&self, node: &Node, schema: &mut Map<String, Value>) {
        let is_known = self.bodies >= MISSED_FROM && node.objects >= MISSED_FROM;
        let required: Vec<&String> = node
            .fields
            .iter()
            .filter(|(_, field)| is_known && node.always_has(field))
            .map(|(name, _)| name)
            .collect();
        if !node.fields.is_empty() {
            let of = |(name, field): (&String, &Node)| (name.clone(), Value::Object(self.of_node(field)));
            schema.insert("properties".to_owned(), Value::Object(node.fields.iter().map(of).collect()));
        }
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        if let Some(others) = &node.others {
            schema.insert("additionalProperties".to_owned(), Value::Object(self.of_node(others)));
        }
    }
}

/// In JSON Schema a number without a fraction is a number too.
fn types(node: &Node) -> Vec<&'static str> {
    let all = node.types();
    let has_fractions = all.contains(&JsonType::Number);
    let left = all.into_iter().filter(|kind| !(has_fractions && *kind == JsonType::Integer));
    left.map(JsonType::as_str).collect()
}

fn add_texts(node: &Node, schema: &mut Map<String, Value>) {
    match node.formats.agreed() {
        Some(TextFormat::Number) => {
            drop(schema.insert("pattern".to_owned(), json!(r"^-?[0-9]+(\.[0-9]+)?$")));
        }
        Some(format) => drop(schema.insert("format".to_owned(), json!(format.as_str()))),
        None => {}
    }
    let others = node.seen() - node.strings - node.nulls;
    if let Some(words) = node.words.known()
        && others == 0
        && node.strings >= SEEN_FOR_EACH * words.len() as u64
    {
        let null = (node.nulls > 0).then_some(Value::Null);
        let words = words.iter().map(|word| json!(word)).chain(null);
        schema.insert("enum".to_owned(), words.collect());
    }
}

use hookbench_model::Colour;
use serde::{Deserialize, Serialize};

use crate::Message;

/// Where they stand in the entry of another tool.
pub(super) const MARKS: &str = "_hookbench_marks";

/// What a person marked a request with that another tool recorded, but for the note, which has a place of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Marks {
    tags: Vec<String>,
    pinned: bool,
    colour: Option<String>,
}

impl Marks {
    pub(super) fn of(message: &Message) -> Self {
        Self {
            tags: message.tags.clone(),
            pinned: message.pinned,
            colour: message.colour.map(|colour| colour.as_str().to_owned()),
        }
    }

    pub(super) fn put(self, message: &mut Message) {
        message.tags = self.tags;
        message.pinned = self.pinned;
        message.colour = self.colour.as_deref().and_then(Colour::named);
    }
}

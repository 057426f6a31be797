//! The pages of a file that is written: entries bring theirs, and come of several files, whose pages may have one id.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{pages, place};

/// So many bytes of pages are written in one file.
const MOST_WRITTEN: usize = 32 << 20;

/// The pages that the entries of a file name.
#[derive(Clone, Debug)]
pub(crate) struct Gathered {
    /// In the order in which entries first named them.
    pages: Vec<Page>,
    /// Where in it they stand, by the ids that they are written under, and by how their entries had them.
    by_id: BTreeMap<String, usize>,
    by_text: BTreeMap<String, usize>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Page {
    id: String,
    text: String,
    /// The page of an entry that names one which is not known.
    is_made_up: bool,
}

impl Gathered {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { pages: Vec::new(), by_id: BTreeMap::new(), by_text: BTreeMap::new(), bytes: 0 }
    }

    /// Takes the page of an entry in, away from beside it; makes one where it names one that is not known. Where another
    /// page has its id the entry names it by one of its own.
    pub(super) fn take(&mut self, entry: &mut String) {
        let Some(id) = pages::reference(entry) else { return };
        if let Some(page) = pages::beside(entry) {
            let written = self.add(&id, page);
            let reference = written.filter(|written| *written != id);
            let at = place::field(entry, "pageref").map(|text| place::range(entry, text));
            if let (Some(reference), Some(at)) = (reference, at) {
                entry.replace_range(at, &Value::from(reference).to_string());
            }
        } else if !self.by_id.contains_key(&id) {
            let at: Option<String> =
                place::field(entry, "startedDateTime").and_then(|text| serde_json::from_str(text).ok());
            let text = json!({"startedDateTime": at, "id": id, "title": "", "pageTimings": {}}).to_string();
            self.push(Page { id, text, is_made_up: true });
        }
    }

    /// Takes a page in, and gives the id that it is written under; `None` where there is no room for it.
    fn add(&mut self, id: &str, text: String) -> Option<String> {
        if let Some(known) = self.by_text.get(&text).and_then(|at| self.pages.get(*at)) {
            return Some(known.id.clone());
        }
        let known = self.by_id.get(id).copied();
        if let Some(page) = known.and_then(|at| self.pages.get_mut(at)).filter(|page| page.is_made_up) {
            self.bytes += text.len();
            self.by_text.extend(known.map(|at| (text.clone(), at)));
            *page = Page { id: id.to_owned(), text, is_made_up: false };
            return Some(id.to_owned());
        }
        let is_free = known.is_none();
        let id = if is_free { id.to_owned() } else { self.other_id(id) };
        let at = self.pages.len();
        let mut renamed = text.clone();
        if !is_free {
            let stands = place::range(&renamed, place::field(&renamed, "id")?);
            renamed.replace_range(stands, &Value::from(&*id).to_string());
        }
        if !self.push(Page { id: id.clone(), text: renamed, is_made_up: false }) {
            return None;
        }
        self.by_text.insert(text, at);
        Some(id)
    }

    fn push(&mut self, page: Page) -> bool {
        let fits = self.bytes + page.text.len() <= MOST_WRITTEN;
        if fits {
            self.bytes += page.text.len();
            self.by_id.insert(page.id.clone(), self.pages.len());
            self.pages.push(page);
        }
        fits
    }

    /// An id that no page has yet.
    fn other_id(&self, id: &str) -> String {
        let mut number = self.pages.len() + 1;
        loop {
            let other = format!("{id}_{number}");
            if !self.by_id.contains_key(&other) {
                return other;
            }
            number += 1;
        }
    }

    /// What stands behind the entries of a file: its pages, where it has some.
    pub(super) fn written(&self) -> String {
        let pages: Vec<&str> = self.pages.iter().map(|page| page.text.as_str()).collect();
        if pages.is_empty() { String::new() } else { format!(",\"pages\":[\n{}\n]", pages.join(",\n")) }
    }
}

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::place;

/// Where the page of an entry stands in what is kept of it. It is ours alone, and goes back to its list when written.
const PAGE: &str = ",\"_hookbench_page\":";
/// So many bytes of pages are taken of a file, and written in one.
const MOST_READ: usize = 1 << 20;
const MOST_WRITTEN: usize = 64 << 20;

/// The pages of a file (`log.pages`), which its entries name by their ids. Each stays as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    by_id: BTreeMap<String, String>,
    /// The ids in their order.
    order: Vec<String>,
    bytes: usize,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Pages {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { by_id: BTreeMap::new(), order: Vec::new(), bytes: 0 }
    }

    /// Reads their list; what is no page is passed over.
    pub(crate) fn read(list: &str) -> Self {
        let mut pages = Self::new();
        for page in serde_json::from_str::<Vec<&RawValue>>(list).unwrap_or_default() {
            if let Ok(Named { id }) = serde_json::from_str(page.get()) {
                pages.add(id, page.get(), MOST_READ);
            }
        }
        pages
    }

    fn add(&mut self, id: String, page: &str, most: usize) {
        if self.by_id.contains_key(&id) || self.bytes + page.len() > most {
            return;
        }
        self.bytes += page.len();
        self.order.push(id.clone());
        self.by_id.insert(id, page.to_owned());
    }

    /// Puts the page that an entry names beside it.
    pub(super) fn put(&self, entry: &mut String) {
        let page = reference(entry).and_then(|id| self.by_id.get(&id));
        if let (Some(page), Some(end)) = (page, entry.rfind('}')) {
            entry.insert_str(end, &format!("{PAGE}{page}"));
        }
    }

    /// Takes the page of an entry in, away from beside it; makes one where it names one that is not known.
    pub(super) fn take(&mut self, entry: &mut String) {
        let Some(id) = reference(entry) else { return };
        let page = beside(entry);
        let page = page.unwrap_or_else(|| {
            let at: Option<String> =
                place::field(entry, "startedDateTime").and_then(|text| serde_json::from_str(text).ok());
            json!({"startedDateTime": at, "id": id, "title": "", "pageTimings": {}}).to_string()
        });
        self.add(id, &page, MOST_WRITTEN);
    }

    /// What stands behind the entries of a file: its pages, where it has some.
    pub(crate) fn written(&self) -> String {
        let pages: Vec<&str> =
            self.order.iter().filter_map(|id| self.by_id.get(id)).map(String::as_str).collect();
        if pages.is_empty() { String::new() } else { format!(",\"pages\":[\n{}\n]", pages.join(",\n")) }
    }
}

/// The page that an entry names.
fn reference(entry: &str) -> Option<String> {
    serde_json::from_str(place::field(entry, "pageref")?).ok()
}

/// Takes off the page that [`Pages::put`] put beside an entry.
fn beside(entry: &mut String) -> Option<String> {
    let page = place::field(entry, "_hookbench_page")?;
    let at = place::range(entry, page);
    let begin = entry[..at.start].strip_suffix(PAGE)?.len();
    let page = page.to_owned();
    entry.replace_range(begin..at.end, "");
    Some(page)
}

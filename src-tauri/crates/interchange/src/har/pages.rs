use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::place;

/// Where the page of an entry stands in what is kept of it. It is ours alone, and goes back to its list when written.
const PAGE: &str = ",\"_hookbench_page\":";
/// The name of that field.
const PAGE_FIELD: &str = "_hookbench_page";
/// So many bytes of pages are taken of a file, and of one of them, which may stand beside many entries.
const MOST_READ: usize = 1 << 20;
const LONGEST_PAGE: usize = 8 << 10;

/// The pages of a file (`log.pages`), which its entries name by their ids. Each stays as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    by_id: BTreeMap<String, String>,
    bytes: usize,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Pages {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { by_id: BTreeMap::new(), bytes: 0 }
    }

    /// Reads their list; what is no page is passed over.
    pub(crate) fn read(list: &str) -> Self {
        let mut pages = Self::new();
        for page in serde_json::from_str::<Vec<&RawValue>>(list).unwrap_or_default() {
            if let Ok(Named { id }) = serde_json::from_str(page.get()) {
                pages.add(id, page.get());
            }
        }
        pages
    }

    fn add(&mut self, id: String, page: &str) {
        let fits = page.len() <= LONGEST_PAGE && self.bytes + page.len() <= MOST_READ;
        if fits && !self.by_id.contains_key(&id) {
            self.bytes += page.len();
            self.by_id.insert(id, page.to_owned());
        }
    }

    /// Puts the page that an entry names beside it, and says whether there is one that was not there before.
    pub(super) fn put(&self, entry: &mut String) -> bool {
        if self.by_id.is_empty() {
            return false;
        }
        let page = reference(entry).and_then(|id| self.by_id.get(&id));
        let page = page.filter(|_| place::field(entry, PAGE_FIELD).is_none());
        let (Some(page), Some(end)) = (page, entry.rfind('}')) else { return false };
        entry.insert_str(end, &format!("{PAGE}{page}"));
        true
    }
}

/// The pages of a HAR that stand behind its entries. What is kept of the entries was given before they were read, so
/// that the file need not be held until its end.
#[derive(Clone, Debug)]
pub struct LatePages(Pages);

impl LatePages {
    /// `None` where there are none.
    pub(crate) fn of(pages: &Pages) -> Option<Self> {
        (!pages.by_id.is_empty()).then(|| Self(pages.clone()))
    }

    /// An entry as it is kept ([`Message::kept`](crate::Message::kept)) with its page beside it; `None` where it names
    /// none of these, or has one.
    pub fn put_beside(&self, entry: &str) -> Option<String> {
        let mut entry = entry.to_owned();
        self.0.put(&mut entry).then_some(entry)
    }
}

/// The page that an entry names.
pub(super) fn reference(entry: &str) -> Option<String> {
    serde_json::from_str(place::field(entry, "pageref")?).ok()
}

/// Takes off the page that [`Pages::put`] put beside an entry.
pub(super) fn beside(entry: &mut String) -> Option<String> {
    let page = place::field(entry, PAGE_FIELD)?;
    let at = place::range(entry, page);
    let begin = entry[..at.start].strip_suffix(PAGE)?.len();
    let page = page.to_owned();
    entry.replace_range(begin..at.end, "");
    Some(page)
}

use bytes::Bytes;
use hookbench_model::{CapturedRequest, Page, PageRequest, RequestEdit, RequestFilter, RequestId};

use crate::{Result, Store};

/// Captured requests.
#[derive(Clone, Debug)]
pub struct Requests {
    pub(crate) store: Store,
}

impl Requests {
    /// Writes a request and its body; returns once both are on disk. `NotFound` where its inbox is gone.
    pub async fn capture(&self, request: CapturedRequest, body: Bytes) -> Result<()> {
        let _ = (request, body);
        unimplemented!()
    }

    /// One of them.
    pub async fn get(&self, id: RequestId) -> Result<Option<CapturedRequest>> {
        let _ = id;
        unimplemented!()
    }

    /// A page of those that the filter matches, newest first; `verification.signed_content` is left out.
    ///
    /// With `q` the work for one page is bounded: a page may then hold fewer rows than asked for, none
    /// even, and still have a `next`; the search goes on there.
    pub async fn list(
        &self,
        filter: &RequestFilter,
        page: PageRequest<RequestId>,
    ) -> Result<Page<CapturedRequest, RequestId>> {
        let _ = (filter, page);
        unimplemented!()
    }

    /// How many the filter matches.
    pub async fn count(&self, filter: &RequestFilter) -> Result<u64> {
        let _ = filter;
        unimplemented!()
    }

    /// The body of one of them, to the byte.
    pub async fn body(&self, id: RequestId) -> Result<Option<Bytes>> {
        let _ = id;
        unimplemented!()
    }

    /// Changes what a person may change.
    pub async fn edit(&self, id: RequestId, edit: RequestEdit) -> Result<CapturedRequest> {
        let _ = (id, edit);
        unimplemented!()
    }

    /// Deletes one, pinned or not.
    pub async fn delete(&self, id: RequestId) -> Result<()> {
        let _ = id;
        unimplemented!()
    }

    /// Deletes what the filter matches, a part at a time, and gives how many that were. Pinned ones stay
    /// unless the filter asks for them.
    pub async fn delete_matching(&self, filter: &RequestFilter) -> Result<u64> {
        let _ = filter;
        unimplemented!()
    }
}

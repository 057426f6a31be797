//! The head of a request as it was captured, in place of the one that the HTTP library would write.

use hookbench_heads::OwnHead;

/// A whole head, up to and with its empty line: it frames the message as the library's does.
#[derive(Debug)]
pub(super) struct ExactHead(pub(super) Vec<u8>);

impl OwnHead for ExactHead {
    fn in_place_of(self, _theirs: &[u8]) -> Vec<u8> {
        self.0
    }
}

/// Where the head of the next request is laid down.
pub(super) type HeadSlot = hookbench_heads::HeadSlot<ExactHead>;

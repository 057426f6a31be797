/// How much is read at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// So many requests of one file; what comes after them refuses the file.
    pub requests: usize,
    /// So many bytes of one body.
    pub body: u64,
    /// So many bytes of all requests together: a file may make much more of itself than it has. What comes after them
    /// refuses the file.
    pub total: u64,
    /// So many bytes of values of variables are filled in.
    pub filled: usize,
    /// So many headers of one request.
    pub headers: usize,
    /// So many bytes of names and values of one request.
    pub head: usize,
    /// So many of what is left out are named; the others are counted.
    pub named: usize,
    /// So deep may folders lie within one another.
    pub depth: usize,
}

impl Bounds {
    /// So many bytes of a malformed head, which is kept as far as a body would be.
    pub(crate) fn broken_head(&self) -> usize {
        self.head.max(usize::try_from(self.body).unwrap_or(usize::MAX))
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            requests: 100_000,
            body: 32 << 20,
            total: 512 << 20,
            filled: 64 << 20,
            headers: 1000,
            head: 1 << 20,
            named: 100,
            depth: 64,
        }
    }
}

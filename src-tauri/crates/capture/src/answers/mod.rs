//! What an inbox answers by its rules: which one takes a request, what it answers, and what becomes of that.
//!
//! What is decided is decided before the request is stored, so that the record says it; it is done afterwards. A rule
//! counts what it has taken in memory: the counts begin anew with the program, and with a rule that is changed.

mod bounded;
mod budget;
mod chosen;
mod counts;
mod preview;
mod script;
mod slow;
mod template;
mod words;

pub use counts::Counted;
pub use preview::{Previewed, PreviewedAnswer, Sample, Step, check, preview};
pub use template::TemplateError;

pub(crate) use chosen::{Given, Rules};
pub(crate) use counts::CountBook;
pub(crate) use script::{Outlet, Script, Socket, TakenOver, Way};
pub(crate) use template::Facts;

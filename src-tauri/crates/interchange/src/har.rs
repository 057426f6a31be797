//! HTTP Archive 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>), as browsers, proxies and Hookbench write it.
//!
//! An entry that another tool wrote is kept beside the request, so that it is written the same again. Ours say what
//! the format has no place for under `_hookbench`; a tool that drops it loses nothing of the request.

mod escaped;
mod gathered;
mod marks;
mod pages;
mod place;
mod read;
mod write;

pub(crate) use gathered::Gathered;
pub use pages::LatePages;
pub(crate) use pages::Pages;
pub(crate) use read::{message_of, read};
pub(crate) use write::{BEGIN, end, entry};

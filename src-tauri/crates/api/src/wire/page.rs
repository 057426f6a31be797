use std::fmt::Display;
use std::str::FromStr;

use hookbench_model::{Page as ModelPage, PageRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{FieldError, Problem};

/// A page of a list, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The rows.
    pub(crate) data: Vec<T>,
    /// What to give as `cursor` for the next page; null where this is the last one.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// All there is, on one page.
    pub(crate) fn whole(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }

    /// A page of the model's, row by row.
    pub(crate) fn of<U, Id: Display>(page: ModelPage<U, Id>, row: impl FnMut(U) -> T) -> Self {
        Self {
            next_cursor: page.next.map(|id| id.to_string()),
            data: page.rows.into_iter().map(row).collect(),
        }
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many rows at most. A filter that has to look at many rows ends a page in time: it may be short, empty even, and
    /// have a `next_cursor` where the search goes on. A list has ended where `next_cursor` is null.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub(crate) limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

impl PageQuery {
    pub(crate) fn request<Id: FromStr>(&self) -> Result<PageRequest<Id>, Problem> {
        page_request(self.limit, self.cursor.as_deref())
    }
}

/// Checks `limit` and `cursor` of a list.
pub(crate) fn page_request<Id: FromStr>(
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<PageRequest<Id>, Problem> {
    let limit = limit.unwrap_or(100);
    if !(1..=PageRequest::<Id>::MAX_LIMIT).contains(&limit) {
        return Err(Problem::invalid(vec![FieldError::new("limit", "must lie between 1 and 500")]));
    }
    let before = cursor
        .map(|text| {
            text.parse().map_err(|_| {
                Problem::invalid(vec![FieldError::new(
                    "cursor",
                    "is not the `next_cursor` of a page of this list",
                )])
            })
        })
        .transpose()?;
    Ok(PageRequest { before, limit })
}

use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt as _};
use hookbench_workbench::{ChangeStream, Feed};
use http::HeaderMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::NoQuery;
use crate::problem::Problem;
use crate::wire::Change;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_changes))
}

/// The change feed: server-sent events, one for each change that is on disk.
///
/// An event is named after what changed (`delivery`, `request`, …), its data is a `Change`. `id:` lines let a reader resume with `Last-Event-ID`. A reader that has
/// fallen too far behind, or comes from another run of the program, gets an event `resync`: what it shows has
/// to be read anew.
#[utoipa::path(get, path = "/v1/changes", tag = "changes",
    params(("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last message seen.")),
    responses((status = 200, description = "The feed.", content_type = "text/event-stream", body = Change)))]
async fn get_changes(
    State(api): State<Api>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let reader = Reader::open(&api, last);
    let stopping = api.workbench.stopping();
    let events = futures::stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(events.take_until(stopping)).keep_alive(KeepAlive::default()))
}

/// One reader's place in the feed.
struct Reader {
    boot: String,
    changes: ChangeStream,
    /// What comes before the next change: where the reader stands, or that it has missed something.
    first: Option<Event>,
    api: Api,
}

impl Reader {
    fn open(api: &Api, last: Option<&str>) -> Self {
        let feed = api.workbench.changes();
        let boot = api.workbench.boot().to_owned();
        let resumed = last
            .and_then(|id| id.rsplit_once('-'))
            .filter(|(of, _)| *of == boot)
            .and_then(|(_, sequence)| sequence.parse().ok())
            .and_then(|sequence| feed.subscribe_after(sequence));
        let (changes, first) = match (last, resumed) {
            (_, Some(changes)) => (changes, None),
            (Some(_), None) => {
                let place = feed.last_sequence();
                (feed.subscribe(), Some(resync(&boot, place)))
            }
            // An id at once, so that a reader that is cut off before the first change can resume.
            (None, None) => {
                let place = feed.last_sequence();
                let changes = feed.subscribe_after(place).unwrap_or_else(|| feed.subscribe());
                (changes, Some(Event::default().id(id(&boot, place)).comment("here")))
            }
        };
        Self { boot, changes, first, api: api.clone() }
    }

    async fn next(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        match self.changes.next().await {
            Feed::Change(change) => {
                let data = serde_json::to_string(&Change::from(change.as_ref())).unwrap_or_default();
                Some(
                    Event::default()
                        .event(change.noun.as_str())
                        .id(id(&self.boot, change.sequence))
                        .data(data),
                )
            }
            Feed::Lagged => Some(resync(&self.boot, self.api.workbench.changes().last_sequence())),
            Feed::Closed => None,
        }
    }
}

fn id(boot: &str, sequence: u64) -> String {
    format!("{boot}-{sequence}")
}

fn resync(boot: &str, sequence: u64) -> Event {
    Event::default().event("resync").id(id(boot, sequence)).data("{}")
}

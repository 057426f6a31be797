//! The contract as an OpenAPI document, made from the handlers and the wire types.

use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{FieldError, Problem};
use crate::wire::Change;
use crate::{raw, routes};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Hookbench",
        description = "A workbench for webhooks: it sends them the way real providers do, captures the ones that \
                       others send, and replays either. Times are RFC 3339 in UTC with milliseconds, names that end \
                       in `_ms` are whole milliseconds, sizes are bytes, lists are newest first."
    ),
    components(schemas(Problem, FieldError, Change)),
    tags(
        (name = "providers", description = "How known webhook senders behave."),
        (name = "endpoints", description = "URLs that events are delivered to."),
        (name = "events", description = "Things that happened, with their payloads."),
        (name = "deliveries", description = "Events on their way to endpoints, and every attempt."),
        (name = "replays", description = "Deliberate resends, one or many."),
        (name = "inboxes", description = "Local URLs that capture whatever arrives."),
        (name = "requests", description = "What the inboxes captured."),
        (name = "shapes", description = "What their bodies look like, and where one differs."),
        (name = "fault-receivers", description = "Receivers of our own that fail as they are told to."),
        (name = "signatures", description = "Signing and verifying by hand."),
        (name = "settings", description = "The workspace's settings."),
        (name = "clock", description = "How time goes; in a demo it can be changed."),
        (name = "stats", description = "Counts for the overview."),
        (name = "metrics", description = "Counts and times for monitoring."),
        (name = "changes", description = "The live feed."),
        (name = "health", description = "That it lives, and this document.")
    )
)]
struct Document;

const TOKEN: &str = "token";

/// The contract as an OpenAPI document.
pub fn openapi() -> OpenApi {
    let mut document = OpenApiRouter::with_openapi(Document::openapi()).merge(routes::all()).into_openapi();
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(finish);
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    document
        .components
        .get_or_insert_default()
        .security_schemes
        .insert(TOKEN.to_owned(), SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new::<_, [String; 0], String>(TOKEN, [])]);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// Every call may be refused, and always in the same form; and every one that unpacks a body says what that took.
fn finish(operation: &mut Operation) {
    let unpacks = operation.parameters.iter().flatten().any(|parameter| parameter.name == "decoded");
    if let Some(RefOr::T(found)) = operation.responses.responses.get_mut("200").filter(|_| unpacks) {
        found.headers.extend(raw::undone_headers());
    }
    let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let response =
        ResponseBuilder::new().description("Refused.").content("application/problem+json", problem).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response));
}

/// The same as text, as it is committed for the UI's types.
pub fn openapi_json() -> String {
    openapi().to_pretty_json().unwrap_or_default()
}

use axum::Json as Answer;
use axum::extract::State;
use hookbench_model::InboxId;
use http::{Method, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::NoFilter;
use crate::Api;
use crate::extract::{Id, Json, ListQuery, NoQuery, OptionalJson, Query};
use crate::problem::Problem;
use crate::wire::{
    DeletedInbox, Inbox, InboxEdit, InboxInput, Page, PageQuery, Reveal, RevealQuery, Revealed, RuleCount,
    RulesPreview, RulesPreviewInput, RulesReset,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_inboxes, create_inbox))
        .routes(routes!(get_inbox, edit_inbox, delete_inbox))
        .routes(routes!(list_inbox_reveals))
        .routes(routes!(list_rule_counts))
        .routes(routes!(reset_rules))
        .routes(routes!(preview_rules))
}

/// List inboxes, newest first.
#[utoipa::path(get, path = "/v1/inboxes", tag = "inboxes", params(PageQuery),
    responses((status = 200, description = "A page.", body = Page<Inbox>)))]
async fn list_inboxes(
    State(api): State<Api>,
    ListQuery { page, .. }: ListQuery<NoFilter>,
) -> Result<Answer<Page<Inbox>>, Problem> {
    let page = api.workbench.inboxes(page.request()?).await?;
    Ok(Answer(Page::of(page, Into::into)))
}

/// Make an inbox. It captures from the moment of the answer.
#[utoipa::path(post, path = "/v1/inboxes", tag = "inboxes", request_body = InboxInput,
    responses((status = 201, description = "Made.", body = Inbox)))]
async fn create_inbox(
    State(api): State<Api>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<InboxInput>,
) -> Result<(StatusCode, Answer<Inbox>), Problem> {
    let inbox = api.workbench.create_inbox(input.try_into()?).await?;
    Ok((StatusCode::CREATED, Answer(inbox.into())))
}

/// One inbox. Its token for subscriptions is shown where that is asked for.
#[utoipa::path(get, path = "/v1/inboxes/{id}", tag = "inboxes",
    params(("id" = String, Path, description = "`inb_…`"), RevealQuery),
    responses((status = 200, description = "The inbox.", body = Inbox)))]
async fn get_inbox(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    method: Method,
    Query(query): Query<RevealQuery>,
) -> Result<Answer<Inbox>, Problem> {
    Ok(Answer(match query.reveal_to(&method) {
        Some(Revealed::Secrets) => Inbox::revealed(api.workbench.revealed_inbox(id).await?),
        None => api.workbench.inbox(id).await?.into(),
    }))
}

/// When an inbox's token for subscriptions was revealed, newest first, the newest 100.
#[utoipa::path(get, path = "/v1/inboxes/{id}/reveals", tag = "inboxes",
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "All on one page.", body = Page<Reveal>)))]
async fn list_inbox_reveals(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
) -> Result<Answer<Page<Reveal>>, Problem> {
    let looks = api.workbench.inbox_reveals(id).await?;
    Ok(Answer(Page::whole(looks.into_iter().map(Into::into).collect())))
}

/// What the rules of an inbox have counted, in their order.
#[utoipa::path(get, path = "/v1/inboxes/{id}/rules/counts", tag = "inboxes",
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "All on one page.", body = Page<RuleCount>)))]
async fn list_rule_counts(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
) -> Result<Answer<Page<RuleCount>>, Problem> {
    let counts = api.workbench.rule_counts(id).await?;
    Ok(Answer(Page::whole(counts.into_iter().map(Into::into).collect())))
}

/// Have the rules of an inbox, or one of them, begin to count anew: the next request that it takes is the first.
#[utoipa::path(post, path = "/v1/inboxes/{id}/rules/reset", tag = "inboxes", request_body = RulesReset,
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "The counts as they are now.", body = Page<RuleCount>)))]
async fn reset_rules(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<RulesReset>,
) -> Result<Answer<Page<RuleCount>>, Problem> {
    let counts = api.workbench.start_rules_again(id, input.rule_id.as_deref()).await?;
    Ok(Answer(Page::whole(counts.into_iter().map(Into::into).collect())))
}

/// What would be answered if a request came now, by the rules of the inbox or by others. Counts and keeps nothing.
#[utoipa::path(post, path = "/v1/inboxes/{id}/rules/preview", tag = "inboxes", request_body = RulesPreviewInput,
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "Which rule takes it, and what it gives.", body = RulesPreview)))]
async fn preview_rules(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
    OptionalJson(input): OptionalJson<RulesPreviewInput>,
) -> Result<Answer<RulesPreview>, Problem> {
    Ok(Answer(api.workbench.preview_rules(id, input.try_into()?).await?.into()))
}

/// Change an inbox. What is left out stays; null takes away.
#[utoipa::path(patch, path = "/v1/inboxes/{id}", tag = "inboxes", request_body = InboxEdit,
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "The inbox as it is now.", body = Inbox)))]
async fn edit_inbox(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
    Json(edit): Json<InboxEdit>,
) -> Result<Answer<Inbox>, Problem> {
    Ok(Answer(api.workbench.edit_inbox(id, edit.try_into()?).await?.into()))
}

/// Delete an inbox and everything that it captured.
#[utoipa::path(delete, path = "/v1/inboxes/{id}", tag = "inboxes",
    params(("id" = String, Path, description = "`inb_…`")),
    responses((status = 200, description = "Gone.", body = DeletedInbox)))]
async fn delete_inbox(
    State(api): State<Api>,
    Id(id): Id<InboxId>,
    _: NoQuery,
) -> Result<Answer<DeletedInbox>, Problem> {
    Ok(Answer(DeletedInbox { deleted_requests: api.workbench.delete_inbox(id).await? }))
}

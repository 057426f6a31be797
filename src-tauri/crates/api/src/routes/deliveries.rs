use std::collections::HashMap;

use axum::Json as Answer;
use axum::extract::State;
use hookbench_model::{self as model, DeliveryId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;
use crate::extract::{Id, ListQuery, NoQuery, OptionalJson, Query};
use crate::problem::Problem;
use crate::wire::{Count, Delivery, DeliveryDetail, DeliveryFilter, Nothing, Page, PageQuery};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(count_deliveries))
        .routes(routes!(get_delivery))
        .routes(routes!(retry_delivery))
        .routes(routes!(cancel_delivery))
        .routes(routes!(skip_delivery))
}

/// List deliveries, newest first. What no index finds is looked for a bounded part at a time: follow `next_cursor`
/// until it is null.
#[utoipa::path(get, path = "/v1/deliveries", tag = "deliveries", params(DeliveryFilter, PageQuery),
    responses((status = 200, description = "A page.", body = Page<Delivery>)))]
async fn list_deliveries(
    State(api): State<Api>,
    ListQuery { filter, page }: ListQuery<DeliveryFilter>,
) -> Result<Answer<Page<Delivery>>, Problem> {
    let filter = model::DeliveryFilter::from(filter);
    let q = filter.q.clone();
    let page = api.workbench.deliveries(filter, page.request()?).await?;
    let mut found = match q {
        Some(q) => {
            let ids: Vec<_> = page.rows.iter().map(|delivery| delivery.id).collect();
            api.workbench.found_in(&q, &ids).await?
        }
        None => HashMap::new(),
    };
    Ok(Answer(Page::of(page, |delivery| {
        let places = found.remove(&delivery.id);
        Delivery::from(delivery).found(places)
    })))
}

/// How many deliveries a filter matches.
#[utoipa::path(get, path = "/v1/deliveries/count", tag = "deliveries", params(DeliveryFilter),
    responses((status = 200, description = "The number.", body = Count)))]
async fn count_deliveries(
    State(api): State<Api>,
    Query(filter): Query<DeliveryFilter>,
) -> Result<Answer<Count>, Problem> {
    Ok(Answer(Count { count: api.workbench.count_deliveries(filter.into()).await? }))
}

/// One delivery, with its attempts past and planned.
#[utoipa::path(get, path = "/v1/deliveries/{id}", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "The delivery.", body = DeliveryDetail)))]
async fn get_delivery(
    State(api): State<Api>,
    Id(id): Id<DeliveryId>,
    _: NoQuery,
) -> Result<Answer<DeliveryDetail>, Problem> {
    Ok(Answer(DeliveryDetail::new(api.workbench.delivery(id).await?)))
}

/// Try a delivery again now, wherever its plan stands. Refused while an attempt is under way.
#[utoipa::path(post, path = "/v1/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 202, description = "Due now.", body = Delivery)))]
async fn retry_delivery(
    State(api): State<Api>,
    Id(id): Id<DeliveryId>,
    _: NoQuery,
    _: OptionalJson<Nothing>,
) -> Result<(http::StatusCode, Answer<Delivery>), Problem> {
    Ok((http::StatusCode::ACCEPTED, Answer(api.workbench.retry_delivery(id).await?.into())))
}

/// Stop a delivery that waits for its next attempt.
#[utoipa::path(post, path = "/v1/deliveries/{id}/cancel", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "Cancelled.", body = Delivery)))]
async fn cancel_delivery(
    State(api): State<Api>,
    Id(id): Id<DeliveryId>,
    _: NoQuery,
    _: OptionalJson<Nothing>,
) -> Result<Answer<Delivery>, Problem> {
    Ok(Answer(api.workbench.cancel_delivery(id).await?.into()))
}

/// Skip a delivery: one that waits ends, and one that failed for good lets the queue go on that it holds.
#[utoipa::path(post, path = "/v1/deliveries/{id}/skip", tag = "deliveries",
    params(("id" = String, Path, description = "`dlv_…`")),
    responses((status = 200, description = "Skipped.", body = Delivery)))]
async fn skip_delivery(
    State(api): State<Api>,
    Id(id): Id<DeliveryId>,
    _: NoQuery,
    _: OptionalJson<Nothing>,
) -> Result<Answer<Delivery>, Problem> {
    Ok(Answer(api.workbench.skip_delivery(id).await?.into()))
}

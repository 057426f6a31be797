//! What an event would send, before anybody sends it.

use bytes::Bytes;
use hookbench_delivery::build::{BuildInput, build};
use hookbench_model::{DeliveryTarget, Endpoint, EndpointId, EndpointStatus, Event, HeaderPairs};
use hookbench_providers::{Library, Profile};

use crate::Workbench;
use crate::compose::{EventDraft, Prepared};
use crate::error::Result;

/// What one endpoint would get.
#[derive(Clone, Debug)]
pub struct PreviewedRequest {
    /// The endpoint and its name; `None` where there is none yet.
    pub endpoint: Option<(EndpointId, String)>,
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// As they will stand on the wire, without a secret that is sent as it is.
    pub headers: HeaderPairs,
    /// The bytes that the signature covers.
    pub signed_content: Option<Bytes>,
    /// The exact body.
    pub body: Bytes,
    /// Why it would not go out as shown.
    pub problem: Option<String>,
}

impl Workbench {
    /// What would be sent to each endpoint; sends and writes nothing.
    pub async fn preview_event(&self, draft: EventDraft) -> Result<Vec<PreviewedRequest>> {
        let Prepared { mut events, profile } = self.prepare(draft).await?;
        let nobody = events.iter().all(|(_, endpoints)| endpoints.is_empty());
        if let (true, Some((_, endpoints))) = (nobody, events.first_mut()) {
            endpoints.push(self.stand_in(&profile)?);
        }
        let mut previews: Vec<_> = events
            .iter()
            .flat_map(|(event, endpoints)| endpoints.iter().map(move |endpoint| (event, endpoint)))
            .map(|(event, endpoint)| previewed(event, &profile, endpoint, self.library()))
            .collect();
        if let (true, Some(preview), Some((event, _))) = (nobody, previews.first_mut(), events.first()) {
            preview.endpoint = None;
            preview.problem = Some(format!(
                "No enabled endpoint of {} subscribes to {}, so this goes nowhere yet. The signature shown is made \
                 with a secret of its own.",
                profile.name(),
                event.event_type
            ));
        }
        Ok(previews)
    }

    /// An endpoint that stands where there is none yet, so that a preview can show a signature.
    fn stand_in(&self, profile: &Profile) -> Result<Endpoint> {
        let draft = crate::EndpointDraft {
            url: "https://receiver.example/webhooks".to_owned(),
            provider: Some(profile.id().to_string()),
            ..crate::EndpointDraft::default()
        };
        draft.check(self.library(), self.now())
    }
}

fn previewed(event: &Event, profile: &Profile, endpoint: &Endpoint, library: &Library) -> PreviewedRequest {
    let target = DeliveryTarget::Endpoint(endpoint.id);
    let scheme = endpoint.scheme.as_deref().and_then(|id| library.scheme(id));
    let input = BuildInput {
        event,
        target: &target,
        endpoint: Some(endpoint),
        profile,
        scheme: scheme.as_deref(),
        signer: None,
        attempt: 1,
        now: event.created_at,
    };
    let known = Some((endpoint.id, endpoint.name.clone()));
    let disabled = endpoint.status == EndpointStatus::Disabled;
    match build(&input) {
        Ok(built) => PreviewedRequest {
            endpoint: known,
            method: built.method().to_owned(),
            url: built.url().to_string(),
            headers: built.shown_headers(),
            signed_content: built.signed_content().map(Bytes::copy_from_slice),
            body: built.body().clone(),
            problem: disabled.then(|| {
                let waits = if endpoint.draft {
                    "The endpoint is a draft: the delivery waits until a test has made it live."
                } else {
                    "The endpoint is disabled: the delivery waits until it is enabled."
                };
                waits.to_owned()
            }),
        },
        Err(error) => PreviewedRequest {
            endpoint: known,
            method: event.request.method.clone(),
            url: endpoint.url.to_string(),
            headers: HeaderPairs::new(),
            signed_content: None,
            body: event.payload.clone(),
            problem: Some(format!("It cannot be sent: {error}.")),
        },
    }
}

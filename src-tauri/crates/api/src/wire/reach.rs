use hookbench_model as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::settings::set;
use super::wire_enum;

wire_enum! {
    /// What the receiver shows over TLS. Requests in clear are taken at the same port whatever it is.
    ReceiverTls {
        /// It speaks none.
        Off,
        /// A certificate that Hookbench made.
        Made,
        /// The certificate that was given with `PUT /v1/capture/certificate`.
        Own,
    }
}

/// From where inboxes are reached, and how.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    /// Whether other machines of the network reach them too.
    #[serde(default)]
    #[schema(required)]
    lan: bool,
    /// Whose certificate is shown, where TLS is spoken.
    #[serde(default = "off")]
    #[schema(required)]
    tls: ReceiverTls,
    /// The addresses (`10.1.2.3`) and networks (`192.168.0.0/16`) that may send; empty for all. This machine always
    /// may.
    #[serde(default)]
    #[schema(required, value_type = Vec<String>, max_items = 1000)]
    allow: Vec<model::AddressRule>,
}

impl Default for Reach {
    fn default() -> Self {
        model::Reach::default().into()
    }
}

const fn off() -> ReceiverTls {
    ReceiverTls::Off
}

impl From<model::Reach> for Reach {
    fn from(model::Reach { lan, tls, allow }: model::Reach) -> Self {
        Self { lan, tls: tls.into(), allow: allow.0 }
    }
}

impl From<Reach> for model::Reach {
    fn from(Reach { lan, tls, allow }: Reach) -> Self {
        Self { lan, tls: tls.into(), allow: model::AllowList(allow) }
    }
}

/// Changes to that: what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReachEdit {
    /// Whether other machines of the network reach inboxes too.
    lan: Option<bool>,
    /// Whose certificate is shown, where TLS is spoken. `made` makes one where there is none; `own` must have been
    /// given before.
    tls: Option<ReceiverTls>,
    /// The addresses and networks that may send, all of them; empty for everybody.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    allow: Option<Vec<model::AddressRule>>,
}

impl ReachEdit {
    pub(super) fn apply(self, reach: &mut model::Reach) {
        set(&mut reach.lan, self.lan);
        set(&mut reach.tls, self.tls.map(Into::into));
        set(&mut reach.allow, self.allow.map(model::AllowList));
    }
}

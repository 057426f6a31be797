use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ReceiverTls, SecretText, Time};

/// The receiver's certificates.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CaptureCertificates)]
pub(crate) struct Certificates {
    /// Which of them is shown now; `off` where TLS is not spoken.
    tls: ReceiverTls,
    /// The one that Hookbench made; null before it was asked for.
    #[schema(required)]
    made: Option<MadeCertificate>,
    /// The one that was given; null where none was.
    #[schema(required)]
    own: Option<Certificate>,
}

/// What a certificate of the receiver says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CaptureCertificate)]
pub(crate) struct Certificate {
    /// Whom it is for, as a distinguished name.
    subject: String,
    /// Who issued it, as a distinguished name.
    issuer: String,
    /// The names and addresses that it is for.
    names: Vec<String>,
    /// From when on it holds.
    not_before: Time,
    /// Until when it holds.
    not_after: Time,
    /// Its SHA-256 fingerprint in hexadecimal.
    sha256: String,
    /// How it stands now.
    standing: CertificateStanding,
    /// What a sender would take offence at, or what is worth knowing, each as a sentence: that it has ended, that it
    /// is not for a name by which inboxes are reached.
    warnings: Vec<String>,
}

/// How a certificate stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateStanding {
    /// It holds.
    Valid,
    /// It holds for less than 30 days more.
    EndsSoon,
    /// It has ended.
    Expired,
    /// It does not hold yet.
    NotYet,
}

/// A certificate that Hookbench made, and the authority that has to be trusted for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeCaptureCertificate)]
pub(crate) struct MadeCertificate {
    /// What the receiver shows.
    #[serde(flatten)]
    certificate: Certificate,
    /// The authority that signed it.
    authority: Certificate,
    /// The authority's certificate, PEM. `GET /v1/capture/certificate/ca.pem` gives it as a file.
    authority_pem: String,
    /// How to have it trusted, for each system.
    trust: Vec<TrustSteps>,
}

/// How an authority comes to be trusted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrustSteps {
    /// For what, as a stable code: `debian`, `fedora`, `macos`, `windows`, `firefox`, `curl`, `node`, `python`.
    id: &'static str,
    /// The same for people: `Debian, Ubuntu`.
    title: &'static str,
    /// The steps, in order.
    steps: Vec<TrustStep>,
}

/// One of the steps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrustStep {
    /// What to do, as a sentence.
    text: String,
    /// The command that does it; null where none does.
    #[schema(required)]
    command: Option<String>,
}

/// A certificate of one's own for the receiver.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaptureCertificateInput)]
pub(crate) struct CertificateInput {
    /// The certificate and those that lead to its authority, its own first, PEM.
    pub(crate) certificate_pem: String,
    /// Its private key, PEM, not encrypted; it can be written and never read.
    #[schema(value_type = String, format = Password)]
    pub(crate) key_pem: SecretText,
}

/// What is to be made anew.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaptureCertificateRenewal)]
pub(crate) struct CertificateRenewal {
    /// Whether the authority too: it then has to be trusted again. False unless given.
    #[serde(default)]
    pub(crate) authority: bool,
}

impl From<workbench::SeenCertificate> for Certificate {
    fn from(workbench::SeenCertificate { facts, standing, warnings }: workbench::SeenCertificate) -> Self {
        Self {
            subject: facts.subject,
            issuer: facts.issuer,
            names: facts.names,
            not_before: facts.not_before.into(),
            not_after: facts.not_after.into(),
            sha256: facts.sha256,
            standing: match standing {
                workbench::CertificateStanding::Valid => CertificateStanding::Valid,
                workbench::CertificateStanding::EndsSoon => CertificateStanding::EndsSoon,
                workbench::CertificateStanding::Expired => CertificateStanding::Expired,
                workbench::CertificateStanding::NotYet => CertificateStanding::NotYet,
            },
            warnings,
        }
    }
}

impl From<workbench::SeenCertificates> for Certificates {
    fn from(workbench::SeenCertificates { tls, made, own }: workbench::SeenCertificates) -> Self {
        let step = |workbench::TrustStep { text, command }| TrustStep { text, command };
        let steps = |workbench::TrustSteps { id, title, steps }| TrustSteps {
            id,
            title,
            steps: steps.into_iter().map(step).collect(),
        };
        Self {
            tls: tls.into(),
            made: made.map(|made| MadeCertificate {
                certificate: made.certificate.into(),
                authority: made.authority.into(),
                authority_pem: made.authority_pem,
                trust: made.trust.into_iter().map(steps).collect(),
            }),
            own: own.map(Into::into),
        }
    }
}

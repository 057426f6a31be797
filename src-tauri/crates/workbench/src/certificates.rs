//! The certificates that the receiver shows over TLS: one that Hookbench makes, and one that somebody gives.

mod trust;

use std::sync::Arc;

use hookbench_capture::{
    Identity, IdentityError, MadeAuthority, Permitted, make_authority, make_certificate, names_for,
};
use hookbench_delivery::send::{certificate_facts, permitted_by_certificate};
use hookbench_model::{CertificateRole, KeptCertificate, PeerCertificate, ReceiverTls, Timestamp};
use hookbench_signing::Secret;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::Workbench;
use crate::error::{Faults, Result, WorkbenchError};
use crate::reach::Shown;

pub use trust::{TrustStep, TrustSteps};

/// From when on before its end a certificate ends soon, and is made anew, in milliseconds: 30 days.
const SOON_MS: i64 = 30 * 24 * 3600 * 1000;
/// The longest text that is taken for certificates or a key, in bytes.
const LONGEST_PEM: usize = 256 << 10;
const CERTIFICATE: &str = "certificate_pem";
const KEY: &str = "key_pem";

/// How a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStanding {
    /// It holds.
    Valid,
    /// It holds for less than 30 days more.
    EndsSoon,
    /// It has ended.
    Expired,
    /// It does not hold yet.
    NotYet,
}

/// What a certificate says, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct SeenCertificate {
    /// What it says.
    pub facts: PeerCertificate,
    /// How it stands.
    pub standing: CertificateStanding,
    /// What senders would take offence at, each as a sentence.
    pub warnings: Vec<String>,
}

/// The certificate that Hookbench made.
#[derive(Clone, Debug)]
pub struct SeenMadeCertificate {
    /// What it says.
    pub certificate: SeenCertificate,
    /// The authority that signed it.
    pub authority: SeenCertificate,
    /// The authority's certificate, PEM.
    pub authority_pem: String,
    /// How to have the authority trusted.
    pub trust: Vec<TrustSteps>,
}

/// The receiver's certificates.
#[derive(Clone, Debug)]
pub struct SeenCertificates {
    /// Which is shown now.
    pub tls: ReceiverTls,
    /// The one that Hookbench made; `None` before it was asked for.
    pub made: Option<SeenMadeCertificate>,
    /// The one that was given; `None` where none was.
    pub own: Option<SeenCertificate>,
}

impl Workbench {
    /// The certificates that the receiver may show.
    pub async fn certificates(&self) -> Result<SeenCertificates> {
        let (kept, now) = (self.store().certificates(), self.reach().clock.now());
        let authority = kept.get(CertificateRole::Authority).await?;
        let made = kept.get(CertificateRole::Made).await?;
        let host = self.reach().now().machine.host;
        let made = match authority.zip(made) {
            Some((authority, made)) => Some(SeenMadeCertificate {
                certificate: seen_for(&host, &permitted(&authority.certificate_pem), seen(&made, now)?),
                authority: seen(&authority, now)?,
                authority_pem: authority.certificate_pem,
                trust: trust::steps(&self.tls_origin()),
            }),
            None => None,
        };
        let own = kept.get(CertificateRole::Own).await?;
        let own = own.map(|own| seen(&own, now)).transpose()?;
        Ok(SeenCertificates { tls: self.reach().now().tls, made, own })
    }

    /// The certificate of Hookbench's own authority, PEM.
    pub async fn authority_pem(&self) -> Result<String> {
        let kept = self.store().certificates().get(CertificateRole::Authority).await?;
        kept.map(|kept| kept.certificate_pem)
            .ok_or_else(|| WorkbenchError::not_found("authority", "of Hookbench's own yet"))
    }

    /// Takes a certificate of one's own. Where that is what is shown, it is from the next connection on.
    pub async fn give_certificate(
        &self,
        certificate_pem: String,
        key_pem: Secret,
    ) -> Result<SeenCertificates> {
        let checked = checked(&certificate_pem, &key_pem)?;
        let kept_at = self.reach().clock.now();
        let workbench = self.clone();
        self.to_the_end(async move {
            let _changing = workbench.changing_settings().lock().await;
            let kept = KeptCertificate { certificate_pem, key_pem, kept_at };
            workbench.store().certificates().put(vec![(CertificateRole::Own, kept)]).await?;
            if workbench.settings().reach.tls == ReceiverTls::Own {
                workbench.show(checked).await;
            }
            workbench.certificates().await
        })
        .await
    }

    /// Forgets the certificate of one's own; not while it is shown.
    pub async fn forget_certificate(&self) -> Result<SeenCertificates> {
        let workbench = self.clone();
        self.to_the_end(async move {
            let _changing = workbench.changing_settings().lock().await;
            if workbench.settings().reach.tls == ReceiverTls::Own {
                let message =
                    "This certificate is shown to senders: set `reach.tls` to `made` or `off` first.";
                return Err(WorkbenchError::wrong_state(message));
            }
            workbench.store().certificates().delete(CertificateRole::Own).await?;
            workbench.certificates().await
        })
        .await
    }

    /// Makes Hookbench's own certificate, or makes it anew; its authority too where that is asked for, or there is none.
    pub async fn renew_certificate(&self, authority: bool) -> Result<SeenCertificates> {
        let workbench = self.clone();
        self.to_the_end(async move {
            let _changing = workbench.changing_settings().lock().await;
            let made = workbench.make(authority).await?;
            if workbench.settings().reach.tls == ReceiverTls::Made {
                workbench.show(made).await;
            }
            workbench.certificates().await
        })
        .await
    }

    /// Makes the certificate anew that Hookbench made and shows, where it ends soon, or is not for what this machine is
    /// called by now. The settings must not change meanwhile.
    pub(crate) async fn renew_in_time(&self) -> Result<()> {
        let now = self.reach().now();
        if now.tls != ReceiverTls::Made {
            return Ok(());
        }
        let Some(made) = self.store().certificates().get(CertificateRole::Made).await? else { return Ok(()) };
        let seen = seen(&made, self.reach().clock.now())?;
        let authority = self.store().certificates().get(CertificateRole::Authority).await?;
        let permitted = authority.map(|authority| permitted(&authority.certificate_pem)).unwrap_or_default();
        let wanted = names_for(&now.machine.host, &permitted, &now.machine.addresses);
        let is_for_all = wanted.iter().all(|name| seen.facts.names.contains(name));
        if seen.standing == CertificateStanding::Valid && is_for_all {
            return Ok(());
        }
        tracing::info!(ends_at = %seen.facts.not_after, is_for_all, "the receiver's certificate is made anew");
        let made = self.make(false).await?;
        self.show(made).await;
        Ok(())
    }

    /// When the certificate is to be made anew that Hookbench made and shows; `None` where it shows none, or it cannot be
    /// read now.
    pub(crate) async fn renewal_due(&self) -> Option<Timestamp> {
        if self.reach().now().tls != ReceiverTls::Made {
            return None;
        }
        let made = self.store().certificates().get(CertificateRole::Made).await.ok()??;
        // The first moment at which it ends soon.
        facts(&made.certificate_pem).map(|facts| facts.not_after.plus_ms(1 - SOON_MS))
    }

    /// What is to be shown for that setting; made where there is none yet.
    pub(crate) async fn shown_for(&self, tls: ReceiverTls) -> Result<Shown> {
        match tls {
            ReceiverTls::Off => Ok(Shown::default()),
            ReceiverTls::Own => match self.store().certificates().get(CertificateRole::Own).await? {
                Some(own) => shown(tls, &own),
                None => Err(WorkbenchError::field(
                    "reach.tls",
                    "cannot be `own` before there is one: give it with `PUT /v1/capture/certificate` or \
                     `hookbench certificate use`",
                )),
            },
            ReceiverTls::Made => match self.store().certificates().get(CertificateRole::Made).await? {
                Some(made) => shown(tls, &made),
                None => self.make(false).await,
            },
        }
    }

    /// Makes a certificate for what this machine is called now, and keeps it, all or nothing of it.
    async fn make(&self, new_authority: bool) -> Result<Shown> {
        let kept = self.store().certificates();
        let (machine, now) = (self.reach().now().machine, self.reach().clock.now());
        let there = if new_authority { None } else { kept.get(CertificateRole::Authority).await? };
        let mut puts = Vec::new();
        let (key, permitted) = if let Some(authority) = there {
            (authority.key_pem, permitted(&authority.certificate_pem))
        } else {
            let MadeAuthority { certificate_pem, key_pem } =
                make_authority(&machine.host, &machine.addresses, now)?;
            let permitted = permitted(&certificate_pem);
            let authority = KeptCertificate { certificate_pem, key_pem: key_pem.clone(), kept_at: now };
            puts.push((CertificateRole::Authority, authority));
            (key_pem, permitted)
        };
        let made = make_certificate(&key, &permitted, &machine.host, &machine.addresses, now)?;
        let made =
            KeptCertificate { certificate_pem: made.certificate_pem, key_pem: made.key_pem, kept_at: now };
        let shown = shown(ReceiverTls::Made, &made)?;
        puts.push((CertificateRole::Made, made));
        kept.put(puts).await?;
        Ok(shown)
    }

    /// An origin that a sender reaches over TLS, as an example.
    fn tls_origin(&self) -> String {
        let origins = self.capture_origins();
        let over_tls = origins.iter().find(|origin| origin.starts_with("https://"));
        over_tls.cloned().unwrap_or_else(|| self.capture_origin().replacen("http://", "https://", 1))
    }
}

/// What is kept, ready to be shown.
fn shown(tls: ReceiverTls, kept: &KeptCertificate) -> Result<Shown> {
    let identity = Identity::new(&kept.certificate_pem, &kept.key_pem)?;
    let names = facts(&kept.certificate_pem).map(|facts| facts.names).unwrap_or_default();
    Ok(Shown { tls, identity: Some(Arc::new(identity)), names })
}

/// What somebody gives, if TLS can be spoken with it.
fn checked(certificate_pem: &str, key_pem: &Secret) -> Result<Shown> {
    let mut faults = Faults::default();
    for (field, length) in [(CERTIFICATE, certificate_pem.len()), (KEY, key_pem.expose().len())] {
        faults.unless(length <= LONGEST_PEM, field, || format!("may be at most {LONGEST_PEM} bytes long"));
    }
    faults.finish()?;
    let field = |error: &IdentityError| if error.is_of_key() { KEY } else { CERTIFICATE };
    let identity = Identity::new(certificate_pem, key_pem)
        .map_err(|error| WorkbenchError::field(field(&error), error.to_string()))?;
    let facts = facts(certificate_pem).ok_or_else(|| {
        WorkbenchError::field(CERTIFICATE, "holds something that cannot be read as a certificate")
    })?;
    Ok(Shown { tls: ReceiverTls::Own, identity: Some(Arc::new(identity)), names: facts.names })
}

fn facts(certificate_pem: &str) -> Option<PeerCertificate> {
    let der = CertificateDer::from_pem_slice(certificate_pem.as_bytes()).ok()?;
    certificate_facts(&der)
}

/// Warns where its authority may not sign for what the machine is called by now.
fn seen_for(host: &str, permitted: &Permitted, mut seen: SeenCertificate) -> SeenCertificate {
    let itself = Permitted { names: vec![host.to_owned()], ..Permitted::default() };
    // What is no DNS name never stands in a certificate.
    if !permitted.has_name(host) && names_for(host, &itself, &[]).iter().any(|name| name == host) {
        seen.warnings.push(format!(
            "It is not for `{host}`, as this machine is called now: its authority was made when it was called \
             otherwise. Make both anew to be reached by that name."
        ));
    }
    seen
}

/// What an authority may sign for.
fn permitted(authority_pem: &str) -> Permitted {
    let Ok(der) = CertificateDer::from_pem_slice(authority_pem.as_bytes()) else {
        return Permitted::default();
    };
    let (names, addresses) = permitted_by_certificate(&der);
    Permitted { names, addresses }
}

fn seen(kept: &KeptCertificate, now: Timestamp) -> Result<SeenCertificate> {
    let facts = facts(&kept.certificate_pem)
        .ok_or_else(|| WorkbenchError::wrong_state("A certificate that is kept cannot be read."))?;
    let left_ms = facts.not_after.unix_ms() - now.unix_ms();
    let standing = if facts.not_before > now {
        CertificateStanding::NotYet
    } else if left_ms <= 0 {
        CertificateStanding::Expired
    } else if left_ms < SOON_MS {
        CertificateStanding::EndsSoon
    } else {
        CertificateStanding::Valid
    };
    let mut warnings = Vec::new();
    match standing {
        CertificateStanding::Valid => {}
        CertificateStanding::EndsSoon => warnings.push("It ends within 30 days.".to_owned()),
        CertificateStanding::Expired => {
            warnings.push("It has ended: senders that look at certificates refuse it.".to_owned());
        }
        CertificateStanding::NotYet => {
            warnings.push("It does not hold yet: senders that look at certificates refuse it.".to_owned());
        }
    }
    if facts.names.is_empty() && !facts.subject.contains("Hookbench authority") {
        warnings.push("It names nobody whom it is for: senders that look for a name find none.".to_owned());
    }
    Ok(SeenCertificate { facts, standing, warnings })
}

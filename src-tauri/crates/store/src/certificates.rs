use futures::FutureExt as _;
use hookbench_model::{Action, CertificateRole, KeptCertificate, Noun, Timestamp};
use hookbench_signing::Secret;

use crate::{Result, Store};

/// The certificates that the receiver shows over TLS, with their keys.
#[derive(Clone, Debug)]
pub struct Certificates {
    pub(crate) store: Store,
}

/// The place that a key is sealed for.
fn place(role: CertificateRole) -> Vec<u8> {
    [b"capture certificate\0", role.as_str().as_bytes()].concat()
}

impl Certificates {
    /// The one of that role; `None` where there is none.
    pub async fn get(&self, role: CertificateRole) -> Result<Option<KeptCertificate>> {
        const ONE: &str =
            "SELECT certificate_pem, key_sealed, kept_at FROM capture_certificates WHERE role = ?";
        let found = sqlx::query_as(ONE).bind(role.as_str()).fetch_optional(self.store.readers()).await?;
        let Some((certificate_pem, sealed, kept_at)) = found else { return Ok(None) };
        let (certificate_pem, sealed, kept_at): (String, Vec<u8>, i64) = (certificate_pem, sealed, kept_at);
        let key = self.store.vault().open(&place(role), &sealed)?;
        Ok(Some(KeptCertificate {
            certificate_pem,
            key_pem: Secret::new(key.to_vec()),
            kept_at: Timestamp::from_unix_ms(kept_at),
        }))
    }

    /// Puts these in the place of those of their roles, all or none.
    pub async fn put(&self, certificates: Vec<(CertificateRole, KeptCertificate)>) -> Result<()> {
        const PUT: &str = "INSERT INTO capture_certificates (role, certificate_pem, key_sealed, kept_at) \
                           VALUES (?1, ?2, ?3, ?4) ON CONFLICT (role) DO UPDATE SET \
                           certificate_pem = ?2, key_sealed = ?3, kept_at = ?4";
        self.store
            .writer()
            .run(move |write| {
                async move {
                    for (role, kept) in certificates {
                        let sealed = write.vault.seal(&place(role), kept.key_pem.expose())?;
                        let put =
                            sqlx::query(PUT).bind(role.as_str()).bind(kept.certificate_pem).bind(sealed);
                        put.bind(kept.kept_at.unix_ms()).execute(write.connection().await?).await?;
                    }
                    write.changed(Noun::Settings, Action::Updated, "settings", None, None);
                    Ok(())
                }
                .boxed()
            })
            .await
    }

    /// Forgets the one of that role, if there is one.
    pub async fn delete(&self, role: CertificateRole) -> Result<()> {
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let delete =
                        sqlx::query("DELETE FROM capture_certificates WHERE role = ?").bind(role.as_str());
                    delete.execute(write.connection().await?).await?;
                    write.changed(Noun::Settings, Action::Updated, "settings", None, None);
                    Ok(())
                }
                .boxed()
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpenOptions;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    #[tokio::test]
    async fn certificates_are_kept_with_their_keys_encrypted_each_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
        let kept = |name: &str| KeptCertificate {
            certificate_pem: format!("certificate of {name}"),
            key_pem: Secret::new(format!("key of {name}")),
            kept_at: NOW,
        };
        let certificates = store.certificates();
        assert_eq!(certificates.get(CertificateRole::Own).await.unwrap(), None);
        let both = vec![(CertificateRole::Authority, kept("ca")), (CertificateRole::Made, kept("leaf"))];
        certificates.put(both).await.unwrap();
        certificates.put(vec![(CertificateRole::Made, kept("another leaf"))]).await.unwrap();
        assert_eq!(certificates.get(CertificateRole::Authority).await.unwrap(), Some(kept("ca")));
        assert_eq!(certificates.get(CertificateRole::Made).await.unwrap(), Some(kept("another leaf")));
        let swap = "UPDATE capture_certificates SET key_sealed = (SELECT key_sealed FROM capture_certificates \
                    WHERE role = 'authority') WHERE role = 'made'";
        store
            .writer()
            .run(move |write| {
                async move {
                    let sealed: Vec<Vec<u8>> =
                        sqlx::query_scalar("SELECT key_sealed FROM capture_certificates")
                            .fetch_all(write.connection().await?)
                            .await?;
                    assert!(sealed.iter().all(|sealed| !sealed.windows(6).any(|part| part == b"key of")));
                    sqlx::query(swap).execute(write.connection().await?).await?;
                    Ok(())
                }
                .boxed()
            })
            .await
            .unwrap();
        assert!(certificates.get(CertificateRole::Made).await.is_err(), "a key opens in its own place alone");
        certificates.delete(CertificateRole::Made).await.unwrap();
        assert_eq!(certificates.get(CertificateRole::Made).await.unwrap(), None);
    }
}

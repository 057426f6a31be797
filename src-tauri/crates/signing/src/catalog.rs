//! The schemes known by heart.

use crate::check::SchemeError;
use crate::scheme::Scheme;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Schemes by id, in the order they were written.
#[derive(Clone, Debug)]
pub struct SchemeCatalog {
    schemes: Vec<Scheme>,
    by_id: HashMap<String, usize>,
}

/// Why a catalogue could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file is not a list of schemes. The field is a path such as `[3].algorithm`.
    #[error("the catalogue is malformed at {field}: {problem}")]
    Malformed {
        /// Where.
        field: String,
        /// What.
        problem: String,
    },
    /// One scheme is unsound.
    #[error("scheme {id}: {source}")]
    Scheme {
        /// The scheme.
        id: String,
        /// Its fault.
        source: SchemeError,
    },
    /// Two schemes share an id.
    #[error("scheme {id} is there twice")]
    Twice {
        /// The shared id.
        id: String,
    },
}

static BUILTIN: LazyLock<SchemeCatalog> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the embedded file is read by this crate's tests")]
    SchemeCatalog::from_json(include_str!("../schemes.json")).expect("schemes.json is sound")
});

impl SchemeCatalog {
    /// The catalogue that Hookbench comes with.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads a catalogue: a JSON list of schemes, each in the form that [`Scheme::from_value`] reads.
    pub fn from_json(json: &str) -> Result<Self, CatalogError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let written: Vec<serde_json::Value> =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| CatalogError::Malformed {
                field: error.path().to_string(),
                problem: error.inner().to_string(),
            })?;
        let mut catalog = Self { schemes: Vec::with_capacity(written.len()), by_id: HashMap::new() };
        for (at, written) in written.into_iter().enumerate() {
            let named = written.get("id").and_then(serde_json::Value::as_str).map(ToOwned::to_owned);
            let id = named.unwrap_or_else(|| format!("[{at}]"));
            let scheme = Scheme::from_value(written)
                .map_err(|source| CatalogError::Scheme { id: id.clone(), source })?;
            if catalog.by_id.insert(id.clone(), catalog.schemes.len()).is_some() {
                return Err(CatalogError::Twice { id });
            }
            catalog.schemes.push(scheme);
        }
        Ok(catalog)
    }

    /// The scheme of that id.
    pub fn get(&self, id: &str) -> Option<&Scheme> {
        self.by_id.get(id).map(|&at| &self.schemes[at])
    }

    /// All schemes in their written order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Scheme> {
        self.schemes.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_catalogue_is_sound_and_whole() {
        assert_eq!(SchemeCatalog::builtin().iter().len(), 59);
        for id in ["standardwebhooks", "sent", "contactsmanager", "politicalcomms", "pulsewave", "smsportal"]
        {
            assert_eq!(SchemeCatalog::builtin().get(id).map(Scheme::id), Some(id));
        }
        assert!(SchemeCatalog::builtin().get("nobody").is_none());
    }

    #[test]
    fn faults_are_named() {
        let twice = r#"{"id":"a","name":"A","signature_header":"X","signature_format":"{sig}","content":"{body}",
            "algorithm":"hmac-sha256","encoding":"hex","secret":"raw"}"#;
        let error = SchemeCatalog::from_json(&format!("[{twice},{twice}]")).unwrap_err();
        assert_eq!(error.to_string(), "scheme a is there twice");
        let error = SchemeCatalog::from_json(&format!("[{}]", twice.replace("hex", "octal"))).unwrap_err();
        assert!(error.to_string().starts_with("scheme a: encoding"), "{error}");
        let error =
            SchemeCatalog::from_json(&format!("[{}]", twice.replace("{body}", "{boddy}"))).unwrap_err();
        assert!(error.to_string().starts_with("scheme a: content"), "{error}");
    }
}

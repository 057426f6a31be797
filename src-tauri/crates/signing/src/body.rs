//! Bodies that a scheme reads or writes into.

/// Why a scheme cannot use a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// It is not JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// A field that the scheme needs is not there. Fields are named as JSON pointers.
    #[error("the body has no field {field}")]
    Missing {
        /// The field.
        field: String,
    },
    /// A field is there and of another kind.
    #[error("{field} in the body is not {wanted}")]
    WrongKind {
        /// The field.
        field: String,
        /// What it should be.
        wanted: &'static str,
    },
}

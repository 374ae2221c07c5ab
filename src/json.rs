//! JSON objects from outside.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use thiserror::Error;

/// Why a text is not the object that is expected.
#[derive(Debug, Error)]
pub(crate) enum ObjectError {
    /// It is JSON, but no object.
    #[error("it is not a JSON object, {{…}} with a name for each value")]
    NotAnObject,
    /// It is not JSON, or says something else.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Reads an object. The derived readers would take an array of the fields' values as well.
pub(crate) fn object<T: DeserializeOwned>(text: &[u8]) -> Result<T, ObjectError> {
    match serde_json::from_slice(text) {
        Err(error) if error.classify() != Category::Data => Err(error.into()),
        _ if !text.trim_ascii_start().starts_with(b"{") => Err(ObjectError::NotAnObject),
        read => Ok(read?),
    }
}

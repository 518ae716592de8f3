//! What a request says in its address; what cannot be read is told like every other wrong input.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::Error;

/// The parameters after the question mark.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Error> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        query.map(|axum::extract::Query(query)| Query(query)).map_err(|wrong: QueryRejection| {
            // It says `Failed to deserialize query string: limit: invalid digit …`: the field is named there.
            let told = wrong.body_text();
            let told = told.trim_start_matches("Failed to deserialize query string: ");
            match told.split_once(": ") {
                Some((field, problem)) if !field.contains(' ') => Error::field(field, problem),
                _ => Error::wrong_input(told),
            }
        })
    }
}

/// What stands in the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Error> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(_) => {
                let named = RawPathParams::from_request_parts(parts, state).await;
                let said: Vec<String> = named.iter().flatten().map(|(key, value)| format!("{key} `{value}`")).collect();
                Err(Error::not_found(&format!("there is no such thing: {}", said.join(", "))))
            }
        }
    }
}

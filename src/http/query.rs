//! The query of a request, read strictly: an unknown key, a repeated one or a bad value is 400 and says what would be
//! right.

use std::fmt::Display;
use std::str::{FromStr, Utf8Error};

use rocket::http::{RawStr, Status};
use rocket::request::{FromRequest, Outcome, Request};

use super::ApiError;
use crate::text::shown;

/// The fields of a query that nobody has taken yet.
#[derive(Debug, Default)]
pub(super) struct Query {
    fields: Vec<(String, String)>,
    known: Vec<&'static str>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Query {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::of(request) {
            Ok(query) => Outcome::Success(query),
            Err(error) => error.fail(request),
        }
    }
}

impl Query {
    /// All fields of the request's query.
    ///
    /// # Errors
    /// 400 for what is not UTF-8 behind its percent signs.
    pub(super) fn of(request: &Request<'_>) -> Result<Self, ApiError> {
        request.uri().query().map_or_else(|| Ok(Self::default()), |query| Self::parse(query.as_str()))
    }

    /// The fields of a query as it stands behind the `?` of an address.
    ///
    /// # Errors
    /// 400 for what is not UTF-8 behind its percent signs.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let field = |field: &RawStr| {
            let (name, value) = field.split_at_byte(b'=');
            Ok((name.url_decode()?.into_owned(), value.url_decode()?.into_owned()))
        };
        let fields = RawStr::new(text).split('&').filter(|part| !part.is_empty()).map(field);
        let fields = fields
            .collect::<Result<_, Utf8Error>>()
            .map_err(|_not_utf8| invalid("the query is not UTF-8".to_owned()))?;
        Ok(Self { fields, known: Vec::new() })
    }

    /// The value of `key`, if it was given.
    ///
    /// # Errors
    /// 400 for a value that `T` does not read, or a key that comes twice.
    pub(super) fn take<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Result<Option<T>, ApiError> {
        self.known.push(key);
        let Some(index) = self.fields.iter().position(|(name, _)| name == key) else {
            return Ok(None);
        };
        let (_, value) = self.fields.swap_remove(index);
        if self.fields.iter().any(|(name, _)| name == key) {
            return Err(invalid(format!("query key `{key}` comes more than once")));
        }
        read(key, &value).map(Some)
    }

    /// The values of `key`, in the order in which they were given; it may come more than once.
    ///
    /// # Errors
    /// 400 for a value that `T` does not read.
    pub(super) fn take_all<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Result<Vec<T>, ApiError> {
        self.known.push(key);
        let (of_key, rest) = std::mem::take(&mut self.fields).into_iter().partition(|(name, _)| name == key);
        self.fields = rest;
        let values: Vec<(String, String)> = of_key;
        values.iter().map(|(_, value)| read(key, value)).collect()
    }

    /// Everything was taken.
    ///
    /// # Errors
    /// 400 for a key that nobody knows.
    pub(super) fn end(self) -> Result<(), ApiError> {
        let Some((name, _)) = self.fields.first() else {
            return Ok(());
        };
        let known = if self.known.is_empty() { "none".to_owned() } else { self.known.join(", ") };
        let message = format!("unknown query key `{}`; known here: {known}", shown(name));
        Err(ApiError::new(Status::BadRequest, "query_unknown", message))
    }
}

fn read<T: FromStr<Err: Display>>(key: &str, value: &str) -> Result<T, ApiError> {
    value.parse().map_err(|wrong: T::Err| invalid(format!("{key}={}: {wrong}", shown(value))))
}

fn invalid(message: String) -> ApiError {
    ApiError::new(Status::BadRequest, "query_invalid", message)
}

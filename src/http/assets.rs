//! The web page's files, embedded into the binary, with headers that keep the page to this server.

use std::borrow::Cow;
use std::path::Path;

use rocket::http::{ContentType, Header, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use rust_embed::RustEmbed;

use super::ApiError;

/// Nothing is loaded from elsewhere, nothing is sent elsewhere, no other page frames this one.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                      worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
                      object-src 'none'";

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Files;

/// One file of the page.
pub(super) struct Asset {
    bytes: Cow<'static, [u8]>,
    content_type: ContentType,
    immutable: bool,
}

impl Asset {
    /// The page itself.
    ///
    /// # Errors
    /// 503 when the binary was built without it.
    pub(super) fn page() -> Result<Self, ApiError> {
        Self::find("index.html").ok_or_else(|| {
            let message = "this binary was built without the web page: `make web`, then build again";
            ApiError::new(Status::ServiceUnavailable, "page_not_built", message)
        })
    }

    /// A file beside the page. Names under `assets/` hold a hash of their content.
    pub(super) fn find(path: &str) -> Option<Self> {
        let file = Files::get(path)?;
        let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let content_type = ContentType::from_extension(extension).unwrap_or(ContentType::Binary);
        Some(Self { bytes: file.data, content_type, immutable: path.starts_with("assets/") })
    }
}

impl<'r> Responder<'r, 'static> for Asset {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let cache = if self.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
        Response::build()
            .header(self.content_type)
            .header(Header::new("Cache-Control", cache))
            .header(Header::new("Content-Security-Policy", POLICY))
            .header(Header::new("Referrer-Policy", "no-referrer"))
            .sized_body(self.bytes.len(), std::io::Cursor::new(self.bytes))
            .ok()
    }
}

//! The OpenAPI 3.1 document, generated from the routes and types themselves.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::error::ErrorBody;
use super::routes::{auth, devices, doc, health, source, stream, version};

/// The wire types of the signal crate, described.
pub(super) mod wire {
    use utoipa::ToSchema;

    /// A run of consecutive samples.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "describes photophone_signal::wire::FrameJson; a test compares the two")]
    pub(crate) struct Frame {
        /// Samples per second and channel.
        sample_rate: u32,
        /// Unix time of the first sample in milliseconds.
        timestamp: u64,
        /// +1 per frame of the epoch.
        frame_number: u64,
        /// Duration at the nominal rate in milliseconds.
        duration_ms: f64,
        /// UUID of the epoch in which the indices count.
        epoch: String,
        /// Index of the first sample since the epoch began.
        first_sample: u64,
        /// UTC of the first sample in microseconds since the Unix epoch.
        captured_us: u64,
        /// Samples of channel A, ±1.0 = full scale.
        channel_a: Vec<f32>,
        /// Samples of channel B; empty for a mono source.
        channel_b: Vec<f32>,
        /// What happened to the samples: `clipped`, `nonfinite`, `after_gap`.
        flags: Vec<String>,
    }

    /// A one-sided spectrum: bin k stands at `frequencies[k]`.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "describes photophone_signal::wire::SpectrumJson; a test compares the two")]
    pub(crate) struct Spectrum {
        /// Samples per second and channel.
        sample_rate: u32,
        /// Unix time of the window's first sample in milliseconds.
        timestamp: u64,
        /// Number of the frame that holds the window's last sample.
        frame_number: u64,
        /// Duration of the window in milliseconds.
        duration_ms: f64,
        /// UUID of the epoch in which the indices count.
        epoch: String,
        /// Index of the window's first sample.
        first_sample: u64,
        /// UTC of the window's first sample in microseconds since the Unix epoch.
        captured_us: u64,
        /// Samples in the window.
        size: usize,
        /// Window function.
        window: String,
        /// Unit of the magnitudes: `fs`, linear amplitude as a fraction of full scale.
        unit: String,
        /// Equivalent noise bandwidth of the window in Hz.
        enbw_hz: f64,
        /// Frequency of each bin in Hz.
        frequencies: Vec<f32>,
        /// Amplitude of channel A.
        magnitude_a: Vec<f32>,
        /// Amplitude of channel B; empty for a mono source.
        magnitude_b: Vec<f32>,
        /// Phase of channel A in radians, referred to the window's first sample.
        phase_a: Option<Vec<f32>>,
        /// Phase of channel B; null for a mono source.
        phase_b: Option<Vec<f32>>,
    }
}

/// Answers that every guarded route may give.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes what the guards answer")]
pub(super) enum Refusals {
    /// A query key is unknown or its value is out of range.
    #[response(status = 400)]
    BadQuery(ErrorBody),
    /// There is no valid token.
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// The token does not permit this, or a foreign page used the session.
    #[response(status = 403)]
    Forbidden(ErrorBody),
}

/// The answer of a route that needs no token to a query, which it does not take.
#[derive(IntoResponses)]
#[response(status = 400, description = "A query key is unknown.")]
#[expect(dead_code, reason = "describes what the guard answers")]
pub(super) struct QueryRefused(ErrorBody);

#[derive(OpenApi)]
#[openapi(
    info(title = "photophone", description = "Live audio frames and spectra, every sample accounted for. Errors have \
        the one shape of ErrorBody."),
    modifiers(&Security),
    paths(
        stream::stats, stream::latest, stream::audio, stream::spectral,
        source::source, devices::devices,
        auth::methods, auth::login, auth::code, auth::session, auth::adopt, auth::logout,
        health::health, version::version, doc::openapi, doc::page,
    ),
    components(schemas(ErrorBody))
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description("photophone_<port>", "made by login");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

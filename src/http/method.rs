//! The method of a request is the one that was sent.

use rocket::Data;
use rocket::fairing::{Fairing, Info, Kind};
use rocket::form::Form;
use rocket::http::Method;
use rocket::request::Request;

/// Undoes what Rocket makes of a form whose first field is `_method`: it takes the field's value for the method, so that
/// a form on any page could send what only a script can. No route here takes forms.
pub(super) struct AsSent;

/// What Rocket looks at.
const LOOK_BYTES: usize = "_method=delete".len();

#[rocket::async_trait]
impl Fairing for AsSent {
    fn info(&self) -> Info {
        Info { name: "method as sent", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        let is_form = request.content_type().is_some_and(|content_type| content_type.is_form());
        if is_form && is_override(data.peek(LOOK_BYTES).await) {
            request.set_method(Method::Post);
        }
    }
}

/// Whether Rocket takes its method from a form that begins so.
fn is_override(form: &[u8]) -> bool {
    let Ok(form) = std::str::from_utf8(form) else { return false };
    Form::values(form).next().is_some_and(|field| field.name == "_method")
}

//! The method of a request is the one that was sent.

use rocket::Data;
use rocket::fairing::{Fairing, Info, Kind};
use rocket::form::Form;
use rocket::http::Method;
use rocket::request::Request;

/// Undoes what Rocket makes of a form that is posted and whose first field is `_method`: it takes the field's value for
/// the method, so that a form on any page could send what only a script can. No route here takes forms.
///
/// What was sent is not kept. A request whose own method is the one that its form names, such as DELETE with
/// `_method=delete`, looks the same as a post that Rocket changed, and counts as POST too.
pub(super) struct AsSent;

/// Whether a request asks for a head alone. Rocket routes such a one as GET.
struct IsHead(bool);

/// Whether the answer to `request` has no body.
pub(super) fn is_head(request: &Request<'_>) -> bool {
    request.local_cache(|| IsHead(false)).0
}

/// What Rocket looks at.
const LOOK_BYTES: usize = "_method=delete".len();

#[rocket::async_trait]
impl Fairing for AsSent {
    fn info(&self) -> Info {
        Info { name: "method as sent", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        let is_head = request.method() == Method::Head;
        request.local_cache(|| IsHead(is_head));
        let is_form = request.content_type().is_some_and(|content_type| content_type.is_form());
        if is_form && named_method(data.peek(LOOK_BYTES).await) == Some(request.method()) {
            request.set_method(Method::Post);
        }
    }
}

/// The method that Rocket takes from a form that begins so.
fn named_method(form: &[u8]) -> Option<Method> {
    let field = Form::values(std::str::from_utf8(form).ok()?).next()?;
    if field.name == "_method" { field.value.parse().ok() } else { None }
}

//! Pages: the path of an address, and how often one is there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RealtimeEvent;

/// The event by which a page says that it is viewed.
const PAGE_VIEW: &str = "$pageview";

/// How often a page is there: users on it, or views of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCount {
    /// The page's path.
    pub path: String,
    /// How often.
    pub count: u64,
}

/// The path of an address or of a path: without scheme and authority (when it has an authority), query and fragment
/// (RFC 3986, appendix B). `/` when there is none.
pub fn page_path(address: &str) -> &str {
    let whole = address.find(['?', '#']).map_or(address, |end| &address[..end]);
    let Some(authority) = whole.find("//").filter(|&at| is_scheme(&whole[..at])) else {
        return if whole.is_empty() { "/" } else { whole };
    };
    let rest = &whole[authority + 2..];
    rest.find('/').map_or("/", |path| &rest[path..])
}

/// The address that a page view tells: `$current_url`, or else `path`. None of other events, and of a view that has neither
/// as text.
pub fn viewed_address(event: &RealtimeEvent) -> Option<&str> {
    let text = |name| event.properties.get(name).and_then(Value::as_str);
    text("$current_url").or_else(|| text("path")).filter(|_| event.event == PAGE_VIEW)
}

/// Whether this is a scheme with its colon, or nothing: what may stand before an authority.
fn is_scheme(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_inner);
    text.is_empty() || text.strip_suffix(':').is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::events::test_events::event_with;

    #[test]
    fn a_page_view_tells_its_address_or_else_its_path() {
        for (name, properties, address) in [
            ("$pageview", json!({ "$current_url": "http://lab/a", "path": "/b" }), Some("http://lab/a")),
            ("$pageview", json!({ "path": "/b" }), Some("/b")),
            ("$pageview", json!({ "$current_url": 3, "path": "/b" }), Some("/b")),
            ("$pageview", json!({ "path": null }), None),
            ("$click", json!({ "$current_url": "http://lab/a" }), None),
        ] {
            assert_eq!(viewed_address(&event_with(name, properties)), address);
        }
    }

    #[test]
    fn a_path_is_what_stands_between_the_host_and_the_query() {
        for (address, path) in [
            ("https://lab.example:8000/live?tab=2#top", "/live"),
            ("http://lab/", "/"),
            ("http://lab", "/"),
            ("http://lab?x=/y", "/"),
            ("http://lab#/y", "/"),
            ("//lab/live", "/live"),
            ("/live?next=http://lab/other", "/live"),
            ("/live#a?b", "/live"),
            ("/to/http://lab/other", "/to/http://lab/other"),
            ("/a//b", "/a//b"),
            ("live", "live"),
            ("", "/"),
            ("?q", "/"),
            ("http://user@[::1]:80/µ/%20", "/µ/%20"),
            ("1http://lab/x", "1http://lab/x"),
            ("photophone+app://lab/x", "/x"),
        ] {
            assert_eq!(page_path(address), path, "{address}");
        }
    }
}

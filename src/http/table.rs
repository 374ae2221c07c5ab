//! Which methods a path takes, read from the mounted routes: Rocket answers 404 where HTTP wants 405.

use rocket::{Orbit, Rocket, Route};

/// Methods of the routes that match `path`, HEAD beside GET; empty for an unknown path.
pub(super) fn methods_of(rocket: &Rocket<Orbit>, path: &str) -> Vec<&'static str> {
    let mut methods: Vec<&'static str> = Vec::new();
    for route in rocket.routes().filter(|route| matches(route.uri.path(), path) && !is_catch_all(route)) {
        let of_route = if route.method.as_str() == "GET" { vec!["GET", "HEAD"] } else { vec![route.method.as_str()] };
        methods.extend(of_route.iter().filter(|&method| !methods.contains(method)).copied().collect::<Vec<_>>());
    }
    methods.sort_unstable();
    methods
}

/// The CORS preflight and the page's files match every path and say nothing about it.
fn is_catch_all(route: &Route) -> bool {
    let path = route.uri.path();
    path.starts_with("/<") && path.ends_with("..>")
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.split('/').filter(|segment| !segment.is_empty());
    let mut given = path.split('/').filter(|segment| !segment.is_empty());
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), _) if wanted.ends_with("..>") => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('<') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_by_segment() {
        assert!(matches("/api/health", "/api/health"));
        assert!(matches("/", "/"));
        assert!(matches("/assets/<file..>", "/assets/a/b.js"));
        assert!(matches("/users/<name>", "/users/x"));
        assert!(!matches("/api/health", "/api/healthy"));
        assert!(!matches("/users/<name>", "/users"));
        assert!(!matches("/api", "/api/health"));
    }
}

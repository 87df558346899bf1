//! The page for browsers, `GET /`.

use crate::script::{Reply, Request};

/// The page runs its own code alone, and asks this server alone.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Without a build step, and without anything from elsewhere.
const HTML: &str = include_str!("page.html");

/// The reply to `GET /`.
pub(super) fn reply() -> Reply {
    Reply::status(200)
        .header("Content-Type", "text/html; charset=utf-8")
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cache-Control", "no-store")
        .body(HTML)
}

/// Whether a browser asks for the page, or for the icon that it wants of each server. It is no request to the API, although
/// the page may not exist here.
pub(crate) fn is_asked(request: &Request) -> bool {
    matches!(request.method.as_str(), "GET" | "HEAD") && matches!(request.path(), "/" | "/favicon.ico")
}

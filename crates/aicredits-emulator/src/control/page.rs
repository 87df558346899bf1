//! The page for browsers, `GET /`.

use crate::script::Reply;

/// Forbids a browser to load anything from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "<!DOCTYPE html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>AI credits emulator</title>
<h1>AI credits emulator</h1>
<ul>
<li><a href=\"/_emulator/state\">state</a></li>
<li><a href=\"/_emulator/journal\">journal</a></li>
<li><a href=\"/_emulator/verdict\">verdict</a></li>
<li><a href=\"/_emulator/openapi.json\">openapi.json</a></li>
</ul>
</html>
";

/// The reply to `GET /`.
pub(super) fn reply() -> Reply {
    Reply::status(200)
        .header("Content-Type", "text/html; charset=utf-8")
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", "no-store")
        .body(HTML)
}

//! The dashboard: what `npm run build` made of `web/`, built into the program.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../../web/dist"]
struct Built;

/// Everything from this hub, nothing from elsewhere, no script or style in the page itself.
const POLICY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The first part of every address that the dashboard draws; `web/src/routes.tsx` has the same.
const PAGES: [&str; 12] =
    ["", "wall", "sites", "pools", "jobs", "submit", "tenants", "statements", "plan", "replay", "report", "signin"];

/// Whether an address is one of the dashboard's pages.
pub(crate) fn is_page(path: &str) -> bool {
    PAGES.contains(&path.trim_start_matches('/').split('/').next().unwrap_or_default())
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hex: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).expect("hex is plain ASCII")
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    }
}

/// A file of the dashboard. What lies below `assets/` has its content's hash in its name and never changes.
fn file(name: &str, asked: &HeaderMap) -> Option<Response> {
    let file = Built::get(name)?;
    let tag = etag(&file);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    let known = asked.get(header::IF_NONE_MATCH) == Some(&tag);
    headers.insert(header::ETAG, tag);
    if known {
        return Some((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Some((headers, Body::from(file.data)).into_response())
}

/// A page or a file of the dashboard, for any address that is no route of the API; `None` where there is none.
pub(crate) fn find(request: &Request) -> Option<Response> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return None;
    }
    let path = request.uri().path();
    let name = if is_page(path) { "index.html" } else { path.trim_start_matches('/') };
    let reads = || request.headers().get(header::ACCEPT).is_some_and(|kinds| kinds.to_str().unwrap_or("").contains("text/html"));
    match file(name, request.headers()) {
        // Whoever reads in a browser is told in the dashboard that there is nothing, with a way on.
        None if reads() && !path.starts_with("/v1/") => {
            let mut page = file("index.html", &HeaderMap::new())?;
            *page.status_mut() = StatusCode::NOT_FOUND;
            Some(page)
        }
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_that_the_dashboard_draws_is_served_and_nothing_else_is_a_page() {
        let routes = include_str!("../../../web/src/routes.tsx");
        let drawn = routes.lines().filter_map(|line| line.split("path: '").nth(1)?.split('\'').next());
        let drawn: Vec<&str> = drawn.collect();
        assert!(drawn.len() >= 12, "{drawn:?}");
        for path in drawn.iter().filter(|path| **path != "/specimen") {
            assert!(is_page(path), "{path} is drawn and not served");
        }
        for other in ["/v1/hub", "/openapi.json", "/metrics", "/assets/x.js", "/favicon.ico"] {
            assert!(!is_page(other), "{other}");
        }
    }
}

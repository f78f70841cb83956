//! What answers get beside their content: compression, tags, CORS, limits,
//! security headers, request ids, lines in the log; and who may open the stream.

use std::{fs, io::Read};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use reqwest::{Method, Response};
use serde_json::Value;
use tickwise_protocol::{Problem, rest::Bars};
use tickwise_tests::{Server, http, send, until};

/// So slow that no quote comes while a test runs.
const STILL: (&str, &str) = ("REPLAY_SPEED", "0.001");

/// Fast enough that every request finds new quotes.
const FAST: (&str, &str) = ("REPLAY_SPEED", "300");

const CSV: &str = "/api/v1/stocks/IBM/bars?format=csv&to=2012-09-01&limit=300";

type Given<'a> = (&'a str, &'a str);

async fn ask(server: &Server, method: Method, path: &str, headers: &[Given<'_>]) -> Result<Response> {
    let mut request = http().request(method, server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn get(server: &Server, path: &str, headers: &[Given<'_>]) -> Result<Response> {
    ask(server, Method::GET, path, headers).await
}

/// All values of a header.
fn header(response: &Response, name: &str) -> String {
    let values = response.headers().get_all(name).iter().map(|value| value.to_str().unwrap());
    values.collect::<Vec<_>>().join(", ")
}

fn varies_by(response: &Response, name: &str) -> bool {
    header(response, "vary").split(',').any(|value| value.trim().eq_ignore_ascii_case(name))
}

/// The problem that an answer is.
async fn problem(response: Response) -> Result<Problem> {
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    assert_eq!(header(&response, "cache-control"), "no-store");
    Ok(response.json().await?)
}

#[tokio::test]
async fn long_answers_are_compressed_once_where_gzip_is_accepted() -> Result<()> {
    let server = Server::start(&[STILL]).await?;
    let bars = "/api/v1/stocks/IBM/bars?to=2012-09-01&limit=300";
    for path in [bars, CSV, &format!("{bars}&format=arrow"), "/api/v1/openapi.json"] {
        let plain = get(&server, path, &[]).await?;
        assert_eq!(header(&plain, "content-encoding"), "", "{path}");
        let (tag, kind) = (header(&plain, "etag"), header(&plain, "content-type"));
        // Only of CSV a tag vouches for every byte, and then not for those that gzip makes.
        assert!(
            varies_by(&plain, "accept-encoding") && tag.starts_with("W/") == (path != CSV),
            "{path}: {tag}"
        );
        let weak = if path == CSV { format!("W/{tag}") } else { tag.clone() };
        let whole = plain.bytes().await?;
        for accepted in ["gzip", "gzip, deflate, br, zstd", "br;q=0.5, gzip;q=0.8"] {
            let packed = get(&server, path, &[("accept-encoding", accepted)]).await?;
            assert_eq!(header(&packed, "content-encoding"), "gzip", "{path}: {accepted}");
            assert_eq!(
                (header(&packed, "etag"), header(&packed, "content-type")),
                (weak.clone(), kind.clone())
            );
            assert!(varies_by(&packed, "accept-encoding"), "{path}");
            let bytes = packed.bytes().await?;
            let mut unpacked = Vec::new();
            GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked)?;
            assert!(unpacked == whole, "{path}: {accepted}");
            assert!(2 * bytes.len() < whole.len(), "{path}: {} of {} bytes", bytes.len(), whole.len());
        }
        let known = [("if-none-match", tag.as_str()), ("accept-encoding", "gzip")];
        let same = get(&server, path, &known).await?;
        assert_eq!((same.status().as_u16(), header(&same, "etag")), (304, tag.clone()), "{path}");
        assert!(same.bytes().await?.is_empty(), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_short_or_not_to_be_compressed_is_sent_as_it_is() -> Result<()> {
    let server = Server::start(&[STILL]).await?;
    for accepted in ["identity", "gzip;q=0", "deflate"] {
        let plain = get(&server, CSV, &[("accept-encoding", accepted)]).await?;
        assert_eq!(header(&plain, "content-encoding"), "", "{accepted}");
        assert!(plain.text().await?.starts_with("time_ms,open,"), "{accepted}");
    }
    let short = "/api/v1/stocks/IBM/bars?format=csv&to=2012-09-01&limit=3";
    for (path, beginning) in [(short, "time_ms,open,"), ("/api/v1/stocks/NOPE/bars", "{\"type\":")] {
        let plain = get(&server, path, &[("accept-encoding", "gzip")]).await?;
        assert_eq!(header(&plain, "content-encoding"), "", "{path}");
        assert!(plain.text().await?.starts_with(beginning), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_tag_spares_the_body_until_the_answer_changes() -> Result<()> {
    let mut server = Server::start(&[STILL]).await?;
    // Of days, the last of which forms.
    let forming = "/api/v1/stocks/IBM/bars?limit=3";
    let past = "/api/v1/stocks/IBM/bars?to=2012-09-01&limit=3";
    let paths = [
        forming,
        CSV,
        "/api/v1/stocks/IBM/bars?interval=1m&limit=3",
        "/api/v1/openapi.json",
        "/api/v1/models",
    ];
    let mut tags = Vec::new();
    for path in paths {
        let first = get(&server, path, &[]).await?;
        let tag = header(&first, "etag");
        for known in [tag.clone(), tag.trim_start_matches("W/").to_owned(), format!("\"other\", {tag}")] {
            let same = get(&server, path, &[("if-none-match", &known)]).await?;
            assert_eq!(
                (same.status().as_u16(), header(&same, "etag")),
                (304, tag.clone()),
                "{path}: {known}"
            );
            for name in ["cache-control", "vary", "x-request-id"] {
                assert_ne!(header(&same, name), "", "{path}: {name}");
            }
            assert!(same.bytes().await?.is_empty(), "{path}");
        }
        let other = get(&server, path, &[("if-none-match", "\"other\"")]).await?;
        assert_eq!(other.status(), 200, "{path}");
        tags.push(tag);
    }

    server.restart_with(&[FAST]).await?;
    let before: Bars = server.get(past).await?;
    let changed = until("another quote", || async {
        let known = [("if-none-match", tags[0].as_str())];
        get(&server, forming, &known).await.ok().filter(|answer| answer.status() == 200)
    });
    let after: Bars = changed.await?.json().await?;
    assert!(before.bars.contains(&after.bars[0]), "what has closed stays");
    let forming = until("another bar", || async {
        let known = [("if-none-match", tags[2].as_str())];
        get(&server, paths[2], &known).await.ok().filter(|answer| answer.status() == 200)
    });
    assert!(!forming.await?.bytes().await?.is_empty());
    // Tables show no quote.
    assert_eq!(get(&server, CSV, &[("if-none-match", &tags[1])]).await?.status(), 304);
    Ok(())
}

#[tokio::test]
async fn pages_of_listed_origins_may_read_answers() -> Result<()> {
    let server = Server::start(&[("CORS_ORIGINS", "https://a.example, https://b.example/")]).await?;
    let path = "/api/v1/indicators";
    for (origin, allowed) in [
        ("https://a.example", true),
        ("https://b.example", true),
        ("https://c.example", false),
        ("null", false),
    ] {
        let answer = get(&server, path, &[("origin", origin)]).await?;
        let expected = if allowed { origin } else { "" };
        assert_eq!(header(&answer, "access-control-allow-origin"), expected, "{origin}");
        let policy = if allowed { "cross-origin" } else { "same-origin" };
        assert_eq!(header(&answer, "cross-origin-resource-policy"), policy, "{origin}");
        assert_eq!(header(&answer, "access-control-expose-headers").contains("etag"), allowed, "{origin}");
        assert!(varies_by(&answer, "origin"), "{origin}");

        let asks = [("origin", origin), ("access-control-request-method", "GET")];
        let preflight = ask(&server, Method::OPTIONS, path, &asks).await?;
        assert_eq!(preflight.status(), 204);
        assert_eq!(header(&preflight, "access-control-allow-origin"), expected, "{origin}");
        assert_eq!(header(&preflight, "access-control-allow-methods"), "GET, HEAD, OPTIONS");
        assert!(header(&preflight, "access-control-allow-headers").contains("x-alert-token"));
    }
    // A refusal can be read too.
    let refused = get(&server, "/api/v1/nope", &[("origin", "https://a.example")]).await?;
    assert_eq!(header(&refused, "access-control-allow-origin"), "https://a.example");
    assert_eq!(problem(refused).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn by_default_no_other_origin_may_and_a_star_is_all() -> Result<()> {
    for (setting, expected) in [("", ""), ("*", "*")] {
        let server = Server::start(&[("CORS_ORIGINS", setting)]).await?;
        let answer = get(&server, "/api/v1/indicators", &[("origin", "https://a.example")]).await?;
        assert_eq!(header(&answer, "access-control-allow-origin"), expected);
        let opened = upgrade(&server, &[("origin", "https://a.example")]).await?;
        assert_eq!(opened.status(), if setting == "*" { 101 } else { 403 });
    }
    Ok(())
}

/// Asks for a WebSocket.
async fn upgrade(server: &Server, headers: &[Given<'_>]) -> Result<Response> {
    let mut all = vec![
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    all.extend(headers);
    get(server, "/api/v1/stream", &all).await
}

#[tokio::test]
async fn the_stream_is_for_programs_own_pages_and_listed_origins() -> Result<()> {
    let server = Server::start(&[("CORS_ORIGINS", "https://a.example")]).await?;
    let own = server.url("");
    let host = own.replace("http://127.0.0.1", "localhost");
    let by_name = format!("http://{host}");
    for headers in [
        vec![],
        vec![("origin", own.as_str())],
        vec![("origin", by_name.as_str()), ("host", host.as_str())],
        vec![("origin", "https://a.example")],
    ] {
        assert_eq!(upgrade(&server, &headers).await?.status(), 101, "{headers:?}");
    }
    for origin in ["https://b.example", "https://a.example.evil", "http://127.0.0.1:1", "null"] {
        let refused = upgrade(&server, &[("origin", origin)]).await?;
        assert_eq!(refused.status(), 403, "{origin}");
        let problem = problem(refused).await?;
        assert_eq!((problem.status, problem.kind.as_str()), (403, "/docs/problems#foreign-origin"));
        assert!(problem.request_id.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits() -> Result<()> {
    const PER_MINUTE: usize = 30;
    let server = Server::start(&[("RATE_LIMIT_PER_MINUTE", &PER_MINUTE.to_string())]).await?;
    let mut answered = 0;
    let refused = loop {
        let answer = get(&server, "/api/v1/market", &[]).await?;
        if answer.status() != 200 {
            break answer;
        }
        answered += 1;
        assert!(answered <= 2 * PER_MINUTE, "no limit");
    };
    assert_eq!(refused.status(), 429);
    let wait_secs: u32 = header(&refused, "retry-after").parse()?;
    assert!((1..=60).contains(&wait_secs), "{wait_secs}");
    let problem = problem(refused).await?;
    assert_eq!((problem.status, problem.kind.as_str()), (429, "/docs/problems#too-many-requests"));
    assert!(problem.detail.unwrap().contains(&format!("wait {wait_secs} s")));
    // As often as is allowed it is answered again.
    until("a token", || async {
        get(&server, "/api/v1/market", &[]).await.ok().filter(|answer| answer.status() == 200)
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_an_id() -> Result<()> {
    let server = Server::start(&[]).await?;
    for (method, path, headers, status) in [
        (Method::GET, "/api/v1/health", [("x-request-id", "a-1")], 200),
        (Method::HEAD, "/api/v1/stocks", [("x-request-id", "a-2")], 200),
        (Method::GET, CSV, [("x-request-id", "a.3_B")], 200),
        (Method::GET, "/api/v1/indicators", [("if-none-match", "*")], 304),
        (Method::OPTIONS, "/api/v1/indicators", [("x-request-id", "a-4")], 204),
        (Method::GET, "/api/v1/nope", [("x-request-id", "a-5")], 404),
        (Method::POST, "/api/v1/stocks", [("x-request-id", "a-6")], 405),
        (Method::GET, "/api/v1/health", [("x-request-id", "no \"id\"")], 200),
    ] {
        let answer = ask(&server, method.clone(), path, &headers).await?;
        assert_eq!(answer.status(), status, "{method} {path}");
        for (name, value) in [
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(&answer, name), value, "{method} {path}");
        }
        let (name, given) = headers[0];
        let id = header(&answer, "x-request-id");
        if name == "x-request-id" && !given.contains(' ') {
            assert_eq!(id, given, "{method} {path}");
        } else {
            assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{method} {path}: {id}");
        }
        if status >= 400 {
            assert_eq!(problem(answer).await?.request_id, Some(id));
        }
    }
    Ok(())
}

#[tokio::test]
async fn requests_are_lines_of_json_without_their_query() -> Result<()> {
    let server = Server::start(&[]).await?;
    let asked = [
        ("line-1", "/api/v1/stocks/IBM/bars?limit=3&format=csv", 200, "info"),
        ("line-2", "/api/v1/search?q=mysecret", 409, "info"),
        ("line-3", "/api/v1/stocks/IBM/bars?mysecret=1", 400, "info"),
    ];
    for (id, path, status, _) in asked {
        assert_eq!(get(&server, path, &[("x-request-id", id)]).await?.status(), status, "{path}");
    }
    for (id, path, status, level) in asked {
        let line = until("a line in the log", || async { line_of(&server, id) }).await?;
        assert_eq!((&line["level"], &line["status"]), (&level.into(), &status.into()), "{line}");
        assert_eq!((&line["method"], line["path"].as_str()), (&"GET".into(), path.split('?').next()));
        assert!(line["ms"].is_u64(), "{line}");
    }
    let log = fs::read_to_string(server.dir().join("log"))?;
    assert!(!log.contains("mysecret"));
    Ok(())
}

/// The line of the log that an exchange has left.
fn line_of(server: &Server, id: &str) -> Option<Value> {
    let log = fs::read_to_string(server.dir().join("log")).ok()?;
    let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.find(|line| line["id"] == id)
}

#[tokio::test]
async fn shared_caches_keep_nothing_that_needs_a_token() -> Result<()> {
    let past = [("cache-control", "max-age=60"), ("vary", "accept")];
    let open = Server::start(&[]).await?;
    let answer = get(&open, CSV, &[]).await?;
    assert_eq!(header(&answer, past[0].0), "public, max-age=60");
    assert!(varies_by(&answer, past[1].1) && !varies_by(&answer, "authorization"));

    let server = Server::start(&[("ACCESS_TOKEN", "open-sesame")]).await?;
    let token = ("authorization", "Bearer open-sesame");
    for (path, caching) in [
        (CSV, "private, max-age=60"),
        ("/api/v1/stocks/IBM/bars", "private, no-cache"),
        ("/api/v1/indicators", "private, max-age=3600"),
        ("/api/v1/stocks", "no-store"),
    ] {
        let refused = get(&server, path, &[]).await?;
        assert_eq!(
            (refused.status().as_u16(), header(&refused, "www-authenticate").as_str()),
            (401, "Bearer")
        );
        assert_eq!(problem(refused).await?.kind, "/docs/problems#unauthorized");
        let answer = get(&server, path, &[token]).await?;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "cache-control"), caching, "{path}");
        assert!(varies_by(&answer, "authorization"), "{path}");
        let Some(tag) = answer.headers().get("etag") else { continue };
        let tag = tag.to_str().context("a tag")?;
        let same = get(&server, path, &[token, ("if-none-match", tag)]).await?;
        if same.status() == 304 {
            assert_eq!(header(&same, "cache-control"), caching, "{path}");
        }
        // Who knows a tag and no token is told nothing.
        assert_eq!(get(&server, path, &[("if-none-match", tag)]).await?.status(), 401, "{path}");
    }
    Ok(())
}

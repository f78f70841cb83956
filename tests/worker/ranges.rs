//! Ranges of bytes, tags that stand still, and when to come back.

use anyhow::Result;
use reqwest::{Method, Response};
use tickwise_protocol::{Problem, rest::Bars};
use tickwise_tests::{Server, http, send, until};

const CSV: &str = "/api/v1/stocks/IBM/bars?format=csv&to=2012-09-01&limit=300";

async fn ask(server: &Server, method: Method, path: &str, headers: &[(&str, &str)]) -> Result<Response> {
    let mut request = http().request(method, server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Result<Response> {
    ask(server, Method::GET, path, headers).await
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_table_is_read_in_ranges() -> Result<()> {
    let server = Server::start(&[]).await?;
    let arrow = CSV.replace("csv", "arrow");
    let indicators = "/api/v1/stocks/IBM/indicators?name=sma(20)&format=csv&to=2012-09-01&limit=300";
    for path in [CSV, &arrow, indicators, "/api/v1/predictions/IBM/record?format=csv"] {
        let whole = get(&server, path, &[]).await?;
        assert_eq!(
            (whole.status().as_u16(), header(&whole, "accept-ranges").as_str()),
            (200, "bytes"),
            "{path}"
        );
        let tag = header(&whole, "etag");
        let whole = whole.bytes().await?;
        let length = whole.len();

        // What a reader asks first.
        let head = ask(&server, Method::HEAD, path, &[("accept-encoding", "gzip")]).await?;
        assert_eq!(header(&head, "accept-ranges"), "bytes", "{path}");
        assert_eq!(header(&head, "content-length"), length.to_string(), "{path}");
        assert_eq!(header(&head, "etag"), tag, "{path}");

        for (range, first, end) in [
            ("bytes=0-99".to_owned(), 0, 100),
            ("bytes=100-".to_owned(), 100, length),
            ("bytes=-50".to_owned(), length - 50, length),
            (format!("bytes=10-{}", 2 * length), 10, length),
        ] {
            // Ranges are of the bytes as they are.
            let given = [("range", range.as_str()), ("accept-encoding", "gzip")];
            let part = get(&server, path, &given).await?;
            assert_eq!(part.status(), 206, "{path} {range}");
            assert_eq!(header(&part, "content-range"), format!("bytes {first}-{}/{length}", end - 1));
            assert_eq!(
                (header(&part, "content-encoding"), header(&part, "etag")),
                (String::new(), tag.clone())
            );
            assert_eq!(header(&part, "content-length"), (end - first).to_string());
            assert_eq!(part.bytes().await?, whole.slice(first..end), "{path} {range}");
        }
        for ignored in ["bytes=0-1,5-6", "bytes=9-5", "lines=0-1", "bytes"] {
            let all = get(&server, path, &[("range", ignored)]).await?;
            assert_eq!((all.status().as_u16(), all.bytes().await?), (200, whole.clone()), "{path} {ignored}");
        }
        let behind = get(&server, path, &[("range", &format!("bytes={length}-"))]).await?;
        assert_eq!(behind.status(), 416, "{path}");
        assert_eq!(header(&behind, "content-range"), format!("bytes */{length}"));
        let problem: Problem = behind.json().await?;
        assert_eq!(problem.kind, "/docs/problems#no-such-range");
        assert!(problem.request_id.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn a_range_of_what_has_changed_is_all_of_it() -> Result<()> {
    let server = Server::start(&[]).await?;
    let whole = get(&server, CSV, &[]).await?;
    let tag = header(&whole, "etag");
    assert!(tag.starts_with('"'), "a strong one vouches for bytes: {tag}");
    for (condition, status) in [
        (tag.as_str(), 206),
        ("\"other\"", 200),
        (&format!("W/{tag}"), 200),
        ("Tue, 04 Sep 2012 09:30:00 GMT", 200),
    ] {
        let answer = get(&server, CSV, &[("range", "bytes=0-9"), ("if-range", condition)]).await?;
        assert_eq!(answer.status(), status, "{condition}");
    }
    // What the client has it need not be sent a part of.
    let known = get(&server, CSV, &[("range", "bytes=0-9"), ("if-none-match", &tag)]).await?;
    assert_eq!(known.status(), 304);
    // Arrow says beside its rows what may change alone.
    let arrow = CSV.replace("csv", "arrow");
    let weak = header(&get(&server, &arrow, &[]).await?, "etag");
    assert!(weak.starts_with("W/"), "{weak}");
    let whole = get(&server, &arrow, &[("range", "bytes=0-9"), ("if-range", &weak)]).await?;
    assert_eq!(whole.status(), 200);
    // What is no table has no ranges.
    let stocks = get(&server, "/api/v1/stocks", &[("range", "bytes=0-9")]).await?;
    assert_eq!((stocks.status().as_u16(), header(&stocks, "accept-ranges")), (200, String::new()));
    Ok(())
}

#[tokio::test]
async fn bars_of_a_closed_range_stand_still_while_quotes_come() -> Result<()> {
    // A session in eight seconds: the replay goes on to other days meanwhile.
    let server = Server::start(&[("REPLAY_SPEED", "3000")]).await?;
    let past = "/api/v1/stocks/IBM/bars?from=2012-03-01&to=2012-08-01";
    let forming = "/api/v1/stocks/IBM/bars?interval=1mo&to=2012-09-04T10:00:00&limit=3";
    let first = get(&server, past, &[]).await?;
    let (tag, before) = (header(&first, "etag"), first.json::<Bars>().await?);
    assert_eq!((before.seq, &before.quote, before.forming), (0, &None, false));
    let open: Bars = server.get("/api/v1/stocks/IBM/bars?limit=1").await?;
    let begun: Bars = server.get(forming).await?;
    assert!(begun.forming && begun.seq > 0, "a month is not over with its first days");
    let later = until("another day", || async {
        let now: Bars = server.get("/api/v1/stocks/IBM/bars?limit=1").await.ok()?;
        (now.origin != open.origin && now.seq > open.seq).then_some(())
    });
    later.await?;
    let same = get(&server, past, &[("if-none-match", &tag)]).await?;
    assert_eq!((same.status().as_u16(), header(&same, "etag")), (304, tag));
    let after: Bars = server.get(past).await?;
    assert_eq!(after, Bars { origin: after.origin.clone(), ..before });
    Ok(())
}

#[tokio::test]
async fn who_is_refused_for_now_is_told_until_when() -> Result<()> {
    let missing = |assets: &std::path::Path| Ok(std::fs::remove_dir_all(assets.join("models"))?);
    let server = Server::start_with_assets(&[("CONNECTIONS_PER_ADDRESS", "0")], missing).await?;
    let unavailable = get(&server, "/api/v1/predictions/IBM", &[]).await?;
    assert_eq!(unavailable.status(), 503);
    assert!(header(&unavailable, "retry-after").parse::<u32>()? > 0);
    let upgrade = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let full = get(&server, "/api/v1/stream", &upgrade).await?;
    assert_eq!(full.status(), 429);
    assert!(header(&full, "retry-after").parse::<u32>()? > 0);

    // A vendor that nobody reaches.
    let vars = [
        ("ALPHAVANTAGE_API_KEY", "SIMULATED"),
        ("ALPHAVANTAGE_URL", "http://127.0.0.1:9"),
        ("SYMBOLS", "IBM"),
    ];
    let server = Server::start(&vars).await?;
    let failed = get(&server, "/api/v1/search?q=apple", &[]).await?;
    assert_eq!(failed.status(), 503);
    assert!(header(&failed, "retry-after").parse::<u32>()? > 0);
    Ok(())
}

#[tokio::test]
async fn the_scheme_of_a_token_has_no_case_and_text_is_a_sentence() -> Result<()> {
    let server = Server::start(&[("ACCESS_TOKEN", "open-sesame")]).await?;
    for (authorization, status) in [
        ("Bearer open-sesame", 200),
        ("bearer open-sesame", 200),
        ("BEARER open-sesame", 200),
        ("Basic open-sesame", 401),
        ("bearer Open-Sesame", 401),
    ] {
        let answer = get(&server, "/api/v1/market", &[("authorization", authorization)]).await?;
        assert_eq!(answer.status(), status, "{authorization}");
    }
    let text = [("authorization", "bearer open-sesame"), ("accept", "text/plain")];
    let record = get(&server, "/api/v1/predictions/IBM/record", &text).await?;
    assert_eq!(header(&record, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(record.text().await?, "No forecast of this symbol has been scored here yet.");
    Ok(())
}

//! What the Worker has archived, read through wrangler's own view of local R2.

use std::io::Read;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use serde::Deserialize;
use tickwise_protocol::archive::{ArchivedEvent, Segment};

use crate::{Server, get, http, send};

const BUCKET: &str = "/cdn-cgi/explorer/api/r2/buckets/tickwise-archive/objects";

#[derive(Deserialize)]
struct Page {
    result: Vec<Listed>,
    result_info: PageInfo,
}

#[derive(Deserialize)]
struct Listed {
    key: String,
}

#[derive(Deserialize)]
struct PageInfo {
    cursor: Option<String>,
}

/// A segment as it lies in the bucket.
#[derive(Debug)]
pub struct Stored {
    /// By its key.
    pub segment: Segment,
    /// By its content.
    pub events: Vec<ArchivedEvent>,
}

impl Server {
    /// The keys of the archive's bucket that begin with `prefix`, in order.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn archive_keys(&self, prefix: &str) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        let mut cursor = String::new();
        loop {
            let query = [("prefix", prefix), ("cursor", &cursor), ("per_page", "1000")];
            let query = query.iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
            let request = http().get(self.url(BUCKET)).query(&query);
            let page: Page = send(request).await?.error_for_status()?.json().await?;
            keys.extend(page.result.into_iter().map(|object| object.key));
            match page.result_info.cursor {
                Some(next) if !next.is_empty() => cursor = next,
                _ => break,
            }
        }
        keys.sort();
        Ok(keys)
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// When there is none.
    pub async fn archive_object(&self, key: &str) -> Result<Vec<u8>> {
        let mut url = url::Url::parse(&self.url(BUCKET))?;
        url.path_segments_mut().ok().context("no path")?.push(key);
        Ok(get(url).await?.error_for_status()?.bytes().await?.to_vec())
    }

    /// All segments of a symbol, in sequence.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn archived(&self, symbol: &str) -> Result<Vec<Stored>> {
        let mut stored = Vec::new();
        for key in self.archive_keys("raw/").await? {
            let segment = Segment::from_key(&key).with_context(|| key.clone())?;
            if segment.symbol.as_str() != symbol {
                continue;
            }
            let mut text = String::new();
            let bytes = self.archive_object(&key).await?;
            GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).with_context(|| key.clone())?;
            let events = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
            stored.push(Stored { segment, events });
        }
        stored.sort_by_key(|stored| stored.segment.first);
        Ok(stored)
    }

    /// Sends a message to the Queue, where [`Server::start_with_queue`] has opened it.
    ///
    /// # Errors
    /// When the Worker does not take it.
    pub async fn send_to_queue(&self, message: &str) -> Result<()> {
        let request = http().post(self.url("/api/v1/queue")).body(message.to_owned());
        let answer = send(request).await?;
        if !answer.status().is_success() {
            bail!("{}: {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }
}

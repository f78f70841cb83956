//! A file each. A check panics when what must hold of an accepted input does not.

mod alert;
mod alphavantage;
mod archive;
mod files;
mod forecaster;
mod indicators;
mod ingest;
mod query;
mod record;
mod recording;
mod stream;
mod text;

/// A parser under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, also under cargo-fuzz.
    pub name: &'static str,
    /// Feeds one input; whether it is accepted.
    pub check: fn(&[u8]) -> bool,
    /// Inputs that are accepted, or nearly.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 14] = [
    Target { name: "alert", check: alert::check, seeds: alert::seeds },
    Target { name: "alphavantage", check: alphavantage::check, seeds: alphavantage::seeds },
    Target { name: "archive", check: archive::check, seeds: archive::seeds },
    Target { name: "files_csv", check: files::check, seeds: files::texts },
    Target { name: "files_arrow", check: files::check, seeds: files::arrow },
    Target { name: "files_parquet", check: files::check, seeds: files::parquet },
    Target { name: "forecaster", check: forecaster::check, seeds: forecaster::seeds },
    Target { name: "indicators", check: indicators::check, seeds: indicators::seeds },
    Target { name: "query", check: query::check, seeds: query::seeds },
    Target { name: "record", check: record::check, seeds: record::seeds },
    Target { name: "recording", check: recording::check, seeds: recording::seeds },
    Target { name: "ingest", check: ingest::check, seeds: ingest::seeds },
    Target { name: "stream", check: stream::check, seeds: stream::seeds },
    Target { name: "text", check: text::check, seeds: text::seeds },
];

/// Texts as seeds.
fn texts<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

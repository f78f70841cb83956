//! Where an archive lies: a folder, or a bucket that speaks S3 (R2 does).

use std::{
    env, fs,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle, actions::ListObjectsV2};
use ureq::Agent;

/// How long a signed address holds, and an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest object read: far more than a segment has.
const MAX_OBJECT_BYTES: u64 = 16 << 20;

/// As given on the command line: `DIR`, or `s3://bucket/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Folder(PathBuf),
    /// Objects of a bucket.
    Bucket {
        /// Its name.
        name: String,
        /// What their keys begin with.
        prefix: String,
    },
}

impl FromStr for Location {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(Self::Folder(text.into())) };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            bail!("expected s3://bucket or s3://bucket/prefix");
        }
        Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
    }
}

/// An archive that can be read.
pub enum Store {
    /// A folder.
    Folder(PathBuf),
    /// Objects of a bucket.
    Bucket(Box<Objects>),
}

/// Objects of a bucket whose keys begin with a prefix.
pub struct Objects {
    agent: Agent,
    bucket: Bucket,
    credentials: Credentials,
    prefix: String,
}

impl Store {
    /// Opens it. Credentials of a bucket come from `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and `AWS_REGION`.
    pub fn open(location: &Location, endpoint: Option<&str>) -> Result<Self> {
        let (name, prefix) = match location {
            Location::Folder(dir) => return Ok(Self::Folder(dir.clone())),
            Location::Bucket { name, prefix } => (name, prefix),
        };
        let credentials = Credentials::from_env().context(
            "a bucket needs the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )?;
        let region = env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".into());
        let endpoint = endpoint.map_or_else(|| format!("https://s3.{region}.amazonaws.com"), str::to_owned);
        let url = endpoint.parse().with_context(|| format!("--endpoint {endpoint}: expected an address"))?;
        let bucket = Bucket::new(url, UrlStyle::Path, name.clone(), region)
            .with_context(|| format!("--endpoint {endpoint}"))?;
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        let agent = config.build().into();
        Ok(Self::Bucket(Box::new(Objects { agent, bucket, credentials, prefix: prefix.clone() })))
    }

    /// The names of all that is in it.
    pub fn names(&self) -> Result<Vec<String>> {
        match self {
            Self::Folder(dir) => {
                let mut names = Vec::new();
                walk(dir, &mut names)?;
                Ok(names)
            }
            Self::Bucket(objects) => objects.keys(),
        }
    }

    /// The bytes under a name.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        match self {
            Self::Folder(_) => fs::read(name).with_context(|| name.to_owned()),
            Self::Bucket(objects) => {
                let action = objects.bucket.get_object(Some(&objects.credentials), name);
                objects.get(action.sign(TIMEOUT).as_str()).with_context(|| name.to_owned())
            }
        }
    }
}

fn walk(dir: &Path, names: &mut Vec<String>) -> Result<()> {
    let explain = || dir.display().to_string();
    for entry in fs::read_dir(dir).with_context(explain)? {
        let path = entry.with_context(explain)?.path();
        if path.is_dir() {
            walk(&path, names)?;
        } else if let Some(name) = path.to_str() {
            names.push(name.to_owned());
        }
    }
    Ok(())
}

impl Objects {
    fn keys(&self) -> Result<Vec<String>> {
        let explain = || format!("listing s3://{}/{}", self.bucket.name(), self.prefix);
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut action = self.bucket.list_objects_v2(Some(&self.credentials));
            action.with_prefix(self.prefix.as_str());
            if let Some(token) = &token {
                action.with_continuation_token(token.as_str());
            }
            let body = self.get(action.sign(TIMEOUT).as_str()).with_context(explain)?;
            let page = ListObjectsV2::parse_response(&String::from_utf8(body)?).with_context(explain)?;
            keys.extend(page.contents.into_iter().map(|object| object.key));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// No text of the client is repeated: it may name the address, which is signed.
    fn get(&self, url: &str) -> Result<Vec<u8>> {
        let host = self.bucket.base_url().host_str().unwrap_or_default();
        let Ok(mut response) = self.agent.get(url).call() else {
            bail!("{host} does not answer: check --endpoint and the network");
        };
        match response.status().as_u16() {
            200 => Ok(response.body_mut().with_config().limit(MAX_OBJECT_BYTES).read_to_vec()?),
            401 | 403 => {
                bail!("{host} refuses the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
            }
            404 => bail!("{host} has no such bucket or object"),
            status => bail!("{host} answers with status {status}: try again later"),
        }
    }
}

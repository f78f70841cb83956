use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tickwise_protocol::Problem;

use crate::{
    get,
    process::{ProcessGroup, Usage, free_port, root},
    until,
};

/// Of the log of a server whose test has failed.
const LOG_LINES_SHOWN: usize = 100;

/// The Worker in workerd, with storage of its own.
pub struct Server {
    process: ProcessGroup,
    dir: TempDir,
    port: u16,
    vars: Vec<String>,
    is_quiet: bool,
}

impl Server {
    /// Starts the Worker; the replay begins now, with its first day.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start(vars: &[(&str, &str)]) -> Result<Self> {
        Self::start_with_assets(vars, |_| Ok(())).await
    }

    /// The same, without a request to the Worker: the first one comes to a fresh isolate.
    ///
    /// # Errors
    /// When it does not serve its files.
    pub async fn start_unasked(vars: &[(&str, &str)]) -> Result<Self> {
        let (dir, config) = Self::with_assets(|_| Ok(()))?;
        let server = Self::spawn_in(dir, &config, vars)?;
        server.answers("/icons/tickwise.svg").await?;
        Ok(server)
    }

    /// The same over a copy of the static assets that `change` has changed.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start_with_assets(
        vars: &[(&str, &str)],
        change: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let (dir, config) = Self::with_assets(change)?;
        Self::start_in(dir, &config, vars).await
    }

    /// A folder with a copy of the static assets, and the configuration for it.
    fn with_assets(change: impl FnOnce(&Path) -> Result<()>) -> Result<(TempDir, String)> {
        let dir = tempfile::tempdir()?;
        let assets = dir.path().join("assets");
        copy_tree(&root().join("dist"), &assets).context("there is no dist: run `cargo xtask build`")?;
        change(&assets)?;
        let config = config(&assets)?;
        Ok((dir, config))
    }

    /// The same over what an earlier runtime has stored: files by their path below the state's folder.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start_over(state: &[(&str, &[u8])], vars: &[(&str, &str)]) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        for (path, bytes) in state {
            let file = dir.path().join("state").join(path);
            fs::create_dir_all(file.parent().context("a file has a folder")?)?;
            fs::write(file, bytes)?;
        }
        let config = config(&root().join("dist").canonicalize()?)?;
        Self::start_in(dir, &config, vars).await
    }

    /// The same without static assets, and so without forecasts and recordings.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start_without_assets(vars: &[(&str, &str)]) -> Result<Self> {
        let config = config(Path::new("none"))?;
        let (before, after) = config.split_once("[assets]").context("no [assets]")?;
        let (_, rest) = after.split_once("[vars]").context("no [vars] after [assets]")?;
        Self::start_in(tempfile::tempdir()?, &format!("{before}[vars]{rest}"), vars).await
    }

    /// Another Worker by its configuration and files; it answers 200 to health checks.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start_other(config: &str, files: &[(&str, &str)]) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        for (name, text) in files {
            fs::write(dir.path().join(name), text)?;
        }
        Self::start_in(dir, config, &[]).await
    }

    /// The same with a door to the Queue ([`Server::send_to_queue`]), beside the product's own.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start_with_queue(vars: &[(&str, &str)]) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let main = root().canonicalize()?.join("edge/build/index.js");
        let door = include_str!("queue_door.js").replace("WORKER", &main.display().to_string());
        fs::write(dir.path().join("door.js"), door)?;
        let config = config(&root().join("dist").canonicalize()?)?;
        let config = config.replacen(&format!("{:?}", main.display().to_string()), "\"door.js\"", 1);
        Self::start_in(dir, &config, vars).await
    }

    async fn start_in(dir: TempDir, config: &str, vars: &[(&str, &str)]) -> Result<Self> {
        let server = Self::spawn_in(dir, config, vars)?;
        server.ready().await?;
        Ok(server)
    }

    fn spawn_in(dir: TempDir, config: &str, vars: &[(&str, &str)]) -> Result<Self> {
        fs::write(dir.path().join("wrangler.toml"), config)?;
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        // Tests ask as often as they like, except those of the limit.
        let mut all = vec![format!("REPLAY_EPOCH_MS:{now_ms}"), "RATE_LIMIT_PER_MINUTE:0".into()];
        all.extend(vars.iter().map(|(name, value)| format!("{name}:{value}")));
        let port = free_port()?;
        let process = spawn(&dir, port, &all)?;
        Ok(Self { process, dir, port, vars: all, is_quiet: false })
    }

    /// The same, for programs whose output nobody captures.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// `kill -9` to wrangler and workerd.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again over the same storage, at the same address.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn restart(&mut self) -> Result<()> {
        self.process = spawn(&self.dir, self.port, &self.vars)?;
        self.ready().await
    }

    /// The same with some variables changed.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn restart_with(&mut self, vars: &[(&str, &str)]) -> Result<()> {
        self.kill();
        for (name, value) in vars {
            self.vars.retain(|var| var.split(':').next() != Some(name));
            self.vars.push(format!("{name}:{value}"));
        }
        self.restart().await
    }

    /// Does what a cron trigger does.
    ///
    /// # Errors
    /// When the Worker does not answer.
    pub async fn poke(&self) -> Result<()> {
        get(self.url("/cdn-cgi/handler/scheduled")).await?.error_for_status()?;
        Ok(())
    }

    /// Where its log, its storage and its assets are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// An address of the Worker.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The address of its stream.
    pub fn stream_url(&self) -> String {
        format!("ws://127.0.0.1:{}/api/v1/stream", self.port)
    }

    /// The address at which load generators publish.
    pub fn publish_url(&self) -> String {
        format!("ws://127.0.0.1:{}/bench/publish", self.port)
    }

    /// What workerd and wrangler have used.
    pub fn usage(&self) -> Usage {
        self.process.usage()
    }

    /// A successful answer.
    ///
    /// # Errors
    /// With the answer when it is not one.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let response = get(self.url(path)).await?;
        let status = response.status();
        let body = response.text().await?;
        if !status.is_success() {
            bail!("{path}: {status}: {body}");
        }
        serde_json::from_str(&body).with_context(|| format!("{path}: {body}"))
    }

    /// A refusal: its status and its problem.
    ///
    /// # Errors
    /// When the answer is no problem document.
    pub async fn problem(&self, path: &str) -> Result<(u16, Problem)> {
        let response = get(self.url(path)).await?;
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").cloned();
        let body = response.text().await?;
        if kind.as_ref().is_none_or(|kind| kind != "application/problem+json") {
            bail!("{path}: {status}, {kind:?}: {body}");
        }
        Ok((status, serde_json::from_str(&body).with_context(|| format!("{path}: {body}"))?))
    }

    async fn ready(&self) -> Result<()> {
        self.answers("/api/v1/health").await
    }

    async fn answers(&self, path: &str) -> Result<()> {
        let url = self.url(path);
        let log = self.dir.path().join("log");
        let answered = until("an answer of the Worker", || async {
            get(&url).await.ok().filter(|response| response.status().is_success())
        });
        answered.await.with_context(|| fs::read_to_string(log).unwrap_or_default())?;
        Ok(())
    }
}

impl Drop for Server {
    /// The harness shows this only of a test that has failed.
    fn drop(&mut self) {
        self.kill();
        if self.is_quiet {
            return;
        }
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LOG_LINES_SHOWN)..).unwrap_or_default();
        println!("the server's log ends with:\n{}", last.join("\n"));
    }
}

fn spawn(dir: &TempDir, port: u16, vars: &[String]) -> Result<ProcessGroup> {
    let log = File::options().create(true).append(true).open(dir.path().join("log"))?;
    let programs = root().join("node_modules/.bin");
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    // The machine's own Node may be too old for wrangler; the packages bring one.
    let path = std::env::join_paths([programs.clone()].into_iter().chain(std::env::split_paths(&inherited)))?;
    let mut wrangler = Command::new(programs.join("wrangler"));
    wrangler
        .env("PATH", path)
        .current_dir(dir.path())
        .args(["dev", "--ip", "127.0.0.1", "--inspector-port", "0", "--show-interactive-dev-session=false"])
        .args(["--port", &port.to_string(), "--persist-to", "state"])
        .args(vars.iter().map(|var| format!("--var={var}")))
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        // As `cargo xtask dev`: traces would keep the vendor's addresses, key included, on disk.
        .env("X_LOCAL_OBSERVABILITY", "false")
        .stdout(log.try_clone()?)
        .stderr(log);
    ProcessGroup::start(&mut wrangler)
}

/// The product's configuration, with paths that hold outside the repository.
fn config(assets: &Path) -> Result<String> {
    let root = root().canonicalize()?;
    let config = fs::read_to_string(root.join("wrangler.toml"))?;
    let main = root.join("edge/build/index.js");
    let absolute = config
        .replacen("\"edge/build/index.js\"", &format!("{:?}", main.display().to_string()), 1)
        .replacen("\"dist\"", &format!("{:?}", assets.display().to_string()), 1);
    Ok(absolute)
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

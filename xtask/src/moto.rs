//! moto's server, which speaks S3 as Amazon does: the archive is read from it.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::pypi::Package;

const MOTO: Package = Package { requirement: "moto[server,s3]==5.2.5", program: "moto_server" };
const PATIENCE: Duration = Duration::from_secs(60);

/// The server; dropping it ends it.
pub struct Moto {
    process: Child,
    /// Its address.
    pub url: String,
}

impl Moto {
    /// Installs it from PyPI where it is missing, and starts it on a free port.
    ///
    /// # Errors
    /// When there is no Python, no network, or no answer.
    pub fn start() -> Result<Self> {
        let server = MOTO.ensure()?;
        // The listener is dropped at once: only a free port is wanted.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new(server);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.context("moto's server cannot be started")?;
        let moto = Self { process, url: format!("http://127.0.0.1:{port}") };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > PATIENCE {
                bail!("moto's server did not answer within {} s", PATIENCE.as_secs());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

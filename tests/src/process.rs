use std::{
    fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};

/// What a [`ProcessGroup`] has used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Processor time, user and system, in seconds.
    pub cpu_secs: f64,
    /// Resident memory of its workerd processes, in bytes.
    pub workerd_bytes: u64,
}

/// A program with everything that it starts; dropping it kills them all.
pub struct ProcessGroup(Child);

impl ProcessGroup {
    /// Starts a program whose output is shown only where the test harness shows it.
    pub fn start(command: &mut Command) -> Result<Self> {
        command.process_group(0).stdin(Stdio::null());
        let program = command.get_program().to_owned();
        Ok(Self(command.spawn().with_context(|| format!("{} cannot be started", program.display()))?))
    }

    /// What it writes, where the command asks for a pipe.
    pub fn stdout(&mut self) -> Option<&mut ChildStdout> {
        self.0.stdout.as_mut()
    }

    /// What its processes have used; those that have ended no longer count.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for stat in stats() {
            let Some((name, fields)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'))
            else {
                continue;
            };
            // Fields after the name, by proc(5): 3 is the first of them.
            let fields: Vec<u64> =
                fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
            let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
            if field(5) == u64::from(self.0.id()) {
                usage.cpu_secs +=
                    (field(14) + field(15)) as f64 / rustix::param::clock_ticks_per_second() as f64;
                if name == "workerd" {
                    usage.workerd_bytes += field(24) * rustix::param::page_size() as u64;
                }
            }
        }
        usage
    }

    /// `kill -9` to all of them.
    pub fn kill(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // Fails when they have ended by themselves.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

/// `/proc/*/stat` of all processes.
fn stats() -> impl Iterator<Item = String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok())
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The repository.
pub fn root() -> PathBuf {
    // Of the clone in which cargo runs the test: it may have been compiled in another one.
    let package = std::env::var_os("CARGO_MANIFEST_DIR");
    package.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from).join("..")
}

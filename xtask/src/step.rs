//! Named, timed steps: which of how many, what runs now, how long it took.

use std::{
    fs,
    io::{BufRead, BufReader, IsTerminal, Read, Write},
    process::{Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::paths;

/// What is shown of all steps, which may run at the same time.
struct Screen {
    /// How many there will be; 0 where nobody has said.
    planned: usize,
    begun: usize,
    running: Vec<Running>,
}

struct Running {
    number: usize,
    name: String,
    started: Instant,
    /// The last line of its output.
    now: String,
}

static SCREEN: Mutex<Screen> = Mutex::new(Screen { planned: 0, begun: 0, running: Vec::new() });

/// Characters of the line that tells what runs.
const LIVE_WIDTH: usize = 100;

fn screen() -> MutexGuard<'static, Screen> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says how many steps will follow.
pub fn plan(steps: usize) {
    let mut screen = screen();
    screen.planned = screen.begun + steps;
}

/// Runs a command, showing its name and how long it took; its output only when
/// it fails, or when the output is no terminal (as in CI, where it is streamed).
///
/// # Errors
/// When the command cannot be started or fails.
pub fn run(name: &str, command: &mut Command) -> Result<()> {
    let step = begin(name);
    if !std::io::stdout().is_terminal() {
        let status = command.stdin(Stdio::null()).status().with_context(|| missing(command))?;
        return step.end(status.success(), || failure(name, command, status));
    }
    let (status, output) = watched(command, &step)?;
    step.end(status.success(), || {
        println!("{}", String::from_utf8_lossy(&output));
        failure(name, command, status)
    })
}

/// The same for what downloads: what a registry's client says is kept in a file, and the
/// error is one sentence.
///
/// # Errors
/// When it cannot be downloaded.
pub fn fetch(name: &str, command: &mut Command) -> Result<()> {
    let step = begin(name);
    let (status, output) = watched(command, &step)?;
    step.end(status.success(), || {
        let log = paths::target().join("fetch.log");
        let kept = fs::create_dir_all(paths::target()).and_then(|()| fs::write(&log, &output));
        let said = kept.map_or_else(
            |_| String::from_utf8_lossy(&output).into_owned(),
            |()| format!("what {} said is in {}", program(command), log.display()),
        );
        format!("{name}: it could not be downloaded; is the network reachable? ({said})")
    })
}

/// Runs a command without a step of its own.
///
/// # Errors
/// With its output, when it fails.
pub fn quietly(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| missing(command))?;
    if !output.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&output.stderr), shown(command));
    }
    Ok(())
}

/// A step that runs.
pub struct Step {
    number: usize,
    /// Ends the thread that keeps the time on the screen.
    _clock: mpsc::Sender<()>,
}

/// Begins a step that is not, or not only, a command.
pub fn begin(name: &str) -> Step {
    let mut screen = screen();
    screen.begun += 1;
    let number = screen.begun;
    screen.running.push(Running {
        number,
        name: name.to_owned(),
        started: Instant::now(),
        now: String::new(),
    });
    if std::io::stdout().is_terminal() {
        screen.draw();
    } else {
        println!("▸ {}{name} …", screen.position(number));
    }
    drop(screen);
    let (clock, ended) = mpsc::channel();
    if std::io::stdout().is_terminal() {
        thread::spawn(move || {
            while ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                self::screen().draw();
            }
        });
    }
    Step { number, _clock: clock }
}

impl Step {
    /// Ends it.
    pub fn done(self) {
        self.done_with("");
    }

    /// Ends it with a remark.
    pub fn done_with(self, remark: &str) {
        let remark = if remark.is_empty() { String::new() } else { format!(" · {remark}") };
        self.finish('✓', &remark);
    }

    /// Ends it, well or with an error.
    fn end(self, is_well: bool, error: impl FnOnce() -> String) -> Result<()> {
        self.finish(if is_well { '✓' } else { '✗' }, "");
        if is_well { Ok(()) } else { bail!(error()) }
    }

    fn now(&self, line: &str) {
        let mut screen = screen();
        if let Some(running) = screen.running.iter_mut().find(|running| running.number == self.number) {
            line.trim().clone_into(&mut running.now);
        }
        screen.draw();
    }

    fn finish(&self, mark: char, remark: &str) {
        let mut screen = screen();
        let Some(at) = screen.running.iter().position(|running| running.number == self.number) else {
            return;
        };
        let Running { number, name, started, .. } = screen.running.remove(at);
        screen.clear();
        println!("{mark} {}{name} {}{remark}", screen.position(number), seconds(started.elapsed()));
        screen.draw();
    }
}

impl Drop for Step {
    /// A step that was left by an error of its own.
    fn drop(&mut self) {
        self.finish('✗', "");
    }
}

impl Screen {
    fn position(&self, number: usize) -> String {
        if self.planned == 0 { String::new() } else { format!("[{number}/{}] ", self.planned.max(number)) }
    }

    fn clear(&self) {
        if std::io::stdout().is_terminal() {
            print!("\r\x1b[2K");
        }
    }

    /// The line that tells what runs now.
    fn draw(&self) {
        if !std::io::stdout().is_terminal() {
            return;
        }
        let shown: Vec<_> = self.running.iter().map(|running| self.line(running)).collect();
        let line: String = shown.join("  ").chars().take(LIVE_WIDTH).collect();
        self.clear();
        print!("{line}");
        let _ = std::io::stdout().flush();
    }

    fn line(&self, running: &Running) -> String {
        let Running { number, name, started, now } = running;
        let now = if now.is_empty() { String::new() } else { format!(" · {now}") };
        format!("▸ {}{name} {}{now}", self.position(*number), seconds(started.elapsed()))
    }
}

/// A duration for people.
pub fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        s @ 100.. => format!("({} min {:02} s)", s / 60, s % 60),
        _ => format!("({:.1} s)", duration.as_secs_f64()),
    }
}

/// Runs a command; its last line is shown as it comes, all of its output is kept.
fn watched(command: &mut Command, step: &Step) -> Result<(ExitStatus, Vec<u8>)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| missing(command))?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let pipes: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        for pipe in pipes.into_iter().flatten() {
            let kept = Arc::clone(&kept);
            scope.spawn(move || {
                for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                    step.now(&String::from_utf8_lossy(&line));
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.extend_from_slice(&line);
                    kept.push(b'\n');
                }
            });
        }
    });
    let output = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((child.wait()?, output))
}

fn failure(name: &str, command: &Command, status: ExitStatus) -> String {
    format!("{name} failed: {} ended with {status}", shown(command))
}

fn missing(command: &Command) -> String {
    format!("{} cannot be started", program(command))
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

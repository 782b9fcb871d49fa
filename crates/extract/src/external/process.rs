//! A child process that is asked one line and answers one line, and that cannot hold us up.
//!
//! Three threads do what may block: one writes, one reads lines, one keeps the end of standard
//! error. They end when their pipe does; killing the process group makes it end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ere_dataset::limits::LINE_BYTES;

use super::messages::protocol;
use crate::extractor::{Failure, FailureKind};

/// How much of standard error is kept.
const STDERR_BYTES: usize = 64 << 10;
/// How long a process that closed its output may take to end, and its standard error to be read.
const GRACE: Duration = Duration::from_secs(2);

pub(super) struct Process {
    child: Child,
    requests: Option<Sender<String>>,
    replies: Receiver<Result<String, Broken>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    stderr_end: Receiver<()>,
    memory_peak_bytes: Option<u64>,
    is_dead: bool,
}

/// Why there is no next line.
enum Broken {
    End,
    TooLong,
    NotUtf8 { byte: usize },
}

impl Process {
    pub(super) fn spawn(command: &[String]) -> Result<Process, Failure> {
        let (program, arguments) = command.split_first().expect("a command has a program");
        let mut builder = Command::new(program);
        builder.args(arguments);
        builder.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut builder, 0);
        let mut child = builder.spawn().map_err(|error| {
            Failure::new(FailureKind::Crash, format!("cannot start {program:?}: {error}"))
        })?;
        let stdin = child.stdin.take().expect("it was piped");
        let stdout = child.stdout.take().expect("it was piped");
        let stderr_pipe = child.stderr.take().expect("it was piped");

        let (requests, to_write) = mpsc::channel();
        thread::spawn(move || write(stdin, &to_write));
        // One line waits at most: a program that writes without being asked fills no memory.
        let (lines, replies) = mpsc::sync_channel(1);
        thread::spawn(move || read(stdout, &lines));
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let (end, stderr_end) = mpsc::channel();
        let tail = Arc::clone(&stderr);
        thread::spawn(move || {
            keep_tail(stderr_pipe, &tail);
            // Nobody listens any more: then nobody needs to know.
            let _ = end.send(());
        });
        let requests = Some(requests);
        let (memory_peak_bytes, is_dead) = (None, false);
        Ok(Process { child, requests, replies, stderr, stderr_end, memory_peak_bytes, is_dead })
    }

    /// Sends a line and waits for one. After an error the process is dead.
    pub(super) fn ask(&mut self, line: String, timeout: Duration) -> Result<String, Failure> {
        if let Some(requests) = &self.requests {
            // A writer that is gone has met a closed pipe: the reader says why.
            let _ = requests.send(line);
        }
        match self.replies.recv_timeout(timeout) {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(broken)) => Err(self.fail_of(broken)),
            Err(RecvTimeoutError::Disconnected) => Err(self.fail_of(Broken::End)),
            Err(RecvTimeoutError::Timeout) => {
                let message = format!("no answer within {timeout:?}");
                Err(self.fail(Failure::new(FailureKind::Timeout, message)))
            }
        }
    }

    fn fail_of(&mut self, broken: Broken) -> Failure {
        match broken {
            Broken::End => {
                let how = self.wait_for_end(GRACE);
                self.fail(Failure::new(FailureKind::Crash, how))
            }
            Broken::TooLong => {
                self.fail(protocol(format!("a line is longer than {LINE_BYTES} bytes")))
            }
            Broken::NotUtf8 { byte } => {
                self.fail(protocol(format!("byte {byte} of a line is not UTF-8")))
            }
        }
    }

    /// Kills the process because of a failure, and adds to it what standard error said.
    pub(super) fn fail(&mut self, failure: Failure) -> Failure {
        self.kill();
        // What it wrote before it died is in the pipe; give the thread time to take it out.
        let _ = self.stderr_end.recv_timeout(GRACE);
        let tail = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let tail = String::from_utf8_lossy(&tail);
        if tail.trim().is_empty() {
            return failure;
        }
        let message = format!("{}; its standard error ends:\n{}", failure.message, tail.trim());
        Failure { message, ..failure }
    }

    /// Says good-bye, waits for the end, and kills what is still there.
    pub(super) fn end(&mut self, bye: String, timeout: Duration) {
        if self.is_dead {
            return;
        }
        self.sample_memory();
        if let Some(requests) = self.requests.take() {
            let _ = requests.send(bye);
        }
        self.wait_for_end(timeout);
        self.kill();
    }

    /// Waits until the process is gone and says how it ended. It waits for the process and not for
    /// the end of its output, which a child of it may hold open.
    fn wait_for_end(&mut self, timeout: Duration) -> String {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(how) = self.how_it_ended() {
                return how;
            }
            if Instant::now() >= deadline {
                return "closed its standard output".to_owned();
            }
            // Lines after the last answer mean nothing any more, but may keep the writer waiting.
            let _ = self.replies.try_recv();
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// How the process ended, once it did. It stays a zombie, so that its id cannot be given to
    /// another process before [`Process::kill`] has used it.
    #[cfg(unix)]
    fn how_it_ended(&mut self) -> Option<String> {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let status = waitid(WaitId::Pid(Pid::from_child(&self.child)), options).ok()??;
        Some(match (status.exit_status(), status.terminating_signal()) {
            (Some(0), _) => "ended without an answer".to_owned(),
            (Some(code), _) => format!("ended with exit status {code}"),
            (None, Some(9)) => "was killed by signal 9, perhaps for want of memory".to_owned(),
            (None, Some(signal)) => format!("was killed by signal {signal}"),
            (None, None) => "ended".to_owned(),
        })
    }

    #[cfg(not(unix))]
    fn how_it_ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(format!("ended with {status}"))
    }

    /// Kills the process and all of its group, and takes its status.
    fn kill(&mut self) {
        if self.is_dead {
            return;
        }
        self.sample_memory();
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            // The group may be empty already.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.is_dead = true;
        self.requests = None;
    }

    /// The largest resident memory that was seen.
    pub(super) fn memory_peak_bytes(&self) -> Option<u64> {
        self.memory_peak_bytes
    }

    /// Asks the system for the largest resident memory so far: a dead process has none.
    pub(super) fn sample_memory(&mut self) {
        self.memory_peak_bytes = self.memory_peak_bytes.max(memory_peak_bytes(self.child.id()));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(target_os = "linux")]
fn memory_peak_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn memory_peak_bytes(_process: u32) -> Option<u64> {
    None
}

/// Writes what comes until the channel or the pipe is closed.
fn write(mut stdin: ChildStdin, requests: &Receiver<String>) {
    while let Ok(line) = requests.recv() {
        if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// Reads lines until one is broken; that is the last that is sent.
fn read(stdout: ChildStdout, lines: &SyncSender<Result<String, Broken>>) {
    let mut reader = BufReader::with_capacity(64 << 10, stdout);
    loop {
        let line = read_line(&mut reader);
        let is_last = line.is_err();
        if lines.send(line).is_err() || is_last {
            return;
        }
    }
}

fn read_line(reader: &mut impl BufRead) -> Result<String, Broken> {
    let mut line = Vec::new();
    let read = reader.take(LINE_BYTES as u64 + 1).read_until(b'\n', &mut line);
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LINE_BYTES {
        return Err(Broken::TooLong);
    } else if read.is_err() || line.is_empty() {
        return Err(Broken::End);
    }
    String::from_utf8(line)
        .map_err(|error| Broken::NotUtf8 { byte: error.utf8_error().valid_up_to() })
}

fn keep_tail(mut stderr: ChildStderr, tail: &Mutex<Vec<u8>>) {
    let mut buffer = vec![0; 8 << 10];
    loop {
        match stderr.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                tail.extend_from_slice(&buffer[..count]);
                let excess = tail.len().saturating_sub(STDERR_BYTES);
                tail.drain(..excess);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

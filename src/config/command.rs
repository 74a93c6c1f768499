//! Programs that print secrets, as git's credential helpers do.
//!
//! Owns how they run: without a shell, without input, each once, all at the same time, and never longer than
//! [`LIMIT`]. Their errors go to the user's terminal, so that a question can be seen; what they print is repeated
//! nowhere. Main type: [`Commands`].

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use wait_timeout::ChildExt;

use super::error::{Problem, quoted};
use super::secret::LONGEST;
use super::values::Read;
use super::variables::MASK;
use crate::domain::system_words;

/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What programs printed, by program and arguments.
#[derive(Default)]
pub(super) struct Commands(HashMap<Vec<String>, Read<String>>);

impl Commands {
    /// Runs every command once, all at the same time, and waits for all of them. A program with a `/` in its name is
    /// relative to the folder.
    pub(super) fn run<'a>(commands: impl Iterator<Item = &'a [String]>, folder: &Path) -> Self {
        let mut outputs: HashMap<Vec<String>, Read<String>> = HashMap::new();
        for command in commands {
            outputs.entry(command.to_vec()).or_insert_with(|| Ok(String::new()));
        }
        thread::scope(|scope| {
            let run = |command: &Vec<String>| output(command, folder, LIMIT);
            let threads: Vec<_> =
                outputs.iter_mut().map(|(command, output)| scope.spawn(move || *output = run(command))).collect();
            for thread in threads {
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
        Self(outputs)
    }

    /// The secret that a command printed; `***` when it was not to be run.
    pub(super) fn secret(&self, command: &[String]) -> Read<String> {
        self.0.get(command).cloned().unwrap_or_else(|| Ok(MASK.to_owned()))
    }
}

/// The first line that a program prints, if it prints one, ends in time, and well.
fn output(command: &[String], folder: &Path, limit: Duration) -> Read<String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(String::new()) };
    let path = if program.contains('/') { folder.join(program) } else { program.into() };
    let started = Instant::now();
    let spawned = Command::new(path).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| {
        Problem::new(format!("cannot run {}: {}", quoted(program), system_words(&error)))
            .with_hint("the program comes first, then its arguments, without a shell")
    })?;
    let line = first_line(&mut child);
    let status = child.wait_timeout(limit).ok().flatten();
    let Some(status) = status else {
        // It may have ended meanwhile; either way it is gone.
        let _ = child.kill();
        let _ = child.wait();
        let problem = Problem::new(format!("{} took longer than {} s and was ended", quoted(program), limit.as_secs()));
        return Err(problem.with_hint("run it by hand to see what it waits for"));
    };
    if !status.success() {
        let problem = Problem::new(format!("{} failed: {}", quoted(program), ending(status)));
        return Err(problem.with_hint("run it by hand to see why"));
    }
    // A child of its own may hold the pipe open for ever.
    let line = line.recv_timeout(limit.saturating_sub(started.elapsed())).unwrap_or_default();
    let secret = String::from_utf8(line).unwrap_or_default().trim_end_matches(['\n', '\r']).to_owned();
    if secret.is_empty() {
        let problem = Problem::new(format!("{} printed no text", quoted(program)));
        return Err(problem.with_hint("the secret is the first line that it prints"));
    }
    Ok(secret)
}

/// Reads the first line on a thread of its own, and what follows it, so that the program need not stop.
fn first_line(child: &mut Child) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            let _ = reader.by_ref().take(LONGEST as u64).read_until(b'\n', &mut line);
            let _ = sender.send(line);
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
        });
    }
    receiver
}

fn ending(status: ExitStatus) -> String {
    status.code().map_or_else(|| "a signal ended it".to_owned(), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(script: &str, limit: Duration) -> Result<String, String> {
        let command = ["sh".to_owned(), "-c".to_owned(), script.to_owned()];
        output(&command, Path::new("."), limit).map_err(|problem| problem.message)
    }

    #[test]
    fn the_first_line_is_the_secret() {
        let plenty = Duration::from_secs(30);
        for (script, expected) in [
            ("echo hunter2", Ok("hunter2")),
            ("printf 'hunter2\\r\\nuser: x\\n'", Ok("hunter2")),
            ("printf ' a b '", Ok(" a b ")),
            ("echo hunter2; yes | head -c 300000", Ok("hunter2")),
            ("cat; echo x", Ok("x")),
            ("echo hunter2; exit 3", Err("`sh` failed: exit code 3")),
            ("echo hunter2; kill -9 $$", Err("`sh` failed: a signal ended it")),
            ("true", Err("`sh` printed no text")),
            ("echo; echo hunter2", Err("`sh` printed no text")),
            ("printf '\\377\\n'", Err("`sh` printed no text")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(printed(script, plenty), expected, "{script}");
        }
    }

    #[test]
    fn a_program_that_does_not_end_is_ended_and_its_children_are_not_waited_for() {
        let took = "`sh` took longer than 0 s and was ended".to_owned();
        assert_eq!(printed("echo hunter2; exec sleep 1000", Duration::from_millis(100)), Err(took));
        assert_eq!(
            printed("sleep 1000 & echo $!; exit 0", Duration::from_secs(30))
                .map(|pid| { std::process::Command::new("kill").arg(&pid).status().unwrap().success() }),
            Ok(true)
        );
    }

    #[test]
    fn what_is_not_there_cannot_run_and_equal_commands_run_once() {
        let folder = tempfile::tempdir().unwrap();
        let missing = output(&["./missing".to_owned()], folder.path(), LIMIT).unwrap_err();
        assert_eq!(missing.message, "cannot run `./missing`: no such file or directory");
        let script = format!("echo x >> {}; wc -l < {0}", folder.path().join("count").display());
        let command = ["sh".to_owned(), "-c".to_owned(), script];
        let commands = Commands::run([&command[..], &command[..]].into_iter(), folder.path());
        assert_eq!(commands.secret(&command).unwrap().trim(), "1");
        assert_eq!(Commands::default().secret(&command).unwrap(), "***");
    }
}

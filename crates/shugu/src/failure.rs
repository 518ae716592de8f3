//! How a command fails: what it says, and with which exit code scripts learn of it.

use std::io::Write;
use std::process::ExitCode;

use owo_colors::OwoColorize;

/// What a command comes to.
pub type Outcome<T = ()> = Result<T, Failure>;

/// A failure, by its exit code.
#[derive(Debug)]
pub enum Failure {
    /// 1: it did not work.
    Failed(String),
    /// 2: wrong usage or input.
    Wrong(String),
    /// 3: the hub says no.
    Refused(String),
    /// 1, and everything was said already.
    Told,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Failed(message) | Failure::Wrong(message) | Failure::Refused(message) => f.write_str(message),
            Failure::Told => Ok(()),
        }
    }
}

impl Failure {
    /// Says it on stderr and gives the exit code.
    pub fn tell(self) -> ExitCode {
        let code = match self {
            Failure::Failed(_) => 1,
            Failure::Wrong(_) => 2,
            Failure::Refused(_) => 3,
            Failure::Told => return ExitCode::from(1),
        };
        anstream::eprintln!("{} {self}", "error:".red().bold());
        ExitCode::from(code)
    }
}

/// Writes to stdout. A reader that has gone away (`| head`) is no failure.
///
/// # Errors
/// Where it cannot be written.
pub fn print(text: &str) -> Outcome {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Failed(format!("cannot write: {error}"))),
        _ => Ok(()),
    }
}

/// A word of advice on stderr.
pub fn note(text: &str) {
    anstream::eprintln!("{} {text}", "note:".cyan());
}

//! An agent as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::shugu;

/// An agent as a process of its own.
pub struct Agent {
    pub folder: PathBuf,
    arguments: Vec<String>,
    token: String,
    environment: Vec<(String, String)>,
    child: Option<Child>,
}

impl Agent {
    pub fn start(hub: &str, token: &str, pool: &str, folder: &Path, arguments: &[&str]) -> Agent {
        Agent::start_with(hub, token, pool, folder, arguments, &[])
    }

    /// The same, with more in its environment.
    pub fn start_with(
        hub: &str,
        token: &str,
        pool: &str,
        folder: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Agent {
        std::fs::create_dir_all(folder).unwrap();
        let mut all = vec!["agent", "-v", "--hub", hub, "--pool", pool, "--folder", folder.to_str().unwrap()];
        all.extend(arguments);
        let arguments = all.iter().map(|argument| (*argument).to_owned()).collect();
        let mut agent = Agent {
            folder: folder.to_owned(),
            arguments,
            token: token.to_owned(),
            environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            child: None,
        };
        agent.restart();
        agent
    }

    /// Starts it without its token and the hub's fingerprint from now on.
    pub fn forget_token(&mut self) {
        self.token = String::new();
        if let Some(at) = self.arguments.iter().position(|argument| argument == "--fingerprint") {
            self.arguments.drain(at..at + 2);
        }
    }

    /// Kills it without a word and starts it again, with these arguments beside its own.
    pub fn restart_with(&mut self, more: &[&str]) {
        self.kill();
        let own = self.arguments.clone();
        self.arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        self.restart();
        self.arguments = own;
    }

    pub fn restart(&mut self) {
        let log = self.folder.join("agent.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let mut command = shugu(&arguments);
        if !self.token.is_empty() {
            command.env("SHUGU_TOKEN", &self.token);
        }
        command.envs(self.environment.iter().cloned()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub fn pid(&self) -> i32 {
        self.child.as_ref().map_or(0, |child| child.id() as i32)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("agent.log")).unwrap_or_default()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM);
            let _ = child.wait();
        }
    }
}

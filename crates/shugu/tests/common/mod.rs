//! A real hub as a process of its own, driven as a person would: through the command line and the API.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod agent;
pub mod kubernetes;
pub mod slurm;
pub mod wire;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// The program under test.
pub const SHUGU: &str = env!("CARGO_BIN_EXE_shugu");

/// A command of the program, in an environment that is not this machine's.
pub fn shugu(arguments: &[&str]) -> Command {
    let mut command = Command::new(SHUGU);
    command.args(arguments).stdin(Stdio::null());
    for name in [
        "SHUGU_HUB",
        "SHUGU_TOKEN",
        "SHUGU_TOKEN_FILE",
        "SHUGU_DIR",
        "SHUGU_LISTEN",
        "SHUGU_CENSUS",
        "SHUGU_POLICY",
        "SHUGU_LOST_AFTER",
        "SHUGU_FINGERPRINT",
        "SHUGU_STORE",
        "SHUGU_RATE",
        "SHUGU_BURST",
        "SHUGU_FAILURES",
        "SHUGU_WAITING",
    ] {
        command.env_remove(name);
    }
    if let Some(dir) =
        arguments.iter().position(|argument| ["--dir", "check"].contains(argument)).and_then(|at| arguments.get(at + 1))
    {
        set_store(&mut command, Path::new(dir));
    }
    command.env("HOME", "/nonexistent").env("SHUGU_CONFIG", "/dev/null");
    command
}

/// The server on which hubs keep their journals, where the tests are run for one (`tools/postgres.sh`).
pub fn postgres() -> Option<String> {
    std::env::var("SHUGU_TEST_POSTGRES").ok()
}

/// The database for the hub of a folder on that server.
pub fn database_of(folder: &Path) -> Option<String> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let server = postgres()?;
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    Some(format!("{server}/hub_{:016x}", hasher.finish()))
}

/// Makes an empty database on that server; one that is there stays.
pub fn make_database(address: &str) {
    let (server, name) = address.rsplit_once('/').unwrap();
    let made = Command::new("psql").args([&format!("{server}/postgres"), "-qc", &format!("CREATE DATABASE {name}")]).output();
    let told = said(made.unwrap());
    assert!(told.code == 0 || told.err.contains("already exists"), "{}", told.err);
}

fn set_store(command: &mut Command, folder: &Path) {
    if let Some(address) = database_of(folder) {
        command.env("SHUGU_STORE", address);
    }
}

/// What a command printed, and its exit code.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Said {
    said(shugu(arguments).output().expect("the program was built"))
}

/// A port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A hub.
pub struct Hub {
    pub folder: PathBuf,
    pub url: String,
    pub arguments: Vec<String>,
    environment: Vec<(String, String)>,
    child: Child,
}

impl Hub {
    /// Starts a hub in `folder` on a free port.
    pub fn start(folder: &Path, arguments: &[&str]) -> Hub {
        Hub::start_telling(folder, arguments, Stdio::null())
    }

    /// The same, with more in its environment.
    pub fn start_in(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Hub {
        Hub::begin(folder, arguments, environment, Stdio::null())
    }

    /// The same, with what it says going somewhere.
    pub fn start_telling(folder: &Path, arguments: &[&str], log: impl Into<Stdio>) -> Hub {
        Hub::begin(folder, arguments, &[], log.into())
    }

    fn begin(folder: &Path, arguments: &[&str], environment: &[(&str, &str)], log: Stdio) -> Hub {
        let mut all = vec!["up".to_owned(), "--dir".to_owned(), folder.display().to_string()];
        if !arguments.contains(&"--listen") {
            all.extend(["--listen".to_owned(), format!("127.0.0.1:{}", free_port())]);
        }
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        if let Some(address) = database_of(folder)
            && !arguments.contains(&"--store")
        {
            make_database(&address);
        }
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>();
        let (child, url) = launch(&all, &environment, log);
        Hub { folder: folder.to_owned(), url, arguments: all, environment, child }
    }

    /// Kills it without a word and starts it again, on the same port.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        let (child, url) = launch(&self.arguments, &self.environment, Stdio::null());
        self.child = child;
        self.url = url;
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and returns its exit code.
    pub fn stop(mut self) -> i32 {
        self.ask_to_stop()
    }

    pub fn ask_to_stop(&mut self) -> i32 {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM).unwrap();
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// A command against this hub, as its operator.
    pub fn say(&self, arguments: &[&str]) -> Said {
        let mut command = shugu(arguments);
        set_store(&mut command, &self.folder);
        said(command.env("SHUGU_DIR", &self.folder).output().unwrap())
    }

    /// A command against this hub with another token.
    pub fn say_as(&self, token: &str, arguments: &[&str]) -> Said {
        said(shugu(arguments).env("SHUGU_DIR", &self.folder).env("SHUGU_TOKEN", token).output().unwrap())
    }

    /// A command that must succeed and prints JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        let before_command = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
        arguments.insert(before_command, "--json");
        let said = self.say(&arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        serde_json::from_str(&said.out).unwrap()
    }

    /// Submits a job and returns its id.
    pub fn submit(&self, arguments: &[&str]) -> String {
        let mut all = vec!["submit"];
        all.extend(arguments);
        let said = self.say(&all);
        assert_eq!(said.code, 0, "{}", said.err);
        said.out.trim().to_owned()
    }

    /// The job as it is when `until` holds, waited for.
    pub fn job_when(&self, id: &str, until: impl Fn(&Value) -> bool) -> Value {
        self.job_within(id, Duration::from_secs(60), until)
    }

    /// The same, where it may take longer.
    pub fn job_within(&self, id: &str, most: Duration, until: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let job = self.json(&["job", id]);
            if until(&job) {
                return job;
            }
            assert!(begun.elapsed() < most, "{job}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The job once it has ended and is paid.
    pub fn ended(&self, id: &str) -> Value {
        self.job_when(id, |job| !job["cost_yuan"].is_null())
    }

    /// Waits until some pool's agent is in touch.
    pub fn with_pool(self) -> Hub {
        let begun = Instant::now();
        while !self.json(&["pools"])["pools"].as_array().unwrap().iter().any(|pool| pool["contact"] == true) {
            assert!(begun.elapsed() < Duration::from_secs(60), "no agent joined");
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// Lets a pool join as its agent would, and returns the agent's own secret.
    pub fn join_pool(&self, name: &str, provider: &str) -> String {
        let made = self.json(&["access", "pool", name, "--provider", provider]);
        let secret = format!("shugu_{:0>64}", format!("0123456789abcdef{}", made["id"]));
        let joining = made["token"].as_str().unwrap();
        let request = ureq::post(format!("{}/v1/agent/join", self.url)).header("authorization", format!("Bearer {joining}"));
        request.send_json(serde_json::json!({ "credential": secret })).unwrap();
        secret
    }

    /// What a route answers its operator.
    pub fn get(&self, path: &str) -> Value {
        let request = ureq::get(format!("{}{path}", self.url)).header("authorization", format!("Bearer {}", self.token()));
        request.call().unwrap_or_else(|problem| panic!("{path}: {problem}")).body_mut().read_json().unwrap()
    }

    pub fn token(&self) -> String {
        std::fs::read_to_string(self.folder.join("operator.token")).unwrap().trim().to_owned()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(arguments: &[String], environment: &[(String, String)], log: Stdio) -> (Child, String) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = shugu(&arguments).envs(environment.iter().cloned()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the hub said {line:?}")).to_owned();
    (child, url)
}

/// Processes of this folder whose command line has `word`.
pub fn processes(folder: &Path, word: &str) -> Vec<i32> {
    let mark = folder.display().to_string();
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let has = |pid: &i32| {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.contains(&mark) && line.contains(word)
    };
    pids.filter(has).collect()
}

/// Kills processes without a word.
pub fn kill_all(pids: &[i32]) {
    for pid in pids {
        // One that has ended meanwhile is as good as killed.
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
}

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

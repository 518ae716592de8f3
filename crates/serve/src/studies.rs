//! Studies: replays and plans that people ask for in the dashboard. Each is a run of this very program beside the hub, as its own
//! process, so that what a planner tries can neither stop nor slow the hub; what the command prints is what the study found.
//!
//! A study is a folder: `study.json` (what was asked), `started.json` (when), `found.json`, `picture.svg`, `said.txt` (messages), `end.json` (how it ended).

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use measure::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::{Notify, Semaphore};

use crate::clock;

/// What a study is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) id: u64,
    /// `replay` or `plan`.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) by: String,
    pub(crate) asked_at: String,
    /// As it was sent.
    pub(crate) request: Value,
}

/// How it ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ended {
    /// `done`, `failed` or `stopped`.
    pub(crate) state: String,
    pub(crate) ended_at: String,
    pub(crate) error: Option<String>,
}

/// A study and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Study {
    pub(crate) asked: Asked,
    /// `waiting` for others, or `running`.
    pub(crate) under_way: &'static str,
    /// When its turn came; `None` before that, and where nobody wrote it down.
    pub(crate) started_at: Option<String>,
    pub(crate) ended: Option<Ended>,
}

/// What a run of the program needs.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Files to lay beside it first.
    pub(crate) files: Vec<(&'static str, String)>,
    /// Arguments; it runs in its own folder.
    pub(crate) arguments: Vec<String>,
}

/// The studies of a hub.
pub(crate) struct Studies {
    folder: PathBuf,
    program: Option<PathBuf>,
    /// What it must find in its environment to reach the hub's store.
    environment: Vec<(&'static str, String)>,
    live: Mutex<BTreeMap<u64, Live>>,
    /// One at a time: the machine is the hub's first of all.
    turn: Arc<Semaphore>,
}

struct Live {
    runs: bool,
    stop: Arc<Notify>,
}

/// A study is ended after so long: somebody has forgotten it.
const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// So many wait or run.
const LIVE_MOST: usize = 20;

/// Why a study is not begun.
#[derive(Debug)]
pub(crate) enum Refused {
    /// This program cannot run itself.
    NoProgram,
    TooMany,
    Disk(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused::Disk(error)
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    std::fs::write(path, serde_json::to_vec_pretty(value).map_err(io::Error::other)?)
}

impl Studies {
    pub(crate) fn new(hub: &Path, program: Option<PathBuf>, environment: Vec<(&'static str, String)>) -> Studies {
        Studies { folder: hub.join("studies"), program, environment, live: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }

    fn live(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, id: u64) -> PathBuf {
        self.folder.join(id.to_string())
    }

    fn ids(&self) -> Vec<u64> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut ids: Vec<u64> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn get(&self, id: u64) -> Option<Study> {
        let folder = self.of(id);
        let asked: Asked = read(&folder.join("study.json"))?;
        let runs = self.live().get(&id).map(|live| live.runs);
        let gone = || Ended {
            state: "stopped".to_owned(),
            ended_at: asked.asked_at.clone(),
            error: Some("the hub ended before it".to_owned()),
        };
        let ended = read(&folder.join("end.json")).or_else(|| runs.is_none().then(gone));
        let started_at = read(&folder.join("started.json"));
        Some(Study { asked, started_at, under_way: if runs == Some(true) { "running" } else { "waiting" }, ended })
    }

    /// Newest first.
    pub(crate) fn list(&self) -> Vec<Study> {
        self.ids().into_iter().rev().filter_map(|id| self.get(id)).collect()
    }

    /// What a study found, and its picture.
    pub(crate) fn found(&self, id: u64) -> (Option<Value>, Option<String>) {
        let folder = self.of(id);
        (read(&folder.join("found.json")), std::fs::read_to_string(folder.join("picture.svg")).ok())
    }

    /// Begins a study; `told` hears of each step of it.
    pub(crate) fn begin(
        self: &Arc<Studies>,
        kind: &str,
        name: String,
        by: String,
        request: Value,
        run: Run,
        told: impl Fn(u64, &str) + Send + Sync + 'static,
    ) -> Result<u64, Refused> {
        let program = self.program.clone().ok_or(Refused::NoProgram)?;
        if self.live().len() >= LIVE_MOST {
            return Err(Refused::TooMany);
        }
        std::fs::create_dir_all(&self.folder)?;
        let mut id = self.ids().last().map_or(1, |last| last + 1);
        // Two may ask at once: whoever makes the folder has the number.
        while let Err(error) = std::fs::create_dir(self.of(id)) {
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(error.into());
            }
            id += 1;
        }
        let folder = self.of(id);
        for (file, text) in &run.files {
            std::fs::write(folder.join(file), text)?;
        }
        let asked = Asked { id, kind: kind.to_owned(), name, by, asked_at: clock::now().to_string(), request };
        write(&folder.join("study.json"), &asked)?;
        let stop = Arc::new(Notify::new());
        self.live().insert(id, Live { runs: false, stop: stop.clone() });
        let studies = self.clone();
        tokio::spawn(async move {
            told(id, "waiting");
            let ended = tokio::select! {
                permit = studies.turn.clone().acquire_owned() => {
                    let _turn = permit;
                    if let Some(live) = studies.live().get_mut(&id) {
                        live.runs = true;
                    }
                    if let Err(error) = write(&folder.join("started.json"), &clock::now().to_string()) {
                        tracing::warn!("study {id}: when it started cannot be kept: {error}");
                    }
                    told(id, "running");
                    carry_out(&program, &studies.environment, &folder, &run, &stop).await
                }
                () = stop.notified() => end("stopped", None),
            };
            if let Err(error) = write(&folder.join("end.json"), &ended) {
                tracing::warn!("study {id}: how it ended cannot be kept: {error}");
            }
            studies.live().remove(&id);
            told(id, &ended.state);
        });
        Ok(id)
    }

    /// Stops a study that is under way, or forgets one that is over; whether there was one.
    pub(crate) fn end(&self, id: u64) -> io::Result<bool> {
        if let Some(live) = self.live().get(&id) {
            live.stop.notify_one();
            return Ok(true);
        }
        match std::fs::remove_dir_all(self.of(id)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn end(state: &str, error: Option<String>) -> Ended {
    Ended { state: state.to_owned(), ended_at: clock::now().to_string(), error }
}

/// Runs the program in the study's folder, behind everything else the machine does.
async fn carry_out(program: &Path, environment: &[(&'static str, String)], folder: &Path, run: &Run, stop: &Notify) -> Ended {
    let failed = |error: &dyn std::fmt::Display| end("failed", Some(format!("it cannot be run: {error}")));
    let files = File::create(folder.join("found.tmp")).and_then(|out| Ok((out, File::create(folder.join("said.txt"))?)));
    let (out, said) = match files {
        Ok(files) => files,
        Err(error) => return failed(&error),
    };
    let mut command = Command::new("nice");
    command.arg("-n").arg("10").arg(program).args(&run.arguments).current_dir(folder);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(out).stderr(said).kill_on_drop(true);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return failed(&error),
    };
    let status = tokio::select! {
        status = child.wait() => status,
        () = stop.notified() => {
            let _ = child.kill().await;
            return end("stopped", None);
        }
        () = tokio::time::sleep(LONGEST) => {
            let _ = child.kill().await;
            return end("failed", Some("it took longer than six hours".to_owned()));
        }
    };
    // A plan that there is none is an answer, too: the command tells it as JSON and ends with 1.
    let answered = || read::<Value>(&folder.join("found.tmp")).is_some_and(|found| found.is_object());
    match status {
        Ok(status) if status.success() || (status.code() == Some(1) && answered()) => {
            match std::fs::rename(folder.join("found.tmp"), folder.join("found.json")) {
                Ok(()) => end("done", None),
                Err(error) => failed(&error),
            }
        }
        Ok(status) => {
            let said = std::fs::read_to_string(folder.join("said.txt")).unwrap_or_default();
            let told = said.lines().rev().find(|line| line.starts_with("error")).or(said.lines().last()).unwrap_or_default();
            let told = told.trim_start_matches("error:").trim().replace(&format!("{}/", folder.display()), "");
            end("failed", Some(if told.is_empty() { format!("it ended with {status}") } else { told }))
        }
        Err(error) => failed(&error),
    }
}

/// How long a study took, or takes so far, in seconds.
pub(crate) fn seconds(study: &Study) -> f64 {
    let at = |text: &str| text.parse::<Time>().ok();
    let until = study.ended.as_ref().and_then(|ended| at(&ended.ended_at)).unwrap_or_else(clock::now);
    at(&study.asked.asked_at).map_or(0.0, |asked| (until - asked).as_seconds())
}

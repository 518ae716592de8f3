//! Processes as the system shows them: start, reap, signal, look.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use dispatch::End;
use measure::{CoreTime, JobId, Memory};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::talk::Launch;
use crate::folder::{job_folder, output_path};
use crate::wire::Stream;

/// Starts a replica as a process group of its own, in a control group if there is one, and returns its process.
#[expect(unsafe_code, reason = "std starts nothing in a control group")]
pub(super) fn start(folder: &Path, launch: &Launch, group: Option<File>) -> io::Result<i32> {
    let own = job_folder(folder, launch.job);
    match fs::create_dir(&own) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let output = |stream| File::create(output_path(folder, launch.job, launch.replica, stream));
    let (program, arguments) = launch.argv.split_first().ok_or_else(|| io::Error::other("the command is empty"))?;
    let mut command = Command::new(program);
    command.args(arguments).envs(&launch.env).process_group(0).stdin(Stdio::null());
    command.stdout(output(Stream::Stdout)?).stderr(output(Stream::Stderr)?);
    command.current_dir(launch.directory.as_deref().map_or(own.as_path(), Path::new));
    if let Some(group) = group {
        let enter = move || {
            // Without it the job runs all the same, and is held by its process group alone.
            let _ = nix::unistd::write(&group, b"0");
            Ok(())
        };
        // SAFETY: between fork and exec nothing happens but one write to a file that is open already.
        unsafe { command.pre_exec(enter) };
    }
    let child = command.spawn().map_err(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        match &launch.directory {
            Some(directory) if missing && !Path::new(directory).is_dir() => {
                io::Error::other(format!("there is no folder {directory}"))
            }
            _ if missing => io::Error::other(format!("there is no program {program}")),
            _ => io::Error::other(format!("{program}: {error}")),
        }
    })?;
    // Dropping the handle leaves the process alone; the keeper reaps all its children together.
    Ok(child.id().cast_signed())
}

/// A child that ended.
pub(super) struct Reaped {
    pub(super) pid: i32,
    pub(super) end: End,
    pub(super) cpu: CoreTime,
    /// The largest single process. A child begins as a copy of the keeper, so this is never below the keeper's own size.
    pub(super) peak_memory: Memory,
}

/// Reaps one ended child, if there is one. Only `wait4` gives what that child used.
#[expect(unsafe_code, reason = "nix wraps no wait that returns the child's resource usage")]
pub(super) fn reap() -> Option<Reaped> {
    let mut status: libc::c_int = 0;
    // SAFETY: rusage is plain data for which all zeros is a value, and both pointers live through the call.
    let (pid, used) = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        (libc::wait4(-1, &raw mut status, libc::WNOHANG, &raw mut used), used)
    };
    if pid <= 0 {
        return None;
    }
    let end = if libc::WIFEXITED(status) { End::Exited(libc::WEXITSTATUS(status)) } else { End::Killed(libc::WTERMSIG(status)) };
    let microseconds = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    Some(Reaped {
        pid,
        end,
        // Core-microseconds are the unit of core-time.
        cpu: CoreTime(microseconds(used.ru_utime) + microseconds(used.ru_stime)),
        peak_memory: Memory(u64::try_from(used.ru_maxrss).unwrap_or(0) << 10),
    })
}

/// Signals a whole process group; one that is gone is no error.
pub(super) fn signal(group: i32, signal: Signal) {
    let _ = killpg(Pid::from_raw(group), signal);
}

/// When a process was born, in the system's ticks since its start; `None` if it is gone or only a zombie.
pub(super) fn born(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields = after_name(&stat)?;
    if fields.first() == Some(&"Z") {
        return None;
    }
    fields.get(19)?.parse().ok()
}

/// The fields of `/proc/PID/stat` after the name, which may itself hold blanks and brackets.
fn after_name(stat: &str) -> Option<Vec<&str>> {
    Some(stat.rsplit_once(") ")?.1.split_whitespace().collect())
}

/// Resident memory by process group, over every process of the machine.
pub(super) fn memory_by_group() -> std::collections::BTreeMap<i32, Memory> {
    let mut groups = std::collections::BTreeMap::<i32, Memory>::new();
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096).cast_unsigned();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if !entry.file_name().as_encoded_bytes()[0].is_ascii_digit() {
            continue;
        }
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some(fields) = after_name(&stat) else { continue };
        let (Some(Ok(group)), Some(Ok(pages))) = (fields.get(2).map(|f| f.parse()), fields.get(21).map(|f| f.parse::<u64>()))
        else {
            continue;
        };
        *groups.entry(group).or_default() += Memory(pages * page);
    }
    groups
}

/// The process group leader that runs a replica, found by the mark in its environment. Needed only where a keeper
/// was killed between starting a process and writing its number down.
pub(super) fn find(folder: &Path, job: JobId, replica: u32) -> Option<i32> {
    // The folder tells the jobs of two pools on one machine apart.
    let (job, replica) = (format!("SHUGU_FOLDER={}", job_folder(folder, job).display()), format!("SHUGU_REPLICA={replica}"));
    let has = |pid: &i32| {
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { return false };
        let marks = || environment.split(|byte| *byte == 0);
        marks().any(|mark| mark == job.as_bytes()) && marks().any(|mark| mark == replica.as_bytes())
    };
    let leader = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        after_name(&stat).and_then(|fields| fields.get(2)?.parse::<i32>().ok()) == Some(*pid)
    };
    let pids = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(leader).find(has)
}

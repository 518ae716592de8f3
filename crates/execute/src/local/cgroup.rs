//! Control groups (cgroup v2), where the system has them and this user may make some. A replica and all that it ever starts
//! are one group: they are limited, counted and ended together, whatever sessions of their own they open. Where there are
//! none, the keeper does what it can with process groups.
//!
//! Source: the kernel's documentation, Documentation/admin-guide/cgroup-v2.rst; for delegation, systemd's
//! CGROUP_DELEGATION.md.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use measure::{CoreTime, Cpu, Memory};
use sha2::{Digest, Sha256};

use super::journal::Key;

/// Where agent and keeper go if they stand in the way: a group that gives controllers on has no processes itself.
const OWN: &str = "agent-of-shugu";
/// How the groups of keepers are called.
const PREFIX: &str = "shugu-";
/// What is wanted of the kernel.
const CONTROLLERS: [&str; 2] = ["+cpu", "+memory"];

/// What a replica and all that it started used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) cpu: CoreTime,
    /// Where memory is counted.
    pub(super) peak_memory: Option<Memory>,
    /// Whether the kernel ended something of it for want of memory.
    pub(super) out_of_memory: bool,
}

/// The groups of one keeper.
#[derive(Debug)]
pub(crate) struct Groups {
    folder: PathBuf,
    /// Whether memory is limited and counted.
    memory: bool,
}

impl Groups {
    /// The groups of the keeper of `folder`, made if need be.
    ///
    /// # Errors
    /// Where the system has none, or this user may make none, and why.
    pub(crate) fn open(folder: &Path) -> Result<Groups, String> {
        let read = |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let (mounts, own) = (read("/proc/self/mountinfo")?, read("/proc/self/cgroup")?);
        let (base, root) = base(&mounts, &own).ok_or("the system has no control groups of version 2")?;
        let base = if base.ends_with(OWN) { base.parent().unwrap_or(&base).to_owned() } else { base };
        if !root && !delegated(&base) {
            return Err(format!("{} is not delegated to this user", base.display()));
        }
        // Two keepers of one machine do not meet.
        let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
        let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        // A group with processes of its own that gives a controller on lets none be moved below it any more.
        if root || make_way(&base).is_ok_and(|()| is_empty(&base)) {
            CONTROLLERS.iter().for_each(|controller| drop(give(&base, controller)));
        }
        clear(&base);
        let mut groups = Groups { folder: base.join(format!("{PREFIX}{name}")), memory: false };
        groups.set_up().map_err(|error| format!("{}: {error}", groups.folder.display()))?;
        let given = fs::read_to_string(groups.folder.join("cgroup.subtree_control")).unwrap_or_default();
        groups.memory = given.split_whitespace().any(|controller| controller == "memory");
        Ok(groups)
    }

    /// Makes the group of the groups, which is there while something runs.
    fn set_up(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // Some may not be had here, and the rest is of use without.
        CONTROLLERS.iter().for_each(|controller| drop(give(&self.folder, controller)));
        Ok(())
    }

    /// Whether memory is limited and counted by the kernel.
    pub(crate) fn memory(&self) -> bool {
        self.memory
    }

    /// The name of a replica's group.
    pub(super) fn name((job, replica): Key) -> String {
        format!("{job}.{replica}")
    }

    fn of(&self, key: Key) -> PathBuf {
        self.folder.join(Groups::name(key))
    }

    /// Makes the group of a replica; whoever writes `0` into the file is in it.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn make(&self, key: Key, cpu: Cpu, memory: Memory) -> io::Result<File> {
        let group = self.of(key);
        if !self.folder.exists() {
            self.set_up()?;
        }
        fs::create_dir_all(&group)?;
        if self.memory && memory > Memory(0) {
            fs::write(group.join("memory.max"), memory.0.to_string())?;
            // Some kernels have no swap to limit; all of it goes together.
            let _ = fs::write(group.join("memory.swap.max"), "0");
            let _ = fs::write(group.join("memory.oom.group"), "1");
        }
        // A core is worth 100, which is also what a group of no weight has. It counts only where cores are short.
        let weight = (cpu.0 / 10).clamp(1, 10_000);
        let _ = fs::write(group.join("cpu.weight"), weight.to_string());
        OpenOptions::new().write(true).open(group.join("cgroup.procs"))
    }

    /// What a replica used so far; `None` if it has no group.
    pub(super) fn used(&self, key: Key) -> Option<Used> {
        let group = self.of(key);
        let read = |file: &str| fs::read_to_string(group.join(file)).ok();
        let cpu = number(&read("cpu.stat")?, "usage_usec")?;
        let peak_memory = read("memory.peak").and_then(|peak| peak.trim().parse().ok()).map(Memory);
        let out_of_memory = read("memory.events").and_then(|events| number(&events, "oom_kill")).is_some_and(|count| count > 0);
        // Core-microseconds are the unit of core-time.
        Some(Used { cpu: CoreTime(i64::try_from(cpu).unwrap_or(i64::MAX)), peak_memory, out_of_memory })
    }

    /// Ends all that is left of a replica, by force. Its group is removed once it is empty; see [`Groups::sweep`].
    pub(super) fn end(&self, key: Key) {
        let group = self.of(key);
        let _ = fs::write(group.join("cgroup.kill"), "1");
        let _ = fs::remove_dir(group);
    }

    /// Ends and removes the groups of all replicas but those that run, by name.
    pub(super) fn sweep(&self, runs: impl Fn(&str) -> bool) {
        for group in below(&self.folder).filter(|group| !group.file_name().and_then(|name| name.to_str()).is_some_and(&runs)) {
            let _ = fs::write(group.join("cgroup.kill"), "1");
            let _ = fs::remove_dir(group);
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        // Fails while something runs, as it should.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// The groups below a group.
fn below(group: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let all = fs::read_dir(group).into_iter().flatten().flatten();
    all.filter(|one| one.file_type().is_ok_and(|kind| kind.is_dir())).map(|one| one.path())
}

/// Removes what keepers that were killed left behind. What is in use cannot be removed, and what is not is made anew.
fn clear(base: &Path) {
    let ours = |group: &PathBuf| group.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    for left in below(base).filter(ours) {
        below(&left).for_each(|group| drop(fs::remove_dir(group)));
        let _ = fs::remove_dir(left);
    }
}

/// The number behind a key, one a line.
fn number(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

/// The group that this process is in, and whether it is the root of all.
fn base(mounts: &str, own: &str) -> Option<(PathBuf, bool)> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    // Numbers, root, mount point, options, a dash, the kind.
    let mount = |line: &str| {
        let (place, kind) = line.split_once(" - ")?;
        let fields: Vec<&str> = place.split(' ').collect();
        (kind.starts_with("cgroup2 ") && fields.get(3) == Some(&"/")).then(|| PathBuf::from(fields[4]))
    };
    let mount = mounts.lines().find_map(mount)?;
    Some((mount.join(path.trim_start_matches('/')), path == "/"))
}

/// Whether a group is given to this user, and not only within reach: the system's own groups are left alone.
fn delegated(group: &Path) -> bool {
    let own = nix::unistd::geteuid();
    let owned = !own.is_root() && fs::metadata(group).is_ok_and(|data| data.uid() == own.as_raw());
    let mut told = [0_u8; 8];
    owned
        || ["trusted.delegate", "user.delegate"]
            .iter()
            .any(|name| rustix::fs::getxattr(group, *name, &mut told[..]).is_ok_and(|length| told[..length] == *b"1"))
}

/// Gives a controller on to the groups below.
fn give(group: &Path, controller: &str) -> io::Result<()> {
    fs::write(group.join("cgroup.subtree_control"), controller)
}

/// Moves what a delegated group holds, which is agent and keeper, into a group of its own below.
fn make_way(group: &Path) -> io::Result<()> {
    let own = group.join(OWN);
    match fs::create_dir(&own) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for pid in fs::read_to_string(group.join("cgroup.procs"))?.lines() {
        // One that has ended meanwhile is out of the way.
        let _ = fs::write(own.join("cgroup.procs"), pid);
    }
    Ok(())
}

fn is_empty(group: &Path) -> bool {
    fs::read_to_string(group.join("cgroup.procs")).is_ok_and(|pids| pids.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
30 23 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
";

    #[test]
    fn the_own_group_is_found_below_the_mount_of_version_2() {
        let unified = |path: &str| PathBuf::from(format!("/sys/fs/cgroup/unified{path}"));
        assert_eq!(base(MOUNTS, "4:memory:/a\n0::/\n"), Some((unified("/"), true)));
        let service = "0::/system.slice/shugu-agent.service\n";
        assert_eq!(base(MOUNTS, service), Some((unified("/system.slice/shugu-agent.service"), false)));
        assert_eq!(base(MOUNTS, "4:memory:/a\n"), None, "a system with version 1 only");
        assert_eq!(base("22 27 0:21 / /proc rw - proc proc rw\n", "0::/\n"), None);
    }

    #[test]
    fn what_was_used_is_read_by_its_name() {
        let events = "low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 1\n";
        assert_eq!((number(events, "oom_kill"), number(events, "oom"), number(events, "swap")), (Some(2), Some(1), None));
        assert_eq!(number("usage_usec 21433\nuser_usec 20000\n", "usage_usec"), Some(21_433));
    }
}

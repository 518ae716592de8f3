//! A batch script of Slurm. Its `#SBATCH` lines become a job of the hub; what cannot be kept is said, and what would change the meaning of
//! the script if it were dropped is refused.

mod options;

use serve::{Plain, SubmitForm};

use crate::failure::{Failure, Outcome};
use options::Fate::{Kept, Left, Refused};
pub use options::{Asked, options};
use options::{KNOWN, of_script};

/// Seconds of a time of Slurm: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes or all four.
fn seconds(text: &str) -> Option<u64> {
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (Some(days.parse::<u64>().ok()?), rest),
        None => (None, text),
    };
    let parts: Vec<u64> = rest.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = match (days, parts.as_slice()) {
        (None, [minutes]) => [0, *minutes, 0],
        (None, [minutes, seconds]) => [0, *minutes, *seconds],
        (Some(_), [hours]) => [*hours, 0, 0],
        (Some(_), [hours, minutes]) => [*hours, *minutes, 0],
        (_, [hours, minutes, seconds]) => [*hours, *minutes, *seconds],
        _ => return None,
    };
    let parts = [(days.unwrap_or(0), 86_400), (hours, 3600), (minutes, 60), (seconds, 1)];
    parts.into_iter().try_fold(0, |sum: u64, (count, each)| sum.checked_add(count.checked_mul(each)?))
}

/// MiB of a size of Slurm, megabytes without a unit.
fn mebibytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    match text[digits.len()..].to_ascii_uppercase().trim_end_matches('B') {
        "K" => Some(number.div_ceil(1024)),
        "" | "M" => Some(number),
        "G" => number.checked_mul(1024),
        "T" => number.checked_mul(1024 * 1024),
        _ => None,
    }
}

/// Model and count of `2`, `a100:2` or `a100`.
fn devices(text: &str) -> Option<(Option<String>, u32)> {
    match text.rsplit_once(':') {
        Some((model, count)) => Some((Some(model.to_owned()), count.parse().ok()?)),
        None => Some(text.parse().map_or_else(|_| (Some(text.to_owned()), 1), |count| (None, count))),
    }
}

/// The numbers of an array: the first and the step of a plain range, or all of them; and how many, as many as an array may have.
fn numbers(text: &str) -> Option<(String, u32, u32)> {
    let text = text.split('%').next()?;
    let range = |part: &str| {
        let (range, step) = part.split_once(':').map_or((Some(part), Some(1)), |(range, step)| (Some(range), step.parse().ok()));
        let (first, last) = range?.split_once('-').map_or((range, range), |(first, last)| (Some(first), Some(last)));
        let (first, last, step): (u32, u32, u32) = (first?.parse().ok()?, last?.parse().ok()?, step?);
        (step > 0 && first <= last).then_some((first, last, step))
    };
    let ranges: Vec<(u32, u32, u32)> = text.split(',').map(range).collect::<Option<_>>()?;
    let count: u64 = ranges.iter().map(|(first, last, step)| u64::from((last - first) / step) + 1).sum();
    let count = u32::try_from(count).ok().filter(|count| *count <= dispatch::Task::MOST)?;
    if let [(first, _, step)] = ranges.as_slice() {
        return Some((first.to_string(), *step, count));
    }
    let all: Vec<String> = ranges
        .iter()
        .flat_map(|(first, last, step)| (*first..=*last).step_by(*step as usize))
        .map(|one| one.to_string())
        .collect();
    Some((all.join(","), 0, count))
}

/// A batch script as a job, what is said of it, and what to do besides.
#[derive(Debug)]
pub struct Batch {
    /// The job.
    pub form: SubmitForm,
    /// What is said of it.
    pub said: Vec<String>,
    /// Whether to wait for its end.
    pub wait: bool,
    /// Whether to print the number alone.
    pub parsable: bool,
    /// Whether only to ask what would become of it.
    pub only_test: bool,
}

/// Reads the text of a script; `arguments` is what it is told, and what was asked for on the command line wins over its own lines.
///
/// # Errors
/// The first mistake, with the file and the line.
pub fn read(name: &str, script: String, arguments: &[String], line: Asked) -> Outcome<Batch> {
    if !script.starts_with("#!") {
        return Err(Failure::Wrong(format!("{name} line 1: a batch script begins with #! and the program that reads it")));
    }
    let mut asked = Asked::default();
    of_script(name, &script, &mut asked)?;
    asked.0.extend(line.0);
    let file = std::path::Path::new(name).file_name().map_or_else(|| name.to_owned(), |file| file.to_string_lossy().into_owned());
    batch(script, arguments, &file, &asked)
}

/// Reads what was asked for; `script` is what is run, `arguments` what it is told.
fn batch(script: String, arguments: &[String], name: &str, asked: &Asked) -> Outcome<Batch> {
    let get = |option: &str| asked.get(option);
    let wrong = |option: &str, problem: &str| Failure::Wrong(format!("{}: {problem}", asked.place(option)));
    let mut said = Vec::new();
    for (option, _, _, fate) in KNOWN.iter().filter(|known| asked.get(known.0).is_some()) {
        match fate {
            Kept => {}
            Left(why) => said.push(format!("{} is left out: {why}", asked.place(option))),
            Refused(instead) => return Err(wrong(option, &format!("is not kept here; {instead}"))),
        }
    }
    let count = |option: &str| -> Outcome<Option<u32>> {
        let parse = |text: &str| text.parse().ok().filter(|count| *count > 0).ok_or_else(|| wrong(option, "is no count"));
        get(option).map(parse).transpose()
    };
    let given = |option: &str| -> Outcome<Option<(Option<String>, u32)>> {
        get(option).map(|text| devices(text).ok_or_else(|| wrong(option, "is no count of devices"))).transpose()
    };
    let mut form = SubmitForm::default();
    // Slurm: a node for each of `nodes`; without, as many as tasks need. Here a replica is a node's part of the job.
    let nodes = match get("nodes") {
        Some(text) => {
            let least = text.split('-').next().unwrap_or(text);
            Some(least.parse::<u32>().ok().filter(|nodes| *nodes > 0).ok_or_else(|| wrong("nodes", "is no count"))?)
        }
        None => None,
    };
    let (tasks, each_node) = (count("ntasks")?, count("ntasks-per-node")?);
    let on_node = get("gres").is_some() || get("gpus-per-node").is_some() || get("gpus").is_some();
    let (replicas, tasks) = match (nodes, tasks, each_node) {
        (Some(nodes), _, Some(each)) => (nodes, each),
        (Some(nodes), Some(tasks), None) if tasks % nodes == 0 => (nodes, tasks / nodes),
        (Some(_), Some(_), None) => return Err(wrong("ntasks", "does not divide among the nodes; say --ntasks-per-node")),
        (Some(nodes), None, None) => (nodes, 1),
        (None, Some(tasks), Some(each)) if tasks % each == 0 => (tasks / each, each),
        (None, Some(_), Some(_)) => return Err(wrong("ntasks", "does not divide by --ntasks-per-node; say --nodes")),
        (None, Some(tasks), None) if on_node => (1, tasks),
        (None, Some(tasks), None) => (tasks, 1),
        (None, None, each) => (1, each.unwrap_or(1)),
    };
    form.replicas = (replicas > 1).then_some(replicas);
    if replicas > 1 && nodes.is_some() {
        form.spread = Some("nodes".to_owned());
    }
    let cores = tasks.saturating_mul(count("cpus-per-task")?.unwrap_or(1));
    if cores > 1 || get("cpus-per-task").is_some() {
        form.cpus = Some(Plain(cores.to_string()));
    }
    let size = |option: &str| -> Outcome<Option<u64>> {
        get(option).map(|text| mebibytes(text).ok_or_else(|| wrong(option, "is no size"))).transpose()
    };
    form.memory = match (size("mem")?, size("mem-per-cpu")?) {
        (Some(0), _) => {
            said.push(format!("{} is left out: say how much it needs", asked.place("mem")));
            None
        }
        (Some(memory), _) => Some(Plain(format!("{memory}MiB"))),
        (None, Some(memory)) => Some(Plain(format!("{}MiB", memory.saturating_mul(u64::from(cores))))),
        (None, None) => None,
    };
    let mut asked_devices = given("gpus-per-node")?;
    if let Some((model, count)) = given("gpus-per-task")? {
        asked_devices = Some((model, count.saturating_mul(tasks)));
    }
    if let Some((model, count)) = given("gpus")? {
        if count % replicas != 0 {
            return Err(wrong("gpus", "does not divide among the nodes; say --gpus-per-node"));
        }
        asked_devices = Some((model, count / replicas));
    }
    for gres in get("gres").unwrap_or_default().split(',').filter(|gres| !gres.is_empty() && *gres != "none") {
        match gres.strip_prefix("gres/").unwrap_or(gres).split_once(':').unwrap_or((gres, "1")) {
            ("gpu" | "npu" | "dcu", rest) => {
                asked_devices = Some(devices(rest).ok_or_else(|| wrong("gres", "is no count of devices"))?);
            }
            (other, _) => return Err(wrong("gres", &format!("the hub knows no {other}; it knows gpu, npu and dcu"))),
        }
    }
    if let Some((model, count)) = asked_devices.filter(|(_, count)| *count > 0) {
        form.devices = Some(Plain(count.to_string()));
        form.models = model.into_iter().collect();
    }
    if let Some(text) = get("time").filter(|text| !matches!(text.to_ascii_lowercase().as_str(), "0" | "infinite" | "unlimited")) {
        let span =
            seconds(text).filter(|span| *span > 0).ok_or_else(|| wrong("time", "is no time of Slurm: 90, 1:30:00, 2-12"))?;
        form.time_limit = Some(Plain(format!("{span}s")));
    }
    let (mut first, mut step) = (String::new(), 1);
    if let Some(text) = get("array") {
        let (begin, between, count) =
            numbers(text).ok_or_else(|| wrong("array", "is no array of at most 100000 tasks: 0-99, 1-9:2 or 1,3,7"))?;
        if text.contains('%') {
            said.push(format!("{}: tasks run as the tenant's share allows, not so many at a time", asked.place("array")));
        }
        form.array = Some(count);
        (first, step) = (begin, between);
    }
    for part in get("dependency").unwrap_or_default().split([',', '?']).filter(|part| !part.is_empty()) {
        let mut words = part.split(':');
        let list = match words.next() {
            Some("after") => &mut form.after,
            Some("afterok") => &mut form.after_ok,
            Some("afterany") => &mut form.after_any,
            _ => return Err(wrong("dependency", "is not kept here; after, afterok and afterany are")),
        };
        for job in words {
            let number = job.strip_prefix("job-").unwrap_or(job);
            if number.is_empty() || number.contains(|letter: char| !letter.is_ascii_digit()) {
                return Err(wrong("dependency", "names no job of the hub, such as 42"));
            }
            list.push(format!("job-{number}"));
        }
    }
    form.deadline = get("deadline").map(str::to_owned);
    form.directory = get("chdir").map(str::to_owned);
    form.image = get("container-image").map(str::to_owned);
    for part in get("export").unwrap_or_default().split(',').filter(|part| !part.is_empty() && *part != "NONE" && *part != "NIL")
    {
        match part.split_once('=') {
            Some((name, value)) => _ = form.env.insert(name.to_owned(), value.to_owned()),
            None if part == "ALL" => {
                said.push(format!("{}: only variables that are named are brought along", asked.place("export")))
            }
            None => {
                let value = std::env::var(part).map_err(|_| wrong("export", &format!("{part} is not set here")))?;
                form.env.insert(part.to_owned(), value);
            }
        }
    }
    if get("requeue").is_some() && get("no-requeue").is_none() {
        form.retries = Some(3);
    }
    if replicas > 1 {
        said.push(format!(
            "the script runs in each of {replicas} replicas, not in the first alone: what is outside `srun` runs {replicas} times"
        ));
    }
    form.name = Some(get("job-name").unwrap_or(name).to_owned());
    form.command = ["/bin/sh", "-c", include_str!("sbatch.sh"), "sbatch"].map(str::to_owned).to_vec();
    form.command.extend([script, first, step.to_string(), tasks.to_string()]);
    form.command.extend(arguments.iter().cloned());
    let flag = |option: &str| get(option).is_some();
    Ok(Batch { form, said, wait: flag("wait"), parsable: flag("parsable"), only_test: flag("test-only") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Batch {
        let mut asked = Asked::default();
        let script = format!("#!/bin/sh\n#SBATCH {line}\n");
        of_script("job.sh", &script, &mut asked).unwrap();
        batch(script, &[], "job.sh", &asked).unwrap()
    }

    #[test]
    fn times_and_sizes_are_those_of_slurm() {
        let times = ["90", "1:30", "1:30:00", "2-12", "2-12:30", "1-0:0:1", "1:2:3:4", "soon", "1-"].map(seconds);
        assert_eq!(times, [Some(5400), Some(90), Some(5400), Some(216_000), Some(217_800), Some(86_401), None, None, None]);
        let sizes = ["64G", "500", "2048K", "1T", "3GB", "much", "5X"].map(mebibytes);
        assert_eq!(sizes, [Some(65_536), Some(500), Some(2), Some(1_048_576), Some(3072), None, None]);
        let arrays = ["0-99", "1-9:2", "1,3,7", "4", "0-9%2", "1-2,8", "9-1", "a"].map(numbers);
        let one = |text: &str, step, count| Some((text.to_owned(), step, count));
        let expected =
            [one("0", 1, 100), one("1", 2, 5), one("1,3,7", 0, 3), one("4", 1, 1), one("0", 1, 10), one("1,2,8", 0, 3)];
        assert_eq!(arrays[..6], expected);
        assert_eq!(arrays[6..], [None, None]);
        // What nobody means, and what would fill the memory.
        let far = ["307445734561825861", "213503982334602-0", "1:18446744073709551615:0"].map(seconds);
        assert_eq!(far, [None; 3]);
        assert_eq!(["0-4294967295", "0-4294967295,1", "0-100000"].map(numbers), [None, None, None]);
        assert_eq!(numbers("0-99999").map(|(_, _, count)| count), Some(100_000));
    }

    #[test]
    fn amounts_beyond_all_machines_are_the_largest_there_are() {
        let form = of("-N2 --ntasks-per-node=65536 -c 65536 --mem-per-cpu=18446744073709551615 --gpus-per-task=65536").form;
        let text = |plain: Option<Plain>| plain.map(|plain| plain.0).unwrap_or_default();
        assert_eq!([text(form.cpus), text(form.devices)], ["4294967295", "4294967295"]);
        assert_eq!(text(form.memory), "18446744073709551615MiB");
    }

    #[test]
    fn nodes_tasks_and_devices_become_replicas() {
        let shape = |line: &str| {
            let form = of(line).form;
            let text = |plain: Option<Plain>| plain.map(|plain| plain.0);
            (form.replicas, text(form.cpus), text(form.devices), form.models, form.command[7].clone(), text(form.memory))
        };
        let some = |text: &str| Some(text.to_owned());
        let tasks = |count: &str| count.to_owned();
        assert_eq!(shape("-n1"), (None, None, None, vec![], tasks("1"), None));
        assert_eq!(
            shape("-N 2 --ntasks-per-node=8 --gpus-per-node=a100:8 -c 4 --mem=512G"),
            (Some(2), some("32"), some("8"), vec!["a100".to_owned()], tasks("8"), some("524288MiB"))
        );
        assert_eq!(shape("-N4 -n 8 -G 16"), (Some(4), some("2"), some("4"), vec![], tasks("2"), None));
        assert_eq!(shape("-n 16 --mem-per-cpu=2G"), (Some(16), None, None, vec![], tasks("1"), some("2048MiB")));
        assert_eq!(shape("-n 4 --gres=gpu:4"), (None, some("4"), some("4"), vec![], tasks("4"), None));
        assert_eq!(shape("-N2 --ntasks-per-node=4 --gpus-per-task=1"), (Some(2), some("4"), some("4"), vec![], tasks("4"), None));
    }
}

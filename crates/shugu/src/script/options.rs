//! The options of sbatch, on a command line or in the lines of a script.

use std::collections::BTreeMap;

use crate::failure::{Failure, Outcome};

/// What an option is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Value,
    /// A value after `=` or none.
    Maybe,
}

/// What becomes of an option.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// It is kept.
    Kept,
    /// It changes nothing here; why.
    Left(&'static str),
    /// Without it the script would mean something else; what to do.
    Refused(&'static str),
}

use Fate::{Kept, Left, Refused};
use Takes::{Maybe, Nothing, Value};

const PLACES: &str = "the hub chooses where it runs; name pools or sites in a job file";
const OUTPUT: &str = "the hub keeps what it writes; read it with `shugu logs`";
const BINDING: &str = "the site binds cores and devices itself";
const MAIL: &str = "nobody is written to; wait with `shugu wait`";
const RIGHTS: &str = "the token says whose job it is, and the policy how urgent";

/// Options of sbatch (`man sbatch`): long name, letter, what follows, and what becomes of it.
#[rustfmt::skip]
pub(super) const KNOWN: &[(&str, Option<char>, Takes, Fate)] = &[
    ("job-name", Some('J'), Value, Kept),
    ("nodes", Some('N'), Value, Kept),
    ("ntasks", Some('n'), Value, Kept),
    ("ntasks-per-node", None, Value, Kept),
    ("cpus-per-task", Some('c'), Value, Kept),
    ("mem", None, Value, Kept),
    ("mem-per-cpu", None, Value, Kept),
    ("gpus", Some('G'), Value, Kept),
    ("gpus-per-node", None, Value, Kept),
    ("gpus-per-task", None, Value, Kept),
    ("gres", None, Value, Kept),
    ("time", Some('t'), Value, Kept),
    ("array", Some('a'), Value, Kept),
    ("dependency", Some('d'), Value, Kept),
    ("deadline", None, Value, Kept),
    ("chdir", Some('D'), Value, Kept),
    ("export", None, Value, Kept),
    ("requeue", None, Nothing, Kept),
    ("no-requeue", None, Nothing, Kept),
    ("wait", Some('W'), Nothing, Kept),
    ("parsable", None, Nothing, Kept),
    ("test-only", None, Nothing, Kept),
    ("wrap", None, Value, Kept),
    ("container-image", None, Value, Kept),
    ("partition", Some('p'), Value, Left(PLACES)),
    ("constraint", Some('C'), Value, Left(PLACES)),
    ("prefer", None, Value, Left(PLACES)),
    ("nodelist", Some('w'), Value, Left(PLACES)),
    ("exclude", Some('x'), Value, Left(PLACES)),
    ("switches", None, Value, Left(PLACES)),
    ("clusters", Some('M'), Value, Left(PLACES)),
    ("contiguous", None, Nothing, Left(PLACES)),
    ("output", Some('o'), Value, Left(OUTPUT)),
    ("error", Some('e'), Value, Left(OUTPUT)),
    ("open-mode", None, Value, Left(OUTPUT)),
    ("input", Some('i'), Value, Refused("let the script read the file itself")),
    ("mail-type", None, Value, Left(MAIL)),
    ("mail-user", None, Value, Left(MAIL)),
    ("account", Some('A'), Value, Left(RIGHTS)),
    ("qos", Some('q'), Value, Left(RIGHTS)),
    ("priority", None, Value, Left(RIGHTS)),
    ("nice", None, Maybe, Left(RIGHTS)),
    ("comment", None, Value, Left("nothing reads it")),
    ("verbose", Some('v'), Nothing, Left("say `shugu --verbose sbatch`")),
    ("quiet", Some('Q'), Nothing, Left("nothing but the job is said on stdout")),
    ("exclusive", None, Maybe, Left("a node is shared; ask for all of its cores or devices")),
    ("oversubscribe", Some('s'), Nothing, Left("the hub shares nodes, never cores or devices")),
    ("overcommit", Some('O'), Nothing, Left("the hub shares nodes, never cores or devices")),
    ("signal", None, Value, Left("a job is told by TERM when its time is over; `notice` in a job file says otherwise")),
    ("time-min", None, Value, Left("the time limit is not shortened")),
    ("mem-per-gpu", None, Value, Refused("say --mem, for each node")),
    ("mem-bind", None, Value, Left(BINDING)),
    ("cpu-freq", None, Value, Left(BINDING)),
    ("gpu-bind", None, Value, Left(BINDING)),
    ("gpu-freq", None, Value, Left(BINDING)),
    ("hint", None, Value, Left(BINDING)),
    ("distribution", Some('m'), Value, Left(BINDING)),
    ("threads-per-core", None, Value, Left(BINDING)),
    ("sockets-per-node", None, Value, Left(BINDING)),
    ("cores-per-socket", None, Value, Left(BINDING)),
    ("ntasks-per-core", None, Value, Left(BINDING)),
    ("ntasks-per-socket", None, Value, Left(BINDING)),
    ("extra-node-info", Some('B'), Value, Left(BINDING)),
    ("mincpus", None, Value, Left("say --cpus-per-task")),
    ("tmp", None, Value, Left("no disk is kept for it")),
    ("spread-job", None, Nothing, Left("say `spread: nodes` in a job file")),
    ("get-user-env", None, Maybe, Left("nobody logs in")),
    ("propagate", None, Maybe, Left("the limits of the site hold")),
    ("profile", None, Value, Left("`shugu job` tells what it used")),
    ("wckey", None, Value, Left("nothing reads it")),
    ("no-kill", Some('k'), Maybe, Left("a gang that loses a node is ended")),
    ("ignore-pbs", None, Nothing, Left("lines of other managers are never read")),
    ("kill-on-invalid-dep", None, Value, Left("a job whose `afterok` failed is cancelled")),
    ("begin", Some('b'), Value, Refused("submit it then")),
    ("hold", Some('H'), Nothing, Refused("submit it when it is to run")),
    ("reservation", None, Value, Refused("the hub has windows for pools, and keeps nodes for gangs itself")),
    ("licenses", Some('L'), Value, Refused("the hub counts no licences")),
    ("bb", None, Value, Refused("the hub has no burst buffers; name inputs in a job file")),
    ("ntasks-per-gpu", None, Value, Refused("say --gpus-per-task")),
    ("cpus-per-gpu", None, Value, Refused("say --cpus-per-task")),
    ("uid", None, Value, Refused("a job runs as whom its pool's agent runs it")),
    ("gid", None, Value, Refused("a job runs as whom its pool's agent runs it")),
];

/// What was asked for, by long name: the value, and where it was said, for messages.
#[derive(Debug, Clone, Default)]
pub struct Asked(pub(super) BTreeMap<&'static str, (String, String)>);

impl Asked {
    pub(super) fn get(&self, option: &str) -> Option<&str> {
        self.0.get(option).map(|(value, _)| value.as_str())
    }

    /// Where it was said.
    pub(super) fn place<'a>(&'a self, option: &'a str) -> &'a str {
        self.0.get(option).map_or(option, |(_, place)| place)
    }

    /// The command that is to be run instead of a script.
    pub fn wrap(&self) -> Option<&str> {
        self.get("wrap")
    }
}

/// Options at the beginning of the words of a command line, and how many words they were.
///
/// # Errors
/// Where one is no option of sbatch, or has no value.
pub fn options(words: &[String]) -> Outcome<(Asked, usize)> {
    let mut asked = Asked::default();
    let read = options_of(words, &|| "sbatch".to_owned(), &mut asked)?;
    Ok((asked, read))
}

fn options_of(words: &[String], said: &dyn Fn() -> String, asked: &mut Asked) -> Outcome<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let wrong = |problem: &str| Failure::Wrong(format!("{} {word}: {problem}", said()));
        let begin = at;
        at += 1;
        if word == "--" {
            break;
        }
        let (name, attached) = match (word.strip_prefix("--"), word.strip_prefix('-')) {
            (Some(long), _) => match long.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (long.to_owned(), None),
            },
            (None, Some(short)) if !short.is_empty() => {
                let (letter, rest) = short.split_at(short.chars().next().map_or(0, char::len_utf8));
                (letter.to_owned(), (!rest.is_empty()).then(|| rest.trim_start_matches('=').to_owned()))
            }
            _ => {
                at -= 1;
                break;
            }
        };
        let mine = |known: &&(&str, Option<char>, Takes, Fate)| match word.starts_with("--") {
            true => known.0 == name,
            false => known.1.is_some_and(|letter| name == letter.to_string()),
        };
        let (long, _, takes, _) = KNOWN.iter().find(mine).ok_or_else(|| wrong("no option of sbatch"))?;
        let value = match (takes, attached) {
            (Nothing, Some(_)) => return Err(wrong("takes no value")),
            (Nothing | Maybe, None) => String::new(),
            (Value | Maybe, Some(value)) => value,
            (Value, None) => {
                at += 1;
                words.get(at - 1).cloned().ok_or_else(|| wrong("needs a value"))?
            }
        };
        asked.0.insert(long, (value, format!("{} {}", said(), words[begin..at].join(" "))));
    }
    Ok(at)
}

/// Options in the lines before the first command of a script.
pub(super) fn of_script(name: &str, script: &str, asked: &mut Asked) -> Outcome {
    for (at, line) in script.lines().enumerate() {
        let said = || format!("{name} line {}:", at + 1);
        if let Some(rest) = line.strip_prefix("#SBATCH").filter(|rest| rest.starts_with([' ', '\t'])) {
            let words = shlex::split(rest).ok_or_else(|| Failure::Wrong(format!("{} a quote is not closed", said())))?;
            if words.first().is_some_and(|word| word == "hetjob" || word == "packjob") {
                return Err(Failure::Wrong(format!("{} jobs of several kinds: submit one job for each kind", said())));
            }
            let read = options_of(&words, &said, asked)?;
            if read < words.len() {
                return Err(Failure::Wrong(format!("{} {}: no option of sbatch", said(), words[read])));
            }
        } else if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            break;
        }
    }
    Ok(())
}

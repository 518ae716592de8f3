//! The standard workload format: 18 numbers a job, comments after `;`. A processor counts as a device.

use std::str::FromStr;

use dispatch::{Ask, Shape, Spec};
use measure::{Devices, Malformed, Name, Span};

use super::table::seconds;
use super::{Trace, TraceJob, note};
use crate::cluster;
use crate::wrong::{Spot, Wrong};

const FIELDS: usize = 18;

/// The fields used, by their position from 0 and their name in the format's definition.
const JOB: (usize, &str) = (0, "1 (job number)");
const SUBMIT: (usize, &str) = (1, "2 (submit time)");
const RUN: (usize, &str) = (3, "4 (run time)");
const ALLOCATED: (usize, &str) = (4, "5 (allocated processors)");
const REQUESTED: (usize, &str) = (7, "8 (requested processors)");
const REQUESTED_TIME: (usize, &str) = (8, "9 (requested time)");
const STATUS: (usize, &str) = (10, "11 (status)");
const USER: (usize, &str) = (11, "12 (user)");

/// What the lines that are no job of their own, or never ran, amount to.
#[derive(Default)]
struct LeftOut {
    never_ran: u64,
    partial: u64,
    no_processors: u64,
}

/// Reads the jobs, and from the header the machine they ran on.
pub(super) fn read(file: &str, text: &str) -> Result<Trace, Wrong> {
    let mut trace = Trace::default();
    let mut left_out = LeftOut::default();
    let (mut nodes, mut processors) = (None, None);
    for (at, line) in text.lines().enumerate() {
        let line = Line { file, number: at as u64 + 1, parts: line.split_ascii_whitespace().collect(), text: line.trim() };
        if let Some(comment) = line.text.strip_prefix(';') {
            nodes = line.header(comment, "MaxNodes")?.or(nodes);
            processors = line.header(comment, "MaxProcs")?.or(processors);
        } else if !line.text.is_empty() {
            trace.jobs.extend(job(&line, &mut left_out)?);
        }
    }
    notes(&mut trace, &left_out);
    machine(&mut trace, nodes, processors);
    Ok(trace)
}

fn job(line: &Line, left_out: &mut LeftOut) -> Result<Option<TraceJob>, Wrong> {
    if line.parts.len() != FIELDS {
        let found = line.parts.len();
        return Err(line.wrong(None, format!("{found} fields where the format has {FIELDS}")));
    }
    let (run, status) = (line.time(RUN)?, line.number(STATUS)?);
    let some = |processors: &u32| *processors > 0;
    let processors = line.number(REQUESTED)?.filter(some).or(line.number(ALLOCATED)?.filter(some));
    // 2, 3 and 4 are stretches of a job that has a line of its own; 5 was cancelled, before its start if it has no run.
    if matches!(status, Some(2..=4)) {
        left_out.partial += 1;
        return Ok(None);
    }
    let Some(run) = run.filter(|run| status != Some(5) || *run > Span::ZERO) else {
        left_out.never_ran += 1;
        return Ok(None);
    };
    let Some(processors) = processors else {
        left_out.no_processors += 1;
        return Ok(None);
    };
    let submit = line.time(SUBMIT)?.ok_or_else(|| line.wrong(Some(SUBMIT.1), "is unknown".to_owned()))?;
    let user = line.number(USER)?.map_or_else(|| "user-unknown".to_owned(), |user| format!("user-{user}"));
    let tenant = Name::from_str(&user).map_err(|problem| line.wrong(Some(USER.1), problem.to_string()))?;
    Ok(Some(TraceJob {
        submit,
        run,
        tenant,
        name: line.parts[JOB.0].to_owned(),
        shape: Shape { replicas: 1, asks: vec![Ask::of(Devices(processors), Vec::new())], ..Shape::default() },
        spreads: true,
        time_limit: line.time(REQUESTED_TIME)?.filter(|limit| *limit > Span::ZERO),
        priority: 0,
        spec: Spec::default(),
    }))
}

fn notes(trace: &mut Trace, left_out: &LeftOut) {
    let Trace { jobs, notes, .. } = trace;
    note(notes, "Jobs left out because they never ran", left_out.never_ran);
    note(notes, "Lines left out because they tell of a part of a job", left_out.partial);
    note(notes, "Jobs left out because their number of processors is unknown", left_out.no_processors);
    if !jobs.is_empty() && jobs.iter().all(|job| job.time_limit == Some(job.run)) {
        jobs.iter_mut().for_each(|job| job.time_limit = None);
        notes.push(
            "Every requested time equals the run time, which no scheduler could know: these time limits are left out.".to_owned(),
        );
    }
}

/// The machine of the header: so many nodes of equal size. Without a number of nodes, processors stand alone.
fn machine(trace: &mut Trace, nodes: Option<u32>, processors: Option<u32>) {
    let Some(processors) = processors.or(nodes).filter(|processors| *processors > 0) else { return };
    let nodes = nodes.filter(|nodes| *nodes > 0).unwrap_or(processors);
    match cluster::uniform(nodes, Devices(processors / nodes)) {
        Ok(pools) if processors % nodes == 0 => trace.pools = Some(pools),
        _ => trace.notes.push(format!(
            "The header's machine, {processors} processors in {nodes} nodes, cannot be made of equal nodes; give a cluster."
        )),
    }
}

struct Line<'a> {
    file: &'a str,
    number: u64,
    text: &'a str,
    parts: Vec<&'a str>,
}

impl Line<'_> {
    fn wrong(&self, field: Option<&str>, problem: String) -> Wrong {
        Wrong { file: self.file.to_owned(), spot: Spot::Line(self.number), field: field.map(str::to_owned), problem }
    }

    /// A whole number; `None` for -1, by which the format says unknown.
    fn number(&self, (at, name): (usize, &str)) -> Result<Option<u32>, Wrong> {
        let text = self.parts[at];
        let wrong = |_| self.wrong(Some(name), Malformed::new(text, "a whole number, or -1 for unknown").to_string());
        if text == "-1" { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
    }

    /// A time in seconds; `None` for -1.
    fn time(&self, (at, name): (usize, &str)) -> Result<Option<Span>, Wrong> {
        let text = self.parts[at];
        let wrong = |problem: Malformed| self.wrong(Some(name), format!("{problem}, nor -1 for unknown"));
        if text == "-1" { Ok(None) } else { seconds(text).map(Some).map_err(wrong) }
    }

    /// The number after `key:` in a comment, which may go on in words.
    fn header(&self, comment: &str, key: &str) -> Result<Option<u32>, Wrong> {
        let Some(value) = comment.trim_start().strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix(':')) else {
            return Ok(None);
        };
        let text = value.split_ascii_whitespace().next().unwrap_or("");
        let wrong = |_| self.wrong(Some(key), Malformed::new(text, "a whole number, or -1 for unknown").to_string());
        if text == "-1" { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
    }
}

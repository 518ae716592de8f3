//! A job as a person writes it, in JSON or YAML.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use census::Census;
use dispatch::{After, Apart, Ask, Command, Computing, Lease, Notice, Output, Shape, Spec, Spread, Suspend, Task, WHOLE, When};
use measure::{Cpu, Devices, JobId, Malformed, Memory, Pue, TenantId, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Error;

/// A job to be submitted. Everything but the command has a default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitForm {
    /// What to call it; the program's name if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose job it is; operators only. A tenant's token says it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Program and arguments.
    pub command: Vec<String>,
    /// How many replicas start together, or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Devices for each replica, or a part of one such as 0.5; leave out for work on cores only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub devices: Option<Plain>,
    /// Acceptable device models: a model, or the beginning of several ("Ascend 910B").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// The least memory of a device, in GB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_memory_gb: Option<u32>,
    /// The least computing power of all replicas together, dense: "20 PFLOPS fp16". As many replicas are started as
    /// reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<String>,
    /// Other ways to serve a replica, in order of preference after `devices` and `models`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// Cores for each replica: 2, 0.5 or "500m". One core if no devices are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub cpus: Option<Plain>,
    /// Memory for each replica: "512MiB". Nothing is reserved or limited if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub memory: Option<Plain>,
    /// Stopped when it ran so long: "2h", "90s" or seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub time_limit: Option<Plain>,
    /// Higher goes first; -100 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i16>,
    /// When it should have ended: "2026-12-01T08:00:00Z". Its turn is the latest start that keeps it, so the most
    /// pressing goes first; refused if it cannot be met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// How often it is tried again after its place was lost. Its program's own failure is never retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Jobs that must have started before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Jobs that must have ended well before; if one does not, this one never starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_ok: Vec<String>,
    /// Jobs that must have ended before, however.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_any: Vec<String>,
    /// So many tasks of the same job; each learns its number from SHUGU_ARRAY_INDEX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array: Option<u32>,
    /// Where the tasks of the array must not meet: `nodes` or `sites`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<String>,
    /// `nodes` for no two replicas on one node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<String>,
    /// Sites at which it may run, where its data must stay there; any if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Pools at which it may run; any if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<String>,
    /// The highest PUE of a site at which it may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_pue: Option<f64>,
    /// Whether it may be stopped for other work and be started anew later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preemptible: bool,
    /// How it is told to stop, so that it can save its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeForm>,
    /// Environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Working directory at the site; the job's own folder if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Data that it reads: its place is weighed against bringing it, and SHUGU_INPUT_NAME says where it lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// What is brought where once it has ended well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputForm>,
    /// Container image, as a registry names it: "registry.example/team/train:3". It runs only where images are run then;
    /// if left out, in the software that a site has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// How long it may wait, pauses included, for hours in which power is cheaper or cleaner: `now` (not at all), `today` (a day),
    /// `this-week` (seven days), or a length of time such as "6h"; as arranged with its tenant if left out. It never waits so for longer
    /// than its deadline leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<String>,
    /// That it can be stopped as its notice says, saves its state then, and goes on from there when it is started again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<SuspendForm>,
    /// Cancelled when whoever submitted it is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseForm>,
}

/// That a job goes on only while whoever submitted it is heard of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseForm {
    /// What whoever it is says in the header `x-shugu-agent` of each request, with a token of the job's tenant.
    pub holder: String,
    /// After so long without such a request it is cancelled: "10m"; 3 seconds at least.
    #[schema(value_type = String)]
    pub span: Plain,
}

/// That a job can be suspended, and what that costs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendForm {
    /// How long it takes to save its state: "2m"; no time if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub save: Option<Plain>,
    /// How long it takes from its start until it goes on: "5m"; no time if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub load: Option<Plain>,
}

/// How long a job may wait, as people say it.
///
/// # Errors
/// That it is none of the words and no length of time.
pub(super) fn patience(field: &str, text: &str) -> Result<measure::Span, Error> {
    let day = 24 * measure::Span::HOUR.0;
    let span = match text {
        "now" => Some(measure::Span::ZERO),
        "today" => Some(measure::Span(day)),
        "this-week" => Some(measure::Span(7 * day)),
        text => text.parse::<measure::Span>().ok().filter(|span| (0..=PATIENCE_MOST).contains(&span.0)),
    };
    span.ok_or_else(|| Error::field(field, &format!("`{text}` is none of now, today, this-week and no length of time up to 90d")))
}

/// Nobody foretells hours that lie farther.
const PATIENCE_MOST: i64 = 90 * 24 * measure::Span::HOUR.0;

/// Something that a job writes, and where it is brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputForm {
    /// A file or a folder; in the job's own folder unless it begins with a slash.
    pub path: String,
    /// `https://`, `http://`, `rsync://` or `s3://`, or a path at the site. Where it ends with a slash the name is kept.
    pub to: String,
}

impl OutputForm {
    fn read(&self) -> Result<Output, Error> {
        let problem = |told: &str| Err(Error::field("outputs", &format!("`{}` {told}", self.to)));
        if self.path.is_empty() || self.path.split('/').any(|part| part == "..") {
            return Err(Error::field("outputs", &format!("`{}` names no file or folder of the job", self.path)));
        }
        if self.path.len() + self.to.len() > 4096 || self.path.chars().chain(self.to.chars()).any(char::is_control) {
            return problem("is longer than 4096 characters, or has such as cannot be seen");
        }
        match self.to.split_once("://") {
            None if self.to.starts_with('/') => {}
            None => return problem("is neither an address nor a path that begins with a slash"),
            Some(("http" | "https" | "rsync" | "s3", rest)) => {
                // A job is written down, and read by operators.
                if rest.split('/').next().is_some_and(|host| host.contains('@')) {
                    // Which is not told again.
                    let told = "an address has a name or a password in it, which no job may have";
                    return Err(Error::field("outputs", told));
                }
                if rest.split('/').next().is_none_or(str::is_empty) {
                    return problem("names no host or bucket");
                }
            }
            Some((scheme, _)) => return problem(&format!("has the scheme {scheme}, which is none of http, https, rsync, s3")),
        }
        Ok(Output { path: self.path.clone(), to: self.to.clone() })
    }
}

/// How a job is told to stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    /// A signal by name or number: "USR1".
    #[schema(value_type = String)]
    pub signal: Plain,
    /// From there to its end by force: "2m".
    #[schema(value_type = String)]
    pub grace: Plain,
}

/// Another way to serve a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Devices for each replica, or a part of one.
    #[schema(value_type = f64)]
    pub devices: Plain,
    /// How many replicas, if not as many as the job says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// The least memory of a device, in GB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_memory_gb: Option<u32>,
    /// The least computing power of all replicas together: "20 PFLOPS fp16".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<String>,
    /// Acceptable models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
}

/// A number or a text, as people write quantities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Plain(pub String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Plain, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Plain;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a number or a text")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Plain, E> {
                Ok(Plain(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Plain, E> {
                Ok(Plain(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Plain, E> {
                Ok(Plain(number.to_string()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Plain, E> {
                Ok(Plain(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Plain {
    fn read<T: FromStr<Err = Malformed>>(&self, field: &str) -> Result<T, Error> {
        self.0.parse().map_err(|problem: Malformed| Error::field(field, &problem.to_string()))
    }
}

const PRIORITY_MOST: i16 = 100;
const TEXT_MOST: usize = 256;
/// What the system itself takes as one argument.
const ITEM_MOST: usize = 128 << 10;
const ITEMS_MOST: usize = 1 << 20;

impl SubmitForm {
    /// Whether it waits for other jobs.
    pub(crate) fn waits(&self) -> bool {
        [&self.after, &self.after_ok, &self.after_any].iter().any(|jobs| !jobs.is_empty())
    }

    /// The job this means for a tenant, in a hub with this census.
    pub(crate) fn into_spec(self, tenant: TenantId, census: &Census) -> Result<Arc<Spec>, Error> {
        let Some(program) = self.command.first().filter(|program| !program.is_empty()) else {
            return Err(Error::field("command", "is empty; it says what to run, such as [\"python3\", \"train.py\"]"));
        };
        let zero_bytes = |text: &String| text.contains('\0');
        let bad_name =
            |(key, value): (&String, &String)| key.is_empty() || key.contains('=') || zero_bytes(key) || zero_bytes(value);
        if self.command.iter().any(zero_bytes) {
            return Err(Error::field("command", "holds a zero byte, which no program can be given"));
        }
        if self.env.iter().any(bad_name) {
            return Err(Error::field("env", "a name is empty or holds `=`, or a text holds a zero byte"));
        }
        if self.directory.as_ref().is_some_and(zero_bytes) {
            return Err(Error::field("directory", "holds a zero byte, which no path can"));
        }
        let bad = |image: &String| image.is_empty() || image.len() > 512 || !image.bytes().all(|byte| byte.is_ascii_graphic());
        if self.image.as_ref().is_some_and(bad) {
            return Err(Error::field("image", "is no name of an image, such as registry.example/team/train:3"));
        }
        let sizes = self.command.iter().map(String::len).chain(self.env.iter().map(|(key, value)| key.len() + value.len()));
        let (largest, all) = sizes.fold((0, 0), |(largest, all), size| (size.max(largest), all + size));
        if largest > ITEM_MOST || all > ITEMS_MOST {
            return Err(Error::field(
                "command",
                "one argument or variable holds at most 128 KiB, all of them together 1 MiB; put more into a file",
            ));
        }
        let name = self.name.unwrap_or_else(|| program.rsplit('/').next().unwrap_or(program).to_owned());
        if name.is_empty() || name.chars().count() > TEXT_MOST || name.chars().any(char::is_control) {
            return Err(Error::field("name", "is 1 to 256 characters, none of them a control character"));
        }
        let mut asks = Vec::new();
        if self.devices.is_none() && !self.models.is_empty() {
            return Err(Error::field("models", "names models but `devices` does not say how many of them"));
        }
        if self.devices.is_none() && (self.device_memory_gb.is_some() || self.power.is_some()) {
            let field = if self.power.is_some() { "power" } else { "device_memory_gb" };
            return Err(Error::field(field, "is asked of devices, but `devices` does not say how many a replica has"));
        }
        if self.devices.is_some() || self.alternatives.is_empty() {
            let own = ask("", self.devices.as_ref(), &self.models, self.power.as_deref(), census)?;
            asks.push(Ask { device_memory_gb: self.device_memory_gb, ..own });
        }
        for (at, alternative) in self.alternatives.iter().enumerate() {
            let Alternative { devices, models, power, .. } = alternative;
            let one = ask(&format!("alternatives[{at}]."), Some(devices), models, power.as_deref(), census)?;
            asks.push(Ask { replicas: alternative.replicas, device_memory_gb: alternative.device_memory_gb, ..one });
        }
        let wants_devices = asks.iter().all(|ask| ask.devices.0 > 0);
        let cpu = match &self.cpus {
            Some(cpus) => cpus.read("cpus")?,
            None if wants_devices => Cpu(0),
            None => Cpu::cores(1),
        };
        if cpu.0 == 0 && !wants_devices {
            return Err(Error::field("cpus", "a job without devices needs cores"));
        }
        let priority = self.priority.unwrap_or(0);
        if !(-PRIORITY_MOST..=PRIORITY_MOST).contains(&priority) {
            return Err(Error::field("priority", "lies between -100 and 100"));
        }
        let replicas = self.replicas.unwrap_or(1);
        if replicas == 0 || replicas > 100_000 {
            return Err(Error::field("replicas", "a job has 1 to 100000 replicas"));
        }
        let time_limit = self.time_limit.map(|limit| limit.read("time_limit")).transpose()?;
        if time_limit.is_some_and(|limit: measure::Span| limit.0 <= 0) {
            return Err(Error::field("time_limit", "is longer than nothing"));
        }
        let deadline =
            self.deadline.map(|text| Time::parse_date(&text).map_err(|problem| Error::field("deadline", &problem.to_string())));
        let spread = match self.spread.as_deref() {
            None | Some("pack") => Spread::Pack,
            Some("nodes") => Spread::Nodes,
            Some(other) => return Err(Error::field("spread", &format!("`{other}` is neither nodes nor pack"))),
        };
        let apart = match self.apart.as_deref() {
            None => None,
            Some("nodes") => Some(Apart::Nodes),
            Some("sites") => Some(Apart::Sites),
            Some(other) => return Err(Error::field("apart", &format!("`{other}` is neither nodes nor sites"))),
        };
        let site = |text: &String| text.parse().map_err(|problem: Malformed| Error::field("sites", &problem.to_string()));
        let pool = |text: &String| text.parse().map_err(|problem: Malformed| Error::field("pools", &problem.to_string()));
        let input = |text: &String| text.parse().map_err(|problem: Malformed| Error::field("inputs", &problem.to_string()));
        let mut inputs = self.inputs.iter().map(input).collect::<Result<Vec<measure::Name>, _>>()?;
        // One shape, however they are listed.
        inputs.sort_unstable();
        inputs.dedup();
        if self.outputs.len() > 64 {
            return Err(Error::field("outputs", "a job has 64 outputs at most; a folder is one"));
        }
        let outputs = self.outputs.iter().map(OutputForm::read).collect::<Result<Vec<Output>, _>>()?;
        let pue_most = match self.max_pue {
            None => None,
            Some(pue) if (1.0..100.0).contains(&pue) => Some(Pue((pue * 1000.0).round() as u32)),
            Some(pue) => return Err(Error::field("max_pue", &format!("`{pue}` is no PUE: they begin at 1"))),
        };
        let mut after = Vec::new();
        let waits = [
            ("after", &self.after, When::Started),
            ("after_ok", &self.after_ok, When::Ok),
            ("after_any", &self.after_any, When::Ended),
        ];
        for (field, jobs, when) in waits {
            for job in jobs {
                let job = job.parse().map_err(|problem: Malformed| Error::field(field, &problem.to_string()))?;
                after.push(After { job, when });
            }
        }
        let notice = self.notice.map(|notice| notice.read()).transpose()?;
        let suspend = self.suspend.map(|suspend| suspend.read()).transpose()?;
        if suspend.is_some() && notice.is_none() {
            return Err(Error::field(
                "suspend",
                "needs a notice: by which signal it is told to save its state, and how long it has",
            ));
        }
        Ok(Arc::new(Spec {
            tenant,
            name,
            shape: Shape {
                replicas,
                asks,
                cpu,
                memory: self.memory.map_or(Ok(Memory(0)), |memory| memory.read("memory"))?,
                spread,
                sites: self.sites.iter().map(site).collect::<Result<_, _>>()?,
                pools: self.pools.iter().map(pool).collect::<Result<_, _>>()?,
                pue_most,
                image: self.image.is_some(),
                inputs,
                outputs: !outputs.is_empty(),
            },
            time_limit,
            priority,
            command: Command { argv: self.command, env: self.env, directory: self.directory, image: self.image },
            deadline: deadline.transpose()?,
            retries: match self.retries.unwrap_or(0) {
                retries @ 0..=1000 => retries,
                _ => return Err(Error::field("retries", "lies between 0 and 1000")),
            },
            after,
            array: self.array.map(|count| Task { first: JobId(0), index: 0, count }),
            apart,
            preemptible: self.preemptible,
            notice,
            outputs,
            patience: self.patience.map(|text| patience("patience", &text)).transpose()?,
            suspend,
            lease: self.lease.map(|lease| lease.read()).transpose()?,
        }))
    }
}

/// A holder asks more often than this, however much it has to do.
const LEASE_LEAST: measure::Span = measure::Span::seconds(3);

impl LeaseForm {
    fn read(&self) -> Result<Lease, Error> {
        if self.holder.is_empty() || self.holder.len() > 128 || !self.holder.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::field("lease.holder", "is 1 to 128 letters, digits and signs, without spaces"));
        }
        let span: measure::Span = self.span.read("lease.span")?;
        if span < LEASE_LEAST {
            return Err(Error::field("lease.span", "is 3 seconds at least"));
        }
        Ok(Lease { holder: self.holder.clone(), span })
    }
}

impl SuspendForm {
    fn read(&self) -> Result<Suspend, Error> {
        let span = |field: &str, given: &Option<Plain>| match given {
            None => Ok(measure::Span::ZERO),
            Some(given) => {
                let span: measure::Span = given.clone().read(field)?;
                let hour = measure::Span::HOUR;
                if span >= measure::Span::ZERO && span <= hour {
                    Ok(span)
                } else {
                    Err(Error::field(field, "takes an hour at most"))
                }
            }
        };
        Ok(Suspend { save: span("suspend.save", &self.save)?, load: span("suspend.load", &self.load)? })
    }
}

impl NoticeForm {
    fn read(&self) -> Result<Notice, Error> {
        let name = self.signal.0.trim_start_matches("SIG");
        let named = SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
        let number = named.or_else(|| name.parse().ok()).filter(|number| (1..=64).contains(number));
        let known = || SIGNALS.map(|(name, _)| name).join(", ");
        let signal = number.ok_or_else(|| {
            Error::field(
                "notice.signal",
                &format!("`{}` is no signal; name one of {}, or a number from 1 to 64", self.signal.0, known()),
            )
        })?;
        Ok(Notice { signal, grace: self.grace.read("notice.grace")? })
    }
}

/// Signals that programs are told to save their state by, as Linux numbers them.
const SIGNALS: [(&str, i32); 6] = [("HUP", 1), ("INT", 2), ("USR1", 10), ("USR2", 12), ("TERM", 15), ("XCPU", 24)];

/// Whole devices, or a part of one.
fn devices_and_part(field: &str, text: &str) -> Result<(Devices, u16), Error> {
    let wrong = || Error::field(field, &format!("`{text}` is no number of devices: 8, or a part of one such as 0.5"));
    let milli = measure::parse_scaled(text, 3).map_err(|_| wrong())?;
    match milli {
        0 => Err(Error::field(field, "0 devices; ask for at least one, or leave it out for work on cores only")),
        1..1000 => Ok((Devices(1), milli as u16)),
        _ if milli > 0 && milli % 1000 == 0 => Ok((Devices(u32::try_from(milli / 1000).map_err(|_| wrong())?), WHOLE)),
        _ => Err(wrong()),
    }
}

/// Reads "20 PFLOPS fp16" or "800 TFLOPS fp8".
fn computing(field: &str, text: &str) -> Result<Computing, Error> {
    let wrong = || Error::field(field, &format!("`{text}` is no computing power: write \"20 PFLOPS fp16\""));
    let words: Vec<&str> = text.split_whitespace().collect();
    let [number, unit, precision] = words[..] else { return Err(wrong()) };
    let scale: i64 = match unit.to_ascii_uppercase().as_str() {
        "TFLOPS" | "TOPS" => 1,
        "PFLOPS" | "POPS" => 1000,
        "EFLOPS" | "EOPS" => 1_000_000,
        _ => return Err(wrong()),
    };
    let tera = measure::parse_scaled(number, 6).map_err(|_| wrong())?;
    let mega = tera.checked_mul(scale).filter(|mega| *mega > 0).ok_or_else(wrong)?;
    let precision = precision.parse().map_err(|problem: Malformed| Error::field(field, &problem.to_string()))?;
    Ok(Computing { precision, mega: mega.cast_unsigned() })
}

fn ask(within: &str, devices: Option<&Plain>, models: &[String], power: Option<&str>, census: &Census) -> Result<Ask, Error> {
    let models_field = format!("{within}models");
    let models_field = models_field.as_str();
    let devices = devices.map(|devices| devices_and_part(&format!("{within}devices"), &devices.0)).transpose()?;
    let power = power.map(|power| computing(&format!("{within}power"), power)).transpose()?;
    let mut meant = Vec::new();
    for model in models {
        // Pools may have models the census does not list; cores and those are taken by their exact name.
        let mut found = census.models_named(model);
        if found.is_empty() && model == "cores" {
            found.push(model.clone());
        }
        if found.is_empty() {
            let hint = near(model, census.accelerators.keys());
            return Err(Error::field(models_field, &format!("`{model}` is no device model of this hub's census{hint}")));
        }
        meant.extend(found);
    }
    meant.sort();
    meant.dedup();
    let (devices, part) = devices.unwrap_or((Devices(0), WHOLE));
    Ok(Ask { part, power, ..Ask::of(devices, meant) })
}

/// Models that share a word or its beginning with what was written.
fn near<'a>(text: &str, models: impl Iterator<Item = &'a String>) -> String {
    let text = text.to_lowercase();
    let like = |model: &&String| {
        let model = model.to_lowercase();
        let words: Vec<&str> = text.split([' ', '-', '_']).filter(|word| word.len() > 1).collect();
        // A slip in the last letter is the commonest one.
        let begun =
            |word: &str| word.char_indices().next_back().map(|(at, _)| word[..at].to_owned()).filter(|begun| begun.len() > 1);
        words.iter().any(|word| model.contains(word) || begun(word).is_some_and(|begun| model.contains(&begun)))
    };
    let close: Vec<&str> = models.filter(like).take(5).map(String::as_str).collect();
    if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) }
}

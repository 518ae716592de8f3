//! A job as a person writes it, in JSON or YAML.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use census::Census;
use dispatch::{Ask, Command, Shape, Spec};
use measure::{Cpu, Devices, Malformed, Memory, TenantId};
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
    /// Devices for each replica; leave out for work on cores only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<u32>,
    /// Acceptable device models: a model, or the beginning of several ("Ascend 910B").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
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
    /// Environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Working directory at the site; the job's own folder if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
}

/// Another way to serve a replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Devices for each replica.
    pub devices: u32,
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
        if self.devices.is_some() || self.alternatives.is_empty() {
            asks.push(ask("devices", "models", self.devices, &self.models, census)?);
        }
        for (at, alternative) in self.alternatives.iter().enumerate() {
            let (devices, models) = (format!("alternatives[{at}].devices"), format!("alternatives[{at}].models"));
            asks.push(ask(&devices, &models, Some(alternative.devices), &alternative.models, census)?);
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
        Ok(Arc::new(Spec {
            tenant,
            name,
            shape: Shape { replicas, asks, cpu, memory: self.memory.map_or(Ok(Memory(0)), |memory| memory.read("memory"))? },
            time_limit,
            priority,
            command: Command { argv: self.command, env: self.env, directory: self.directory },
        }))
    }
}

fn ask(field: &str, models_field: &str, devices: Option<u32>, models: &[String], census: &Census) -> Result<Ask, Error> {
    if devices == Some(0) {
        return Err(Error::field(field, "0 devices; ask for at least one, or leave it out for work on cores only"));
    }
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
    Ok(Ask { devices: Devices(devices.unwrap_or(0)), models: meant })
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

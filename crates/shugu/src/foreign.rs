//! Job files of others, as they are: a Kubernetes `Job` of `batch/v1` (also in a `List`, or several documents in one file), and a task of
//! SkyPilot. They become jobs of the hub; what cannot be kept is said, and what would change the meaning if it were dropped is refused.

mod devices;
mod kubernetes;
mod skypilot;

use std::sync::LazyLock;

use kubernetes::kubernetes;
use serde_json::Value;
use serve::{Plain, SubmitForm};
use skypilot::skypilot;

use crate::failure::{Failure, Outcome};

/// Jobs of somebody else's file, and what is said of it.
#[derive(Debug)]
struct Foreign {
    forms: Vec<SubmitForm>,
    said: Vec<String>,
}

/// The jobs of a file.
#[derive(Debug)]
pub struct Jobs {
    /// What is submitted.
    pub forms: Vec<SubmitForm>,
    /// What is said of the file.
    pub said: Vec<String>,
    /// Whether the file is a list, of however many jobs.
    pub many: bool,
}

/// Reads the text of a job file in YAML, the hub's own or somebody else's.
///
/// # Errors
/// The first mistake, with the file, and the line or the field.
pub fn read_file(name: &str, text: &str) -> Outcome<Jobs> {
    let wrong = |error: serde_saphyr::Error| {
        let at = error.location().map(|at| format!(" line {} column {}", at.line(), at.column())).unwrap_or_default();
        let said = error.without_snippet().to_string();
        Failure::Wrong(format!("{name}{at}: {said}"))
    };
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#') && *line != "---");
    let many = first.is_some_and(|line| line.starts_with("- ") || line.starts_with('[') || line == "-");
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(wrong)?;
    let own = |forms| Jobs { forms, said: Vec::new(), many };
    match read_all(name, &documents) {
        Some(foreign) => foreign.map(|Foreign { forms, said }| Jobs { forms, said, many }),
        None if many => serde_saphyr::from_str(text).map(own).map_err(wrong),
        None => serde_saphyr::from_str(text).map(|form| own(vec![form])).map_err(wrong),
    }
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It is kept.
    Kept,
    /// It changes nothing here; why.
    Left(&'static str),
    /// Without it the file would mean something else; what to do.
    Refused(&'static str),
}

use Fate::{Kept, Left, Refused};

type Fates = &'static [(&'static str, Fate)];

const PLACES: &str = "the hub chooses where it runs; name `pools` or `sites` in a job file";
const LABELS: &str = "the hub keeps no labels";
const RIGHTS: &str = "the token says whose job it is, and the policy how urgent";
const CLUSTER: &str = "the cluster wrote it";
const SITE: &str = "a site has its own way to run programs";
const NAMES: &str = "replicas find each other by SHUGU_PEERS and MASTER_ADDR; say `replicas` in a job file";
const FILES: &str =
    "let the program fetch and send its data; where no image is named, data is `inputs` and `outputs` (docs/data.md)";
const SECRETS: &str = "a job is written down and read by operators; keep it in a file at the site that the job reads";
const OWN_FAILURE: &str = "a program's own failure is never tried again";
const PARTS: &str = "ask for a part of a device in a job file: `devices: 0.5`";
const DISK: &str = "no disk is kept for it";

// ---- What a document is ----

/// Reads all documents of a file; `None` if they are no job files of somebody else.
fn read_all(name: &str, documents: &[Value]) -> Option<Outcome<Foreign>> {
    let documents: Vec<(usize, &Value)> = documents.iter().enumerate().filter(|(_, document)| !document.is_null()).collect();
    if let [(_, one)] = documents.as_slice() {
        return read(name, one);
    }
    if !documents.iter().any(|(_, document)| is_kubernetes(document) || is_skypilot(document)) {
        return None;
    }
    let mut all = Foreign { forms: Vec::new(), said: Vec::new() };
    for (at, document) in documents {
        let name = format!("{name} document {}", at + 1);
        if !is_kubernetes(document) {
            let advice = "of several documents each is a Kubernetes Job; of SkyPilot one task is taken at a time";
            return Some(Err(Failure::Wrong(format!("{name}: {advice}"))));
        }
        match read(&name, document)? {
            Ok(one) => all.extend(one),
            Err(failure) => return Some(Err(failure)),
        }
    }
    Some(Ok(all))
}

/// Reads one document; `None` if it is no job file of somebody else.
fn read(name: &str, document: &Value) -> Option<Outcome<Foreign>> {
    let root = Field { file: name, path: String::new(), value: document };
    if is_kubernetes(document) {
        Some(kubernetes(&root))
    } else if is_skypilot(document) {
        Some(skypilot(&root))
    } else {
        None
    }
}

fn has(document: &Value, key: &str) -> bool {
    document.as_object().is_some_and(|fields| fields.contains_key(key))
}

fn is_kubernetes(document: &Value) -> bool {
    has(document, "apiVersion") && has(document, "kind")
}

fn is_skypilot(document: &Value) -> bool {
    let own = ["run", "resources", "num_nodes", "file_mounts", "setup", "workdir"];
    !has(document, "command") && own.iter().any(|key| has(document, key))
}

impl Foreign {
    fn extend(&mut self, more: Foreign) {
        self.forms.extend(more.forms);
        self.said.extend(more.said);
    }
}

/// A value of a file and where it stands, for messages.
#[derive(Debug, Clone)]
struct Field<'a> {
    file: &'a str,
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    fn place(&self) -> String {
        if self.path.is_empty() { self.file.to_owned() } else { format!("{} field {}", self.file, self.path) }
    }

    fn wrong(&self, problem: &str) -> Failure {
        Failure::Wrong(format!("{}: {problem}", self.place()))
    }

    fn refused(&self, instead: &str) -> Failure {
        self.wrong(&format!("is not kept here; {instead}"))
    }

    fn left(&self, why: &str) -> String {
        format!("{} is left out: {why}", self.place())
    }

    fn of(&self, key: &str, value: &'a Value) -> Field<'a> {
        let plain = !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
        let path = match (plain, self.path.is_empty()) {
            (true, true) => key.to_owned(),
            (true, false) => format!("{}.{key}", self.path),
            (false, _) => format!("{}[{key}]", self.path),
        };
        Field { file: self.file, path, value }
    }

    /// A field of it; one that is null is as good as none.
    fn get(&self, key: &str) -> Option<Field<'a>> {
        let value = self.value.as_object()?.get(key).filter(|value| !value.is_null())?;
        Some(self.of(key, value))
    }

    fn entries(&self) -> Outcome<Vec<(&'a str, Field<'a>)>> {
        let fields = self.value.as_object().ok_or_else(|| self.wrong("is no mapping of names to values"))?;
        Ok(fields.iter().map(|(key, value)| (key.as_str(), self.of(key, value))).collect())
    }

    fn items(&self) -> Outcome<Vec<Field<'a>>> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("is no list"))?;
        let item = |(at, value)| Field { file: self.file, path: format!("{}[{at}]", self.path), value };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// What it lists under a name; nothing if there is no such field.
    fn list(&self, key: &str) -> Outcome<Vec<Field<'a>>> {
        self.get(key).map_or(Ok(Vec::new()), |list| list.items())
    }

    fn table(&self, key: &str) -> Outcome<Vec<(&'a str, Field<'a>)>> {
        self.get(key).map_or(Ok(Vec::new()), |table| table.entries())
    }

    fn word(&self, key: &str) -> Outcome<String> {
        self.get(key).map_or(Ok(String::new()), |word| word.text())
    }

    /// A text; of numbers and truth values as YAML has them.
    fn text(&self) -> Outcome<String> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            _ => Err(self.wrong("is no text")),
        }
    }

    fn count(&self) -> Outcome<u32> {
        self.text()?.parse().map_err(|_| self.wrong("is no count"))
    }

    fn truth(&self) -> Outcome<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong("is neither true nor false"))
    }

    fn says_nothing(&self) -> bool {
        match self.value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        }
    }

    /// Says what is left out, and fails on what is refused or not known.
    fn judge(&self, fates: Fates, said: &mut Vec<String>) -> Outcome {
        for (key, field) in self.entries()? {
            match fates.iter().find(|(known, _)| *known == key) {
                Some((_, Kept)) => {}
                _ if field.says_nothing() => {}
                Some((_, Left(why))) => said.push(field.left(why)),
                Some((_, Refused(instead))) => return Err(field.refused(instead)),
                None => return Err(field.wrong("is no field that is known here; take it out if nothing depends on it")),
            }
        }
        Ok(())
    }

    /// The same of a field that may be missing; what is missing has no fields.
    fn part(&self, key: &str, fates: Fates, said: &mut Vec<String>) -> Outcome<Field<'a>> {
        static NOTHING: LazyLock<Value> = LazyLock::new(|| Value::Object(serde_json::Map::new()));
        let part = self.get(key).unwrap_or_else(|| self.of(key, &NOTHING));
        part.judge(fates, said)?;
        Ok(part)
    }
}

// ---- Quantities ----

/// Thousandths, rounded up, of a quantity of Kubernetes: `500m`, `1.5`, `2Gi`, `1e3`.
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
fn thousandths(text: &str) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() > 24 {
        return None;
    }
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let (up, down): (u128, u128) = match suffix {
        "n" => (1, 1_000_000),
        "u" => (1, 1000),
        "m" => (1, 1),
        "" => (1000, 1),
        "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => (1000 << (10 * (1 + "KMGTPE".find(suffix.chars().next()?)?)), 1),
        "k" | "M" | "G" | "T" | "P" | "E" => (1000_u128.pow(2 + u32::try_from("kMGTPE".find(suffix)?).ok()?), 1),
        _ => {
            let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let scale = 10_u128.checked_pow(power.unsigned_abs())?;
            if power < 0 { (1000, scale) } else { (scale.checked_mul(1000)?, 1) }
        }
    };
    let down = down.checked_mul(10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?)?;
    u64::try_from(digits.checked_mul(up)?.div_ceil(down)).ok()
}

/// An amount of memory as a job file says it.
fn memory(bytes: u64) -> Plain {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];
    let whole = |(_, shift): &&(&str, u32)| bytes >> shift << shift == bytes && bytes >> shift > 0;
    let (unit, shift) = units.iter().find(whole).unwrap_or(&("B", 0));
    Plain(format!("{}{unit}", bytes >> shift))
}

fn cores(milli: u64) -> Plain {
    Plain(if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") })
}

/// What a job is called if its file does not say.
fn stem(file: &str) -> String {
    let stem = std::path::Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.filter(|stem| !stem.is_empty() && !file.starts_with("standard input")).unwrap_or_else(|| "job".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn parsed(yaml: &str) -> Value {
        serde_saphyr::from_str(yaml).unwrap()
    }

    pub(super) fn foreign(yaml: &str) -> Outcome<Foreign> {
        read("dir/job.yaml", &parsed(yaml)).expect("it is somebody else's")
    }

    /// A file becomes this form, and this is said of it.
    pub(super) fn check(yaml: &str, form: &str, said: &[&str]) {
        let read = foreign(yaml).unwrap_or_else(|failure| panic!("{failure}\n{yaml}"));
        assert_eq!(read.forms.len(), 1, "{yaml}");
        assert_eq!(serde_json::to_value(&read.forms[0]).unwrap(), parsed(form), "{yaml}");
        let file = |line: &String| line.strip_prefix("dir/job.yaml field ").unwrap_or(line).to_owned();
        assert_eq!(read.said.iter().map(file).collect::<Vec<_>>(), said, "{yaml}");
    }

    /// A file is refused, and this is told.
    pub(super) fn refused(yaml: &str, told: &str) {
        let failure = foreign(yaml).expect_err(yaml).to_string();
        assert!(failure.contains(told), "{yaml}\n{failure}");
    }

    /// A small Job of Kubernetes, with more in its spec, its pod and its container.
    pub(super) fn small(spec: &str, pod: &str, container: &str) -> String {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: small}}\nspec:\n  backoffLimit: 0\n  {spec}\n  template:\n    spec:\n      {pod}\n      \
             containers:\n      - name: main\n        image: busybox:1\n        command: [date]\n        {container}\n"
        )
    }

    #[test]
    fn a_file_holds_jobs_of_kubernetes_and_nothing_else() {
        let named = |name: &str| small("", "", "").replace("{name: small}", &format!("{{name: {name}}}"));
        let documents = [Value::Null, parsed(&named("one")), parsed(&named("two"))];
        let read = read_all("two.yaml", &documents).unwrap().unwrap();
        let names: Vec<Option<&str>> = read.forms.iter().map(|form| form.name.as_deref()).collect();
        assert_eq!(names, [Some("one"), Some("two")]);
        let indented = named("third").replace('\n', "\n  ");
        let list = format!("apiVersion: v1\nkind: List\nitems:\n- {indented}\n");
        assert_eq!(foreign(&list).unwrap().forms[0].name.as_deref(), Some("third"));
        refused("{apiVersion: v1, kind: List, items: []}", "the list holds no Job");
        let item = format!("{list}- {{apiVersion: v1, kind: Service}}\n");
        refused(&item, "field items[1].kind: Service of v1: only a Job of batch/v1 is taken; the hub runs what ends");
        refused(
            "{apiVersion: batch/v1, kind: CronJob}",
            "CronJob of batch/v1: only a Job of batch/v1 is taken; submit what its jobTemplate",
        );
        refused(
            "{apiVersion: batch.volcano.sh/v1alpha1, kind: Job}",
            "Job of batch.volcano.sh/v1alpha1: only a Job of batch/v1 is taken; write",
        );
        let mixed = [parsed(&named("one")), parsed("{run: date}")];
        let failure = read_all("mixed.yaml", &mixed).unwrap().unwrap_err().to_string();
        assert!(failure.starts_with("mixed.yaml document 2: of several documents each is a Kubernetes Job"), "{failure}");
    }

    #[test]
    fn quantities_are_those_of_kubernetes_and_of_skypilot() {
        let milli =
            ["2", "0.5", "500m", "1.5Gi", "1k", "1M", "1e3", "2E", "1e-3", "100n", "Gi", "-1", "1X", "1e99"].map(thousandths);
        let gi = 1_610_612_736_000;
        let expected = [2000, 500, 500, gi, 1_000_000, 1_000_000_000, 1_000_000].map(Some);
        assert_eq!(milli[..7], expected);
        assert_eq!(milli[7..], [None, Some(1), Some(1), None, None, None, None]);
        let bytes = ["32", "32+", "1.5", "64GB", "512mb", "1TB+", "much", "4x"].map(super::skypilot::skypilot_bytes);
        let gib = |count: u64| Some(count << 30);
        assert_eq!(bytes, [gib(32), gib(32), Some(3 << 29), gib(64), Some(1 << 29), gib(1024), None, None]);
        assert_eq!(
            [memory(3 << 29), memory(1000), cores(2000), cores(1500)].map(|plain| plain.0),
            ["1536MiB", "1000B", "2", "1500m"]
        );
    }

    #[test]
    fn files_of_the_hub_are_left_alone() {
        let own = [
            "{command: [date], devices: 8}",
            "{name: train, devices: 8}",
            "[{command: [date]}]",
            "just words",
            "{command: [x], resources: {}}",
        ];
        for yaml in own {
            assert!(read("job.yaml", &parsed(yaml)).is_none(), "{yaml}");
            assert!(read_all("job.yaml", &[parsed(yaml), parsed(yaml)]).is_none(), "{yaml}");
        }
    }
}

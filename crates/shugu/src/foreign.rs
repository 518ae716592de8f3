//! Job files of others, as they are: a Kubernetes `Job` of `batch/v1` (also in a `List`, or several documents in one file), and a task of
//! SkyPilot. They become jobs of the hub; what cannot be kept is said, and what would change the meaning if it were dropped is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use census::{AcceleratorKind, Census};
use serde_json::Value;
use serve::{Alternative, NoticeForm, Plain, SubmitForm};

use crate::failure::{Failure, Outcome};
use crate::shipped;

/// Jobs of somebody else's file, and what is said of it.
#[derive(Debug)]
pub(crate) struct Foreign {
    pub(crate) forms: Vec<SubmitForm>,
    pub(crate) said: Vec<String>,
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
pub(crate) fn read_all(name: &str, documents: &[Value]) -> Option<Outcome<Foreign>> {
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
pub(crate) fn read(name: &str, document: &Value) -> Option<Outcome<Foreign>> {
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

// ---- Devices ----

static KNOWN: LazyLock<Census> = LazyLock::new(shipped::nothing_known);

fn accelerators() -> impl Iterator<Item = &'static census::Accelerator> {
    KNOWN.accelerators.values().filter(|one| one.kind == AcceleratorKind::Accelerator)
}

/// The beginnings of a maker's models, each once.
fn made_by(vendor: &str) -> Vec<String> {
    let first = |one: &census::Accelerator| one.model.split(' ').next().unwrap_or_default().to_owned();
    let all: BTreeSet<String> = accelerators().filter(|one| one.vendor.eq_ignore_ascii_case(vendor)).map(first).collect();
    all.into_iter().collect()
}

/// Products whose names do not say which model they are.
const PRODUCTS: [(&str, &str); 2] = [("NVIDIA-H100-80GB-HBM3", "H100 SXM5 80GB"), ("nvidia-h100-mega-80gb", "H100 SXM5 80GB")];

/// Models that a name from elsewhere means: `NVIDIA-A100-SXM4-80GB`, `A100-80GB`, `RTX4090`, `Ascend910B`. Each of its words is one of the
/// model, or begins one, but never in the middle of a number: H20 is no H200. A name that means none is left to the hub's own census.
fn models(name: &str) -> Vec<String> {
    if let Some((_, model)) = PRODUCTS.iter().find(|(product, _)| *product == name) {
        return vec![(*model).to_owned()];
    }
    let words = |text: &str| -> Vec<String> {
        let maker = ["", "nvidia", "amd", "huawei", "tesla", "geforce", "oam"];
        let words = text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
        words.filter(|word| !maker.contains(&word.as_str())).collect()
    };
    let digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    let begins = |word: &str, text: &str| {
        text.strip_prefix(word).is_some_and(|rest| !(digit(word.chars().next_back()) && digit(rest.chars().next())))
    };
    let wanted = words(name);
    let fit = |fits: &dyn Fn(&[String]) -> bool| -> Vec<String> {
        if wanted.is_empty() {
            return Vec::new();
        }
        accelerators().filter(|one| fits(&words(&one.model))).map(|one| one.model.clone()).collect()
    };
    let exact = fit(&|model| model.concat() == wanted.concat());
    if !exact.is_empty() {
        return exact;
    }
    let mut found = fit(&|model| wanted.iter().all(|word| model.iter().any(|one| begins(word, one))));
    if found.is_empty() {
        found = fit(&|model| begins(&wanted.concat(), &model.concat()));
    }
    if found.is_empty() { vec![name.to_owned()] } else { found }
}

/// What device plugins call devices, and whose these are.
const DEVICES: [(&str, &str); 11] = [
    ("nvidia.com/gpu", "NVIDIA"),
    ("amd.com/gpu", "AMD"),
    ("huawei.com/npu", "Huawei"),
    ("cambricon.com/mlu", "Cambricon"),
    ("hygon.com/dcu", "Hygon"),
    ("mthreads.com/gpu", "Moore Threads"),
    ("metax-tech.com/gpu", "MetaX"),
    ("kunlunxin.com/xpu", "Kunlunxin (Baidu)"),
    ("enflame.com/gcu", "Enflame"),
    ("birentech.com/gpu", "Biren"),
    ("iluvatar.com/gpu", "Iluvatar CoreX"),
];

/// Models of a resource that counts whole devices.
fn resource_models(resource: &str) -> Option<Vec<String>> {
    if let Some((_, vendor)) = DEVICES.iter().find(|(known, _)| *known == resource) {
        return Some(made_by(vendor));
    }
    // Huawei's names hold the model: huawei.com/Ascend910 is any of 910A, 910B1 and so on.
    let model = format!("Ascend {}", resource.strip_prefix("huawei.com/Ascend")?);
    accelerators().any(|one| one.model.starts_with(&model)).then(|| vec![model])
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

/// Bytes of a size of SkyPilot: GiB without a unit, and its KB, MB, GB, TB, PB are powers of 1024.
/// Source: <https://docs.skypilot.co/en/latest/reference/yaml-spec.html#resources-memory>
fn skypilot_bytes(text: &str) -> Option<u64> {
    let text = text.trim_end_matches('+').to_ascii_uppercase();
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "B" => return number.parse().ok(),
        "KB" | "K" => "Ki",
        "MB" | "M" => "Mi",
        "" | "GB" | "G" => "Gi",
        "TB" | "T" => "Ti",
        "PB" | "P" => "Pi",
        _ => return None,
    };
    Some(thousandths(&format!("{number}{unit}"))?.div_ceil(1000))
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

// ---- Kubernetes ----
// Source of all fields: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>

const ROOT: Fates = &[("apiVersion", Kept), ("kind", Kept), ("metadata", Kept), ("spec", Kept), ("status", Left(CLUSTER))];

#[rustfmt::skip]
const METADATA: Fates = &[
    ("name", Kept),
    ("generateName", Kept),
    ("labels", Kept),
    ("namespace", Left("the token says whose job it is")),
    ("annotations", Left("nothing reads it")),
    ("finalizers", Left("the hub keeps what has ended")),
    ("ownerReferences", Left(CLUSTER)),
    ("uid", Left(CLUSTER)),
    ("resourceVersion", Left(CLUSTER)),
    ("generation", Left(CLUSTER)),
    ("creationTimestamp", Left(CLUSTER)),
    ("managedFields", Left(CLUSTER)),
    ("selfLink", Left(CLUSTER)),
];

#[rustfmt::skip]
const JOB: Fates = &[
    ("template", Kept),
    ("parallelism", Kept),
    ("completions", Kept),
    ("completionMode", Kept),
    ("backoffLimit", Kept),
    ("backoffLimitPerIndex", Kept),
    ("activeDeadlineSeconds", Kept),
    ("suspend", Kept),
    ("maxFailedIndexes", Left("each task ends for itself; cancel the others if they are of no use")),
    ("podFailurePolicy", Left(OWN_FAILURE)),
    ("podReplacementPolicy", Left("no replica is started while its last attempt may run")),
    ("ttlSecondsAfterFinished", Left("the hub keeps its jobs, and a site what they wrote for seven days")),
    ("selector", Left(CLUSTER)),
    ("manualSelector", Left(CLUSTER)),
    ("managedBy", Left("the hub runs it")),
    ("successPolicy", Refused("a task whose end is to end the others cancels them")),
    ("scheduling", Refused("what starts together or not at all is `replicas` in a job file")),
];

const TEMPLATE: Fates = &[("metadata", Kept), ("spec", Kept)];

#[rustfmt::skip]
const TEMPLATE_METADATA: Fates = &[
    ("name", Left("the job has a name")),
    ("namespace", Left("the token says whose job it is")),
    ("labels", Left(LABELS)),
    ("annotations", Left("nothing reads it")),
    ("creationTimestamp", Left(CLUSTER)),
];

#[rustfmt::skip]
const POD: Fates = &[
    ("containers", Kept),
    ("restartPolicy", Kept),
    ("activeDeadlineSeconds", Kept),
    ("terminationGracePeriodSeconds", Kept),
    ("nodeSelector", Kept),
    ("affinity", Kept),
    ("volumes", Kept),
    ("priorityClassName", Left(RIGHTS)),
    ("priority", Left(RIGHTS)),
    ("preemptionPolicy", Left(RIGHTS)),
    ("tolerations", Left(PLACES)),
    ("nodeName", Left(PLACES)),
    ("schedulerName", Left("the hub chooses when and where it runs")),
    ("topologySpreadConstraints", Left("say `spread` or `apart` in a job file")),
    ("serviceAccountName", Left("a job has no rights at the cluster")),
    ("serviceAccount", Left("a job has no rights at the cluster")),
    ("automountServiceAccountToken", Left("a job has no rights at the cluster")),
    ("securityContext", Left("a job runs as whom its pool's agent runs it")),
    ("hostUsers", Left("a job runs as whom its pool's agent runs it")),
    ("imagePullSecrets", Left("a pool's agent knows by which secret images are pulled")),
    ("runtimeClassName", Left(SITE)),
    ("dnsPolicy", Left(SITE)),
    ("dnsConfig", Left(SITE)),
    ("enableServiceLinks", Left(SITE)),
    ("hostNetwork", Left(SITE)),
    ("hostIPC", Left(SITE)),
    ("os", Left(SITE)),
    ("overhead", Left(SITE)),
    ("setHostnameAsFQDN", Left(SITE)),
    ("shareProcessNamespace", Left("there is one container")),
    ("readinessGates", Left("nobody waits for it to be ready")),
    ("evictionResponders", Left("a job is told by TERM to stop")),
    ("initContainers", Refused("let the command do first what they do, or let another job do it and name that in `after_ok`")),
    ("ephemeralContainers", Refused("the hub runs one program")),
    ("hostPID", Refused("a program sees its own processes only")),
    ("hostname", Refused(NAMES)),
    ("hostnameOverride", Refused(NAMES)),
    ("subdomain", Refused(NAMES)),
    ("hostAliases", Refused("write addresses where the names are used")),
    ("resources", Refused("say them in the container")),
    ("resourceClaims", Refused("ask for devices by a resource such as nvidia.com/gpu")),
    ("schedulingGates", Refused("submit it when it is to run")),
    ("schedulingGroup", Refused("what starts together or not at all is `replicas` in a job file")),
];

#[rustfmt::skip]
const CONTAINER: Fates = &[
    ("name", Kept),
    ("image", Kept),
    ("command", Kept),
    ("args", Kept),
    ("env", Kept),
    ("workingDir", Kept),
    ("resources", Kept),
    ("volumeMounts", Kept),
    ("imagePullPolicy", Left(SITE)),
    ("ports", Left("nothing is opened to the outside")),
    ("livenessProbe", Left("give it a time limit")),
    ("readinessProbe", Left("nobody waits for it to be ready")),
    ("startupProbe", Left("nobody waits for it to be ready")),
    ("securityContext", Left("a job runs as whom its pool's agent runs it")),
    ("terminationMessagePath", Left("`shugu job` tells how it ended, and `shugu logs` what it wrote")),
    ("terminationMessagePolicy", Left("`shugu job` tells how it ended, and `shugu logs` what it wrote")),
    ("stdin", Left("nobody can write to it")),
    ("stdinOnce", Left("nobody can write to it")),
    ("tty", Left("nobody can write to it")),
    ("restartPolicy", Left(OWN_FAILURE)),
    ("restartPolicyRules", Left(OWN_FAILURE)),
    ("resizePolicy", Left("what it asks for stays the same")),
    ("envFrom", Refused("write the variables as `env`; of secrets: keep them in a file at the site that the job reads")),
    ("lifecycle", Refused("let the command do it; it is told by TERM to stop")),
    ("volumeDevices", Refused(FILES)),
];

#[rustfmt::skip]
const RESOURCES: Fates = &[
    ("requests", Kept),
    ("limits", Kept),
    ("claims", Refused("ask for devices by a resource such as nvidia.com/gpu")),
];

const RULES: &str = "tenants, shares and rights are set by the hub's operator (docs/hub.md)";

/// What to do with an object that is no Job.
fn instead_of(kind: &str) -> &'static str {
    match kind {
        "Pod" | "PodTemplate" => "make it the template of a Job",
        "CronJob" => "submit what its jobTemplate holds each time it is due",
        "Job" | "JobSet" | "PyTorchJob" | "TFJob" | "MPIJob" | "XGBoostJob" | "PaddleJob" | "JAXJob" | "TrainJob" | "RayJob"
        | "RayCluster" | "LeaderWorkerSet" | "PodGroup" => {
            "write its workers as `replicas` of a job file: they start together, and find RANK, WORLD_SIZE and MASTER_ADDR"
        }
        "ConfigMap" => "put what it holds into the image, or let the command write it",
        "Secret" => SECRETS,
        "PersistentVolumeClaim" | "PersistentVolume" | "StorageClass" => FILES,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Service" | "Ingress" => {
            "the hub runs what ends; run it where it runs now"
        }
        "Namespace" | "ServiceAccount" | "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => RULES,
        "ResourceQuota" | "LimitRange" | "LocalQueue" | "ClusterQueue" | "ResourceFlavor" | "PriorityClass" => RULES,
        _ => "leave it out of what is submitted",
    }
}

fn kubernetes(root: &Field) -> Outcome<Foreign> {
    let (version, kind) = (root.word("apiVersion")?, root.word("kind")?);
    if kind == "List" || (version == "batch/v1" && kind == "JobList") {
        let mut all = Foreign { forms: Vec::new(), said: Vec::new() };
        for item in root.list("items")? {
            all.extend(kubernetes(&item)?);
        }
        return if all.forms.is_empty() { Err(root.wrong("the list holds no Job")) } else { Ok(all) };
    }
    if version != "batch/v1" || kind != "Job" {
        let only = format!("{kind} of {version}: only a Job of batch/v1 is taken; {}", instead_of(&kind));
        return Err(root.of("kind", root.value).wrong(&only));
    }
    job(root)
}

/// A text, of which parts may be known only where it runs: these are variables of the shell there.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Plain(String),
    Variable(&'static str),
}

type Told = Vec<Piece>;

/// The text itself, if all of it is known.
fn plain(told: &[Piece]) -> Option<String> {
    told.iter().map(|piece| if let Piece::Plain(text) = piece { Some(text.as_str()) } else { None }).collect()
}

/// As a word of the shell.
fn quoted(told: &[Piece]) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Plain(text) => format!("'{}'", text.replace('\'', r"'\''")),
        Piece::Variable(name) => format!("\"${name}\""),
    };
    if told.is_empty() { "''".to_owned() } else { told.iter().map(one).collect() }
}

/// `$(NAME)` is what the variable holds, if there is one; `$$` is one `$`.
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/>
fn expanded(text: &str, variables: &BTreeMap<String, Told>) -> Told {
    let (mut told, mut known, mut rest) = (Told::new(), String::new(), text);
    while let Some(at) = rest.find('$') {
        known.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some((name, behind)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')')) else {
            known.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
            continue;
        };
        rest = behind;
        let Some(value) = variables.get(name) else {
            known.push_str(&format!("$({name})"));
            continue;
        };
        for piece in value {
            match piece {
                Piece::Plain(text) => known.push_str(text),
                Piece::Variable(_) => {
                    told.push(Piece::Plain(std::mem::take(&mut known)));
                    told.push(piece.clone());
                }
            }
        }
    }
    told.push(Piece::Plain(known + rest));
    told.retain(|piece| *piece != Piece::Plain(String::new()));
    told
}

/// The whole of a job of Kubernetes.
fn job(root: &Field) -> Outcome<Foreign> {
    let mut said = Vec::new();
    root.judge(ROOT, &mut said)?;
    let metadata = root.part("metadata", METADATA, &mut said)?;
    let spec = root.part("spec", JOB, &mut said)?;
    let template = spec.part("template", TEMPLATE, &mut said)?;
    let template_metadata = template.part("metadata", TEMPLATE_METADATA, &mut said)?;
    let pod = template.part("spec", POD, &mut said)?;
    let mut form = SubmitForm::default();
    let name = match (metadata.get("name"), metadata.get("generateName")) {
        (Some(name), _) => name.text()?,
        (None, Some(begin)) => begin.text()?.trim_end_matches(['-', '.']).to_owned(),
        (None, None) => String::new(),
    };
    form.name = Some(if name.is_empty() { stem(root.file) } else { name });
    let mut limits = labels(&metadata, &spec, &mut said)?;
    let tasks = tasks(&spec, &mut form, &mut said)?;
    retries(&spec, &pod, &mut form, &mut said)?;
    if let Some(limit) = spec.get("activeDeadlineSeconds") {
        let each = if tasks > 1 { "for each task " } else { "" };
        said.push(format!("{}: is counted {each}from the start of an attempt, not from when the Job was made", limit.place()));
        limits.push(limit);
    }
    limits.extend(pod.get("activeDeadlineSeconds"));
    for limit in limits {
        let seconds = Some(limit.count()?).filter(|seconds| *seconds > 0).ok_or_else(|| limit.wrong("is longer than nothing"))?;
        let shortest = form.time_limit.as_ref().and_then(|limit| limit.0.trim_end_matches('s').parse().ok()).unwrap_or(u32::MAX);
        form.time_limit = Some(Plain(format!("{}s", seconds.min(shortest))));
    }
    if let Some(grace) = pod.get("terminationGracePeriodSeconds") {
        form.notice = Some(NoticeForm { signal: Plain("TERM".to_owned()), grace: Plain(format!("{}s", grace.count()?)) });
    }
    let containers = pod.get("containers").ok_or_else(|| pod.of("containers", pod.value).wrong("there is none"))?;
    let container = match containers.items()?.as_slice() {
        [one] => one.clone(),
        [] => return Err(containers.wrong("there is none")),
        _ => return Err(containers.refused("a job runs one program: submit a job for each, or start them by one command")),
    };
    container.judge(CONTAINER, &mut said)?;
    match container.get("image") {
        Some(image) => form.image = Some(image.text()?),
        None => said.push(format!("{}: names no image; it runs in the software that a site has", container.place())),
    }
    form.directory = container.get("workingDir").map(|folder| folder.text()).transpose()?;
    volumes(&pod, &container, &mut said)?;
    let made = resources(&container, &mut form, &mut said)?;
    match (made, chosen_models(&pod, &mut said)?) {
        (Some(made), None) => form.models = made,
        (Some(_), Some((_, chosen))) => form.models = chosen.into_iter().collect(),
        (None, Some((place, _))) => said.push(format!("{place} is left out: no devices are asked for")),
        (None, None) => {}
    }
    command(&container, &template_metadata, tasks, &spec, &mut form, &mut said)?;
    Ok(Foreign { forms: vec![form], said })
}

/// What labels of Kueue mean, and how long one of them lets it run; and whether it is held.
fn labels<'a>(metadata: &Field<'a>, spec: &Field<'a>, said: &mut Vec<String>) -> Outcome<Vec<Field<'a>>> {
    let (mut queued, mut others, mut limits) = (false, false, Vec::new());
    for (key, label) in metadata.table("labels")? {
        match key {
            "kueue.x-k8s.io/queue-name" => {
                queued = true;
                said.push(label.left("the hub queues every job, and the token says whose share it uses"));
            }
            "kueue.x-k8s.io/priority-class" => said.push(label.left(RIGHTS)),
            "kueue.x-k8s.io/max-exec-time-seconds" => limits.push(label),
            _ => others = true,
        }
    }
    if let Some(labels) = metadata.get("labels").filter(|_| others) {
        said.push(labels.left(LABELS));
    }
    if let Some(suspend) = spec.get("suspend")
        && suspend.truth()?
    {
        if !queued {
            return Err(suspend.refused("submit it when it is to run"));
        }
        said.push(suspend.left("by it Kueue holds a Job until there is room, which the hub does itself"));
    }
    Ok(limits)
}

/// How many tasks it is; more than one are an array.
fn tasks(spec: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome<u32> {
    const MOST: u32 = 100_000;
    let count = |key: &str| -> Outcome<Option<u32>> {
        let Some(field) = spec.get(key) else { return Ok(None) };
        match field.count()? {
            0 => Err(field.wrong("nothing would run")),
            many @ ..=MOST => Ok(Some(many)),
            _ => Err(field.wrong("is more than 100000, which is the most that one array has")),
        }
    };
    let (completions, parallelism) = (count("completions")?, count("parallelism")?);
    if let Some(mode) = spec.get("completionMode") {
        match mode.text()?.as_str() {
            "NonIndexed" => {}
            "Indexed" if completions.is_some() => {}
            "Indexed" => return Err(mode.wrong("Indexed needs `completions`")),
            _ => return Err(mode.wrong("is neither Indexed nor NonIndexed")),
        }
    }
    let at_a_time = parallelism.unwrap_or(1);
    let tasks = completions.unwrap_or(at_a_time);
    let place = |key: &str| spec.of(key, spec.value).place();
    if completions.is_none() && tasks > 1 {
        let place = place("parallelism");
        said.push(format!("{place}: each of the {tasks} tasks ends for itself, and one that ends badly is told as failed"));
    } else if tasks > at_a_time {
        let place = place("parallelism");
        said.push(format!("{place}: the {tasks} tasks run as the tenant's share allows, not {at_a_time} at a time"));
    }
    form.array = (tasks > 1).then_some(tasks);
    Ok(tasks)
}

fn retries(spec: &Field, pod: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome {
    match pod.get("restartPolicy").map(|policy| policy.text()).transpose()?.as_deref() {
        None | Some("Never" | "OnFailure") => {}
        Some(_) => return Err(pod.of("restartPolicy", pod.value).wrong("is neither Never nor OnFailure")),
    }
    let limit = spec.get("backoffLimitPerIndex").or_else(|| spec.get("backoffLimit"));
    // Six are the default of Kubernetes, a thousand the most that the hub takes.
    let times = limit.as_ref().map_or(Ok(6), Field::count)?.min(1000);
    form.retries = (times > 0).then_some(times);
    if times > 0 {
        let place = limit.unwrap_or_else(|| spec.of("backoffLimit", spec.value)).place();
        said.push(format!("{place}: a lost place is tried again, {times} times at most; {OWN_FAILURE}"));
    }
    Ok(())
}

/// Volumes that the container needs are refused; others go.
fn volumes(pod: &Field, container: &Field, said: &mut Vec<String>) -> Outcome {
    let mut volumes = BTreeMap::new();
    for volume in pod.list("volumes")? {
        let name = volume.get("name").ok_or_else(|| volume.wrong("has no name"))?.text()?;
        volumes.insert(name, (volume, false));
    }
    for mount in container.list("volumeMounts")? {
        let (name, path) = (mount.word("name")?, mount.word("mountPath")?);
        let Some((volume, mounted)) = volumes.get_mut(&name) else { return Err(mount.wrong("names no volume of the template")) };
        *mounted = true;
        let kind = volume.entries()?.into_iter().map(|(key, _)| key).find(|key| *key != "name").unwrap_or("emptyDir");
        match (kind, path.trim_end_matches('/')) {
            ("emptyDir", "/dev/shm" | "/tmp") => said.push(mount.left(&format!("{path} is as large as the site makes it"))),
            ("emptyDir", _) => return Err(mount.refused("write into the job's own folder, $SHUGU_FOLDER, or to /tmp")),
            ("configMap" | "downwardAPI", _) => return Err(mount.refused(instead_of("ConfigMap"))),
            ("secret" | "projected", _) => return Err(mount.refused(SECRETS)),
            _ => return Err(mount.refused(FILES)),
        }
    }
    for (volume, _) in volumes.values().filter(|(_, mounted)| !mounted) {
        said.push(volume.left("nothing mounts it"));
    }
    Ok(())
}

/// Cores, memory and devices; of these the models that they may be.
fn resources(container: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome<Option<Vec<String>>> {
    fn table<'a>(all: &Field<'a>, key: &str) -> Outcome<BTreeMap<&'a str, Field<'a>>> {
        Ok(all.table(key)?.into_iter().collect())
    }
    let all = container.part("resources", RESOURCES, said)?;
    let (requests, limits) = (table(&all, "requests")?, table(&all, "limits")?);
    let amount = |field: &Field| -> Outcome<u64> {
        thousandths(&field.text()?).ok_or_else(|| field.wrong("is no quantity of Kubernetes, such as 500m, 2 or 4Gi"))
    };
    let mut devices: Option<(&str, Vec<String>)> = None;
    let names: BTreeSet<&str> = requests.keys().chain(limits.keys()).copied().collect();
    for name in names {
        let (request, limit) = (requests.get(name), limits.get(name));
        let Some(field) = request.or(limit) else { continue };
        let (asked, most) = (amount(field)?, limit.map(&amount).transpose()?);
        match name {
            "cpu" => {
                form.cpus = (asked > 0).then(|| cores(asked));
                if let Some(limit) = limit.filter(|_| most > Some(asked)) {
                    said.push(limit.left("a job has the cores that it asks for"));
                }
            }
            "memory" => {
                let bytes = most.unwrap_or(asked).div_ceil(1000);
                form.memory = (bytes > 0).then(|| memory(bytes));
                match limit {
                    None => said.push(format!("{}: is the limit, too", field.place())),
                    Some(limit) if most > Some(asked) => said.push(format!("{}: is kept for it as a whole", limit.place())),
                    Some(_) => {}
                }
            }
            "ephemeral-storage" => said.push(field.left(DISK)),
            _ if name.starts_with("hugepages-") => said.push(field.left(SITE)),
            _ if asked == 0 => {}
            _ => {
                let Some(models) = resource_models(name) else {
                    let known = DEVICES.map(|(known, _)| known).join(", ");
                    let part = ["mig-", "shared", "vgpu", "gpumem", "gpucores", "Ascend", "memory", "core"];
                    let advice =
                        if part.iter().any(|word| name.contains(word)) { PARTS } else { "take it out if it can do without" };
                    return Err(
                        field.wrong(&format!("the hub knows no {name}; it knows {known}, huawei.com/Ascend910; {advice}"))
                    );
                };
                if most.is_some_and(|most| most != asked) || asked % 1000 != 0 {
                    return Err(field.wrong("devices are whole, and as many as the limit"));
                }
                if let Some((other, _)) = &devices {
                    return Err(field.wrong(&format!("{other} is asked for, too; a replica has devices of one kind")));
                }
                form.devices = Some(Plain((asked / 1000).to_string()));
                devices = Some((name, models));
            }
        }
    }
    Ok(devices.map(|(_, models)| models))
}

/// Labels of nodes that name the model of their devices.
const PRODUCT_LABELS: [&str; 7] = [
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "accelerator",
    "cloud.google.com/gke-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "gpu.nvidia.com/class",
    "skypilot.co/accelerator",
];

/// Labels of nodes that say no more than that they have devices, or run Linux.
const PLAIN_LABELS: [&str; 6] = [
    "nvidia.com/gpu.present",
    "nvidia.com/gpu",
    "feature.node.kubernetes.io/pci-10de.present",
    "amd.com/gpu.present",
    "kubernetes.io/os",
    "beta.kubernetes.io/os",
];

/// What a demand on a label of a node means: models, or nothing that is kept.
fn by_label(field: &Field, key: &str, values: &[String], said: &mut Vec<String>) -> Outcome<Option<BTreeSet<String>>> {
    if PRODUCT_LABELS.contains(&key) {
        let part = |value: &&String| value.contains("-MIG-") || value.ends_with("-SHARED");
        if let Some(value) = values.iter().find(part) {
            return Err(field.wrong(&format!("{value} is a part of a device; {PARTS}")));
        }
        return Ok(Some(values.iter().flat_map(|value| models(value)).collect()));
    }
    if PLAIN_LABELS.contains(&key) {
        return Ok(None);
    }
    let of_devices = ["nvidia.com/", "amd.com/", "huawei.com/", "gpu.intel.com/", "cloud.google.com/gke-gpu"];
    if of_devices.iter().any(|begin| key.starts_with(begin)) {
        return Err(field.refused("name the model by nvidia.com/gpu.product, or `models` and `device_memory_gb` in a job file"));
    }
    said.push(field.left(PLACES));
    Ok(None)
}

const AFFINITY: Fates = &[
    ("nodeAffinity", Kept),
    ("podAffinity", Left("say `spread` in a job file")),
    ("podAntiAffinity", Left("say `spread` or `apart` in a job file")),
];

const NODE_AFFINITY: Fates = &[
    ("requiredDuringSchedulingIgnoredDuringExecution", Kept),
    ("preferredDuringSchedulingIgnoredDuringExecution", Left("it is a preference; say `alternatives` in a job file")),
];

/// Models that selectors and affinity leave, and where they are named.
fn chosen_models(pod: &Field, said: &mut Vec<String>) -> Outcome<Option<(String, BTreeSet<String>)>> {
    let mut chosen: Option<(String, BTreeSet<String>)> = None;
    let mut also = |field: &Field, models: BTreeSet<String>| -> Outcome {
        let both = match chosen.take() {
            Some((_, before)) => before.intersection(&models).cloned().collect(),
            None => models,
        };
        if both.is_empty() {
            return Err(field.wrong("leaves no model of a device"));
        }
        chosen = Some((field.place(), both));
        Ok(())
    };
    for (key, field) in pod.table("nodeSelector")? {
        if let Some(models) = by_label(&field, key, &[field.text()?], said)? {
            also(&field, models)?;
        }
    }
    let affinity = pod.part("affinity", AFFINITY, said)?.part("nodeAffinity", NODE_AFFINITY, said)?;
    let terms =
        affinity.get("requiredDuringSchedulingIgnoredDuringExecution").and_then(|required| required.get("nodeSelectorTerms"));
    let Some(terms) = terms else { return Ok(chosen) };
    // One term is enough, and all that stands in it holds.
    let (mut any, mut free) = (BTreeSet::new(), false);
    for term in terms.items()? {
        if let Some(fields) = term.get("matchFields") {
            said.push(fields.left(PLACES));
        }
        let mut within: Option<BTreeSet<String>> = None;
        for expression in term.list("matchExpressions")? {
            let (key, operator) = (expression.word("key")?, expression.word("operator")?);
            let values = expression.list("values")?;
            let values = values.iter().map(Field::text).collect::<Outcome<Vec<String>>>()?;
            let product = PRODUCT_LABELS.contains(&key.as_str());
            if product && operator == "Exists" {
                continue;
            }
            if product && operator != "In" {
                return Err(expression.refused("name the models that serve, by operator In, or as `models` in a job file"));
            }
            if let Some(models) = by_label(&expression, &key, &values, said)? {
                within = Some(within.map_or(models.clone(), |before| before.intersection(&models).cloned().collect()));
            }
        }
        match within {
            Some(models) => any.extend(models),
            None => free = true,
        }
    }
    if !free {
        also(&terms, any)?;
    }
    Ok(chosen)
}

/// What a field of the pod is, where the hub has something like it; names of variables that a job finds.
fn of_pod(field: &Field, path: &str, metadata: &Field) -> Outcome<Told> {
    let variable = |name| Ok(vec![Piece::Variable(name)]);
    let key =
        |map: &str| path.strip_prefix(map).and_then(|rest| rest.strip_prefix("['")).and_then(|rest| rest.strip_suffix("']"));
    if let Some((map, key)) =
        key("metadata.labels").map(|key| ("labels", key)).or(key("metadata.annotations").map(|key| ("annotations", key)))
    {
        return match key {
            "batch.kubernetes.io/job-completion-index" => variable("SHUGU_ARRAY_INDEX"),
            "batch.kubernetes.io/job-name" | "job-name" => variable("SHUGU_JOB_NAME"),
            _ => match metadata.get(map).and_then(|all| all.get(key)) {
                Some(value) => Ok(vec![Piece::Plain(value.text()?)]),
                None => Err(field.wrong(&format!("the template has no {path}"))),
            },
        };
    }
    match path {
        "metadata.name" | "metadata.uid" => variable("SHUGU_JOB_ID"),
        "metadata.namespace" => variable("SHUGU_TENANT"),
        "spec.nodeName" => variable("SHUGU_PEERS"),
        _ => {
            Err(field
                .wrong(&format!("{path} is not known here; a job finds SHUGU_JOB_ID, SHUGU_PEERS and others (docs/jobs.md)")))
        }
    }
}

/// The command and its environment; by a shell, where parts of them are known only where it runs.
fn command(
    container: &Field,
    metadata: &Field,
    tasks: u32,
    spec: &Field,
    form: &mut SubmitForm,
    said: &mut Vec<String>,
) -> Outcome {
    const INDEX: &str = "JOB_COMPLETION_INDEX";
    let mut variables: BTreeMap<String, Told> = BTreeMap::new();
    for variable in container.list("env")? {
        let name = variable.get("name").ok_or_else(|| variable.wrong("has no name"))?.text()?;
        let told = match (variable.get("value"), variable.get("valueFrom")) {
            (Some(value), _) => expanded(&value.text()?, &variables),
            (None, None) => Vec::new(),
            (None, Some(from)) => {
                match (from.get("fieldRef").and_then(|field| field.get("fieldPath")), from.entries()?.first()) {
                    (Some(path), _) => of_pod(&path, &path.text()?, metadata)?,
                    (None, Some(("secretKeyRef", secret))) => return Err(secret.refused(SECRETS)),
                    (None, Some((_, other))) => return Err(other.refused("write the value")),
                    (None, None) => return Err(from.wrong("names no source")),
                }
            }
        };
        variables.insert(name, told);
    }
    let indexed = spec.get("completionMode").is_some_and(|mode| mode.value.as_str() == Some("Indexed"));
    if indexed && !variables.contains_key(INDEX) {
        let index = if tasks > 1 { Piece::Variable("SHUGU_ARRAY_INDEX") } else { Piece::Plain("0".to_owned()) };
        variables.insert(INDEX.to_owned(), vec![index]);
    }
    let words = |key: &str| -> Outcome<Vec<Told>> {
        let words = container.list(key)?;
        words.iter().map(|word| Ok(expanded(&word.text()?, &variables))).collect()
    };
    let mut words_of_command = words("command")?;
    if words_of_command.is_empty() {
        let advice = "the hub starts a program by its name, and does not know which one the image would start; say it";
        return Err(container.of("command", container.value).wrong(advice));
    }
    words_of_command.extend(words("args")?);
    let mut lines = String::new();
    for (name, told) in &variables {
        match plain(told) {
            Some(text) => _ = form.env.insert(name.clone(), text),
            None => {
                let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !letters || name.starts_with(|letter: char| letter.is_ascii_digit()) {
                    return Err(container.wrong(&format!("no shell could set a variable called {name}")));
                }
                lines.push_str(&format!("export {name}={}\n", quoted(told)));
            }
        }
    }
    let known: Option<Vec<String>> = words_of_command.iter().map(|word| plain(word)).collect();
    form.command = match known {
        Some(words) if lines.is_empty() => words,
        _ => {
            if form.image.is_some() {
                said.push(format!(
                    "{}: is started by /bin/sh of its image, which tells it what is known only there",
                    container.place()
                ));
            }
            let words = words_of_command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
            vec!["/bin/sh".to_owned(), "-c".to_owned(), format!("{lines}exec {words}")]
        }
    };
    Ok(())
}

// ---- SkyPilot ----
// Source of all fields: <https://docs.skypilot.co/en/latest/reference/yaml-spec.html>

#[rustfmt::skip]
const TASK: Fates = &[
    ("name", Kept),
    ("num_nodes", Kept),
    ("resources", Kept),
    ("envs", Kept),
    ("setup", Kept),
    ("run", Kept),
    ("inputs", Left("it estimates sizes only")),
    ("outputs", Left("it estimates sizes only")),
    ("event_callback", Left("nothing is called; wait with `shugu wait`")),
    ("api_server_access", Left("a job has no rights at the hub")),
    ("file_mounts_mapping", Left("SkyPilot wrote it")),
    ("_metadata", Left("SkyPilot wrote it")),
    ("workdir", Refused("nothing of this machine is brought along: let `setup` fetch the code, or use what the image or the site has")),
    ("file_mounts", Refused(FILES)),
    ("volumes", Refused(FILES)),
    ("volume_mounts", Refused(FILES)),
    ("secrets", Refused(SECRETS)),
    ("managed_secrets", Refused(SECRETS)),
    ("service", Refused("the hub runs what ends; run it where it runs now")),
    ("pool", Refused("the hub has pools of its own; submit the task itself")),
    ("config", Refused("it tells SkyPilot how to use a cloud; take it out if the task can do without")),
];

#[rustfmt::skip]
const WANTED: Fates = &[
    ("accelerators", Kept),
    ("gpus", Kept),
    ("cpus", Kept),
    ("memory", Kept),
    ("image_id", Kept),
    ("use_spot", Kept),
    ("job_recovery", Kept),
    ("spot_recovery", Kept),
    ("any_of", Kept),
    ("ordered", Kept),
    ("instance_type", Kept),
    ("infra", Left(PLACES)),
    ("cloud", Left(PLACES)),
    ("region", Left(PLACES)),
    ("zone", Left(PLACES)),
    ("disk_size", Left(DISK)),
    ("disk_tier", Left(DISK)),
    ("local_disk", Left(DISK)),
    ("ephemeral_storage", Left(DISK)),
    ("network_tier", Left("the site's network is what it is")),
    ("ports", Left("nothing is opened to the outside")),
    ("labels", Left(LABELS)),
    ("accelerator_args", Left(SITE)),
    ("autostop", Left("what a job held is free when it ends")),
    ("priority", Left(RIGHTS)),
    ("priority_class", Left(RIGHTS)),
    ("max_hourly_cost", Left("a tenant has a budget; see `shugu budget`")),
    ("volumes", Refused(FILES)),
];

/// Starts `setup`, and `run` if that ended well, with what SkyPilot tells them by the environment. `$1` is `setup`, `$2` is `run`.
const SKYPILOT: &str = r#"peers=${SHUGU_PEERS//,/$'\n'} commas=${SHUGU_DEVICES//[^,]/} count=0
[ -z "$SHUGU_DEVICES" ] || count=$((${#commas} + 1))
export SKYPILOT_TASK_ID="$SHUGU_JOB_ID" SKYPILOT_NUM_NODES="${SHUGU_REPLICAS:-1}"
if [ -n "$1" ]; then
    SKYPILOT_SETUP_NODE_RANK="${SHUGU_REPLICA:-0}" SKYPILOT_SETUP_NODE_IPS="$peers" \
        SKYPILOT_SETUP_NUM_GPUS_PER_NODE=$count bash -c "$1" setup || exit
fi
export SKYPILOT_NODE_RANK="${SHUGU_REPLICA:-0}" SKYPILOT_NODE_IPS="$peers" SKYPILOT_NUM_GPUS_PER_NODE=$count
exec bash -c "$2" run"#;

/// What scripts use that is not as SkyPilot has it; the last column is whether only several nodes notice.
const SCRIPT_WORDS: [(&str, &str, bool); 7] = [
    ("NODE_IPS", "holds the names by which nodes reach each other, which need not be addresses", true),
    ("SKYPILOT_CLUSTER_INFO", "is not given here", false),
    ("SKYPILOT_INTERNAL_JOB_ID", "is not given here", false),
    ("SKYPILOT_SERVE_REPLICA_ID", "is not given here", false),
    ("sky_workdir", "there is no such folder; it runs in the attempt's own, $SHUGU_FOLDER", false),
    ("sky_templates", "there is no such folder; bring the script along", false),
    ("conda activate", "the shell has not read .bashrc; source conda.sh first", false),
];

/// One way to serve a task: how many devices, of which models, or with how much memory.
#[derive(Debug, Clone, PartialEq)]
struct Way {
    count: String,
    models: Vec<String>,
    memory_gb: Option<u32>,
}

/// Reads `H100`, `H100:8`, `40GB+`, `40GB+:2` or `nvidia:40GB+:2`.
fn way(field: &Field, text: &str, count: Option<&Field>) -> Outcome<Way> {
    let is_size = |part: &str| {
        part.ends_with('+') && skypilot_bytes(part).is_some() && part.starts_with(|letter: char| letter.is_ascii_digit())
    };
    let mut parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let given = match count {
        Some(count) => Some(count.text()?),
        None => parts.last().filter(|part| parts.len() > 1 && !is_size(part)).map(|part| (*part).to_owned()),
    };
    if count.is_none() && given.is_some() {
        parts.pop();
    }
    let count = given.unwrap_or_else(|| "1".to_owned());
    // As numbers of YAML are written: 8.0 is 8.
    let count = count.strip_suffix(".0").unwrap_or(&count).to_owned();
    if !count.parse::<f64>().is_ok_and(|count| count > 0.0 && count.is_finite()) {
        return Err(field.wrong(&format!("`{count}` is no number of devices")));
    }
    let gigabytes = |size: &str| u32::try_from(skypilot_bytes(size)?.div_ceil(1 << 30)).ok();
    let (models, memory_gb) = match parts.as_slice() {
        [size] if is_size(size) => (Vec::new(), gigabytes(size)),
        [maker, size] if is_size(size) => (made_by(maker), gigabytes(size)),
        [name] if !name.is_empty() && skypilot_bytes(name).is_none() => (models(name), None),
        _ => return Err(field.wrong(&format!("`{text}` is no accelerator: write H100:8, or 40GB+ for a memory"))),
    };
    if models.is_empty() && memory_gb.is_none() {
        return Err(field.wrong(&format!("`{text}` names no maker of the census")));
    }
    Ok(Way { count, models, memory_gb })
}

/// Ways that accelerators are written, and whether the order is the file's.
fn ways(field: &Field) -> Outcome<(Vec<Way>, bool)> {
    match field.value {
        Value::String(text) => Ok((vec![way(field, text, None)?], true)),
        Value::Array(_) => Ok((field.items()?.iter().map(|item| way(item, &item.text()?, None)).collect::<Outcome<_>>()?, true)),
        Value::Object(_) => {
            let one = |(key, count): (&str, Field)| {
                if count.value.is_null() { way(field, key, None) } else { way(field, key, Some(&count)) }
            };
            Ok((field.entries()?.into_iter().map(one).collect::<Outcome<_>>()?, false))
        }
        _ => Err(field.wrong("is no accelerator: write H100:8")),
    }
}

/// Adds a way. Where the order does not matter, ways that differ in models only are one.
fn add_way(all: &mut Vec<Way>, way: Way, ordered: bool) {
    let like = |other: &&mut Way| other.count == way.count && other.memory_gb == way.memory_gb;
    match all.iter_mut().find(like) {
        Some(same) if same.models == way.models => {}
        // One without models is any model: nothing can be added to it.
        Some(same) if !ordered && !same.models.is_empty() && !way.models.is_empty() => {
            let union: BTreeSet<String> = same.models.drain(..).chain(way.models).collect();
            same.models = union.into_iter().collect();
        }
        _ => all.push(way),
    }
}

/// The whole of a task of SkyPilot.
fn skypilot(root: &Field) -> Outcome<Foreign> {
    let mut said = Vec::new();
    root.judge(TASK, &mut said)?;
    let mut form = SubmitForm { name: Some(stem(root.file)), ..SubmitForm::default() };
    if let Some(name) = root.get("name") {
        form.name = Some(name.text()?);
    }
    let nodes = root.get("num_nodes").map_or(Ok(1), |nodes| match nodes.count()? {
        0 => Err(nodes.wrong("nothing would run")),
        count => Ok(count),
    })?;
    if nodes > 1 {
        form.replicas = Some(nodes);
        form.spread = Some("nodes".to_owned());
    }
    let resources = root.part("resources", WANTED, &mut said)?;
    hardware(&resources, &mut form, &mut said)?;
    recovery(&resources, &mut form, &mut said)?;
    for (name, value) in root.table("envs")? {
        if value.value.is_null() {
            return Err(value.wrong("has no value, and SkyPilot would ask for one; write it"));
        }
        if name.starts_with("SKYPILOT_DOCKER_") {
            return Err(value.refused("a pool's agent knows by which secret images are pulled"));
        }
        // As Python writes it.
        let text = value.value.as_bool().map(|truth| if truth { "True" } else { "False" }.to_owned());
        form.env.insert(name.to_owned(), text.map_or_else(|| value.text(), Ok)?);
    }
    let (setup, run) = (root.word("setup")?, root.word("run")?);
    if run.trim().is_empty() {
        return Err(root.of("run", root.value).wrong("is missing; it says what to run"));
    }
    for (word, why, several) in SCRIPT_WORDS {
        let used = [("setup", &setup), ("run", &run)].into_iter().find(|(_, text)| text.contains(word));
        if let Some((key, _)) = used.filter(|_| nodes > 1 || !several) {
            said.push(format!("{} uses {word}: {why}", root.of(key, root.value).place()));
        }
    }
    if nodes > 1 && !setup.trim().is_empty() {
        let place = root.of("setup", root.value).place();
        said.push(format!(
            "{place}: a node goes on to `run` when its own `setup` has ended well, and does not wait for the others'"
        ));
    }
    form.command = ["bash", "-c", SKYPILOT, "skypilot"].map(str::to_owned).to_vec();
    form.command.extend([setup, run]);
    Ok(Foreign { forms: vec![form], said })
}

/// What each node has, and the ways that serve.
fn hardware(resources: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome {
    let (candidates, by_order) = match (resources.get("any_of"), resources.get("ordered")) {
        (Some(_), Some(ordered)) => return Err(ordered.wrong("stands beside any_of; there can be one of them")),
        (Some(any), None) => (any.items()?, false),
        (None, Some(ordered)) => (ordered.items()?, true),
        (None, None) => (Vec::new(), true),
    };
    for candidate in &candidates {
        candidate.judge(WANTED, said)?;
        if let Some(inner) = candidate.get("any_of").or_else(|| candidate.get("ordered")) {
            return Err(inner.wrong("cannot stand in a candidate"));
        }
    }
    let many = !candidates.is_empty();
    let mut all: Vec<Way> = Vec::new();
    let mut without = false;
    for (at, candidate) in if many { candidates } else { vec![resources.clone()] }.into_iter().enumerate() {
        let get = |key: &str| candidate.get(key).or_else(|| resources.get(key));
        match get("accelerators").or_else(|| get("gpus")) {
            Some(field) => {
                let (ways, listed) = ways(&field)?;
                ways.into_iter().for_each(|way| add_way(&mut all, way, by_order && listed));
            }
            None => {
                without = true;
                if let Some(kind) = get("instance_type").filter(|_| get("cpus").is_none()) {
                    return Err(kind.refused("say accelerators, cpus and memory"));
                }
            }
        }
        if let Some(kind) = get("instance_type") {
            said.push(kind.left("accelerators, cpus and memory say it"));
        }
        if let Some(spot) = get("use_spot") {
            form.preemptible |= spot.truth()?;
        }
        let same = |own: &mut Option<Plain>, value: Option<Plain>, key: &str| -> Outcome {
            if at > 0 && *own != value {
                let place = candidate.of(key, candidate.value);
                return Err(place.refused("every way has the same cores, memory and image; submit a job for each"));
            }
            *own = value;
            Ok(())
        };
        same(&mut form.cpus, get("cpus").map(|field| node_cores(&field)).transpose()?, "cpus")?;
        same(&mut form.memory, get("memory").map(|field| node_memory(&field)).transpose()?, "memory")?;
        let mut image = form.image.take().map(Plain);
        same(&mut image, get("image_id").map(|field| image_of(&field)).transpose()?, "image_id")?;
        form.image = image.map(|image| image.0);
    }
    if without && !all.is_empty() {
        return Err(resources.wrong("some ways have accelerators and some have none; submit a job for each"));
    }
    if let Some(memory) = resources.get("memory").filter(|memory| memory.value.as_str().is_some_and(|text| text.ends_with('+'))) {
        said.push(format!("{}: is what it gets, and the limit", memory.place()));
    }
    if all.is_empty() && form.cpus.is_none() {
        said.push(format!("{}: asks for no cores; it has one", resources.place()));
    }
    let mut all = all.into_iter();
    if let Some(first) = all.next() {
        form.devices = Some(Plain(first.count));
        form.models = first.models;
        form.device_memory_gb = first.memory_gb;
    }
    let alternative = |way: Way| Alternative {
        devices: Plain(way.count),
        replicas: None,
        device_memory_gb: way.memory_gb,
        power: None,
        models: way.models,
    };
    form.alternatives = all.map(alternative).collect();
    Ok(())
}

fn node_cores(field: &Field) -> Outcome<Plain> {
    let text = field.text()?;
    let milli = thousandths(text.trim_end_matches('+')).filter(|milli| *milli > 0);
    Ok(cores(milli.ok_or_else(|| field.wrong("is no number of cores: 4, or 4+ for at least as many"))?))
}

fn node_memory(field: &Field) -> Outcome<Plain> {
    let bytes = skypilot_bytes(&field.text()?).filter(|bytes| *bytes > 0);
    Ok(memory(bytes.ok_or_else(|| field.wrong("is no size: 32, 32+ or 64GB"))?))
}

fn image_of(field: &Field) -> Outcome<Plain> {
    let image = field.value.as_str().and_then(|text| text.strip_prefix("docker:"));
    let image = image
        .ok_or_else(|| field.refused("it is no image of a container; say docker:NAME, or take it out to use what a site has"))?;
    Ok(Plain(image.to_owned()))
}

/// How often it is tried again.
fn recovery(resources: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome {
    let Some(field) = resources.get("job_recovery").or_else(|| resources.get("spot_recovery")) else { return Ok(()) };
    let (strategy, restarts, codes) = match field.value {
        Value::Object(_) => (field.get("strategy"), field.get("max_restarts_on_errors"), field.get("recover_on_exit_codes")),
        _ => (Some(field.clone()), None, None),
    };
    let none = strategy.map(|strategy| strategy.text()).transpose()?.is_some_and(|text| text.eq_ignore_ascii_case("none"));
    let times = match &restarts {
        Some(times) => times.count()?.min(1000),
        None => 3,
    };
    form.retries = (times > 0 && !none).then_some(times);
    if let Some(codes) = codes {
        said.push(codes.left(OWN_FAILURE));
    }
    if form.retries.is_some() {
        said.push(format!("{}: a lost place is tried again, {times} times at most; {OWN_FAILURE}", field.place()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(yaml: &str) -> Value {
        serde_saphyr::from_str(yaml).unwrap()
    }

    fn foreign(yaml: &str) -> Outcome<Foreign> {
        read("dir/job.yaml", &parsed(yaml)).expect("it is somebody else's")
    }

    /// A file becomes this form, and this is said of it.
    fn check(yaml: &str, form: &str, said: &[&str]) {
        let read = foreign(yaml).unwrap_or_else(|failure| panic!("{failure}\n{yaml}"));
        assert_eq!(read.forms.len(), 1, "{yaml}");
        assert_eq!(serde_json::to_value(&read.forms[0]).unwrap(), parsed(form), "{yaml}");
        let file = |line: &String| line.strip_prefix("dir/job.yaml field ").unwrap_or(line).to_owned();
        assert_eq!(read.said.iter().map(file).collect::<Vec<_>>(), said, "{yaml}");
    }

    /// A file is refused, and this is told.
    fn refused(yaml: &str, told: &str) {
        let failure = foreign(yaml).expect_err(yaml).to_string();
        assert!(failure.contains(told), "{yaml}\n{failure}");
    }

    /// A small Job of Kubernetes, with more in its spec, its pod and its container.
    fn small(spec: &str, pod: &str, container: &str) -> String {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: small}}\nspec:\n  backoffLimit: 0\n  {spec}\n  template:\n    spec:\n      {pod}\n      \
             containers:\n      - name: main\n        image: busybox:1\n        command: [date]\n        {container}\n"
        )
    }

    #[test]
    fn a_job_of_kubernetes_keeps_what_it_needs() {
        check(
            "
apiVersion: batch/v1
kind: Job
metadata: {generateName: train-, namespace: research, labels: {app: train}}
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 7200
  ttlSecondsAfterFinished: 100
  template:
    metadata: {labels: {app: train}}
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 120
      priorityClassName: high
      serviceAccountName: trainer
      automountServiceAccountToken: false
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
      volumes: [{name: shm, emptyDir: {medium: Memory}}, {name: old, configMap: {name: gone}}]
      containers:
      - name: main
        image: registry.example/team/train:3
        imagePullPolicy: Always
        command: [python3, train.py]
        args: [--epochs, '3']
        workingDir: /opt/train
        env: [{name: EPOCHS, value: '3'}, {name: EMPTY}]
        resources:
          requests: {cpu: 15500m, memory: 60Gi}
          limits: {cpu: 32, memory: 64Gi, huawei.com/Ascend910: 8}
        volumeMounts: [{name: shm, mountPath: /dev/shm}]
",
            "
name: train
command: [python3, train.py, --epochs, '3']
devices: '8'
models: [Ascend 910]
cpus: 15500m
memory: 64GiB
time_limit: 7200s
retries: 2
notice: {signal: TERM, grace: 120s}
env: {EPOCHS: '3', EMPTY: ''}
directory: /opt/train
image: registry.example/team/train:3
",
            &[
                "metadata.namespace is left out: the token says whose job it is",
                "spec.ttlSecondsAfterFinished is left out: the hub keeps its jobs, and a site what they wrote for seven days",
                "spec.template.metadata.labels is left out: the hub keeps no labels",
                "spec.template.spec.priorityClassName is left out: the token says whose job it is, and the policy how urgent",
                "spec.template.spec.serviceAccountName is left out: a job has no rights at the cluster",
                "spec.template.spec.tolerations is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
                "metadata.labels is left out: the hub keeps no labels",
                "spec.backoffLimit: a lost place is tried again, 2 times at most; a program's own failure is never tried again",
                "spec.activeDeadlineSeconds: is counted from the start of an attempt, not from when the Job was made",
                "spec.template.spec.containers[0].imagePullPolicy is left out: a site has its own way to run programs",
                "spec.template.spec.containers[0].volumeMounts[0] is left out: /dev/shm is as large as the site makes it",
                "spec.template.spec.volumes[1] is left out: nothing mounts it",
                "spec.template.spec.containers[0].resources.limits.cpu is left out: a job has the cores that it asks for",
                "spec.template.spec.containers[0].resources.limits.memory: is kept for it as a whole",
            ],
        );
    }

    #[test]
    fn an_indexed_job_is_an_array_that_knows_its_index() {
        check(
            "
apiVersion: batch/v1
kind: Job
metadata: {name: sweep}
spec:
  completions: 10
  parallelism: 3
  completionMode: Indexed
  backoffLimit: 0
  template:
    metadata: {labels: {stage: 'it''s third'}}
    spec:
      restartPolicy: OnFailure
      containers:
      - name: main
        command: [python3, part.py]
        args: ['--part=$(JOB_COMPLETION_INDEX)', '$(STAGE)', '$(POD)/$(NOT_SET)', 'costs $$(POD) $5']
        env:
        - {name: STAGE, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[''stage'']'}}}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: OUT, value: out/$(POD)}
        - {name: BOTH, value: $(STAGE)-$(STAGE)}
",
            r#"
name: sweep
array: 10
command:
- /bin/sh
- -c
- "export JOB_COMPLETION_INDEX=\"$SHUGU_ARRAY_INDEX\"\nexport OUT='out/'\"$SHUGU_JOB_ID\"\nexport POD=\"$SHUGU_JOB_ID\"\nexec 'python3' 'part.py' '--part='\"$SHUGU_ARRAY_INDEX\" 'it'\\''s third' \"$SHUGU_JOB_ID\"'/$(NOT_SET)' 'costs $(POD) $5'"
env: {STAGE: 'it''s third', BOTH: 'it''s third-it''s third'}
"#,
            &[
                "spec.template.metadata.labels is left out: the hub keeps no labels",
                "spec.parallelism: the 10 tasks run as the tenant's share allows, not 3 at a time",
                "spec.template.spec.containers[0]: names no image; it runs in the software that a site has",
            ],
        );
    }

    #[test]
    fn what_kueue_holds_is_queued_by_the_hub() {
        let labels = "{kueue.x-k8s.io/queue-name: user-queue, kueue.x-k8s.io/max-exec-time-seconds: '600'}";
        let own = |text: &str| {
            small("suspend: true\n  completions: 3\n  parallelism: 3", "activeDeadlineSeconds: 900", "")
                .replace("{name: small}", text)
        };
        check(
            &own(&format!("{{name: small, labels: {labels}}}")),
            "{name: small, command: [date], image: 'busybox:1', array: 3, time_limit: 600s}",
            &[
                "metadata.labels[kueue.x-k8s.io/queue-name] is left out: the hub queues every job, and the token says whose share it uses",
                "spec.suspend is left out: by it Kueue holds a Job until there is room, which the hub does itself",
            ],
        );
        refused(&own("{name: small}"), "dir/job.yaml field spec.suspend: is not kept here; submit it when it is to run");
    }

    #[test]
    fn labels_of_nodes_name_models() {
        let gpu = "resources: {limits: {nvidia.com/gpu: 2}}";
        let of = |pod: &str| foreign(&small("", pod, gpu)).unwrap().forms[0].models.clone();
        assert_eq!(of("nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB}"), ["A100 SXM4 80GB"]);
        assert_eq!(of("nodeSelector: {nvidia.com/gpu.present: 'true', zone: a}").first().unwrap(), "A10");
        let required = |terms: &str| {
            of(&format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}"
            ))
        };
        let product =
            |values: &str| format!("{{matchExpressions: [{{key: nvidia.com/gpu.product, operator: In, values: [{values}]}}]}}");
        assert_eq!(required(&product("NVIDIA-H200, NVIDIA-H20")), ["H20 (HGX) 96GB", "H200 SXM 141GB"]);
        assert_eq!(required(&format!("{}, {}", product("Tesla-T4"), product("NVIDIA-L4"))), ["L4", "T4"]);
        let zone = "{matchExpressions: [{key: zone, operator: In, values: [a]}]}";
        assert!(required(&format!("{}, {zone}", product("Tesla-T4"))).len() > 10, "any device of the maker will do in that zone");
        check(
            &small("", "nodeSelector: {accelerator: huawei-Ascend910, kubernetes.io/os: linux, disk: ssd}", ""),
            "{name: small, command: [date], image: 'busybox:1'}",
            &[
                "spec.template.spec.nodeSelector.disk is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
                "spec.template.spec.nodeSelector.accelerator is left out: no devices are asked for",
            ],
        );
        let gpu = |pod: &str, told: &str| refused(&small("", pod, gpu), told);
        gpu("nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB-MIG-1g.10gb}", "is a part of a device");
        gpu(
            "nodeSelector: {nvidia.com/gpu.memory: '81920'}",
            "nodeSelector[nvidia.com/gpu.memory]: is not kept here; name the model",
        );
        gpu("nodeSelector: {accelerator: a100, nvidia.com/gpu.product: NVIDIA-H200}", "leaves no model of a device");
    }

    #[test]
    fn what_would_change_the_meaning_of_a_job_is_refused() {
        let spec = |text: &str, told: &str| refused(&small(text, "", ""), &format!("dir/job.yaml field spec.{told}"));
        spec("paralelism: 2", "paralelism: is no field that is known here; take it out if nothing depends on it");
        spec("completionMode: Indexed", "completionMode: Indexed needs `completions`");
        spec("completions: many", "completions: is no count");
        spec("parallelism: 0", "parallelism: nothing would run");
        spec("completions: 100001", "completions: is more than 100000");
        spec("successPolicy: {rules: [{succeededCount: 1}]}", "successPolicy: is not kept here; a task whose end");
        let pod =
            |text: &str, told: &str| refused(&small("", text, ""), &format!("dir/job.yaml field spec.template.spec.{told}"));
        pod("initContainers: [{name: first}]", "initContainers: is not kept here; let the command do first what they do");
        pod("subdomain: workers", "subdomain: is not kept here; replicas find each other by SHUGU_PEERS");
        pod("restartPolicy: Always", "restartPolicy: is neither Never nor OnFailure");
        let two = small("", "", "").replace("containers:", "containers:\n      - {name: other}");
        refused(&two, "spec.containers: is not kept here; a job runs one program");
        let container = |text: &str, told: &str| {
            refused(&small("", "volumes: [{name: v, VOLUME}]".replace("VOLUME", "emptyDir: {}").as_str(), text), told);
        };
        container("envFrom: [{configMapRef: {name: settings}}]", "containers[0].envFrom: is not kept here; write the variables");
        container(
            "volumeMounts: [{name: v, mountPath: /scratch}]",
            "volumeMounts[0]: is not kept here; write into the job's own folder",
        );
        container("volumeMounts: [{name: w, mountPath: /data}]", "volumeMounts[0]: names no volume of the template");
        container(
            "env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: one}}}]",
            "env[0].valueFrom.secretKeyRef: is not kept here; a job is written down and read by operators",
        );
        container("env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]", "status.podIP is not known here");
        container(
            "resources: {limits: {nvidia.com/mig-1g.10gb: 1}}",
            "limits[nvidia.com/mig-1g.10gb]: the hub knows no nvidia.com/mig-1g",
        );
        container("resources: {limits: {memory: lots}}", "limits.memory: is no quantity of Kubernetes");
        container("resources: {limits: {amd.com/gpu: 1, nvidia.com/gpu: 1}}", "amd.com/gpu is asked for, too");
        let claim = small(
            "",
            "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
            "volumeMounts: [{name: v, mountPath: /data}]",
        );
        refused(&claim, "volumeMounts[0]: is not kept here; let the program fetch and send its data");
        refused(
            &small("", "", "").replace("command: [date]", "args: [now]"),
            "containers[0].command: the hub starts a program by its name",
        );
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
        let bytes = ["32", "32+", "1.5", "64GB", "512mb", "1TB+", "much", "4x"].map(skypilot_bytes);
        let gib = |count: u64| Some(count << 30);
        assert_eq!(bytes, [gib(32), gib(32), Some(3 << 29), gib(64), Some(1 << 29), gib(1024), None, None]);
        assert_eq!(
            [memory(3 << 29), memory(1000), cores(2000), cores(1500)].map(|plain| plain.0),
            ["1536MiB", "1000B", "2", "1500m"]
        );
    }

    #[test]
    fn models_are_found_by_the_names_that_others_give_them() {
        let cases = [
            ("NVIDIA-H100-80GB-HBM3", "H100 SXM5 80GB"),
            ("H100", "H100 PCIe 80GB, H100 SXM5 80GB"),
            ("H100-SXM", "H100 SXM5 80GB"),
            ("H20", "H20 (HGX) 96GB"),
            ("A100-80GB", "A100 PCIe 80GB, A100 SXM4 80GB"),
            ("NVIDIA-A800-80GB-PCIe", "A800 PCIe 80GB"),
            ("Tesla-V100-SXM2-16GB", "V100 SXM2 16GB"),
            ("nvidia-tesla-t4", "T4"),
            ("NVIDIA-L40", "L40"),
            ("RTX4090", "RTX 4090"),
            ("NVIDIA-GeForce-RTX-4090", "RTX 4090"),
            ("NVIDIA-GB200", "GB200 (per GPU)"),
            ("AMD_Instinct_MI300X_OAM", "Instinct MI300X"),
            ("MI300", "Instinct MI300A, Instinct MI300X"),
            ("Ascend910B3", "Ascend 910B3"),
            ("910B", "Ascend 910B (FlagPerf-measured card, 64GiB), Ascend 910B1, Ascend 910B2, Ascend 910B3, Ascend 910B4"),
            // What means none of them is left to the hub.
            ("A10G", "A10G"),
            ("NVIDIA-A100-PCIE-40GB", "NVIDIA-A100-PCIE-40GB"),
            ("tpu-v4-8", "tpu-v4-8"),
        ];
        for (name, found) in cases {
            assert_eq!(models(name).join(", "), found, "{name}");
        }
        // Whatever a resource stands for, the hub finds only devices of that maker by it.
        for (resource, vendor) in DEVICES {
            let begun = resource_models(resource).unwrap();
            assert!(!begun.is_empty(), "{resource}");
            for model in begun.iter().flat_map(|begun| KNOWN.models_named(begun)) {
                assert_eq!(KNOWN.accelerators[&model].vendor, vendor, "{resource}: {model}");
            }
            let all = accelerators().filter(|one| one.vendor == vendor);
            assert!(all.flat_map(|one| begun.iter().filter(|begun| one.model.starts_with(*begun))).next().is_some());
        }
    }

    #[test]
    fn a_task_of_skypilot_is_a_gang_of_scripts() {
        check(
            "
name: train
num_nodes: 4
resources:
  infra: aws/us-east-1
  accelerators: {H100: 8}
  cpus: 96+
  memory: 512+
  image_id: docker:pytorch/pytorch:2.7
  use_spot: true
  disk_size: 500
  job_recovery: {strategy: FAILOVER, max_restarts_on_errors: 2}
envs: {EPOCHS: 3, DEBUG: true, RATE: '1e-4'}
setup: pip install -r requirements.txt
run: |
  head=$(echo \"$SKYPILOT_NODE_IPS\" | head -n1)
  torchrun --nnodes=$SKYPILOT_NUM_NODES train.py
"
            .replace("\\\"", "\"")
            .as_str(),
            &format!(
                r#"
name: train
command: [bash, -c, {}, skypilot, 'pip install -r requirements.txt', "head=$(echo \"$SKYPILOT_NODE_IPS\" | head -n1)\ntorchrun --nnodes=$SKYPILOT_NUM_NODES train.py\n"]
replicas: 4
spread: nodes
devices: '8'
models: [H100 PCIe 80GB, H100 SXM5 80GB]
cpus: '96'
memory: 512GiB
retries: 2
preemptible: true
env: {{EPOCHS: '3', DEBUG: 'True', RATE: '1e-4'}}
image: pytorch/pytorch:2.7
"#,
                serde_json::to_string(SKYPILOT).unwrap()
            ),
            &[
                "resources.disk_size is left out: no disk is kept for it",
                "resources.infra is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
                "resources.memory: is what it gets, and the limit",
                "resources.job_recovery: a lost place is tried again, 2 times at most; a program's own failure is never tried again",
                "run uses NODE_IPS: holds the names by which nodes reach each other, which need not be addresses",
                "setup: a node goes on to `run` when its own `setup` has ended well, and does not wait for the others'",
            ],
        );
    }

    #[test]
    fn accelerators_are_taken_in_all_forms_that_skypilot_writes() {
        let asked = |resources: &str| {
            let form = foreign(&format!("run: date\nresources:\n  {resources}\n"))
                .unwrap_or_else(|failure| panic!("{failure}"))
                .forms
                .remove(0);
            let one = |count: &Plain, models: &[String], least: Option<u32>| {
                format!("{} of {}{}", count.0, models.join("|"), least.map(|gb| format!(" {gb}GB")).unwrap_or_default())
            };
            let mut all: Vec<String> = form.devices.iter().map(|count| one(count, &form.models, form.device_memory_gb)).collect();
            all.extend(form.alternatives.iter().map(|way| one(&way.devices, &way.models, way.device_memory_gb)));
            all.join(", ")
        };
        assert_eq!(asked("accelerators: T4"), "1 of T4");
        assert_eq!(asked("accelerators: T4:0.5"), "0.5 of T4");
        assert_eq!(asked("gpus: {T4: 8.0}"), "8 of T4");
        assert_eq!(asked("accelerators: {'T4:2', 'L4:2', 'L40S:1'}"), "1 of L40S, 2 of L4|T4");
        assert_eq!(asked("accelerators: [T4:2, L4:2, L40S:1]"), "2 of T4, 2 of L4, 1 of L40S");
        assert_eq!(asked("accelerators: 40GB+:4"), "4 of  40GB");
        assert_eq!(asked("accelerators: amd:128GB+"), "1 of Instinct 128GB");
        assert_eq!(asked("any_of: [{accelerators: T4, infra: aws}, {accelerators: L4, use_spot: true}]"), "1 of L4|T4");
        assert_eq!(asked("accelerators: T4:2\n  any_of: [{infra: aws}, {infra: gcp}]"), "2 of T4");
        assert_eq!(asked("ordered: [{accelerators: L4:8}, {accelerators: T4:8}]"), "8 of L4, 8 of T4");
        assert_eq!(asked("cpus: 4+"), "");
    }

    #[test]
    fn a_task_without_hardware_has_a_core_and_the_name_of_its_file() {
        let form =
            format!("{{name: job, command: [bash, -c, {}, skypilot, '', date]}}", serde_json::to_string(SKYPILOT).unwrap());
        check("run: date", &form, &["resources: asks for no cores; it has one"]);
    }

    #[test]
    fn what_would_change_the_meaning_of_a_task_is_refused() {
        let task = |text: &str, told: &str| refused(&format!("run: date\n{text}\n"), &format!("dir/job.yaml field {told}"));
        task("workdir: .", "workdir: is not kept here; nothing of this machine is brought along");
        task("file_mounts: {/data: s3://bucket}", "file_mounts: is not kept here; let the program fetch and send its data");
        task("secrets: {HF_TOKEN: abc}", "secrets: is not kept here; a job is written down and read by operators");
        task("service: {replicas: 2}", "service: is not kept here; the hub runs what ends");
        task("config: {kubernetes: {provision_timeout: 600}}", "config: is not kept here; it tells SkyPilot how to use a cloud");
        task("envs: {TOKEN: }", "envs.TOKEN: has no value");
        task("envs: {SKYPILOT_DOCKER_PASSWORD: abc}", "envs.SKYPILOT_DOCKER_PASSWORD: is not kept here");
        task("num_nodes: 0", "num_nodes: nothing would run");
        task("num_node: 2", "num_node: is no field that is known here");
        task("resources: {instance_type: p3.8xlarge}", "resources.instance_type: is not kept here; say accelerators");
        task(
            "resources: {image_id: ami-0868a20f5a3bf9702}",
            "resources.image_id: is not kept here; it is no image of a container",
        );
        task("resources: {accelerators: 'T4:many'}", "resources.accelerators: `many` is no number of devices");
        task("resources: {accelerators: 16GB}", "resources.accelerators: `16GB` is no accelerator");
        task("resources: {memory: 4x}", "resources.memory: is no size");
        task(
            "resources: {any_of: [{cpus: 4}, {cpus: 8}]}",
            "resources.any_of[1].cpus: is not kept here; every way has the same cores",
        );
        task("resources: {any_of: [{accelerators: T4}, {cpus: 8}]}", "resources.any_of[1].cpus: is not kept here");
        task(
            "resources: {any_of: [{accelerators: T4}, {infra: aws}]}",
            "resources: some ways have accelerators and some have none",
        );
        refused("{num_nodes: 2}", "dir/job.yaml field run: is missing");
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

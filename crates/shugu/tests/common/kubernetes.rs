//! A Kubernetes cluster in small: an API server that keeps objects, versions, watches, conflicts and 410 Gone, and beside it what
//! makes pods of Jobs, gives them nodes, and runs their programs as processes of this machine. It knows no more of Kubernetes than
//! an agent makes use of; what only a real cluster can show is tried on one (`tests/kubernetes.rs`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::free_port;

/// How much of what happened a watch may ask for.
const HISTORY: usize = 5000;

/// By which the server knows the agent.
const TOKEN: &str = "sample-token";

/// Kind, namespace and name.
type Key = (String, String, String);

#[derive(Default)]
struct Store {
    objects: BTreeMap<Key, Value>,
    version: u64,
    log: VecDeque<(u64, &'static str, Value, String)>,
    /// Versions up to here are forgotten.
    forgotten: u64,
    uids: u64,
    /// Raised to end every watch.
    epoch: u64,
    /// What the agent may not do: `verb resource`.
    denied: BTreeSet<String>,
    /// Whether Kueue's kinds are there.
    kueue: bool,
    /// Programs, by the uid of their pod.
    programs: BTreeMap<String, Program>,
    /// Nodes whose agent is silent.
    silent: BTreeSet<String>,
    /// Pods whose program is said to have been killed for its memory.
    over_memory: BTreeSet<String>,
    /// How many requests were answered.
    requests: u64,
}

struct Program {
    child: Child,
    told: Option<Instant>,
    killed: bool,
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

impl Store {
    /// Changes an object, and tells those who watch.
    fn put(&mut self, key: &Key, mut object: Value) -> Value {
        let what = if self.objects.contains_key(key) { "MODIFIED" } else { "ADDED" };
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        self.objects.insert(key.clone(), object.clone());
        self.note(what, object.clone(), &key.0);
        object
    }

    fn remove(&mut self, key: &Key) {
        if let Some(mut object) = self.objects.remove(key) {
            self.version += 1;
            object["metadata"]["resourceVersion"] = self.version.to_string().into();
            self.note("DELETED", object, &key.0);
        }
    }

    fn note(&mut self, what: &'static str, object: Value, kind: &str) {
        self.log.push_back((self.version, what, object, kind.to_owned()));
        while self.log.len() > HISTORY {
            self.forgotten = self.log.pop_front().map_or(0, |(version, ..)| version);
        }
    }

    fn create(&mut self, key: &Key, mut object: Value) -> Value {
        self.uids += 1;
        object["metadata"]["uid"] = format!("uid-{}", self.uids).into();
        object["metadata"]["creationTimestamp"] = now().into();
        if !key.1.is_empty() {
            object["metadata"]["namespace"] = key.1.clone().into();
        }
        object["metadata"]["name"] = key.2.clone().into();
        self.put(key, object)
    }

    fn keys(&self, kind: &str) -> Vec<Key> {
        self.objects.keys().filter(|key| key.0 == kind).cloned().collect()
    }

    fn update(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        let Some(mut object) = self.objects.get(key).cloned() else { return };
        change(&mut object);
        if object != self.objects[key] {
            self.put(key, object);
        }
    }
}

/// A cluster that is served until it is dropped.
pub struct Kubernetes {
    pub folder: PathBuf,
    port: u16,
    store: Arc<Mutex<Store>>,
    runtime: Option<tokio::runtime::Runtime>,
    /// The server's certificate and its key, which an agent finds in its configuration and trusts.
    certificate: (String, String),
    going: Arc<Mutex<bool>>,
}

#[derive(Clone)]
struct Served {
    store: Arc<Mutex<Store>>,
    folder: PathBuf,
}

fn locked(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kubernetes {
    /// A cluster of alike nodes `node-0`, `node-1`, ….
    pub fn start(folder: &Path, nodes: u32, devices: u32, cores: u32) -> Kubernetes {
        std::fs::create_dir_all(folder.join("pods")).unwrap();
        let store = Arc::new(Mutex::new(Store::default()));
        for number in 0..nodes {
            let name = format!("node-{number}");
            let amounts =
                json!({"cpu": cores.to_string(), "memory": "64Gi", "nvidia.com/gpu": devices.to_string(), "pods": "110"});
            let node = json!({
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"labels": {"kubernetes.io/hostname": name, "nvidia.com/gpu.product": "Sample-GPU"}},
                "spec": {},
                "status": {"allocatable": amounts, "capacity": amounts, "conditions": [{"type": "Ready", "status": "True"}]},
            });
            locked(&store).create(&("nodes".to_owned(), String::new(), name), node);
        }
        let going = Arc::new(Mutex::new(true));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let certificate = (made.cert.pem(), made.signing_key.serialize_pem());
        let mut cluster = Kubernetes { folder: folder.to_owned(), port: free_port(), store, runtime: None, certificate, going };
        cluster.serve();
        let (store, going, folder) = (cluster.store.clone(), cluster.going.clone(), cluster.folder.clone());
        std::thread::spawn(move || {
            while *going.lock().unwrap() {
                control(&mut locked(&store), &folder);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        cluster
    }

    fn serve(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let served = Served { store: self.store.clone(), folder: self.folder.clone() };
        let app = axum::Router::new().fallback(answer).with_state(served);
        let port = self.port;
        let listener = (0..100).find_map(|_| {
            // The port of a server that was just stopped may be free a moment later.
            std::net::TcpListener::bind(("127.0.0.1", port)).inspect_err(|_| std::thread::sleep(Duration::from_millis(50))).ok()
        });
        let listener = listener.unwrap_or_else(|| panic!("port {port} is taken"));
        listener.set_nonblocking(true).unwrap();
        let (certificate, key) = self.certificate.clone();
        runtime.spawn(async move {
            let tls = axum_server::tls_rustls::RustlsConfig::from_pem(certificate.into(), key.into()).await.unwrap();
            axum_server::from_tcp_rustls(listener, tls).unwrap().serve(app.into_make_service()).await
        });
        self.runtime = Some(runtime);
    }

    /// The file that tells an agent where the cluster is.
    pub fn config(&self) -> PathBuf {
        let path = self.folder.join("kubeconfig");
        let server = format!("https://127.0.0.1:{}", self.port);
        let authority = self.folder.join("ca.crt");
        std::fs::write(&authority, &self.certificate.0).unwrap();
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "sample", "cluster": {"server": server, "certificate-authority": authority}}],
            "users": [{"name": "agent", "user": {"token": TOKEN}}],
            "contexts": [{"name": "sample", "context": {"cluster": "sample", "user": "agent"}}],
            "current-context": "sample",
        });
        std::fs::write(&path, config.to_string()).unwrap();
        path
    }

    /// Ends the server, connections and all, for so long; the cluster goes on.
    pub fn restart_server(&mut self, away: Duration) {
        self.runtime.take().unwrap().shutdown_background();
        std::thread::sleep(away);
        self.serve();
    }

    /// Ends every watch and forgets what happened: who asks for what has changed since then is told that it is gone.
    pub fn break_watches(&self) {
        let mut store = locked(&self.store);
        store.epoch += 1;
        store.log.clear();
        store.forgotten = store.version;
    }

    pub fn deny(&self, what: &str) {
        locked(&self.store).denied.insert(what.to_owned());
    }

    pub fn with_kueue(&self) {
        locked(&self.store).kueue = true;
    }

    pub fn requests(&self) -> u64 {
        locked(&self.store).requests
    }

    /// A pod of somebody else that holds devices on a node, and its key.
    pub fn occupy(&self, node: &str, devices: u32) -> Key {
        let key = ("pods".to_owned(), "default".to_owned(), format!("other-{node}"));
        let limits = json!({"nvidia.com/gpu": devices.to_string(), "cpu": "1"});
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {},
            "spec": {"nodeName": node, "containers": [{"name": "other", "resources": {"limits": limits}}]},
            "status": {"phase": "Running"},
        });
        locked(&self.store).create(&key, pod);
        key
    }

    /// A service runs on each node and holds a part of a core there.
    pub fn with_service(&self) {
        let mut store = locked(&self.store);
        for (_, _, name) in store.keys("nodes") {
            let owner = json!([{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "network", "uid": "uid-network"}]);
            let limits = json!({"cpu": "250m"});
            let pod = json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"ownerReferences": owner},
                "spec": {"nodeName": name, "containers": [{"name": "network", "resources": {"limits": limits}}]},
                "status": {"phase": "Running"},
            });
            store.create(&("pods".to_owned(), "kube-system".to_owned(), format!("network-{name}")), pod);
        }
    }

    /// Programs that switch a node off and on, and the file to which they write what they were called for.
    pub fn switches(&self) -> (PathBuf, PathBuf, PathBuf) {
        let (power, log) = (self.folder.join("power"), self.folder.join("switched"));
        std::fs::create_dir_all(&power).unwrap();
        let program = |how: &str| {
            let path = self.folder.join(how);
            let script =
                format!("#!/bin/sh -eu\necho {how} \"$1\" >> {}\necho {how} > {}/\"$1\"\n", log.display(), power.display());
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            path
        };
        (program("off"), program("on"), log)
    }

    pub fn remove(&self, key: &Key) {
        locked(&self.store).remove(key);
    }

    /// Changes a node.
    pub fn node(&self, name: &str, change: impl FnOnce(&mut Value)) {
        locked(&self.store).update(&("nodes".to_owned(), String::new(), name.to_owned()), change);
    }

    /// A node tells nothing any more; what it should end is told so, and goes on.
    pub fn silence(&self, name: &str) {
        let mut store = locked(&self.store);
        store.silent.insert(name.to_owned());
        let key = ("nodes".to_owned(), String::new(), name.to_owned());
        store.update(&key, |node| {
            node["status"]["conditions"] =
                json!([{"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting node status."}])
        });
        for key in store.keys("pods") {
            store.update(&key, |pod| {
                if pod["spec"]["nodeName"] == *name {
                    pod["metadata"]["deletionTimestamp"] = now().into();
                    pod["status"]["conditions"] =
                        json!([{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}]);
                }
            });
        }
    }

    /// Objects of a kind.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        let store = locked(&self.store);
        store.objects.iter().filter(|(key, _)| key.0 == kind).map(|(_, object)| object.clone()).collect()
    }

    fn pods_of(&self, job: &str) -> Vec<Key> {
        let store = locked(&self.store);
        let own = |(key, pod): &(&Key, &Value)| key.0 == "pods" && text(pod, "/metadata/annotations/job").contains(job);
        store.objects.iter().filter(own).map(|(key, _)| key.clone()).collect()
    }

    /// Somebody at the cluster removes a job's pods.
    pub fn evict(&self, job: &str) {
        for key in self.pods_of(job) {
            locked(&self.store).update(&key, |pod| pod["metadata"]["deletionTimestamp"] = now().into());
        }
    }

    /// The node takes the pods of a job for having used too much memory, and kills them.
    pub fn run_out_of_memory(&self, job: &str) {
        for key in self.pods_of(job) {
            let mut store = locked(&self.store);
            let uid = text(&store.objects[&key], "/metadata/uid").to_owned();
            store.over_memory.insert(uid.clone());
            if let Some(program) = store.programs.get(&uid) {
                let _ = killpg(Pid::from_raw(program.child.id() as i32), Signal::SIGKILL);
            }
        }
    }

    /// What a scheduler would be told of a job that Kueue admits or stops.
    pub fn suspend(&self, job: &str, suspend: bool) {
        let mut store = locked(&self.store);
        for key in store.keys("jobs") {
            store.update(&key, |object| {
                if text(object, "/metadata/annotations/shugu~1job") == job {
                    object["spec"]["suspend"] = suspend.into();
                }
            });
        }
    }

    /// Puts an object there as somebody else would.
    pub fn make(&self, kind: &str, namespace: &str, name: &str, object: Value) {
        locked(&self.store).create(&(kind.to_owned(), namespace.to_owned(), name.to_owned()), object);
    }
}

impl Drop for Kubernetes {
    fn drop(&mut self) {
        *self.going.lock().unwrap() = false;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        for program in locked(&self.store).programs.values_mut() {
            let _ = killpg(Pid::from_raw(program.child.id() as i32), Signal::SIGKILL);
            let _ = program.child.wait();
        }
    }
}

// ---- The API server.

fn status(code: u16, reason: &str, message: &str) -> Response {
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code});
    (axum::http::StatusCode::from_u16(code).unwrap(), axum::Json(body)).into_response()
}

fn fine(value: Value) -> Response {
    axum::Json(value).into_response()
}

/// A merge as RFC 7386 has it.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (name, value) in patch {
        match value {
            Value::Null => {
                into.as_object_mut().unwrap().remove(name);
            }
            value => merge(&mut into[name], value),
        }
    }
}

fn selected(object: &Value, labels: &str, fields: &str) -> bool {
    let label = |pair: &str| {
        pair.split_once('=').is_none_or(|(key, value)| object["metadata"]["labels"][key] == value.trim_start_matches('='))
    };
    let field = |pair: &str| {
        pair.split_once('=').is_none_or(|(path, value)| text(object, &format!("/{}", path.replace('.', "/"))) == value)
    };
    labels.split(',').filter(|pair| !pair.is_empty()).all(label) && fields.split(',').filter(|pair| !pair.is_empty()).all(field)
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

async fn answer(State(served): State<Served>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let pairs = head.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let query: BTreeMap<String, String> = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
    let body = axum::body::to_bytes(body, 1 << 22).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if head.headers.get("authorization").is_none_or(|told| *told != format!("Bearer {TOKEN}")) {
        return status(401, "Unauthorized", "Unauthorized");
    }
    locked(&served.store).requests += 1;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match &parts[..] {
        ["version"] => fine(json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.0-sample", "gitCommit": "", "gitTreeState": "", "buildDate": "",
            "goVersion": "", "compiler": "", "platform": "",
        })),
        ["apis"] => {
            let version = json!({"groupVersion": "kueue.x-k8s.io/v1beta2", "version": "v1beta2"});
            let group = json!({"name": "kueue.x-k8s.io", "versions": [version], "preferredVersion": version});
            let kueue = locked(&served.store).kueue;
            fine(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": if kueue { vec![group] } else { Vec::new() }}))
        }
        ["apis", "kueue.x-k8s.io", "v1beta2"] => {
            let kinds =
                [("ClusterQueue", "clusterqueues", false), ("LocalQueue", "localqueues", true), ("Workload", "workloads", true)];
            let kinds = kinds.map(|(kind, name, namespaced)| json!({"name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": ["get", "list", "patch"]}));
            fine(
                json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "kueue.x-k8s.io/v1beta2", "resources": kinds}),
            )
        }
        [.., "selfsubjectaccessreviews"] => {
            let asked = &body["spec"]["resourceAttributes"];
            let denied = locked(&served.store).denied.contains(&format!("{} {}", text(asked, "/verb"), text(asked, "/resource")));
            let mut answer = body.clone();
            answer["status"] = json!({"allowed": !denied});
            fine(answer)
        }
        ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] => {
            let (namespace, kind, name, part) = match rest {
                ["namespaces"] => ("", "namespaces", "", ""),
                ["namespaces", name] => ("", "namespaces", *name, ""),
                ["namespaces", namespace, kind] => (*namespace, *kind, "", ""),
                ["namespaces", namespace, kind, name] => (*namespace, *kind, *name, ""),
                ["namespaces", namespace, kind, name, part] => (*namespace, *kind, *name, *part),
                [kind] => ("", *kind, "", ""),
                [kind, name] => ("", *kind, *name, ""),
                _ => return status(404, "NotFound", "no such path"),
            };
            let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
            object(&served, head.method.as_str(), key, part, &query, body)
        }
        _ => status(404, "NotFound", "no such path"),
    }
}

fn object(served: &Served, method: &str, mut key: Key, part: &str, query: &BTreeMap<String, String>, body: Value) -> Response {
    let asked = |name: &str| query.get(name).map_or("", String::as_str);
    let mut store = locked(&served.store);
    let missing = |key: &Key| status(404, "NotFound", &format!("{} \"{}\" not found", key.0, key.2));
    match (method, key.2.is_empty(), part) {
        ("GET", true, _) if asked("watch") == "true" => {
            drop(store);
            watch(served, &key, asked("labelSelector"), asked("fieldSelector"), asked("resourceVersion").parse().unwrap_or(0))
        }
        ("GET", true, _) => {
            let own = |(of, object): &(&Key, &Value)| {
                of.0 == key.0
                    && (key.1.is_empty() || of.1 == key.1)
                    && selected(object, asked("labelSelector"), asked("fieldSelector"))
            };
            let items: Vec<&Value> = store.objects.iter().filter(own).map(|(_, object)| object).collect();
            fine(
                json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": store.version.to_string()}, "items": items}),
            )
        }
        ("GET", false, "log") => {
            drop(store);
            log(served, &key, asked("follow") == "true")
        }
        ("GET", false, _) => store.objects.get(&key).map_or_else(|| missing(&key), |object| fine(object.clone())),
        ("POST", true, _) => {
            key.2 = text(&body, "/metadata/name").to_owned();
            let namespace = ("namespaces".to_owned(), String::new(), key.1.clone());
            if !key.1.is_empty() && !store.objects.contains_key(&namespace) {
                return missing(&namespace);
            }
            if store.objects.contains_key(&key) {
                return status(409, "AlreadyExists", &format!("{} \"{}\" already exists", key.0, key.2));
            }
            if store.denied.contains(&format!("create {}", key.0)) {
                return status(403, "Forbidden", &format!("{} is forbidden: the agent cannot create it", key.0));
            }
            fine(store.create(&key, body))
        }
        ("PATCH", false, _) => match store.objects.get(&key).cloned() {
            Some(object)
                if body["metadata"]["resourceVersion"]
                    .as_str()
                    .is_some_and(|told| told != text(&object, "/metadata/resourceVersion")) =>
            {
                status(409, "Conflict", "the object has been modified; please apply your changes to the latest version")
            }
            Some(mut object) => {
                merge(&mut object, &body);
                fine(store.put(&key, object))
            }
            None if query.contains_key("fieldManager") => fine(store.create(&key, body)),
            None => missing(&key),
        },
        ("DELETE", false, _) => {
            let Some(object) = store.objects.get(&key).cloned() else { return missing(&key) };
            let foreground = text(&body, "/propagationPolicy") == "Foreground";
            for own in owned(&store, &object) {
                if own.0 != "pods" && !foreground {
                    store.remove(&own);
                }
                store.update(&own, |own| own["metadata"]["deletionTimestamp"] = now().into());
            }
            if foreground {
                store.update(&key, |object| object["metadata"]["deletionTimestamp"] = now().into());
            } else {
                store.remove(&key);
            }
            fine(json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}))
        }
        _ => status(405, "MethodNotAllowed", method),
    }
}

fn owned(store: &Store, owner: &Value) -> Vec<Key> {
    let uid = text(owner, "/metadata/uid");
    let own = |(_, object): &(&Key, &Value)| text(object, "/metadata/ownerReferences/0/uid") == uid;
    store.objects.iter().filter(own).map(|(key, _)| key.clone()).collect()
}

fn streamed(receiver: tokio::sync::mpsc::UnboundedReceiver<Bytes>) -> Response {
    Body::from_stream(UnboundedReceiverStream::new(receiver).map(Ok::<Bytes, Infallible>)).into_response()
}

fn watch(served: &Served, key: &Key, labels: &str, fields: &str, mut after: u64) -> Response {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let (store, key, labels, fields) = (served.store.clone(), key.clone(), labels.to_owned(), fields.to_owned());
    let epoch = locked(&store).epoch;
    tokio::spawn(async move {
        let line = |event: Value| Bytes::from(format!("{event}\n"));
        loop {
            let mut events = Vec::new();
            {
                let store = locked(&store);
                if store.epoch != epoch {
                    return;
                }
                if after < store.forgotten {
                    let gone = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Expired", "code": 410, "message": "too old resource version"});
                    let _ = sender.send(line(json!({"type": "ERROR", "object": gone})));
                    return;
                }
                let start = store.log.partition_point(|(version, ..)| *version <= after);
                for (_, what, object, kind) in store.log.range(start..) {
                    let own = *kind == key.0 && (key.1.is_empty() || text(object, "/metadata/namespace") == key.1);
                    if own && selected(object, &labels, &fields) {
                        events.push(line(json!({"type": what, "object": object})));
                    }
                }
                after = store.version;
            }
            for event in events {
                if sender.send(event).is_err() {
                    return;
                }
            }
            if sender.is_closed() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    streamed(receiver)
}

fn log(served: &Served, key: &Key, follow: bool) -> Response {
    let uid = {
        let store = locked(&served.store);
        let Some(pod) = store.objects.get(key) else { return status(404, "NotFound", "pod not found") };
        if text(pod, "/status/phase") == "Pending" {
            return status(400, "BadRequest", "container is waiting to start");
        }
        text(pod, "/metadata/uid").to_owned()
    };
    let path = served.folder.join("pods").join(&uid);
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let (store, key) = (served.store.clone(), key.clone());
    tokio::spawn(async move {
        let mut sent = 0;
        loop {
            let over =
                locked(&store).objects.get(&key).is_none_or(|pod| ["Succeeded", "Failed"].contains(&text(pod, "/status/phase")));
            let bytes = std::fs::read(&path).unwrap_or_default();
            if bytes.len() > sent && sender.send(Bytes::copy_from_slice(&bytes[sent..])).is_err() {
                return;
            }
            sent = bytes.len();
            if over || !follow || sender.is_closed() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    streamed(receiver)
}

// ---- What makes pods of Jobs, gives them nodes and runs them.

fn control(store: &mut Store, folder: &Path) {
    for key in store.keys("nodes") {
        node(store, folder, &key);
    }
    for key in store.keys("jobs") {
        job(store, &key);
    }
    let pods = store.keys("pods");
    let waits: Vec<&Key> = pods.iter().filter(|key| store.objects[key].pointer("/spec/nodeName").is_none()).collect();
    for key in waits {
        schedule(store, key);
    }
    for key in pods {
        run(store, folder, &key);
    }
}

/// A node says that it is ready unless it is off or silent, and has the taints that come of how it is.
fn node(store: &mut Store, folder: &Path, key: &Key) {
    let switched = std::fs::read_to_string(folder.join("power").join(&key.2)).unwrap_or_default();
    let off = switched.trim() == "off";
    let silent = store.silent.contains(&key.2);
    store.update(key, |node| {
        if !switched.is_empty() && !silent {
            let (status, message) = if off { ("Unknown", "Kubelet stopped posting node status.") } else { ("True", "") };
            node["status"]["conditions"] = json!([{"type": "Ready", "status": status, "message": message}]);
        }
        let is = [
            ("node.kubernetes.io/unschedulable", node["spec"]["unschedulable"] == true),
            ("node.kubernetes.io/unreachable", node["status"]["conditions"][0]["status"] == "Unknown"),
        ];
        let known = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
        let mut taints: Vec<Value> = known.into_iter().filter(|taint| is.iter().all(|(name, _)| taint["key"] != *name)).collect();
        taints.extend(is.iter().filter(|(_, is)| *is).map(|(name, _)| json!({"key": name, "effect": "NoSchedule"})));
        if !taints.is_empty() || node["spec"]["taints"].is_array() {
            node["spec"]["taints"] = taints.into();
        }
    });
}

fn over(pod: &Value) -> bool {
    ["Succeeded", "Failed"].contains(&text(pod, "/status/phase"))
}

fn job(store: &mut Store, key: &Key) {
    let job = store.objects[key].clone();
    let own = owned(store, &job);
    let pods: Vec<(Key, Value)> =
        own.iter().filter(|key| key.0 == "pods").map(|key| (key.clone(), store.objects[key].clone())).collect();
    let end = |store: &mut Store, pods: &[(Key, Value)]| {
        for (key, _) in pods.iter().filter(|(_, pod)| !over(pod)) {
            store.update(key, |pod| {
                let at = pod["metadata"]["deletionTimestamp"].as_str().map_or_else(now, str::to_owned);
                pod["metadata"]["deletionTimestamp"] = at.into();
            });
        }
    };
    if job["metadata"]["deletionTimestamp"].is_string() {
        end(store, &pods);
        for (key, _) in pods.iter().filter(|(_, pod)| over(pod)) {
            store.remove(key);
        }
        if pods.iter().all(|(_, pod)| over(pod)) {
            own.iter().filter(|key| key.0 != "pods").for_each(|key| store.remove(key));
            store.remove(key);
        }
        return;
    }
    if job["status"]["conditions"].is_array() {
        return;
    }
    if job["spec"]["suspend"] == true {
        end(store, &pods);
        store.update(key, |job| job["status"] = json!({}));
        return;
    }
    let failed = pods.iter().filter(|(_, pod)| text(pod, "/status/phase") == "Failed").count();
    let done = pods.iter().filter(|(_, pod)| text(pod, "/status/phase") == "Succeeded").count();
    let wanted = job["spec"]["completions"].as_u64().unwrap() as usize;
    let condition = |kind: &str, reason: &str| json!([{"type": kind, "status": "True", "reason": reason}]);
    let started = job["status"]["startTime"].as_str().map_or_else(now, str::to_owned);
    if failed > 0 {
        end(store, &pods);
        store.update(key, |job| job["status"]["conditions"] = condition("Failed", "BackoffLimitExceeded"));
        return;
    }
    if done == wanted {
        store.update(key, |job| job["status"]["conditions"] = condition("Complete", "CompletionsReached"));
        return;
    }
    store.update(key, |job| job["status"]["startTime"] = started.into());
    for index in 0..wanted {
        if pods.iter().any(|(_, pod)| text(pod, "/metadata/annotations/index") == index.to_string()) {
            continue;
        }
        let mut pod = job["spec"]["template"].clone();
        pod["metadata"]["annotations"] = json!({
            "index": index.to_string(),
            "job": job["metadata"]["annotations"]["shugu/job"],
            "batch.kubernetes.io/job-completion-index": index.to_string(),
        });
        pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"] = index.to_string().into();
        pod["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "batch/v1", "kind": "Job", "name": key.2, "uid": job["metadata"]["uid"], "controller": true}]);
        (pod["apiVersion"], pod["kind"]) = ("v1".into(), "Pod".into());
        pod["status"] = json!({"phase": "Pending"});
        store.uids += 1;
        let name = format!("{}-{index}-{}", key.2, store.uids);
        store.create(&("pods".to_owned(), key.1.clone(), name), pod);
    }
}

fn asks(pod: &Value, resource: &str) -> u64 {
    let limits = &pod["spec"]["containers"][0]["resources"]["limits"][resource];
    let text = limits.as_str().unwrap_or("0");
    match text.strip_suffix('m') {
        Some(milli) => milli.parse().unwrap(),
        None => text.parse::<u64>().unwrap() * 1000,
    }
}

fn schedule(store: &mut Store, key: &Key) {
    let pod = store.objects[key].clone();
    if pod["metadata"]["deletionTimestamp"].is_string() {
        return store.remove(key);
    }
    let terms = pod.pointer("/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
    let names: Vec<&str> =
        terms.and_then(Value::as_array).into_iter().flatten().map(|term| text(term, "/matchFields/0/values/0")).collect();
    let spread = pod["spec"]["topologySpreadConstraints"].is_array();
    let run = text(&pod, "/metadata/labels/shugu~1run");
    let on = |name: &str| {
        let there: Vec<&Value> = store
            .objects
            .iter()
            .filter(|(key, pod)| key.0 == "pods" && pod["spec"]["nodeName"] == name && !over(pod))
            .map(|(_, pod)| pod)
            .collect();
        there
    };
    let mates = |name: &str| on(name).iter().filter(|pod| text(pod, "/metadata/labels/shugu~1run") == run).count();
    let least = names.iter().map(|name| mates(name)).min().unwrap_or(0);
    let fits = |name: &&&str| {
        let Some(node) = store.objects.get(&("nodes".to_owned(), String::new(), (**name).to_owned())) else { return false };
        let room = |resource: &str| {
            let all: u64 = text(node, &format!("/status/allocatable/{}", resource.replace('/', "~1"))).parse().unwrap_or(0);
            let held: u64 = on(name).iter().map(|pod| asks(pod, resource)).sum();
            held + asks(&pod, resource) <= all * 1000
        };
        let ready = node["status"]["conditions"][0]["status"] == "True" && node["spec"]["unschedulable"] != true;
        ready && room("cpu") && room("nvidia.com/gpu") && (!spread || mates(name) == least)
    };
    match names.iter().find(fits).map(|name| (*name).to_owned()) {
        Some(node) => store.update(key, |pod| {
            pod["spec"]["nodeName"] = node.into();
            pod["status"]["conditions"] = json!([{"type": "PodScheduled", "status": "True"}]);
        }),
        None => store.update(key, |pod| {
            let message = "0/4 nodes are available: insufficient nvidia.com/gpu.";
            pod["status"]["conditions"] =
                json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]);
        }),
    }
}

/// A word as a node's agent gives it to a program.
fn expanded(text: &str, env: &BTreeMap<String, String>) -> String {
    let (mut told, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('$') {
        told += &rest[..at];
        rest = &rest[at + 1..];
        let known = rest
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'))
            .and_then(|(name, after)| Some((env.get(name)?, after)));
        match (rest.strip_prefix('$'), known) {
            (Some(after), _) => {
                told.push('$');
                rest = after;
            }
            (None, Some((value, after))) => {
                told += value;
                rest = after;
            }
            (None, None) => told.push('$'),
        }
    }
    told + rest
}

fn container(state: &Value, pod: &Value) -> Value {
    json!([{"name": "job", "image": text(pod, "/spec/containers/0/image"), "imageID": "", "ready": false, "restartCount": 0, "state": state}])
}

fn run(store: &mut Store, folder: &Path, key: &Key) {
    let Some(pod) = store.objects.get(key).cloned() else { return };
    let (uid, node) = (text(&pod, "/metadata/uid").to_owned(), text(&pod, "/spec/nodeName").to_owned());
    let deleting = pod["metadata"]["deletionTimestamp"].is_string();
    if node.is_empty() || !pod["metadata"]["labels"]["shugu/run"].is_string() || store.silent.contains(&node) {
        return;
    }
    if over(&pod) {
        if deleting {
            store.remove(key);
        }
        return;
    }
    let Some(mut program) = store.programs.remove(&uid) else {
        return if deleting { store.remove(key) } else { start(store, folder, key, &pod, &uid) };
    };
    let group = Pid::from_raw(program.child.id() as i32);
    match program.child.try_wait().unwrap() {
        Some(exit) => {
            let code = exit.code().unwrap_or_else(|| 128 + exit.signal().unwrap_or(0));
            let reason = match code {
                _ if store.over_memory.contains(&uid) => "OOMKilled",
                0 => "Completed",
                _ => "Error",
            };
            let started = pod["status"]["startTime"].clone();
            let over = json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": now()}});
            store.update(key, |pod| {
                pod["status"]["containerStatuses"] = container(&over, pod);
                pod["status"]["phase"] = (if code == 0 { "Succeeded" } else { "Failed" }).into();
            });
        }
        None => {
            let grace = pod["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
            if deleting && program.told.is_none() {
                program.told = Some(Instant::now());
                let _ = killpg(group, Signal::SIGTERM);
            } else if program.told.is_some_and(|told| told.elapsed() > Duration::from_secs(grace)) && !program.killed {
                program.killed = true;
                let _ = killpg(group, Signal::SIGKILL);
            }
            store.programs.insert(uid, program);
        }
    }
}

fn start(store: &mut Store, folder: &Path, key: &Key, pod: &Value, uid: &str) {
    let spec = &pod["spec"]["containers"][0];
    let image = text(spec, "/image");
    if image.contains("missing") || image.contains("INVALID") {
        let (reason, message) = match image.contains("INVALID") {
            true => ("InvalidImageName", "couldn't parse image name"),
            false => ("ErrImagePull", "not found"),
        };
        let waits = json!({"waiting": {"reason": reason, "message": message}});
        return store.update(key, |pod| pod["status"]["containerStatuses"] = container(&waits, pod));
    }
    let mut env = BTreeMap::new();
    for one in spec["env"].as_array().into_iter().flatten() {
        let value = match one["valueFrom"].is_object() {
            true => text(pod, "/metadata/annotations/batch.kubernetes.io~1job-completion-index").to_owned(),
            false => expanded(text(one, "/value"), &env),
        };
        env.insert(text(one, "/name").to_owned(), value);
    }
    let words: Vec<String> =
        spec["command"].as_array().unwrap().iter().map(|word| expanded(word.as_str().unwrap(), &env)).collect();
    let output = std::fs::File::create(folder.join("pods").join(uid)).unwrap();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).envs(&env).stdin(Stdio::null()).stderr(output.try_clone().unwrap()).stdout(output).process_group(0);
    command.current_dir(spec["workingDir"].as_str().unwrap_or("/"));
    match command.spawn() {
        Ok(child) => {
            store.programs.insert(uid.to_owned(), Program { child, told: None, killed: false });
            let at = now();
            let running = json!({"running": {"startedAt": at}});
            store.update(key, |pod| {
                pod["status"]["containerStatuses"] = container(&running, pod);
                (pod["status"]["phase"], pod["status"]["startTime"]) = ("Running".into(), at.into());
            });
        }
        Err(error) => {
            let told = format!("exec: \"{}\": {error}", words[0]);
            let failed = json!({"terminated": {"exitCode": 128, "reason": "StartError", "message": told, "startedAt": "0001-01-01T00:00:00Z", "finishedAt": now()}});
            store.update(key, |pod| {
                pod["status"]["containerStatuses"] = container(&failed, pod);
                pod["status"]["phase"] = "Failed".into();
            });
        }
    }
}

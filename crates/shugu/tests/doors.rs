//! Closed doors, as whoever stands before them finds them: every route as every role, what is another's, what is too much, what was done by
//! whom, and what nobody may ever read.

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use common::Hub;
use serde_json::{Value, json};
use serve::Role;

fn token(hub: &Hub, role: &str, subject: &str) -> String {
    hub.json(&["access", "token", role, subject])["token"].as_str().unwrap().to_owned()
}

fn http() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).max_redirects_will_error(false);
    config.build().into()
}

/// What a hub answers: its status, its headers and its text.
struct Answer {
    status: u16,
    later: Option<u64>,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|problem| panic!("{problem}: {}", self.text))
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn ask(http: &ureq::Agent, hub: &Hub, token: &str, method: &str, path: &str, body: &str) -> Answer {
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", hub.url));
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = http.run(request.body(body.to_owned()).unwrap()).unwrap();
    let later = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap());
    // What goes on for ever is not read to its end.
    let text = if path == "/v1/events" { String::new() } else { answer.body_mut().read_to_string().unwrap_or_default() };
    Answer { status: answer.status().as_u16(), later, text }
}

#[test]
fn every_route_answers_every_role_as_the_table_of_access_says() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--rate", "0", "--failures", "0"]);
    let mut bearers: Vec<(String, Option<Role>, String)> = Vec::new();
    for (role, subject) in
        [(Role::Operator, "anna"), (Role::Auditor, "otto"), (Role::Provider, "china-mobile"), (Role::Tenant, "llm-lab")]
    {
        bearers.push((role.to_string(), Some(role), token(&hub, &role.to_string(), subject)));
    }
    bearers.push(("agent".to_owned(), Some(Role::Agent), hub.join_pool("rack-1", "china-mobile")));
    let joining = hub.json(&["access", "pool", "rack-2", "--provider", "china-mobile"])["token"].as_str().unwrap().to_owned();
    bearers.push(("joining".to_owned(), Some(Role::Joining), joining));
    bearers.push(("nobody".to_owned(), None, String::new()));
    bearers.push(("a token that never was".to_owned(), None, format!("shugu_{:064}", 7)));
    let revoked = hub.json(&["access", "token", "operator", "gone"]);
    assert_eq!(hub.say(&["access", "revoke", &revoked["id"].to_string()]).code, 0);
    bearers.push(("revoked".to_owned(), None, revoked["token"].as_str().unwrap().to_owned()));
    let ended = hub.json(&["access", "token", "operator", "short", "--life", "1s"])["token"].as_str().unwrap().to_owned();
    std::thread::sleep(Duration::from_millis(1100));
    bearers.push(("ended".to_owned(), None, ended));
    let http = http();
    let mut wrong = Vec::new();
    for (method, path, roles) in serve::route_rules() {
        // Of what is not there, in words that are none: whoever is let in is told so, and nothing is changed.
        let address = path.replace("{name}", "nothing").replace("{id}", "999999").replace("{format}", "nothing");
        for (who, role, token) in &bearers {
            let body = if *method == "GET" { "" } else { "nonsense" };
            let status = ask(&http, &hub, token, method, &address, body).status;
            let let_in = status != 401 && status != 403;
            let told = match (roles, role) {
                (None, _) => let_in,
                (Some(_), None) => status == 401,
                (Some(roles), Some(role)) if roles.contains(role) => let_in,
                (Some(_), Some(_)) => status == 403,
            };
            if !told {
                wrong.push(format!("{method} {path} as {who}: {status}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // What has no rule has no door.
    for (_, _, token) in &bearers {
        assert_eq!(ask(&http, &hub, token, "DELETE", "/v1/hub", "").status, 403);
        assert_eq!(ask(&http, &hub, token, "GET", "/v1/nothing", "").status, 404);
    }
}

#[test]
fn an_organisation_reaches_its_projects_and_a_project_nothing_beside_or_above_it() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    for arguments in [&["university"][..], &["lab", "--parent", "university"], &["thesis", "--parent", "lab"], &["company"]] {
        assert_eq!(hub.say(&[&["tenant", arguments[0], "--weight", "1"], &arguments[1..]].concat()).code, 0);
    }
    let names = ["university", "lab", "thesis", "company"];
    let tokens: BTreeMap<&str, String> = names.iter().map(|name| (*name, token(&hub, "tenant", name))).collect();
    let jobs: BTreeMap<&str, String> =
        names.iter().map(|name| (*name, hub.submit(&["--tenant", name, "--cpus", "0.1", "--", "true"]))).collect();
    jobs.values().for_each(|job| drop(hub.ended(job)));
    let reached = |who: &'static str| match who {
        "university" => vec!["university", "lab", "thesis"],
        "lab" => vec!["lab", "thesis"],
        other => vec![other],
    };
    let http = http();
    for who in names {
        let own = reached(who);
        let get = |path: &str| ask(&http, &hub, &tokens[who], "GET", path, "");
        for name in names {
            let may = own.contains(&name);
            let told = |path: &str, yes: u16, no: u16| {
                let status = get(path).status;
                assert_eq!(status, if may { yes } else { no }, "{who} asks {path}, which is {name}'s");
            };
            let job = &jobs[name];
            for what in ["", "/history", "/why", "/logs", "/bundle"] {
                told(&format!("/v1/jobs/{job}{what}"), 200, 404);
            }
            told(&format!("/v1/tenants/{name}/account"), 200, 404);
            told(&format!("/v1/jobs?tenant={name}"), 200, 403);
            told(&format!("/v1/charges?tenant={name}"), 200, 403);
            told(&format!("/v1/statements?tenant={name}"), 200, 403);
            // Acting: what has ended cannot be stopped, which only those are told who may see it.
            let cancel = ask(&http, &hub, &tokens[who], "POST", &format!("/v1/jobs/{job}/cancel"), "");
            assert_eq!(cancel.status, if may { 409 } else { 404 });
            let dispute = ask(&http, &hub, &tokens[who], "POST", &format!("/v1/jobs/{job}/disputes"), "{\"reason\":\" \"}");
            assert_eq!(dispute.status, if may { 400 } else { 404 });
            let body = json!({ "tenant": name, "command": ["true"], "cpus": 0.1 }).to_string();
            let submitted = ask(&http, &hub, &tokens[who], "POST", "/v1/jobs?dry_run=true", &body);
            assert_eq!(submitted.status, if may { 200 } else { 403 }, "{who} submits for {name}: {}", submitted.text);
            // One of another's in a batch, and nothing of it is taken.
            let batch = json!([{ "tenant": who, "command": ["true"] }, { "tenant": name, "command": ["true"], "cpus": 99999 }]);
            let batch = ask(&http, &hub, &tokens[who], "POST", "/v1/jobs", &batch.to_string());
            assert_eq!(batch.status, if may { 201 } else { 403 });
        }
        let listed = |path: &str, list: &str, field: &str| -> Vec<String> {
            let answer = get(path).json();
            let mut all: Vec<String> =
                answer[list].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect();
            all.sort();
            all.dedup();
            all
        };
        let mut own: Vec<String> = own.into_iter().map(str::to_owned).collect();
        own.sort();
        assert_eq!(listed("/v1/jobs", "jobs", "tenant"), own);
        assert_eq!(listed("/v1/jobs?state=done&limit=1000", "jobs", "tenant"), own);
        assert_eq!(listed("/v1/charges", "charges", "tenant"), own);
        assert_eq!(listed("/v1/tenants", "tenants", "name"), own);
    }
    // Pages of several tenants' jobs follow one another without a gap.
    let mut after = String::new();
    let mut seen = Vec::new();
    loop {
        let page = ask(&http, &hub, &tokens["university"], "GET", &format!("/v1/jobs?limit=2{after}"), "").json();
        seen.extend(page["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    let all = ask(&http, &hub, &tokens["university"], "GET", "/v1/jobs?limit=1000", "").json();
    let all: Vec<&str> = all["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap()).collect();
    assert_eq!(seen, all);
    common::kill_all(&common::processes(&hub.folder, "shugu-keeper"));
}

#[test]
fn a_provider_reaches_its_own_pools_and_an_auditor_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let job = hub.submit(&["--cpus", "0.1", "--", "true"]);
    hub.ended(&job);
    hub.join_pool("rack-1", "china-mobile");
    let (own, other) = (token(&hub, "provider", "local"), token(&hub, "provider", "china-mobile"));
    let auditor = token(&hub, "auditor", "otto");
    let http = http();
    let get = |token: &str, path: &str| ask(&http, &hub, token, "GET", path, "").status;
    for path in ["/v1/pools/local/nodes", "/v1/pools/local/limits"].into_iter().map(str::to_owned).chain([
        format!("/v1/jobs/{job}"),
        format!("/v1/jobs/{job}/history"),
        format!("/v1/jobs/{job}/bundle"),
    ]) {
        assert_eq!((get(&own, &path), get(&other, &path), get(&auditor, &path)), (200, 404, 200), "{path}");
    }
    for path in ["/v1/charges?provider=local", "/v1/statements?provider=local"] {
        assert_eq!((get(&own, path), get(&other, path), get(&auditor, path)), (200, 403, 200), "{path}");
    }
    let count =
        |token: &str, path: &str, list: &str| ask(&http, &hub, token, "GET", path, "").json()[list].as_array().unwrap().len();
    for (path, list) in [("/v1/charges", "charges"), ("/v1/jobs", "jobs"), ("/v1/jobs?pool=local", "jobs")] {
        assert_eq!((count(&own, path, list), count(&other, path, list), count(&auditor, path, list)), (1, 0, 1), "{path}");
    }
    let put = |token: &str| ask(&http, &hub, token, "PUT", "/v1/pools/local/limits", "{\"most\":1}").status;
    let close = |token: &str| ask(&http, &hub, token, "POST", "/v1/closings", "{\"pool\":\"local\",\"kind\":\"cordon\"}").status;
    let read = |token: &str| ask(&http, &hub, token, "POST", &format!("/v1/jobs/{job}/readings"), "{\"energy_kwh\":1}").status;
    assert_eq!((put(&other), put(&auditor), put(&own)), (404, 403, 200));
    assert_eq!((close(&other), close(&auditor), close(&own)), (404, 403, 201));
    assert_eq!((read(&other), read(&auditor), read(&own)), (404, 403, 200));
    // What jobs wrote is their tenants' and, where it must be, an operator's.
    assert_eq!(get(&auditor, &format!("/v1/jobs/{job}/logs")), 403);
    common::kill_all(&common::processes(&hub.folder, "shugu-keeper"));
}

#[test]
fn who_asks_too_often_or_sends_too_much_is_told_so_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let limits = ["--no-local", "--rate", "2", "--burst", "20", "--failures", "10"];
    let hub = Hub::start(&folder.path().join("hub"), &limits);
    let (busy, calm) = (token(&hub, "tenant", "busy"), token(&hub, "tenant", "calm"));
    let agent = hub.join_pool("rack-1", "china-mobile");
    let http = http();
    let hub_as = |token: &str| ask(&http, &hub, token, "GET", "/v1/hub", "");
    let answers: Vec<Answer> = (0..60).map(|_| hub_as(&busy)).collect();
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(answers[..20].iter().all(|answer| answer.status == 200) && refused.len() > 20, "{}", refused.len());
    assert!(refused.iter().all(|answer| answer.later.is_some_and(|seconds| (1..=2).contains(&seconds))));
    assert_eq!(refused[0].code(), "too_many_requests");
    assert_eq!(hub_as(&calm).status, 200);
    let pool = || ask(&http, &hub, &agent, "GET", "/v1/agent/pool", "").status;
    assert!((0..60).all(|_| pool() == 200), "an agent is not kept waiting");
    // Whoever waits as long as it was told is answered.
    std::thread::sleep(Duration::from_secs(refused.last().unwrap().later.unwrap()));
    assert_eq!(hub_as(&busy).status, 200);
    // Without a good token an address is answered so many times; whoever has one is, from there too.
    let strangers: Vec<Answer> = (0..20).map(|_| hub_as("shugu_wrong")).collect();
    assert!(strangers[..10].iter().all(|answer| answer.status == 401));
    let last = strangers.last().unwrap();
    assert_eq!((last.status, last.code()), (429, "too_many_failures".to_owned()));
    assert!(last.later.is_some_and(|seconds| seconds >= 1));
    assert_eq!(hub_as(&calm).status, 200);
    // Forms are short, batches may be long, and neither is endless.
    let operator = hub.token();
    let form = |length: usize| ask(&http, &hub, &operator, "PUT", "/v1/tenants/calm", &" ".repeat(length));
    let (short, long) = (form(200 << 10), form(300 << 10));
    assert_eq!((short.status, long.status, long.code()), (400, 413, "too_large".to_owned()));
    let batch = |length: usize| ask(&http, &hub, &calm, "POST", "/v1/jobs", &" ".repeat(length)).status;
    assert_eq!((batch(300 << 10), batch(9 << 20)), (400, 413));
}

#[test]
fn while_submits_flood_in_reads_are_quick_and_what_was_taken_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--waiting", "1000", "--rate", "0"]);
    let tenant = token(&hub, "tenant", "llm-lab");
    let until = Instant::now() + Duration::from_secs(5);
    let body = Value::Array(vec![json!({ "command": ["true"] }); 400]).to_string();
    let (mut taken, mut busy, mut slowest) = (0, 0, Duration::ZERO);
    std::thread::scope(|scope| {
        let floods: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let (http, mut taken, mut busy) = (http(), 0, 0);
                    while Instant::now() < until {
                        let answer = ask(&http, &hub, &tenant, "POST", "/v1/jobs", &body);
                        match answer.status {
                            201 => taken += answer.json()["jobs"].as_array().unwrap().len(),
                            429 => {
                                assert_eq!((answer.code(), answer.later), ("busy".to_owned(), Some(1)));
                                busy += 1;
                            }
                            other => panic!("{other}: {}", answer.text),
                        }
                    }
                    (taken, busy)
                })
            })
            .collect();
        let http = http();
        while Instant::now() < until {
            let asked = Instant::now();
            assert_eq!(ask(&http, &hub, &tenant, "GET", "/v1/hub", "").status, 200);
            slowest = slowest.max(asked.elapsed());
        }
        for flood in floods {
            let (more, full) = flood.join().unwrap();
            (taken, busy) = (taken + more, busy + full);
        }
    });
    assert!(taken > 0 && busy > 0, "{taken} taken, {busy} times busy");
    assert!(slowest < Duration::from_secs(3), "a read took {slowest:?}");
    // A big hub is counted once a second.
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(hub.get("/v1/hub")["waiting"], json!(taken));
    // A batch of more than may ever wait is taken when nothing else does.
    let many = Value::Array(vec![json!({ "command": ["true"] }); 1500]).to_string();
    assert_eq!(ask(&http(), &hub, &tenant, "POST", "/v1/jobs", &many).status, 201);
}

/// A follower of events.
struct Follower(BufReader<ureq::BodyReader<'static>>);

impl Follower {
    fn begin(hub: &Hub, token: &str, last: Option<&str>) -> Follower {
        let mut request = http().get(format!("{}/v1/events", hub.url)).header("authorization", format!("Bearer {token}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut follower = Follower(BufReader::new(request.call().unwrap().into_body().into_reader()));
        let mut line = String::new();
        follower.0.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), ": following");
        follower
    }

    /// The next event: its kind, its id, what it tells.
    fn next(&mut self) -> (String, Option<String>, Value) {
        let (mut kind, mut id, mut data) = (String::new(), None, Value::Null);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some(("event", text)) => kind = text.to_owned(),
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("data", text)) => data = serde_json::from_str(text).unwrap(),
                _ if line.trim().is_empty() && !kind.is_empty() => return (kind, id, data),
                _ => {}
            }
        }
    }

    /// The next event of a job: which, its state, and the event's id.
    fn job(&mut self) -> (String, String, String) {
        loop {
            let (kind, id, data) = self.next();
            assert_ne!(kind, "missed");
            if kind == "job" {
                let text = |field: &str| data[field].as_str().unwrap().to_owned();
                return (text("id"), text("state"), id.unwrap());
            }
        }
    }
}

#[test]
fn a_follower_that_comes_back_is_told_what_it_missed_and_nothing_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    assert_eq!(hub.say(&["tenant", "llm-lab", "--weight", "1"]).code, 0);
    assert_eq!(hub.say(&["tenant", "thesis", "--parent", "llm-lab"]).code, 0);
    let tenant = token(&hub, "tenant", "llm-lab");
    let submit = |hub: &Hub, tenant: &str| hub.submit(&["--tenant", tenant, "--", "true"]);
    let mut follower = Follower::begin(&hub, &tenant, None);
    let first = submit(&hub, "llm-lab");
    let (job, state, cursor) = follower.job();
    assert_eq!((job, state.as_str()), (first.clone(), "waiting"));
    drop(follower);
    let missed = [submit(&hub, "llm-lab"), submit(&hub, "thesis")];
    submit(&hub, "render-farm");
    assert_eq!(hub.say(&["cancel", &first]).code, 0);
    // Also where the hub itself went away meanwhile.
    hub.kill_and_restart();
    let mut follower = Follower::begin(&hub, &tenant, Some(&cursor));
    let told: Vec<(String, String)> = (0..3).map(|_| follower.job()).map(|(job, state, _)| (job, state)).collect();
    let waiting = |job: &String| (job.clone(), "waiting".to_owned());
    assert_eq!(told, [waiting(&missed[0]), waiting(&missed[1]), (first, "cancelled".to_owned())]);
    // And then of what happens, once.
    let new = submit(&hub, "thesis");
    assert_eq!(follower.job().0, new);
    let wrong = http().get(format!("{}/v1/events", hub.url)).header("authorization", format!("Bearer {tenant}"));
    assert_eq!(wrong.header("last-event-id", "yesterday").call().unwrap().status().as_u16(), 400);
}

#[test]
fn a_follower_that_reads_too_slowly_is_told_how_much_it_missed() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--waiting", "0"]);
    let tenant = token(&hub, "tenant", "llm-lab");
    let mut slow = Follower::begin(&hub, &tenant, None);
    let (http, batch) = (http(), 5000_usize);
    let body = Value::Array(vec![json!({ "command": ["true"] }); batch]).to_string();
    let mut sent = 0;
    // As much as the sockets between the two hold, and then more.
    for _ in 0..24 {
        assert_eq!(ask(&http, &hub, &tenant, "POST", "/v1/jobs", &body).status, 201);
        sent += batch as u64;
    }
    let (mut told, mut missed) = (0, 0);
    while told + missed < sent {
        match slow.next() {
            (kind, _, data) if kind == "missed" => missed += data["missed"].as_u64().unwrap(),
            (kind, ..) => told += u64::from(kind == "job"),
        }
    }
    assert!(missed > 0 && told > 0, "{told} told, {missed} missed");
    // One that was away for longer than it can be told of is told to look for itself.
    let (kind, id, data) = Follower::begin(&hub, &tenant, Some("1")).next();
    assert_eq!(kind, "missed");
    assert!(id.is_some() && data["missed"].as_u64().unwrap() >= sent, "{data}");
}

#[test]
fn who_asked_for_which_change_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let made = hub.json(&["access", "token", "tenant", "llm-lab"]);
    let (tenant, number) = (made["token"].as_str().unwrap().to_owned(), made["id"].as_i64().unwrap());
    let job = hub.say_as(&tenant, &["submit", "--", "true"]).out.trim().to_owned();
    assert_eq!(hub.say_as(&tenant, &["submit", "--tenant", "other", "--", "true"]).code, 3);
    assert_eq!(hub.say(&["cancel", &job]).code, 0);
    assert_eq!(hub.say(&["budget", "llm-lab", "--amount", "100"]).code, 0);
    assert_eq!(hub.say(&["webhook", "add", "billing", "http://127.0.0.1:9/"]).code, 0);
    let asked = |hub: &Hub, arguments: &[&str]| -> Vec<Value> {
        hub.json(&[&["audit"], arguments].concat())["requests"].as_array().unwrap().clone()
    };
    let line = |row: &Value| {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        format!("{} {} {} {} {}", text("role"), text("subject"), text("method"), text("path"), row["status"])
    };
    let lines = |rows: &[Value]| rows.iter().map(line).collect::<Vec<_>>();
    assert_eq!(
        lines(&asked(&hub, &["--limit", "5"])),
        [
            "operator operator PUT /v1/webhooks/billing 200".to_owned(),
            "operator operator PUT /v1/tenants/llm-lab/budget 200".to_owned(),
            format!("operator operator POST /v1/jobs/{job}/cancel 200"),
            "tenant llm-lab POST /v1/jobs 403".to_owned(),
            "tenant llm-lab POST /v1/jobs 201".to_owned(),
        ]
    );
    // Every filter, alone and with others.
    let own = number.to_string();
    assert_eq!(asked(&hub, &["--of-token", &own]).len(), 2);
    assert_eq!(lines(&asked(&hub, &["--subject", "llm-lab", "--refused"])), ["tenant llm-lab POST /v1/jobs 403"]);
    assert_eq!(asked(&hub, &["--role", "provider"]).len(), 0);
    assert_eq!(asked(&hub, &["--path", "/v1/tenants/"]).len(), 1);
    assert_eq!(asked(&hub, &["--from", "2199-01-01"]).len(), 0);
    assert!(asked(&hub, &["--path", "/v1/tokens"]).iter().any(|row| row["made"] == format!("token {number}: tenant llm-lab")));
    // From an entry to who brought it about.
    let submitted = asked(&hub, &["--of-token", &own]).pop().unwrap();
    let entry = submitted["first_entry"].to_string();
    assert_eq!(asked(&hub, &["--entry", &entry]), std::slice::from_ref(&submitted));
    assert_eq!(asked(&hub, &["--entry", "1"]).len(), 0, "nobody asked for the hub's own first entry");
    // Page by page, and no page again.
    let page = hub.json(&["audit", "--limit", "2"]);
    let next = page["next"].to_string();
    let older = asked(&hub, &["--limit", "1000", "--after", &next]);
    assert_eq!(older.len() + 2, asked(&hub, &["--limit", "1000"]).len());
    // It is written with the entries: what a hub that is killed has answered is kept, with who asked.
    let job = hub.say_as(&tenant, &["submit", "--", "true"]).out.trim().to_owned();
    hub.kill_and_restart();
    let after = asked(&hub, &["--of-token", &own, "--limit", "1"]);
    assert!(
        after[0]["first_entry"].as_u64().is_some_and(|first| first > submitted["first_entry"].as_u64().unwrap()),
        "{after:?}"
    );
    assert_eq!(hub.json(&["job", &job])["state"], "waiting");
    assert_eq!(hub.say(&["cancel", &job]).code, 0);
    let ids: Vec<i64> = asked(&hub, &[]).iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(ids.windows(2).all(|two| two[0] > two[1]), "{ids:?}");
    // For those who oversee, and nobody else.
    assert_eq!(hub.say_as(&token(&hub, "auditor", "otto"), &["audit"]).code, 0);
    assert_eq!(hub.say_as(&tenant, &["audit"]).code, 3);
    assert_eq!(common::run(&["check", hub.folder.to_str().unwrap()]).code, 0);
}

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => all.extend(files(&entry.path())),
            kind if kind.is_file() => all.push(entry.path()),
            _ => {}
        }
    }
    all
}

#[test]
fn no_secret_is_in_the_journal_a_log_or_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let client_secret = "a-secret-of-the-client-4711";
    std::fs::write(place("client.secret"), client_secret).unwrap();
    let oidc = format!(
        "issuer = \"http://127.0.0.1:{}\"\nclient_id = \"shugu\"\nclient_secret_file = \"{}\"\n\
         [[role]]\nclaim = \"groups\"\nis = \"operators\"\nrole = \"operator\"\n",
        common::free_port(),
        place("client.secret")
    );
    std::fs::write(place("oidc.toml"), oidc).unwrap();
    let log = std::fs::File::create(place("hub.log")).unwrap();
    let hub = Hub::start_telling(&folder.path().join("hub"), &["-vv", "--oidc", &place("oidc.toml")], log).with_pool();
    let mut secrets = vec![client_secret.to_owned(), hub.token()];
    for (role, subject) in [("tenant", "llm-lab"), ("provider", "local"), ("auditor", "otto"), ("operator", "anna")] {
        secrets.push(token(&hub, role, subject));
    }
    let tenant = secrets[2].clone();
    let joining = hub.json(&["access", "pool", "rack-1", "--provider", "p", "--hosts", "2"]);
    secrets.push(joining["token"].as_str().unwrap().to_owned());
    secrets.push(joining["more"][0].as_str().unwrap().to_owned());
    secrets.push(hub.join_pool("rack-2", "p"));
    secrets.push(hub.json(&["webhook", "add", "billing", "http://127.0.0.1:9/"])["secret"].as_str().unwrap().to_owned());
    secrets.push(std::fs::read_to_string(hub.folder.join("webhook.key")).unwrap());
    secrets.extend(std::fs::read_to_string(hub.folder.join("agent/credential")).ok().map(|text| text.trim().to_owned()));
    // A busy hub: work, refusals, slips, somebody who signs in where nobody answers, tokens that are not good or not where they belong.
    let job = hub.say_as(&tenant, &["submit", "--cpus", "0.1", "--", "false"]).out.trim().to_owned();
    hub.ended(&job);
    let http = http();
    let mut told = Vec::new();
    for secret in secrets.clone() {
        let wrong = format!("{}x", &secret[..secret.len() - 1]);
        told.push(ask(&http, &hub, &wrong, "GET", "/v1/jobs", "").text);
        told.push(ask(&http, &hub, &secret, "POST", "/v1/jobs", "nonsense").text);
        told.push(ask(&http, &hub, &secret, "DELETE", "/v1/tokens/999999", "").text);
        told.push(ask(&http, &hub, &secret, "POST", "/v1/agent/join", "{\"credential\":\"short\"}").text);
        told.push(hub.say_as(&secret, &["access", "list"]).err);
    }
    told.push(ask(&http, &hub, "", "GET", "/signin/start", "").text);
    told.push(hub.say(&["audit", "--json"]).out);
    told.push(hub.say(&["access", "list", "--json"]).out);
    told.push(hub.say(&["webhook", "list", "--json"]).out);
    told.push(ask(&http, &hub, &hub.token(), "GET", "/metrics", "").text);
    let agents_own = common::processes(&hub.folder, "shugu-keeper");
    let (root, operator) = (hub.folder.clone(), hub.folder.join("operator.token"));
    assert_eq!(hub.stop(), 0);
    common::kill_all(&agents_own);
    // Where secrets belong: each in its own file, for its owner only.
    let theirs = [operator, root.join("webhook.key"), root.join("agent/credential")];
    for path in &theirs {
        if let Ok(known) = std::fs::metadata(path) {
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&known.permissions()) & 0o077, 0, "{}", path.display());
        }
    }
    let mut read: Vec<(String, Vec<u8>)> = told.into_iter().map(|text| ("an answer".to_owned(), text.into_bytes())).collect();
    read.push(("the log".to_owned(), std::fs::read(place("hub.log")).unwrap()));
    for path in files(&root).into_iter().filter(|path| !theirs.contains(path)) {
        let mut bytes = Vec::new();
        std::fs::File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
        read.push((path.display().to_string(), bytes));
    }
    assert!(read.iter().any(|(place, bytes)| place == "the log" && bytes.len() > 100), "the hub says what it does");
    let mut found = Vec::new();
    for (place, bytes) in &read {
        for secret in &secrets {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                found.push(format!("{}… is in {place}", &secret[..10]));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

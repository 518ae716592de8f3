//! Money, as operator, provider and tenant see it: prices with conditions, budgets, credits, late readings, disputes, statements,
//! exports, and a journal in which no byte can be changed unseen.

mod common;

use std::path::Path;

use common::{Hub, run};
use serde_json::{Value, json};

/// A census with a provider's own price book and a fee; it has no devices, as this machine has none.
fn census(folder: &Path) -> String {
    let files = [
        (
            "hub.toml",
            "name = \"Sample hub\"\nregion = \"guizhou\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 20\n".to_owned(),
        ),
        ("providers.csv", "id,name,name_zh,kind,provides,source,note\nlocal,Local,unknown,named,computing,a test,\n".to_owned()),
        (
            "tariffs.csv",
            "id,kind,scope,valid_from,valid_to,hours,price,unit,grade,source,note\n\
             core,compute,provider:local,2020-01-01,,,3600,yuan/core-hour,sample,a test,\n\
             energy,electricity,guizhou,2020-01-01,,,0.5,yuan/kWh,sample,a test,\n\
             carbon,carbon,guizhou,2020-01-01,,,0.4989,kg/kWh,sample,a test,\n"
                .to_owned(),
        ),
        (
            "conditions.csv",
            "id,provider,tenant,valid_from,valid_to,currency,minimum_minutes,minimum_yuan,idle_permille,kept_permille,discount_permille,\
             fee_permille,source,note\nlab,local,llm-lab,2020-01-01,,CNY,,7,0,0,100,50,a test,\n\
             other,local,students-of-another,2020-01-01,,CNY,,0,0,0,900,0,a-secret,\n"
                .to_owned(),
        ),
    ];
    let path = folder.join("census");
    std::fs::create_dir_all(&path).unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(path.join(name), text).unwrap());
    path.display().to_string()
}

fn hub(folder: &Path) -> Hub {
    let census = census(folder);
    Hub::start(&folder.join("hub"), &["--census", &census]).with_pool()
}

fn violations(hub: &Hub) -> Value {
    let said = run(&["check", hub.folder.to_str().unwrap(), "--json"]);
    serde_json::from_str::<Value>(&said.out).unwrap()["violations"].clone()
}

#[test]
fn a_late_reading_corrects_a_bill_once_and_a_dispute_settles_it_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    let job = hub.submit(&["--tenant", "llm-lab", "--cpus", "1", "--", "true"]);
    // A thousandth of an hour or less: the minimum of 7 yuan less a tenth is charged.
    assert_eq!(hub.ended(&job)["cost_yuan"], json!(6.3));
    let first = hub.json(&["reading", &job, "--energy", "2", "--utilisation", "0.5"]);
    assert_eq!((&first["changed"], &first["price_yuan"]), (&json!(true), &json!(6.3)));
    let again = hub.json(&["reading", &job, "--energy", "2", "--utilisation", "0.5"]);
    assert_eq!(again["changed"], json!(false), "what is told twice counts once");
    let view = hub.json(&["job", &job]);
    assert_eq!((&view["energy_kwh"], &view["energy_source"]), (&json!(2.0), &json!("read")));
    assert!((view["carbon_kg"].as_f64().unwrap() - 0.9978).abs() < 1e-6, "{view}");
    // Bad readings are refused with the reason, and change nothing.
    let wrong = |arguments: &[&str], told: &str| {
        let said = hub.say(&[&["reading", &job], arguments].concat());
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(told), "{}", said.err);
    };
    wrong(&["--energy", "-1"], "energy_kwh: -1 is negative");
    wrong(&["--run", "100000"], "run_s: it cannot have run for");
    wrong(&["--utilisation", "1.5"], "utilisation: lies between 0 and 1");
    wrong(&["--energy", "1", "--at", "2020-01-01"], "a clock ran backward");
    wrong(&["--energy", "1", "--at", "2199-01-01"], "lies in the future");
    // The tenant contests, the operator settles; the books balance, and both rows stand in the statement.
    let tenant = hub.json(&["access", "token", "tenant", "llm-lab"])["token"].as_str().unwrap().to_owned();
    let said = hub.say_as(&tenant, &["dispute", "open", &job, "--reason", "the node stood still", "--json"]);
    let dispute: Value = serde_json::from_str(&said.out).unwrap();
    let id = dispute["id"].to_string();
    assert_eq!(
        hub.say_as(&tenant, &["dispute", "settle", &id, "--finding", "it did", "--price", "0"]).code,
        3,
        "nobody judges its own case"
    );
    let settled = hub.json(&["dispute", "settle", &id, "--finding", "it did", "--price", "1.5"]);
    assert_eq!(settled["finding"], json!("it did"));
    assert_eq!(hub.json(&["job", &job])["cost_yuan"], json!(1.5));
    let unsaid = hub.say(&["statement"]);
    let example = "--tenant NAME, --provider NAME, or --all; for example `shugu statement --tenant llm-lab --period 2026-11`";
    assert!(unsaid.code == 2 && unsaid.err.contains(example), "{}", unsaid.err);
    let pays = hub.json(&["statement", "--tenant", "llm-lab"]);
    let receives = hub.json(&["statement", "--provider", "local"]);
    assert_eq!((&pays["total_yuan"], &receives["total_yuan"]), (&json!(1.5), &json!(1.425)));
    assert_eq!(
        (&pays["lines"][0]["jobs"], &pays["lines"][0]["energy_kwh"]),
        (&json!(1), &json!(2.0)),
        "a correction is no second job"
    );
    // Each correction names what it replaces and the first bill; the page that holds the last line is the last.
    let page = |query: &str| hub.get(&format!("/v1/charges?{query}"));
    let all = page("limit=3");
    let lines = all["charges"].as_array().unwrap();
    let entry = |at: usize| &lines[at]["entry"];
    let names: Vec<(&Value, &Value)> = lines.iter().map(|line| (&line["corrects"], &line["original"])).collect();
    assert_eq!(names, [(entry(1), entry(2)), (entry(2), entry(2)), (&Value::Null, &Value::Null)], "{all}");
    assert_eq!(all["next"], Value::Null);
    let two = page("limit=2");
    assert_eq!((&two["next"], &two["charges"][1]["entry"]), (entry(1), entry(1)));
    assert_eq!(page(&format!("limit=1&after={}", entry(1)))["next"], Value::Null);
    assert_eq!(page("limit=100")["next"], Value::Null);
    assert_eq!(hub.get("/v1/jobs?limit=1")["next"], Value::Null);
    // The bundle holds every fact with its hash, and anybody can check it.
    let bundle = hub.json(&["dispute", "bundle", &job]);
    let kinds: Vec<&str> = ["Submitted", "Placed", "Ended", "Settled", "Corrected", "Disputed", "Judged"].into();
    let bodies: Vec<&str> = bundle["entries"].as_array().unwrap().iter().map(|entry| entry["body"].as_str().unwrap()).collect();
    for kind in kinds.iter().filter(|kind| **kind != "Judged") {
        assert!(bodies.iter().any(|body| body.contains(&format!("\"{kind}\""))), "no {kind} in {bodies:#?}");
    }
    let rules = bundle["rules"].to_string();
    assert!(
        rules.contains("provider:local") && !rules.contains("a-secret"),
        "what others have agreed is nobody's business: {rules}"
    );
    assert_eq!(violations(&hub), json!([]));
}

#[test]
fn a_budget_holds_warns_and_refuses_and_a_credit_pays_first() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    // Of a job that runs, what it may cost counts as spent: the budget begins without.
    let first = hub.submit(&["--tenant", "students", "--cpus", "1", "--", "true"]);
    hub.ended(&first);
    let account = hub.json(&["budget", "students", "--amount", "30"]);
    assert!(account["budget"]["left_yuan"].as_f64().unwrap() <= 30.0, "{account}");
    hub.json(&["credit", "students", "--amount", "0.5", "--reason", "a sample programme"]);
    // A yuan a core-second: it may cost 20 yuan, which are held while it runs.
    let job = hub.submit(&["--tenant", "students", "--cpus", "1", "--time-limit", "20s", "--", "sleep", "2"]);
    hub.job_when(&job, |job| job["state"] == "running");
    let held = hub.json(&["budget", "students"]);
    assert_eq!(held["held_yuan"], json!(20));
    // Two thirds are held: whoever asked to be warned at half is, with the next job.
    hub.json(&["budget", "students", "--amount", "30", "--warn", "0.5"]);
    let said = hub.say(&["submit", "--tenant", "students", "--cpus", "1", "--time-limit", "20s", "--", "true"]);
    assert!(said.err.contains("warning: of the budget of students (30 CNY), 10 CNY are left"), "{}", said.err);
    assert_eq!(hub.say(&["cancel", said.out.trim()]).code, 0);
    let waits = hub.submit(&["--tenant", "students", "--cpus", "1", "--time-limit", "20s", "--", "true"]);
    let why = hub.json(&["why", &waits]);
    assert_eq!((&why["state"], &why["reason"]["code"]), (&json!("waiting"), &json!("budget")), "{why}");
    let ended = hub.ended(&job);
    let cost = ended["cost_yuan"].as_f64().unwrap();
    assert!((1.9..4.0).contains(&cost), "{ended}");
    // What was not spent is there again, and lets the other one start.
    hub.ended(&waits);
    let after = hub.json(&["budget", "students"]);
    assert_eq!((&after["held_yuan"], &after["credit_yuan"]), (&json!(0), &json!(0)));
    hub.json(&["budget", "students", "--amount", "0"]);
    let said = hub.say(&["submit", "--tenant", "students", "--cpus", "1", "--", "true"]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("the budget of its tenant, or of one above it, is spent"), "{}", said.err);
    hub.json(&["budget", "students", "--none"]);
    hub.submit(&["--tenant", "students", "--cpus", "1", "--", "true"]);
    assert_eq!(violations(&hub), json!([]));
}

#[test]
fn a_changed_byte_of_the_past_is_found_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    for _ in 0..5 {
        let job = hub.submit(&["--tenant", "llm-lab", "--cpus", "1", "--", "true"]);
        hub.ended(&job);
    }
    let data = hub.folder.clone();
    assert_eq!(hub.stop(), 0);
    let check = |arguments: &[&str]| {
        let said = run(&[&["check", data.to_str().unwrap(), "--json"], arguments].concat());
        serde_json::from_str::<Value>(&said.out).unwrap_or_else(|_| panic!("{}", said.err))
    };
    let sound = check(&[]);
    assert_eq!(sound["violations"], json!([]));
    let head = format!("{}:{}", sound["entries"], sound["head"].as_str().unwrap());
    assert_eq!(check(&["--expect", &head])["violations"], json!([]));
    // Every kind of byte of an entry: its instant, the first, a middle and the last of its body, and its hash.
    let connection = rusqlite::Connection::open(data.join("journal.db")).unwrap();
    let last: i64 = sound["entries"].as_i64().unwrap();
    let mut told = 0;
    for seq in (1..=last).step_by(7) {
        let (at, body, hash): (i64, String, Vec<u8>) = connection
            .query_row("SELECT at, body, hash FROM entry WHERE seq = ?1", [seq], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        let digit = body.bytes().position(|byte| byte.is_ascii_digit()).unwrap_or(1);
        let flipped = |position: usize| {
            let mut bytes = body.clone().into_bytes();
            bytes[position] = if bytes[position] == b'0' { b'1' } else { bytes[position] ^ 1 };
            String::from_utf8(bytes).unwrap_or_else(|_| format!("{body} "))
        };
        let mut other = hash.clone();
        other[31] ^= 1;
        let changes = [
            (at + 1, body.clone(), hash.clone()),
            (at, flipped(digit), hash.clone()),
            (at, flipped(body.len() / 2), hash.clone()),
            (at, flipped(body.len() - 1), hash.clone()),
            (at, body.clone(), other),
        ];
        for (at, body, hash) in changes {
            connection
                .execute("UPDATE entry SET at = ?2, body = ?3, hash = ?4 WHERE seq = ?1", rusqlite::params![seq, at, body, hash])
                .unwrap();
            let found = check(&[])["violations"].to_string();
            assert!(found.contains(&format!("entry {seq}: its hash is not that of its content")), "{seq} {body}: {found}");
            told += 1;
        }
        connection
            .execute("UPDATE entry SET at = ?2, body = ?3, hash = ?4 WHERE seq = ?1", rusqlite::params![seq, at, body, hash])
            .unwrap();
    }
    assert!(told >= 15, "only {told} changes were tried");
    assert_eq!(check(&[])["violations"], json!([]));
    // What statements are read from says what the journal says, or is found.
    for (change, back) in [
        ("UPDATE charge SET price = price + 1", "UPDATE charge SET price = price - 1"),
        ("UPDATE charge SET provider = 'locaI'", "UPDATE charge SET provider = 'local'"),
        (
            "CREATE TABLE kept AS SELECT * FROM charge LIMIT 1; DELETE FROM charge WHERE seq = (SELECT seq FROM kept)",
            "INSERT INTO charge SELECT * FROM kept; DROP TABLE kept",
        ),
        ("INSERT INTO dispute (seq, of, at, by, reason) VALUES (1, 1, 1, 'nobody', 'none')", "DELETE FROM dispute"),
    ] {
        connection.execute_batch(change).unwrap();
        assert_ne!(check(&[])["violations"], json!([]), "{change}");
        connection.execute_batch(back).unwrap();
    }
    assert_eq!(check(&[])["violations"], json!([]));
    // Whoever rewrites all hashes from there on is found by the head that was noted.
    connection.execute("UPDATE entry SET at = at - 1 WHERE seq = ?1", [last / 2]).unwrap();
    connection.execute("UPDATE entry SET hash = NULL WHERE seq >= ?1", [last / 2]).unwrap();
    drop(connection);
    drop(Hub::start(&data, &["--no-local"]));
    let found = check(&["--expect", &head])["violations"].to_string();
    assert!(found.contains("the past was rewritten"), "{found}");
}

#[test]
fn statements_and_exports_agree_with_the_books() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    hub.json(&["tenant", "llm-lab", "--weight", "1"]);
    hub.json(&["tenant", "team", "--parent", "llm-lab"]);
    for tenant in ["llm-lab", "team", "students"] {
        let job = hub.submit(&["--tenant", tenant, "--name", "训练", "--cpus", "1", "--", "true"]);
        hub.ended(&job);
    }
    let all = hub.json(&["statement", "--all"]);
    let number = |value: &Value| value.as_f64().unwrap();
    assert!((number(&all["paid_yuan"]) - number(&all["received_yuan"]) - number(&all["fee_yuan"])).abs() < 1e-9);
    assert_eq!(all["statements"].as_array().unwrap().len(), 4);
    let out = folder.path().join("statements");
    for format in ["csv", "html", "json"] {
        let said = hub.say(&["statement", "--all", "--format", format, "--out", out.to_str().unwrap()]);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 12);
    let focus = folder.path().join("focus.csv");
    assert_eq!(hub.say(&["export", "focus", "--out", focus.to_str().unwrap()]).code, 0);
    let text = std::fs::read_to_string(&focus).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let billed = rows[0].iter().position(|name| *name == "BilledCost").unwrap();
    let sum: f64 = rows[1..].iter().map(|row| row[billed].parse::<f64>().unwrap()).sum();
    assert!((sum - number(&all["paid_yuan"])).abs() < 1e-6, "{sum} {all}");
    let parquet = folder.path().join("charges.parquet");
    assert_eq!(hub.say(&["export", "parquet", "--out", parquet.to_str().unwrap()]).code, 0);
    let bytes = std::fs::read(&parquet).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    // A tenant sees its own, and nobody else's.
    let tenant = hub.json(&["access", "token", "tenant", "students"])["token"].as_str().unwrap().to_owned();
    assert_eq!(hub.say_as(&tenant, &["statement", "--all"]).code, 3);
    assert_eq!(hub.say_as(&tenant, &["budget", "llm-lab"]).code, 3);
    assert_eq!(hub.say_as(&tenant, &["export", "focus", "--out", focus.to_str().unwrap()]).code, 3);
}

#[test]
fn a_benchmark_that_ran_on_a_pool_stands_beside_the_peak() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    let found = hub.json(&["measure", "--pool", "local", "--seconds", "0.3"]);
    assert!(found["mega"].as_u64().unwrap() > 100, "{found}");
    let ladder = hub.json(&["census"])["ladder"].clone();
    let general =
        ladder.as_array().unwrap().iter().find(|row| row["class"] == "general" && row["precision"] == "fp32").unwrap().clone();
    assert!(general["connected_eflops"].as_f64().unwrap() > 0.0, "what cores can do is known once it is measured: {general}");
    assert_eq!(general["measured_eflops"], general["connected_eflops"]);
    let job = hub.submit(&[
        "--tenant",
        "llm-lab",
        "--cpus",
        "1",
        "--",
        "sh",
        "-c",
        "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done",
    ]);
    hub.ended(&job);
    let general =
        hub.json(&["census"])["ladder"].as_array().unwrap().iter().find(|row| row["class"] == "general").unwrap().clone();
    assert!(general["delivered_eflops"].as_f64().unwrap() > 0.0, "{general}");
    let by = hub.json(&["census", "--by", "provider"]);
    assert!(
        by["groups"].as_array().unwrap().iter().any(|group| group["key"] == "local" && group["ladder"] != json!([])),
        "{}",
        by["groups"]
    );
    let own = hub.json(&[
        "measure",
        "--pool",
        "local",
        "--precision",
        "fp64",
        "--read",
        "rate",
        "--unit",
        "gflops",
        "--",
        "echo",
        "rate 42",
    ]);
    assert_eq!(own["mega"], json!(42_000));
    let said = hub.say(&["measure", "--pool", "local", "--read", "rate", "--", "echo", "nothing"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("printed no number after `rate`"), "{}", said.err);
}

#[test]
fn yesterdays_census_is_what_the_journal_says() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--census", "guizhou", "--no-local"]);
    let then = hub.json(&["census", "--at", "2025-12-31"]);
    let total = |count: &Value| count["published"].as_array().unwrap().iter().any(|row| row["id"] == "compute-total-2025-12-31");
    assert!(total(&then) && then["sites"]["total"] == 50);
    let known = hub.json(&["census", "--known", "2020-01-01"]);
    assert_eq!(known["sites"]["total"], 0, "of that day the journal knows nothing yet");
    let report = hub.json(&["report", "--at", "2025-12-31"]);
    let headline = |metric: &str| {
        report["headlines"].as_array().unwrap().iter().find(|row| row["metric"] == metric).unwrap()["sentence"].clone()
    };
    assert_eq!(headline("compute_total"), json!("Over 150 EFLOPS (precision unstated)"));
    assert_eq!(headline("intelligent_share"), json!("Over 90 %"));
    assert_eq!((headline("data_centres"), headline("providers_on_hub")), (json!("50"), json!("48")));
    assert_eq!(headline("fixed_asset_investment_year"), json!("Over 22 bn yuan"));
    assert!(report["growth"][0]["sentence"].as_str().unwrap().contains("nearly three times"));
    let page = folder.path().join("report.html");
    assert_eq!(hub.say(&["report", "--at", "2025-12-31", "--out", page.to_str().unwrap()]).code, 0);
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(
        html.contains("190 EFLOPS") && html.contains("贵州枢纽") && !html.contains("src=\"http"),
        "one file that stands alone"
    );
}

#[test]
fn readings_of_prices_and_power_are_taken_once_and_only_if_they_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    let file = folder.path().join("prices.csv");
    let day = |hour: i64| jiff::Timestamp::now().as_second() / 3600 * 3600 - 3600 * (5 - hour);
    let at = |hour: i64| jiff::Timestamp::from_second(day(hour)).unwrap().to_string();
    std::fs::write(&file, format!("at,value\n{},0.3\n{},0.4\n{},-0.02\n", at(1), at(2), at(3))).unwrap();
    let add =
        |kind: &str, scope: &str| hub.say(&["signal", "add", "--kind", kind, "--scope", scope, file.to_str().unwrap(), "--json"]);
    let taken: Value = serde_json::from_str(&add("electricity", "guizhou").out).unwrap();
    assert_eq!(taken, json!({ "taken": 3, "known": 0 }));
    let again: Value = serde_json::from_str(&add("electricity", "guizhou").out).unwrap();
    assert_eq!(again, json!({ "taken": 0, "known": 3 }));
    let said = add("carbon", "guizhou");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("prices.csv line 4 field value: a negative reading"), "{}", said.err);
    assert!(add("pue", "site:nowhere").err.contains("there is no site nowhere"));
    std::fs::write(&file, format!("at,value\n{},0.3\n{},0.4\n", at(2), at(1))).unwrap();
    assert!(add("electricity", "guizhou").err.contains("a clock ran backward"));
    // What nobody ever saw would break every sum that it is in.
    std::fs::write(&file, format!("at,value\n{},9000000000000\n", at(1))).unwrap();
    assert!(add("electricity", "guizhou").err.contains("more than a thousand a kWh"));
    assert!(add("power", "guizhou").err.contains("more than ten million kW"));
    assert!(add("pue", "guizhou").err.contains("a PUE above 10"));
    std::fs::write(&file, "at,value\n1969-12-31T00:00:00Z,0.3\n").unwrap();
    assert!(add("electricity", "guizhou").err.contains("lies before 1970"));
    std::fs::write(&file, format!("at,value\n{},cheap\n", at(1))).unwrap();
    assert!(add("electricity", "guizhou").err.contains("line 2 field value: `cheap` is not a plain number"));
    assert_eq!(violations(&hub), json!([]));
}

#[test]
fn what_was_restated_is_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let first = hub(folder.path());
    let data = first.folder.clone();
    assert_eq!(first.stop(), 0);
    let tariffs = folder.path().join("census/tariffs.csv");
    let text = std::fs::read_to_string(&tariffs).unwrap();
    std::fs::write(&tariffs, text.replace("0.4989", "0.4")).unwrap();
    let again = Hub::start(&data, &["--no-local", "--census", folder.path().join("census").to_str().unwrap()]);
    let history = again.json(&["census", "history", "carbon"]);
    let said: Vec<i64> =
        history["history"].as_array().unwrap().iter().map(|row| row["said"]["Tariff"]["micro"].as_i64().unwrap()).collect();
    assert_eq!(said, [498_900, 400_000]);
    assert_eq!(again.say(&["census", "history", "nothing"]).code, 3);
}

#[test]
fn market_prices_come_from_an_address_too() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    let hour = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() / 3600 * 3600).unwrap();
    let body = format!("at,value\n{hour},0.31\n");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    let sources = folder.path().join("sources.toml");
    let text = format!(
        "[[signal]]\nkind = \"electricity\"\nscope = \"guizhou\"\ncsv = \"http://127.0.0.1:{port}/prices.csv\"\nevery = \"1h\"\n"
    );
    std::fs::write(&sources, text).unwrap();
    let said = hub.say(&["signal", "follow", "--once", sources.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(hub.json(&["signal", "list", "--kind", "electricity"])["signals"][0]["readings"][0][1], json!(0.31));
    // The price of the hour goes before the tariff's: 2 kWh are told at 0.31 yuan and not at 0.5.
    let job = hub.submit(&["--tenant", "llm-lab", "--cpus", "1", "--", "true"]);
    hub.ended(&job);
    hub.json(&["reading", &job, "--energy", "2"]);
    let told = hub.json(&["statement", "--tenant", "llm-lab"])["lines"][0]["energy_cost_yuan"].as_f64().unwrap();
    assert!((told - 0.62).abs() < 1e-6, "{told}");
}

#[test]
fn nobody_sees_or_changes_the_money_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    let job = hub.submit(&["--tenant", "llm-lab", "--cpus", "1", "--", "true"]);
    hub.ended(&job);
    let token = |role: &str, name: &str| hub.json(&["access", "token", role, name])["token"].as_str().unwrap().to_owned();
    let (own, other, provider, stranger) =
        (token("tenant", "llm-lab"), token("tenant", "students"), token("provider", "local"), token("provider", "elsewhere"));
    let code = |token: &str, arguments: &[&str]| hub.say_as(token, arguments).code;
    let reading = ["reading", &job, "--energy", "1"];
    assert_eq!(
        [code(&own, &reading), code(&other, &reading), code(&stranger, &reading), code(&provider, &reading)],
        [3, 3, 3, 0]
    );
    let bundle = ["dispute", "bundle", &job];
    assert_eq!([code(&own, &bundle), code(&other, &bundle), code(&stranger, &bundle), code(&provider, &bundle)], [0, 3, 3, 0]);
    let open = ["dispute", "open", &job, "--reason", "a test"];
    assert_eq!([code(&other, &open), code(&stranger, &open), code(&own, &open)], [3, 3, 0]);
    let listed = |token: &str| {
        serde_json::from_str::<Value>(&hub.say_as(token, &["dispute", "list", "--json"]).out).unwrap()["disputes"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!([listed(&own), listed(&other), listed(&provider), listed(&stranger)], [1, 0, 1, 0]);
    for forbidden in [
        &["budget", "llm-lab", "--amount", "1"][..],
        &["credit", "llm-lab", "--amount", "1", "--reason", "mine"],
        &["census", "history", "lab"],
        &["measure", "--pool", "local"],
        &["signal", "add", "--kind", "carbon", "--scope", "guizhou", "/dev/null"],
        &["statement", "--all"],
    ] {
        assert_ne!(code(&own, forbidden), 0, "{forbidden:?}");
        assert_ne!(code(&provider, forbidden), 0, "{forbidden:?}");
    }
    let report: Value = serde_json::from_str(&hub.say_as(&own, &["report", "--json"]).out).unwrap();
    assert_eq!(report["operations"], Value::Null, "what the hub earned is told to operators");
    assert!(hub.json(&["report"])["operations"]["attempts"].as_i64().unwrap() > 0);
}

#[test]
fn a_job_that_may_run_for_ever_holds_no_more_than_money_can_count() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    let job = hub.submit(&["--tenant", "students", "--cpus", "1", "--time-limit", "100000000d", "--", "true"]);
    assert_eq!(hub.ended(&job)["state"], "done");
    let said = hub.say(&["budget", "students", "--amount", "9000000000000"]);
    assert_eq!((said.code, said.err.contains("amount_yuan: is more than a billion yuan")), (2, true), "{}", said.err);
    assert_eq!(violations(&hub), json!([]));
}

#[test]
fn a_journal_of_an_earlier_release_is_linked_and_its_statements_stay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let first = hub(folder.path());
    for _ in 0..3 {
        let job = first.submit(&["--tenant", "llm-lab", "--cpus", "1", "--", "true"]);
        first.ended(&job);
    }
    let before = first.json(&["statement", "--tenant", "llm-lab"]);
    let data = first.folder.clone();
    assert_eq!(first.stop(), 0);
    let connection = rusqlite::Connection::open(data.join("journal.db")).unwrap();
    let old = "DROP TABLE charge; DROP TABLE dispute; ALTER TABLE entry DROP COLUMN hash; UPDATE meta SET value = 1 WHERE key = 'schema';
        CREATE TABLE attempt (seq INTEGER PRIMARY KEY, job INTEGER NOT NULL);";
    connection.execute_batch(old).unwrap();
    drop(connection);
    let said = run(&["check", data.to_str().unwrap()]);
    assert!(
        said.code == 1 && said.err.contains("written by an earlier version of Shugu: `shugu up` brings it to this one"),
        "{}",
        said.err
    );
    let again = Hub::start(&data, &["--no-local"]);
    assert_eq!(again.json(&["statement", "--tenant", "llm-lab"]), before);
    assert_eq!(violations(&again), json!([]));
    again.json(&["reading", "job-1", "--energy", "1"]);
    assert_eq!(violations(&again), json!([]));
}

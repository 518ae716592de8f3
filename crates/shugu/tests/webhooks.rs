//! Others are told what happens: a real receiver, that is away at times.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::{Hub, free_port};
use serde_json::Value;

/// What a receiver was sent: its headers in small letters, and its body.
type Sent = (Vec<(String, String)>, Vec<u8>);

/// A receiver that answers as `status` says, and is gone when what it gives is dropped and it is asked once more.
fn receiver(port: u16, status: &'static str) -> (Receiver<Sent>, std::sync::Arc<std::sync::atomic::AtomicBool>) {
    let (sender, sent) = channel();
    let gone = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let away = gone.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if away.load(std::sync::atomic::Ordering::Relaxed) {
                return;
            }
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let mut headers = Vec::new();
            loop {
                line.clear();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim().split_once(':') else { break };
                headers.push((name.to_lowercase(), value.trim().to_owned()));
            }
            let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if sender.send((headers, body)).is_err() {
                return;
            }
        }
    });
    (sent, gone)
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// Everything a receiver is sent until something of this type is.
fn until(sent: &Receiver<Sent>, last: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    while !types(&all).contains(&last) {
        let (headers, body) = sent.recv_timeout(Duration::from_secs(20)).expect("it is told in the end");
        let kind = headers.iter().find(|(name, _)| name == "content-type").unwrap();
        assert_eq!(kind.1, "application/cloudevents-batch+json; charset=utf-8");
        all.extend(serde_json::from_slice::<Vec<Value>>(&body).unwrap());
    }
    all
}

#[test]
fn a_receiver_is_told_in_order_what_became_of_a_job_and_what_it_missed_while_it_was_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}/events");
    let (sent, gone) = receiver(port, "204 No Content");
    let secret = hub.say(&["webhook", "add", "billing", &url]).out;
    assert!(secret.starts_with("whsec_"), "{secret}");

    let one = hub.submit(&["--name", "one", "--", "sh", "-c", "sleep 1; exit 3"]);
    hub.ended(&one);
    let told = until(&sent, "shugu.money.billed");
    let of_job: Vec<&Value> = told.iter().filter(|event| event["subject"] == *one).collect();
    let kinds: Vec<&str> = of_job.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["shugu.job.submitted", "shugu.job.placed", "shugu.job.started", "shugu.job.ended", "shugu.money.billed"]);
    let ended = &of_job[3];
    assert_eq!(
        (&ended["specversion"], &ended["data"]["name"], &ended["data"]["tenant"]),
        (&"1.0".into(), &"one".into(), &"default".into())
    );
    assert_eq!((&ended["data"]["state"], &ended["data"]["exit_code"]), (&"failed".into(), &3.into()));
    assert!(ended["source"].as_str().unwrap().starts_with("urn:shugu:hub:"));

    // It is away, and so is the hub for a while: nothing is left out.
    gone.store(true, std::sync::atomic::Ordering::Relaxed);
    let _ = std::net::TcpStream::connect(("127.0.0.1", port));
    let two = hub.submit(&["--name", "two", "--", "true"]);
    hub.ended(&two);
    let trouble = || hub.json(&["webhook", "list"])["webhooks"][0]["trouble"].as_str().map(str::to_owned);
    let begun = std::time::Instant::now();
    while trouble().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "an operator sees that the receiver is away");
        std::thread::sleep(Duration::from_millis(50));
    }
    hub.kill_and_restart();
    let (sent, _) = receiver(port, "200 OK");
    let told = until(&sent, "shugu.money.billed");
    let ids: Vec<u64> = told.iter().map(|event| event["id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(ids.is_sorted(), "in the order of the journal: {ids:?}");
    assert!(
        told.iter().any(|event| event["subject"] == *two && event["type"] == "shugu.job.submitted"),
        "from the beginning of what it missed"
    );
    let said = hub.say(&["webhook", "remove", "billing"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(hub.json(&["webhook", "list"])["webhooks"], serde_json::json!([]));
}

#[test]
fn only_operators_say_who_is_told_and_addresses_hold_no_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]);
    let token = hub.json(&["access", "token", "tenant", "llm-lab"])["token"].as_str().unwrap().to_owned();
    assert_eq!(hub.say_as(&token, &["webhook", "list"]).code, 3);
    for (url, told) in [("ftp://a.example/", "is no address"), ("https://me:secret@a.example/", "is no address")] {
        let said = hub.say(&["webhook", "add", "x", url]);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(told), "{}", said.err);
    }
    let said = hub.say(&["webhook", "add", "x", "https://a.example/", "--events", "job,weather"]);
    assert!(said.err.contains("events: is a list of job, money"), "{}", said.err);
}

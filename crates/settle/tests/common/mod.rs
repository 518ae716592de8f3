//! A hub of Guizhou with one pool, for the tests of money.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use census::{Census, Change, FILES, File, Tariff, TariffKind, read};
use dispatch::{Ask, Command, Join, Node, Request, Shape, Spec};
use measure::{Cpu, Devices, JobId, Memory, Name, TenantId, Time};
use settle::{Entry, Ledger};

/// The shipped census, without what money does not depend on.
pub fn guizhou() -> Census {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let file = |name: &&str| {
        let folder = if *name == "accelerators.csv" { data.clone() } else { data.join("guizhou") };
        Some(File { name: (*name).to_owned(), text: fs::read_to_string(folder.join(name)).ok()? })
    };
    let mut census = read(&FILES.iter().filter_map(file).collect::<Vec<File>>()).unwrap();
    census.accelerators.clear();
    census.published.clear();
    census.targets.clear();
    census.claims.clear();
    census.scopes.clear();
    census.projects.clear();
    census.sites.retain(|_, site| site.pue.is_some());
    census
}

pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A price that nobody published.
pub fn price(id: &str, kind: TariffKind, scope: &str, micro: i64) -> Change {
    Change::Tariff(Tariff {
        id: name(id),
        kind,
        scope: scope.to_owned(),
        valid_from: Time(0),
        valid_to: None,
        hours: Vec::new(),
        micro,
        grade: "sample".to_owned(),
        source: "a test".to_owned(),
        note: String::new(),
    })
}

/// A ledger and everything that was written for it.
#[derive(Default)]
pub struct Books {
    pub ledger: Ledger,
    pub entries: Vec<Entry>,
}

impl Books {
    /// A hub of `census` with two tenants; `changes` come on top of it.
    pub fn of(census: &Census, changes: Vec<Change>) -> Books {
        let mut books = Books::default();
        books.ask(0, Request::Census(Census::default().changes_to(census)));
        books.ask(0, Request::Census(changes));
        books.ask(0, Request::Admit(name("llm-lab")));
        books.ask(0, Request::Admit(name("vision-team")));
        books
    }

    /// A pool of four nodes joins, of `devices` accelerators each or of cores only.
    pub fn join(&mut self, pool: &str, site: Option<&str>, model: Option<&str>, devices: u32) {
        let join =
            Join { name: name(pool), provider: name("china-telecom"), site: site.map(name), executor: "replay".to_owned() };
        self.ask(0, Request::Join(join));
        let id = self.ledger.hub.pool_named(&name(pool)).unwrap();
        let node = |number| Node {
            name: format!("node-{number}"),
            model: model.map(str::to_owned),
            devices: Devices(devices),
            cpu: Cpu::cores(64),
            memory: Memory::mebibytes(1 << 20),
            ..Node::default()
        };
        self.ask(0, Request::See(id, (0..4).map(node).collect()));
        self.ask(0, Request::Contact(id, true));
    }

    pub fn ask(&mut self, at: i64, request: Request) {
        self.ledger.ask(Time(at), request, &mut self.entries).unwrap();
    }

    /// Submits a job and places what fits.
    pub fn submit(&mut self, at: i64, replicas: u32, devices: u32, cpu: Cpu) -> JobId {
        let asks = vec![Ask::of(Devices(devices), Vec::new())];
        let shape = Shape { replicas, asks, cpu, ..Shape::default() };
        let (name, command) = (String::new(), Command::default());
        let spec = Spec { tenant: TenantId(1), name, shape, command, ..Spec::default() };
        self.ask(at, Request::Submit(Arc::new(spec)));
        self.ledger.round(Time(at), &mut self.entries);
        self.ledger.hub.jobs.last().unwrap()
    }
}

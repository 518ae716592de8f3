//! The journal is the database: what was ever written can be read for ever, and is written the same way.
//!
//! `golden/journal.jsonl` holds an entry of every kind, `golden/report.jsonl` every report of an agent. A new variant
//! does not compile here until it has a name, and does not pass until it has a line. `UPDATE_GOLDEN=1` adds the lines
//! of [`journal`] and [`reports`] that are missing; a line once written stays as it is.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use census::{
    Accelerator, AcceleratorKind, Agreement, Change, DeclaredPool, Evidence, Held, HubSettings, Parts, Provider, Published,
    SeriesKind, Site, SiteStage, SiteStatus, Stated, Target, Tariff, TariffKind,
};
use dispatch::{
    After, Apart, Ask, Closing, Command, Computing, DataSet, End, EnergySource, Fact, Join, Lease, Limits, LostReason, Node,
    Notice, Occupied, Place, Purse, Report, Reservation, Rule, Shape, Slot, Spec, Spread, Stop, Task, Terms, Tried, Usage, When,
};
use measure::{
    Carbon, Class, CoreTime, Cpu, DeviceTime, Devices, Energy, JobId, Memory, Money, Name, PoolId, Power, Precision, Pue, Rate,
    Span, Sparsity, TenantId, Time,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use settle::{Account, Bill, Body, Correction, Credit, Dispute, Entry, Ledger, Posting, Verdict};

/// Names every variant of an enum, exhaustively, and lists the names.
macro_rules! kinds {
    ($name:ident, $all:ident, $type:ty, { $($pattern:pat => $kind:literal),* $(,)? }) => {
        fn $name(value: &$type) -> &'static str {
            match value { $($pattern => $kind),* }
        }
        const $all: &[&str] = &[$($kind),*];
    };
}

kinds!(body, BODIES, Body, { Body::Fact(_) => "fact", Body::Settled(_) => "settled bill", Body::Attempted(_) => "attempted bill", Body::Carried(..) => "carried",
    Body::Corrected(_) => "corrected", Body::Disputed(_) => "disputed", Body::Judged(_) => "judged", Body::Granted(..) => "granted",
    Body::Expired(..) => "expired", Body::Credits(..) => "credits",
});
kinds!(fact, FACTS, Fact, {
    Fact::Census(_) => "census",
    Fact::Data(_, Some(_)) => "data",
    Fact::Data(_, None) => "data no more",
    Fact::Admitted(..) => "admitted",
    Fact::Joined(..) => "joined",
    Fact::Seen(..) => "seen",
    Fact::Served(..) => "served",
    Fact::Hosted(..) => "hosted",
    Fact::HostContact(..) => "host contact",
    Fact::Heard(..) => "heard",
    Fact::Contact(..) => "contact",
    Fact::Occupied(..) => "occupied",
    Fact::Submitted(..) => "submitted",
    Fact::Placed(..) => "placed",
    Fact::Started(_) => "started",
    Fact::StopWanted(..) => "stop wanted",
    Fact::Ended(..) => "ended",
    Fact::Settled(_) => "settled",
    Fact::Counted { .. } => "counted",
    Fact::Expected(..) => "expected",
    Fact::PutOff(..) => "put off",
    Fact::AtOnce(..) => "at once",
    Fact::Yielded(..) => "yielded",
    Fact::Arranged(..) => "arranged",
    Fact::HalfLife(_) => "half-life",
    Fact::Funded(..) => "funded",
    Fact::Drawn(..) => "drawn",
    Fact::Limited(..) => "limited",
    Fact::Closed(dispatch::Target::Site(_), _) => "closed site",
    Fact::Closed(dispatch::Target::Pool(_), _) => "closed pool",
    Fact::Closed(dispatch::Target::Node(..), _) => "closed node",
    Fact::Reserved(_, Some(_)) => "reserved",
    Fact::Reserved(_, None) => "reserved no more",
    Fact::Tried(..) => "tried",
    Fact::Remembered(..) => "remembered",
    Fact::Load(..) => "load",
    Fact::Demanded(_) => "demanded",
});
kinds!(change, CHANGES, Change, {
    Change::Hub(_) => "hub",
    Change::Accelerator(_) => "accelerator",
    Change::Provider(_) => "provider",
    Change::Site(_) => "site",
    Change::Pool(_) => "pool",
    Change::Tariff(_) => "tariff",
    Change::Target(_) => "target",
    Change::Published(_) => "published",
    Change::AcceleratorGone(_) => "accelerator gone",
    Change::ProviderGone(_) => "provider gone",
    Change::SiteGone(_) => "site gone",
    Change::PoolGone(_) => "pool gone",
    Change::TariffGone(_) => "tariff gone",
    Change::TargetGone(_) => "target gone",
    Change::PublishedGone(_) => "published gone",
    Change::Stage(_) => "stage",
    Change::StageGone(_) => "stage gone",
    Change::Project(_) => "project",
    Change::ProjectGone(_) => "project gone",
    Change::Effectiveness(_) => "effectiveness",
    Change::EffectivenessGone(_) => "effectiveness gone",
    Change::Green(_) => "green",
    Change::GreenGone(_) => "green gone",
    Change::Scope(_) => "scope",
    Change::ScopeGone(_) => "scope gone",
    Change::Claim(_) => "claim",
    Change::ClaimGone(_) => "claim gone",
    Change::Conditions(_) => "conditions",
    Change::ConditionsGone(_) => "conditions gone",
    Change::Forecast(_) => "forecast",
    Change::ForecastGone(_) => "forecast gone",
    Change::Measured(_) => "measured",
    Change::Readings(_) => "readings",
    Change::Outlook(_) => "outlook",
    Change::Power(_) => "power",
    Change::PowerGone(_) => "power gone",
    Change::Rack(_) => "rack",
    Change::RackGone(_) => "rack gone",
});
kinds!(end, ENDS, End, {
    End::Exited(_) => "exited",
    End::Killed(_) => "killed",
    End::OverTime => "over time",
    End::OverMemory => "over memory",
    End::Cancelled => "cancelled",
    End::Undelivered(_) => "undelivered",
    End::NotStarted(_) => "not started",
    End::Unmet(_) => "unmet",
    End::Lost(LostReason::KeeperKilledWhileStarting) => "lost: keeper killed while starting",
    End::Lost(LostReason::ExitUnseen) => "lost: exit unseen",
    End::Lost(LostReason::MachineRestarted) => "lost: machine restarted",
    End::Lost(LostReason::NodeFailed) => "lost: node failed",
    End::Lost(LostReason::EndedBySite) => "lost: ended by site",
    End::Lost(LostReason::PlaceTaken) => "lost: place taken",
    End::Lost(LostReason::Vanished) => "lost: vanished",
    End::Lost(LostReason::Silent) => "lost: silent",
    End::Lost(LostReason::NotLaunched) => "lost: not launched",
});
kinds!(stop, STOPS, Stop, {
    Stop::Cancelled => "stop: cancelled",
    Stop::Preempted { rule: Rule::Priority, .. } => "stop: preempted by priority",
    Stop::Preempted { rule: Rule::Reclaim, .. } => "stop: preempted by reclaim",
    Stop::Capped => "stop: capped",
    Stop::Drained => "stop: drained",
    Stop::Suspended { .. } => "stop: suspended",
    Stop::Broken => "stop: broken",
});
kinds!(energy_source, ENERGY_SOURCES, EnergySource, {
    EnergySource::Unknown => "energy unknown",
    EnergySource::Rapl => "energy by rapl",
    EnergySource::Modelled => "energy modelled",
    EnergySource::Cluster => "energy by cluster",
    EnergySource::Read => "energy read",
});
kinds!(account, ACCOUNTS, Account, {
    Account::Tenant(_) => "account of a tenant",
    Account::Provider(_) => "account of a provider",
    Account::Hub => "account of the hub",
    Account::Credit(_) => "account of credits",
    Account::Grants => "account of grants",
});
kinds!(accelerator_kind, ACCELERATOR_KINDS, AcceleratorKind, {
    AcceleratorKind::Accelerator => "kind accelerator",
    AcceleratorKind::Cpu => "kind cpu",
});
kinds!(site_status, SITE_STATUSES, SiteStatus, {
    SiteStatus::Operating => "operating",
    SiteStatus::Building => "building",
    SiteStatus::Tendered => "tendered",
    SiteStatus::Contracted => "contracted",
    SiteStatus::Announced => "announced",
    SiteStatus::Commissioning => "commissioning",
    SiteStatus::Retiring => "retiring",
    SiteStatus::Retired => "retired",
    SiteStatus::Unknown => "status unknown",
});
kinds!(evidence, EVIDENCES, Evidence, {
    Evidence::Announced => "evidence announced",
    Evidence::Declared => "evidence declared",
    Evidence::Seen => "evidence seen",
    Evidence::Measured => "evidence measured",
    Evidence::Metered => "evidence metered",
});
kinds!(tariff_kind, TARIFF_KINDS, TariffKind, {
    TariffKind::Electricity => "electricity",
    TariffKind::Carbon => "carbon",
    TariffKind::DeviceHour => "device-hour",
    TariffKind::CoreHour => "core-hour",
    TariffKind::PowerCap => "power-cap",
    TariffKind::Demand => "demand",
    TariffKind::Capacity => "capacity",
    TariffKind::ResidualCarbon => "residual carbon",
});
kinds!(report, REPORTS, Report, { Report::Started => "report started", Report::Ended(..) => "report ended" });

/// The kinds that occur in an entry.
fn kinds_of(entry: &Entry) -> Vec<&'static str> {
    let mut kinds = vec![body(&entry.body)];
    match &entry.body {
        Body::Fact(one) => {
            kinds.push(fact(one));
            match one {
                Fact::Census(one) => {
                    kinds.push(change(one));
                    match &**one {
                        Change::Accelerator(one) => kinds.push(accelerator_kind(&one.kind)),
                        Change::Site(one) => kinds.push(site_status(&one.status)),
                        Change::Pool(one) => kinds.push(evidence(&one.evidence)),
                        Change::Tariff(one) => kinds.push(tariff_kind(&one.kind)),
                        _ => {}
                    }
                }
                Fact::StopWanted(_, one) => kinds.push(stop(one)),
                Fact::Ended(_, one, usage) => kinds.extend([end(one), energy_source(&usage.energy_source)]),
                _ => {}
            }
        }
        Body::Settled(bill) | Body::Attempted(bill) => {
            kinds.push(energy_source(&bill.energy_source));
            kinds.extend(bill.postings.iter().flat_map(|posting| [account(&posting.debit), account(&posting.credit)]));
        }
        Body::Carried(one, _) => kinds.push(account(one)),
        Body::Corrected(correction) => {
            kinds.push(energy_source(&correction.bill.energy_source));
            let postings = correction.reversed.iter().chain(&correction.bill.postings);
            kinds.extend(postings.flat_map(|posting| [account(&posting.debit), account(&posting.credit)]));
        }
        Body::Disputed(_) | Body::Judged(_) | Body::Granted(..) | Body::Expired(..) | Body::Credits(..) => {}
    }
    kinds
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn stated(text: &str) -> Option<Stated> {
    Some(text.parse().unwrap())
}

fn words(text: &str) -> String {
    text.to_owned()
}

fn census_changes() -> Vec<Change> {
    let hub = HubSettings {
        name: words("Sample hub"),
        name_zh: words("样例枢纽"),
        region: words("guizhou"),
        currency: words("CNY"),
        utc_offset_hours: 8,
        fee_permille: 20,
        source: words("a page"),
        note: words("a remark"),
    };
    let accelerator = |model: &str, kind| Accelerator {
        vendor: words("Huawei"),
        model: words(model),
        kind,
        year: stated("2023"),
        memory_gb: stated("64"),
        tdp: Some(Power(400_000)),
        dense_peak_mega: Precision::ALL.iter().map(|precision| (*precision, 313_000_000)).collect(),
        confidence: words("B"),
        recalled: vec![words("tdp_w")],
        source: words("a page"),
        note: String::new(),
    };
    let provider = Provider {
        id: name("telecom"),
        name: words("Telecom"),
        name_zh: words("电信"),
        named: true,
        provides: String::new(),
        source: words("a page"),
        note: String::new(),
    };
    let site = |(number, status): (usize, SiteStatus)| Site {
        id: name(&format!("site-{number}")),
        name: words("East"),
        name_zh: words("unknown"),
        named: true,
        provider: Some(name("telecom")).filter(|_| number > 0),
        prefecture: words("Guiyang"),
        zone: words("unknown"),
        latitude: stated("~26.3"),
        longitude: stated("106.45"),
        status,
        status_date: words("2025-03"),
        racks: stated(">=14000"),
        racks_planned: None,
        servers: stated(">600"),
        servers_planned: stated("<=1000000"),
        computing_power_pflops: stated("30"),
        computing_power_planned_pflops: None,
        class: Class::ALL.get(number).copied(),
        precision: Precision::ALL.get(number).copied(),
        sparsity: Sparsity::ALL.get(number).copied(),
        pue: stated("<1.2"),
        source: words("a page"),
        note: String::new(),
    };
    let pool = |(number, evidence): (usize, Evidence)| DeclaredPool {
        id: name(&format!("pool-{number}")),
        site: name("site-0"),
        provider: name("telecom"),
        accelerator: Some(words("Ascend 910B3")).filter(|_| number > 0),
        nodes: 100,
        devices_per_node: Devices(if number > 0 { 8 } else { 0 }),
        cpu_per_node: Cpu::cores(192),
        memory_per_node: Memory::mebibytes(1 << 20),
        evidence,
        as_of: words("2025-03"),
        source: words("a page"),
        note: String::new(),
    };
    let tariff = |(number, kind): (usize, TariffKind)| Tariff {
        id: name(&format!("tariff-{number}")),
        kind,
        scope: words("guizhou"),
        valid_from: Time(1_764_547_200_000),
        valid_to: Some(Time(1_796_083_200_000)).filter(|_| number > 0),
        hours: if number > 0 { Vec::new() } else { vec![(10, 13), (17, 22)] },
        micro: 884_000,
        grade: words("sample"),
        source: words("nobody"),
        note: String::new(),
    };
    let target = Target {
        id: name("total-2026"),
        due: words("2026-12-31"),
        metric: words("compute_total"),
        value: stated("190"),
        unit: words("EFLOPS"),
        scope: words("Guizhou"),
        precision: None,
        sparsity: None,
        quality: words("target"),
        source: words("a page"),
        note: String::new(),
    };
    let published = Published {
        id: name("total-2025"),
        date: words("2025-12-31"),
        metric: words("compute_total"),
        value: stated(">150"),
        unit: words("EFLOPS"),
        scope: words("Guizhou"),
        class: words("all"),
        precision: None,
        sparsity: Some(Sparsity::Sparse),
        quality: words("press"),
        disputes: vec![name("total-2024")],
        source: words("a page"),
        note: String::new(),
    };
    use {Evidence as E, SiteStatus as S, TariffKind as T};
    let statuses = [S::Operating, S::Building, S::Tendered, S::Contracted, S::Announced, S::Unknown];
    let mut changes = vec![
        Change::Hub(hub),
        Change::Accelerator(accelerator("Ascend 910B3", AcceleratorKind::Accelerator)),
        Change::Accelerator(accelerator("Kunpeng 920", AcceleratorKind::Cpu)),
        Change::Provider(provider),
    ];
    changes.extend(statuses.into_iter().enumerate().map(site).map(Change::Site));
    changes.extend(
        [E::Announced, E::Declared, E::Seen, E::Measured, E::Metered].into_iter().enumerate().map(pool).map(Change::Pool),
    );
    changes
        .extend([T::Electricity, T::Carbon, T::DeviceHour, T::CoreHour].into_iter().enumerate().map(tariff).map(Change::Tariff));
    changes.extend([
        Change::Target(target),
        Change::Published(published),
        Change::AcceleratorGone(words("Kunpeng 920")),
        Change::ProviderGone(name("nobody")),
        Change::SiteGone(name("site-5")),
        Change::PoolGone(name("pool-4")),
        Change::TariffGone(name("tariff-3")),
        Change::TargetGone(name("total-2026")),
        Change::PublishedGone(name("total-2025")),
    ]);
    changes
}

fn usage(energy_source: EnergySource) -> Usage {
    Usage {
        run: Span(90_500),
        cpu: CoreTime(181_000_000),
        peak_memory: Memory(1 << 30),
        energy: Energy(36_200_000),
        energy_source,
        utilisation: None,
        facility: false,
    }
}

fn ends() -> Vec<End> {
    vec![
        End::Exited(0),
        End::Exited(-1),
        End::Killed(9),
        End::OverTime,
        End::OverMemory,
        End::Cancelled,
        End::NotStarted(words("no such file: \"/x\"\n")),
        End::Lost(LostReason::KeeperKilledWhileStarting),
        End::Lost(LostReason::ExitUnseen),
        End::Lost(LostReason::MachineRestarted),
    ]
}

/// The ways in which a place is lost at a cluster.
const AT_A_CLUSTER: [LostReason; 5] =
    [LostReason::NodeFailed, LostReason::EndedBySite, LostReason::PlaceTaken, LostReason::Vanished, LostReason::Silent];

/// A history with every kind of entry.
fn journal() -> Vec<Entry> {
    let node = |number: u32, model: Option<&str>| Node {
        name: format!("node-{number}"),
        model: model.map(words),
        devices: Devices(if model.is_some() { 8 } else { 0 }),
        cpu: Cpu::cores(192),
        memory: Memory::mebibytes(1 << 20),
        ..Node::default()
    };
    let join = |pool: &str, site| Join { name: name(pool), provider: name("telecom"), site, executor: words("slurm") };
    let plain = Spec {
        tenant: TenantId(1),
        name: words("plain"),
        shape: Shape { asks: vec![Ask::default()], cpu: Cpu(500), ..Shape::default() },
        ..Spec::default()
    };
    let full = Spec {
        tenant: TenantId(1),
        name: words("训练 \"a\""),
        shape: Shape {
            replicas: 2,
            asks: vec![Ask::of(Devices(8), vec![words("Ascend 910B3"), words("cores")]), Ask::of(Devices(4), Vec::new())],
            cpu: Cpu::cores(16),
            memory: Memory::mebibytes(4096),
            ..Shape::default()
        },
        time_limit: Some(Span::HOUR),
        priority: -3,
        command: Command {
            argv: vec![words("python"), words("train.py")],
            env: [(words("SEED"), words("7"))].into(),
            directory: Some(words("/data")),
            image: None,
        },
        ..Spec::default()
    };
    let rate = Rate { device_hour: Money(3_500_000), core_hour: Money(200_000) };
    let slots = vec![Slot::whole(0, 0xff), Slot::whole(1, 0xff)].into();
    let (agreed, hold, kept) = (None, Money::ZERO, DeviceTime(0));
    let place = Place { pool: PoolId(1), ask: 0, cpu: Cpu::cores(16), slots, rate, agreed, hold, kept };
    let place_of_parts = place.clone();
    let posting = |credit, amount| Posting { job: JobId(1), debit: Account::Tenant(TenantId(1)), credit, amount: Money(amount) };
    let bill = Bill {
        job: JobId(1),
        tenant: TenantId(1),
        place: Some((PoolId(1), name("telecom"))),
        run: Span(90_500),
        devices: DeviceTime(1_448_000),
        cores: CoreTime(2_896_000_000),
        cpu: CoreTime(181_000_000),
        peak_memory: Memory(1 << 30),
        rate,
        energy: Energy(43_440_000),
        energy_source: EnergySource::Rapl,
        pue: Some(Pue(1200)),
        energy_cost: Some(Money(10_667)),
        carbon: Some(Carbon(6_020_060)),
        price: Money(1_568_667),
        postings: vec![posting(Account::Provider(name("telecom")), 1_537_294), posting(Account::Hub, 31_373)],
        ..Bill::blank(JobId(1), TenantId(1))
    };
    let nothing = Bill {
        job: JobId(2),
        place: None,
        pue: None,
        energy_cost: None,
        carbon: None,
        energy_source: EnergySource::Unknown,
        postings: Vec::new(),
        ..bill.clone()
    };

    let mut facts: Vec<Fact> = census_changes().into_iter().map(|change| Fact::Census(Box::new(change))).collect();
    facts.extend([
        Fact::Admitted(TenantId(1), name("llm-lab")),
        Fact::Joined(PoolId(1), join("east", Some(name("site-0")))),
        Fact::Joined(PoolId(2), join("own", None)),
        Fact::Seen(PoolId(1), vec![node(0, Some("Ascend 910B3")), node(1, Some("Ascend 910B3")), node(2, None)]),
        Fact::Contact(PoolId(1), true),
        Fact::Contact(PoolId(2), false),
        Fact::Submitted(JobId(1), Arc::new(full)),
        Fact::Placed(JobId(1), Arc::new(place)),
        Fact::Started(JobId(1)),
        Fact::StopWanted(JobId(1), Stop::Cancelled),
    ]);
    let sources = [EnergySource::Rapl, EnergySource::Unknown, EnergySource::Modelled];
    for ((job, end), source) in (1..).zip(ends()).zip(sources.into_iter().cycle()) {
        if job > 1 {
            facts.push(Fact::Submitted(JobId(job), Arc::new(plain.clone())));
        }
        facts.push(Fact::Ended(JobId(job), end, usage(source)));
    }
    let later = bill.clone();
    let attempt = Bill { job: JobId(11), postings: Vec::new(), ..bill.clone() };
    let mut bodies: Vec<Body> = facts.into_iter().map(Body::Fact).collect();
    bodies.extend([
        Body::Settled(bill),
        Body::Settled(nothing),
        Body::Fact(Fact::Settled(JobId(3))),
        Body::Fact(Fact::Counted { tenant: TenantId(1), pool: PoolId(2), job: JobId(10) }),
        Body::Carried(Account::Tenant(TenantId(1)), Money(-1_568_667)),
        Body::Carried(Account::Provider(name("telecom")), Money(1_537_294)),
        Body::Carried(Account::Hub, Money(31_373)),
        Body::Fact(Fact::Served(PoolId(1), "0badcafe".to_owned())),
    ]);
    // Since attempts, terms and closings are told.
    bodies.extend(later_facts(&plain).into_iter().map(Body::Fact));
    bodies.push(Body::Attempted(attempt));
    // Since a closing says whose it is.
    let closing = Closing { from: Time(9), until: None, stop_at: None, reason: String::new(), by_provider: true };
    bodies.push(Body::Fact(Fact::Closed(dispatch::Target::Pool(PoolId(1)), vec![closing])));
    // Since others than the hub's jobs are counted, and a place is lost at a cluster in more ways.
    let others = Occupied {
        node: 1,
        devices: Devices(3),
        cpu: Cpu::cores(24),
        memory: Memory(1 << 30),
        reason: words("drained: fan"),
        ..Occupied::NOTHING
    };
    bodies.push(Body::Fact(Fact::Occupied(PoolId(1), vec![others, Occupied { node: 2, ..Occupied::NOTHING }])));
    for (job, reason) in (60..).zip(AT_A_CLUSTER) {
        bodies.push(Body::Fact(Fact::Submitted(JobId(job), Arc::new(plain.clone()))));
        bodies.push(Body::Fact(Fact::Ended(JobId(job), End::Lost(reason), usage(EnergySource::Unknown))));
    }
    let whole = |number| Node { whole_devices: true, whole_cores: true, ..node(number, Some("Ascend 910B3")) };
    bodies.push(Body::Fact(Fact::Seen(PoolId(2), vec![whole(0), whole(1)])));
    bodies.push(Body::Fact(Fact::Submitted(JobId(65), Arc::new(plain.clone()))));
    bodies.push(Body::Fact(Fact::Ended(JobId(65), End::Lost(LostReason::NotLaunched), usage(EnergySource::Unknown))));
    // Since some sites run container images.
    let images = |number| Node { images: true, whole_devices: true, ..node(number, Some("H800")) };
    bodies.push(Body::Fact(Fact::Seen(PoolId(2), vec![images(0), images(1)])));
    let mut contained = plain.clone();
    contained.shape.image = true;
    contained.command.image = Some(words("registry.example/team/train:3"));
    bodies.push(Body::Fact(Fact::Submitted(JobId(66), Arc::new(contained))));
    // Since jobs read data.
    let data = |sha256| DataSet {
        bytes: 1 << 30,
        sha256,
        at: [(name("site-0"), words("/data/corpus")), (name("local"), words("https://sample.example/corpus"))].into(),
    };
    bodies.push(Body::Fact(Fact::Data(name("corpus"), Some(Box::new(data(Some("0123456789abcdef".repeat(4))))))));
    bodies.push(Body::Fact(Fact::Data(name("images"), Some(Box::new(data(None))))));
    let mut reads = plain.clone();
    reads.shape.inputs = vec![name("corpus"), name("images")];
    bodies.push(Body::Fact(Fact::Submitted(JobId(67), Arc::new(reads))));
    bodies.push(Body::Fact(Fact::Data(name("images"), None)));
    // Since machines of a pool may have an agent each.
    let hosted = Join { executor: words("local"), ..join("plain", None) };
    let slots = vec![Slot { node: 0, devices: 0, part: 1000 }, Slot { node: 1, devices: 0, part: 1000 }].into();
    let parts = Place { pool: PoolId(3), slots, cpu: Cpu(500), ..place_of_parts.clone() };
    let gang = Spec { shape: Shape { replicas: 2, ..plain.shape.clone() }, ..plain.clone() };
    let ended = |end| dispatch::Report::Ended(end, usage(EnergySource::Unknown));
    bodies.extend(
        [
            Fact::Joined(PoolId(3), hosted),
            Fact::Hosted(PoolId(3), 0, Box::new(node(0, None)), words("0badcafe")),
            Fact::HostContact(PoolId(3), 0, true),
            Fact::Hosted(PoolId(3), 1, Box::new(node(1, None)), words("1badcafe")),
            Fact::Submitted(JobId(68), Arc::new(gang)),
            Fact::Placed(JobId(68), Arc::new(parts)),
            Fact::Heard(JobId(68), 0, dispatch::Report::Started),
            Fact::Heard(JobId(68), 1, ended(End::Exited(3))),
            Fact::StopWanted(JobId(68), Stop::Broken),
        ]
        .map(Body::Fact),
    );
    // Since what jobs write is delivered.
    let output = dispatch::Output { path: words("model.pt"), to: words("s3://results/llm-lab/") };
    let mut writes = Spec { outputs: vec![output], ..plain.clone() };
    writes.shape.outputs = true;
    let undelivered = End::Undelivered(words("model.pt to s3://results/llm-lab/: No such file or directory"));
    bodies.push(Body::Fact(Fact::Submitted(JobId(69), Arc::new(writes))));
    bodies.push(Body::Fact(Fact::Ended(JobId(69), undelivered, usage(EnergySource::Unknown))));
    // Since clusters tell what their nodes used.
    bodies.push(Body::Fact(Fact::Submitted(JobId(70), Arc::new(plain.clone()))));
    bodies.push(Body::Fact(Fact::Ended(JobId(70), End::Exited(0), usage(EnergySource::Cluster))));
    // Since sites have a life, prices have hours and conditions, and bills are put right.
    bodies.extend(books(&plain, &place_of_parts, &later));
    let entry = |(seq, body): (u64, Body)| Entry { seq, at: Time(1_767_225_600_000 + seq as i64 * 1000), body };
    (1..).zip(bodies).map(entry).collect()
}

/// What came with budgets, conditions, corrections and disputes.
fn books(plain: &Spec, place: &Place, bill: &Bill) -> Vec<Body> {
    let rate = |micro| Rate { device_hour: Money(micro), core_hour: Money(0) };
    let agreed = Agreement {
        hours: vec![(0, 8, rate(2_000_000)), (8, 24, rate(4_000_000))],
        utc_offset_hours: 8,
        minimum: Span(60_000),
        minimum_price: Money(10_000),
        idle_permille: 500,
        kept_permille: 250,
        discount_permille: 100,
        fee_permille: Some(30),
    };
    let agreed = Some(Arc::new(agreed));
    let held =
        Held { milli: 16_000, cores: Cpu::cores(32), span: Span(100_000), until: Time(1_767_225_700_000), kept: DeviceTime(7) };
    let run = Money(1_500_000);
    let parts = Parts { run, idle: Money(10_000), kept: Money(5), minimum: Money(6), discount: Money(151_001) };
    let own = Posting { job: JobId(71), debit: Account::Credit(TenantId(1)), credit: Account::Hub, amount: Money(31_373) };
    let paid = Bill {
        job: JobId(71),
        energy_source: EnergySource::Read,
        attempt: 2,
        held: Some(held),
        agreed: agreed.clone(),
        parts: Some(parts),
        hold: Money(2_000_000),
        adjusted: Money(-5),
        carbon_market: Some(Carbon(1_204_012)),
        utilisation: Some(420),
        delivered: Some((Precision::Fp16, 190_000_000_000)),
        read_at: Some(Time(1_767_225_800_000)),
        postings: vec![own],
        ..bill.clone()
    };
    let correction = Correction {
        of: 40,
        why: words("a reading"),
        was: bill.price,
        reversed: bill.postings.iter().map(Posting::reversed).collect(),
        bill: paid,
    };
    let tariff = |number: usize, kind| {
        let (valid_from, hours) = (Time(1_764_547_200_000), Vec::new());
        let (scope, grade, source) = (words("site:site-0"), words("sample"), words("nobody"));
        let id = name(&format!("later-{number}"));
        Change::Tariff(Tariff {
            id,
            kind,
            scope,
            valid_from,
            valid_to: None,
            hours,
            micro: 35_000_000,
            grade,
            source,
            note: String::new(),
        })
    };
    let stage = |stage, date: &str| {
        let (quality, source) = (words("press"), words("a page"));
        Change::Stage(SiteStage { site: name("site-0"), stage, date: words(date), quality, source, note: String::new() })
    };
    let purse = Purse { amount: Money(9), left: Money(8), warn_permille: 800, until: Some(Time(1)), renews: Some(Time(2)) };
    use SiteStatus as S;
    let mut changes = vec![
        stage(S::Commissioning, "2024-01"),
        stage(S::Retiring, "2030-01"),
        stage(S::Retired, "2031"),
        Change::StageGone((name("site-0"), words("2031"))),
    ];
    changes.extend(
        [TariffKind::Demand, TariffKind::Capacity, TariffKind::ResidualCarbon].into_iter().enumerate().map(|(n, k)| tariff(n, k)),
    );
    for text in [
        r#"{"Site":{"id":"site-6","name":"North","name_zh":"unknown","named":true,"provider":null,"prefecture":"Zunyi","zone":"unknown","latitude":null,"longitude":null,"status":"commissioning","status_date":"2025-03","racks":null,"racks_planned":null,"servers":null,"servers_planned":null,"computing_power_pflops":null,"computing_power_planned_pflops":null,"class":null,"precision":null,"sparsity":null,"pue":null,"source":"a page","note":""}}"#,
        r#"{"Site":{"id":"site-7","name":"Old","name_zh":"unknown","named":true,"provider":null,"prefecture":"Zunyi","zone":"unknown","latitude":null,"longitude":null,"status":"retiring","status_date":"2025-03","racks":null,"racks_planned":null,"servers":null,"servers_planned":null,"computing_power_pflops":null,"computing_power_planned_pflops":null,"class":null,"precision":null,"sparsity":null,"pue":null,"source":"a page","note":""}}"#,
        r#"{"Site":{"id":"site-8","name":"Gone","name_zh":"unknown","named":true,"provider":null,"prefecture":"Zunyi","zone":"unknown","latitude":null,"longitude":null,"status":"retired","status_date":"2025-03","racks":null,"racks_planned":null,"servers":null,"servers_planned":null,"computing_power_pflops":null,"computing_power_planned_pflops":null,"class":null,"precision":null,"sparsity":null,"pue":null,"source":"a page","note":""}}"#,
        r#"{"Project":{"id":"p","name":"P","site":"site-0","provider":"telecom","planned_bn_yuan":"7","committed_bn_yuan":null,"spent_bn_yuan":null,"as_of":"2013","computing_power_pflops":null,"class":null,"precision":null,"sparsity":null,"due":"unknown","quality":"press","source":"a page","note":""}}"#,
        r#"{"ProjectGone":"p"}"#,
        r#"{"Effectiveness":{"id":"e","scope":"site:site-0","metric":"pue","value":"<1.2","category":2,"boundary":"unstated","period_from":"2025-03","period_to":"unknown","quality":"press","source":"a page","note":""}}"#,
        r#"{"EffectivenessGone":"e"}"#,
        r#"{"Green":{"id":"g","scope":"provider:telecom","kind":"certificate","permille":800,"valid_from":0,"valid_to":null,"source":"a page","note":""}}"#,
        r#"{"GreenGone":"g"}"#,
        r#"{"Scope":{"scope":"Gui'an New Area","part_of":"Guizhou","source":"the words themselves","note":""}}"#,
        r#"{"ScopeGone":"Gui'an New Area"}"#,
        r#"{"Claim":{"id":"c","date":"2025-12-31","kind":"ratio","value":"~3","figure":"total-2025","base":"total-2024","words":"nearly three times","quality":"press","source":"a page","note":""}}"#,
        r#"{"ClaimGone":"c"}"#,
        r#"{"Conditions":{"id":"t","provider":"telecom","tenant":"*","valid_from":0,"valid_to":null,"minimum":60000,"minimum_price":10000,"idle_permille":500,"kept_permille":250,"discount_permille":100,"fee_permille":30,"source":"a page","note":""}}"#,
        r#"{"ConditionsGone":"t"}"#,
        r#"{"Measured":{"pool":"east","job":3,"at":1767225600000,"class":"general","precision":"fp32","devices":0,"cores":2000,"mega":98000,"method":"a matrix product"}}"#,
        r#"{"Readings":{"kind":"electricity","scope":"guizhou","values":[[1767225600000,562000]],"source":"a market"}}"#,
        r#"{"Forecast":{"id":"f","target":"t","as_of":"2026-01","value":"188","low":"172.5","high":"190.1","probability_permille":420,"source":"a plan","note":""}}"#,
        r#"{"ForecastGone":"f"}"#,
    ] {
        changes.push(serde_json::from_str(text).unwrap_or_else(|problem| panic!("{text}: {problem}")));
    }
    let mut bodies: Vec<Body> = changes.into_iter().map(|change| Body::Fact(Fact::Census(Box::new(change)))).collect();
    let read = Usage { utilisation: Some(420), ..usage(EnergySource::Read) };
    bodies.extend([
        Body::Fact(Fact::Funded(TenantId(1), Some(purse))),
        Body::Fact(Fact::Drawn(TenantId(1), Money(-7))),
        Body::Fact(Fact::Submitted(JobId(71), Arc::new(plain.clone()))),
        Body::Fact(Fact::Placed(
            JobId(71),
            Arc::new(Place { agreed, hold: Money(2_000_000), kept: DeviceTime(7), ..place.clone() }),
        )),
        Body::Fact(Fact::Ended(JobId(71), End::Exited(0), read)),
        Body::Corrected(Box::new(correction.clone())),
        Body::Disputed(Dispute { of: 40, by: words("tenant llm-lab"), reason: words("it stood still") }),
        Body::Judged(Verdict { dispute: 41, finding: words("it did") }),
        Body::Granted(TenantId(1), Credit::of(Money(5_000_000), Some(Time(1_798_761_600_000))), words("a programme")),
        Body::Carried(Account::Credit(TenantId(1)), Money(4_968_627)),
        Body::Carried(Account::Grants, Money(-5_000_000)),
        Body::Credits(TenantId(1), vec![Credit { used: Money(1_000_000), ..Credit::of(Money(5_000_000), None) }]),
        Body::Expired(TenantId(1), Money(1)),
    ]);
    // Where another hub has counted the energy.
    let bill = Bill { facility: true, pue: None, ..correction.bill.clone() };
    bodies.push(Body::Corrected(Box::new(Correction { bill, ..correction.clone() })));
    let lease = Some(Lease { holder: words("0123456789abcdef"), span: Span(86_280_000) });
    bodies.push(Body::Fact(Fact::Submitted(JobId(72), Arc::new(Spec { lease, ..plain.clone() }))));
    bodies.extend(by_choice(plain, place).into_iter().map(Body::Fact));
    // Since what chose its hours is compared with having begun at once.
    let since = Time(1_767_225_600_000);
    let at_once = settle::AtOnce {
        pool: PoolId(1),
        since,
        load: Span(300_000),
        energy: Energy(36_200_000),
        carbon: Some(Carbon(5_016_000)),
        carbon_market: Some(Carbon(1_003_000)),
    };
    bodies.push(Body::Fact(Fact::AtOnce(JobId(72), PoolId(1), since)));
    let bill = Bill { at_once: Some(at_once), ..correction.bill.clone() };
    bodies.push(Body::Corrected(Box::new(Correction { bill, ..correction })));
    bodies.extend(powers().into_iter().map(Body::Fact));
    bodies
}

/// What came since power is held, and nodes sleep.
fn powers() -> Vec<Fact> {
    let (source, note) = (words("a page"), String::new());
    let power = census::NodePower {
        id: name("h800"),
        scope: words("model:H800"),
        idle: Power(900_000),
        device: Power(650_500),
        core: Power(3_000),
        asleep: Power(20_000),
        wake: Span(240_000),
        source: source.clone(),
        note: note.clone(),
    };
    let nodes = vec![words("gpu-01"), words("gpu-02")];
    let rack =
        census::Rack { id: name("rack-7"), pool: name("gui-910b"), nodes, cap: Power(24_000_000), source: source.clone(), note };
    let cap = census::Tariff {
        id: name("gui-evening"),
        kind: TariffKind::PowerCap,
        scope: words("site:site-0"),
        valid_from: Time(1_767_225_600_000),
        valid_to: None,
        hours: vec![(18, 22)],
        micro: 800_000_000,
        grade: words("contract"),
        source: source.clone(),
        note: String::new(),
    };
    let values = vec![(Time(1_767_225_600_000), 640_000_000)];
    let told = census::Readings { kind: SeriesKind::PowerCap, scope: words("site:site-0"), values, source };
    let load = dispatch::Load {
        now: Power(612_000_000),
        since: Time(1_767_225_600_000),
        highest: Power(655_000_000),
        month_ends: Time(1_769_875_200_000),
        day_from: Time(1_767_196_800_000),
        day_ends: Time(1_767_283_200_000),
        today: measure::Energy(17_000_000_000_000),
        days: vec![Power(598_000_000), Power(601_500_000)],
    };
    let changes = [
        Change::Power(power),
        Change::PowerGone(name("h800")),
        Change::Rack(rack),
        Change::RackGone(name("rack-7")),
        Change::Tariff(cap),
        Change::Readings(told),
    ];
    let mut facts: Vec<Fact> = changes.into_iter().map(|change| Fact::Census(Box::new(change))).collect();
    facts.extend([
        Fact::Load(name("site-0"), Box::new(load)),
        Fact::Occupied(PoolId(1), vec![dispatch::Occupied { asleep: true, ..dispatch::Occupied::NOTHING }]),
        Fact::StopWanted(JobId(72), Stop::Capped),
        // Since nodes sleep on which nothing but services holds anything.
        Fact::Occupied(PoolId(1), vec![dispatch::Occupied { cpu: Cpu(250), services: true, ..dispatch::Occupied::NOTHING }]),
    ]);
    // Since lengths of runs are counted by what jobs have in common, too.
    let alike = r#""lengths":{"counts":{"130":3},"total":3},"alike":{"14695981039346656037":[1767225600000,{"counts":{"130":3},"total":3}]}"#;
    let used = r#""use":{"step":-1,"settled":[1,2,3],"since":[4,5,6],"to":1767225600000}"#;
    let past = format!(r#"{{"Remembered":[1,{{{used},"runs":{{"by_width":{{}},"bursts":{{}},{alike},"current":[]}}}}]}}"#);
    facts.push(serde_json::from_str(&past).expect("it is a fact"));
    facts
}

/// What waits for cleaner hours, and what it goes by.
fn by_choice(plain: &Spec, place: &Place) -> Vec<Fact> {
    let suspend = Some(dispatch::Suspend { save: Span(120_000), load: Span(300_000) });
    let notice = Some(Notice { signal: 10, grace: Span(180_000) });
    let patience = Some(Span(86_400_000));
    let until = Time(1_767_229_200_000);
    let outlook = census::Outlook {
        kind: SeriesKind::Carbon,
        scope: words("guizhou"),
        from: Time(1_767_225_600_000),
        values: vec![498_900, 401_000, 388_123],
        error_permille: Some(81),
        source: words("profile"),
    };
    let mut slots = place.slots.clone();
    slots.truncate(1);
    let place = Place { slots, cpu: Cpu(500), ..place.clone() };
    vec![
        Fact::Census(Box::new(Change::Outlook(outlook))),
        Fact::Submitted(JobId(73), Arc::new(Spec { patience, suspend, notice, ..plain.clone() })),
        Fact::PutOff(JobId(73), until),
        Fact::Placed(JobId(73), Arc::new(place)),
        Fact::Started(JobId(73)),
        Fact::StopWanted(JobId(73), Stop::Suspended { until }),
        Fact::Yielded(JobId(73), End::Cancelled, usage(EnergySource::Modelled), Time(1_767_225_700_000)),
        Fact::Tried(
            JobId(73),
            Tried {
                attempt: 1,
                lost: 0,
                eligible: Time(i64::MIN),
                evicted_in: None,
                burst: JobId(73),
                ran: Span(600_000),
                by_choice: Span(3_600_000),
            },
        ),
        Fact::Arranged(TenantId(1), Terms { patience, ..Terms::default() }),
    ]
}

/// Facts of kinds that came after the first ones, with every field that a job has by now.
fn later_facts(plain: &Spec) -> Vec<Fact> {
    let wish = Spec {
        tenant: TenantId(1),
        name: words("wish"),
        shape: Shape {
            replicas: 2,
            asks: vec![
                Ask {
                    part: 500,
                    replicas: Some(3),
                    device_memory_gb: Some(64),
                    power: Some(Computing { precision: Precision::Fp16, mega: 20_000_000_000 }),
                    ..Ask::of(Devices(1), Vec::new())
                },
                Ask::of(Devices(8), Vec::new()),
            ],
            spread: Spread::Nodes,
            sites: vec![name("site-0")],
            pue_most: Some(Pue(1200)),
            ..Shape::default()
        },
        deadline: Some(Time(1_767_300_000_000)),
        retries: 2,
        after: [When::Started, When::Ok, When::Ended].map(|when| After { job: JobId(3), when }).to_vec(),
        array: Some(Task { first: JobId(11), index: 0, count: 1 }),
        apart: Some(Apart::Sites),
        preemptible: true,
        notice: Some(Notice { signal: 10, grace: Span(60_000) }),
        ..Spec::default()
    };
    let closing = Closing {
        from: Time(1_767_400_000_000),
        until: Some(Time(1_767_500_000_000)),
        stop_at: None,
        reason: words("works"),
        by_provider: false,
    };
    let drain = Closing { from: Time(7), until: None, stop_at: Some(Time(8)), reason: String::new(), by_provider: false };
    let kept = Reservation {
        pool: PoolId(1),
        nodes: vec![0, 1],
        ask: 1,
        at: Time(1_767_229_200_000),
        idle: vec![Time(1_767_225_600_000); 2],
    };
    let slots = vec![Slot { node: 0, devices: 1, part: 500 }, Slot { node: 1, devices: 2, part: 500 }].into();
    let (rate, agreed, hold) = (Rate::default(), None, Money::ZERO);
    let place = Place { pool: PoolId(1), ask: 0, cpu: Cpu(0), slots, rate, agreed, hold, kept: DeviceTime(0) };
    let read = |text: &str| serde_json::from_str::<Fact>(text).unwrap();
    let by = JobId(12);
    vec![
        Fact::Submitted(JobId(11), Arc::new(wish)),
        Fact::Submitted(JobId(12), Arc::new(plain.clone())),
        Fact::Submitted(JobId(13), Arc::new(plain.clone())),
        Fact::Expected(JobId(11), Span(1_800_000)),
        Fact::Reserved(JobId(12), Some(Arc::new(kept))),
        Fact::Reserved(JobId(12), None),
        Fact::Placed(JobId(11), Arc::new(place)),
        Fact::StopWanted(JobId(11), Stop::Preempted { by, rule: Rule::Priority }),
        Fact::StopWanted(JobId(11), Stop::Preempted { by, rule: Rule::Reclaim }),
        Fact::StopWanted(JobId(11), Stop::Drained),
        Fact::Yielded(JobId(11), End::Cancelled, usage(EnergySource::Modelled), Time(1_767_225_700_000)),
        Fact::Tried(
            JobId(11),
            Tried {
                attempt: 2,
                lost: 1,
                eligible: Time(9),
                evicted_in: Some(PoolId(1)),
                burst: JobId(11),
                ran: Span::ZERO,
                by_choice: Span::ZERO,
            },
        ),
        Fact::Ended(JobId(13), End::Unmet(JobId(3)), Usage::default()),
        Fact::Arranged(
            TenantId(1),
            Terms { parent: None, weight: 3, guaranteed: Some(Devices(8)), most: Some(Devices(64)), patience: None },
        ),
        Fact::HalfLife(Span(86_400_000)),
        Fact::Limited(PoolId(1), Limits { most: Some(Devices(16)), veto: [TenantId(1)].into() }),
        Fact::Closed(dispatch::Target::Site(name("site-0")), vec![closing]),
        Fact::Closed(dispatch::Target::Pool(PoolId(1)), vec![drain]),
        Fact::Closed(dispatch::Target::Node(PoolId(1), words("node-0")), Vec::new()),
        read(concat!(
            r#"{"Remembered":[1,{"use":{"step":-1,"settled":[123456789012345678901234,2,3],"since":[4,5,6],"to":1767225600000},"#,
            r#""runs":{"by_width":{"3":{"runs":[5000,6000],"sum":11000,"step":2945376,"before":5000}},"#,
            r#""bursts":{"11":{"devices":8,"live":1,"ended":2,"ran":11000,"placed":0,"placed_sum":0}},"#,
            r#""current":[{"devices":8,"stem":"train","first":11,"last":1767225600000}]}}]}"#
        )),
        read(concat!(
            r#"{"Demanded":{"seen":[{"cpu":500,"part":0,"devices":0,"models":[],"count":3}],"arrived":3,"next":4,"#,
            r#""learned":[{"cpu":500,"part":0,"devices":0,"models":[],"count":2}]}}"#
        )),
    ]
}

fn reports() -> Vec<Report> {
    let ends = ends().into_iter().chain(AT_A_CLUSTER.map(End::Lost)).chain([End::Lost(LostReason::NotLaunched)]);
    let ends = ends.chain([End::Undelivered(words("model.pt to s3://results/llm-lab/: No such file or directory"))]);
    let ended = ends.map(|end| Report::Ended(end, usage(EnergySource::Modelled)));
    let of_a_hub = Report::Ended(End::Exited(0), Usage { facility: true, ..usage(EnergySource::Cluster) });
    std::iter::once(Report::Started).chain(ended).chain([of_a_hub]).collect()
}

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)
}

/// Reads a golden file, every line of which must be written again as it stands. `written` are today's examples,
/// each of which must be in it.
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(file: &str, written: &[T]) -> Vec<T> {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut text = match fs::read_to_string(golden(file)) {
        Err(_) if update => String::new(),
        read => read.unwrap_or_else(|problem| panic!("{file}: {problem}")),
    };
    let lines: Vec<String> = written.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    if update {
        let known: BTreeSet<String> = text.lines().map(str::to_owned).collect();
        lines.iter().filter(|line| !known.contains(*line)).for_each(|line| text += &format!("{line}\n"));
        fs::write(golden(file), &text).unwrap();
    }
    assert!(text.ends_with('\n') && !text.contains('\r'), "{file} ends its lines with a line feed");
    let parse = |(number, line): (usize, &str)| {
        let one: T = serde_json::from_str(line).unwrap_or_else(|problem| panic!("{file} line {number}: {problem}"));
        assert_eq!(serde_json::to_string(&one).unwrap(), line, "{file} line {number} is written otherwise now");
        one
    };
    let read = (1..).zip(text.lines()).map(parse).collect();
    for line in lines {
        assert!(text.lines().any(|golden| golden == line), "{file} has no line {line}");
    }
    read
}

#[test]
fn every_kind_of_entry_ever_written_is_read_and_written_alike() {
    let entries = check("journal.jsonl", &journal());
    let found: BTreeSet<&str> = entries.iter().flat_map(kinds_of).collect();
    let groups = [
        BODIES,
        FACTS,
        CHANGES,
        ENDS,
        STOPS,
        ENERGY_SOURCES,
        ACCOUNTS,
        ACCELERATOR_KINDS,
        SITE_STATUSES,
        EVIDENCES,
        TARIFF_KINDS,
    ];
    let missing: Vec<&&str> = groups.iter().flat_map(|kinds| kinds.iter()).filter(|kind| !found.contains(**kind)).collect();
    assert!(missing.is_empty(), "the golden journal has no line for {missing:?}");
}

#[test]
fn every_report_ever_sent_is_read_and_written_alike() {
    let reports = check("report.jsonl", &reports());
    let mut found: BTreeSet<&str> = reports.iter().map(report).collect();
    found.extend(reports.iter().filter_map(|report| match report {
        Report::Ended(one, _) => Some(end(one)),
        Report::Started => None,
    }));
    let missing: Vec<&&str> = REPORTS.iter().chain(ENDS).filter(|kind| !found.contains(**kind) && **kind != "unmet").collect();
    assert!(missing.is_empty(), "the golden reports have no line for {missing:?}");
}

#[test]
fn the_golden_journal_folds_to_a_ledger() {
    let mut ledger = Ledger::default();
    journal().iter().for_each(|entry| ledger.apply(entry));
    assert_eq!(dispatch::check(&ledger.hub), Vec::<String>::new());
    assert_eq!(ledger.book.sum(), Money::ZERO);
    assert_eq!((ledger.hub.jobs.len(), ledger.hub.pools.len(), ledger.hub.census.sites.len()), (24, 3, 8));
    let mut short = Ledger::default();
    ledger.opening().iter().for_each(|entry| short.apply(entry));
    assert_eq!(short.opening(), ledger.opening());
}

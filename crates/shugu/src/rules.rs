//! What tenants are due, what pools allow, and what is closed when: for operators and providers.

use std::str::FromStr;

use clap::Args;
use measure::Malformed;
use serde_json::{Value, json};
use serve::view::{ClosedBy, ClosingKind, ClosingList, ClosingView, LimitsView, TenantList, TenantView};

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;
use crate::table::{number, or_dash, table};

#[derive(Debug, Args)]
pub(crate) struct TenantOptions {
    /// The tenant; one that is new is let in.
    #[arg(value_name = "NAME")]
    name: String,
    /// The tenant it is a project of.
    #[arg(long, value_name = "TENANT", conflicts_with = "no_parent")]
    parent: Option<String>,
    /// Its weight among its siblings, 1 to 1000000.
    #[arg(long, value_name = "N")]
    weight: Option<u32>,
    /// Devices it gets back from borrowers whenever it needs them.
    #[arg(long, value_name = "DEVICES", conflicts_with = "no_guaranteed")]
    guaranteed: Option<u32>,
    /// Devices it never exceeds.
    #[arg(long, value_name = "DEVICES", conflicts_with = "no_most")]
    most: Option<u32>,
    /// How long its jobs may wait by choice, for cheaper or cleaner hours, that do not say so: now, today, this-week or a length of time.
    #[arg(long, value_name = "PATIENCE", conflicts_with = "no_patience")]
    patience: Option<String>,
    /// It is nobody's project any more.
    #[arg(long)]
    no_parent: bool,
    /// Nothing is guaranteed to it any more.
    #[arg(long)]
    no_guaranteed: bool,
    /// It may hold as much as it finds.
    #[arg(long)]
    no_most: bool,
    /// Nothing is arranged of how long its jobs may wait by choice.
    #[arg(long)]
    no_patience: bool,
}

impl TenantOptions {
    fn changes_nothing(&self) -> bool {
        let given = self.parent.is_some() || self.weight.is_some() || self.guaranteed.is_some() || self.most.is_some();
        !(given || self.patience.is_some() || self.no_parent || self.no_guaranteed || self.no_most || self.no_patience)
    }
}

fn device_count(devices: Option<u32>) -> String {
    or_dash(devices.map(|devices| devices.to_string()))
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

fn tenant_table(tenants: &[TenantView]) -> String {
    let row = |tenant: &TenantView| {
        vec![
            tenant.name.clone(),
            or_dash(tenant.parent.clone()),
            tenant.weight.to_string(),
            device_count(tenant.guaranteed),
            device_count(tenant.most),
            or_dash(tenant.patience.clone()),
            tenant.devices_held.to_string(),
            number(Some(tenant.used_device_hours)),
            or_dash(tenant.share.map(percent)),
            percent(tenant.due),
        ]
    };
    let header =
        ["tenant", "project of", "weight", "guaranteed", "most", "patience", "devices held", "used device-h", "share", "due"];
    table(&header, &header[2..], tenants.iter().map(row))
}

pub(crate) fn tenants(place: &Where, json: bool) -> Outcome {
    let list: TenantList = Client::of(place)?.get("/v1/tenants")?;
    if json {
        return print_json(&list);
    }
    if list.tenants.is_empty() {
        note("no tenants");
        return Ok(());
    }
    print(&tenant_table(&list.tenants))
}

pub(crate) fn tenant(options: &TenantOptions, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    let list: TenantList = client.get("/v1/tenants")?;
    let known = list.tenants.into_iter().find(|tenant| tenant.name == options.name);
    let view: TenantView = if options.changes_nothing() {
        known.ok_or_else(|| Failure::Refused(format!("there is no tenant {}; with terms it is let in", options.name)))?
    } else {
        // The hub takes terms whole; what was not said stays as it is.
        let known = known.as_ref();
        let stays = |gone: bool, value: Option<u32>| value.filter(|_| !gone);
        let parent = known.and_then(|known| known.parent.clone()).filter(|_| !options.no_parent);
        let guaranteed = stays(options.no_guaranteed, known.and_then(|known| known.guaranteed));
        let most = stays(options.no_most, known.and_then(|known| known.most));
        let patience = known.and_then(|known| known.patience.clone()).filter(|_| !options.no_patience);
        let terms = json!({
            "parent": options.parent.clone().or(parent),
            "weight": options.weight.or(known.map(|known| known.weight)),
            "guaranteed": options.guaranteed.or(guaranteed),
            "most": options.most.or(most),
            "patience": options.patience.clone().or(patience),
        });
        client.put(&format!("/v1/tenants/{}", encode(&options.name)), &terms)?
    };
    if json { print_json(&view) } else { print(&tenant_table(&[view])) }
}

#[derive(Debug, Args)]
pub(crate) struct LimitOptions {
    /// The pool.
    #[arg(value_name = "POOL")]
    pool: String,
    /// Devices the hub may hold there at a time; of a pool without accelerators, cores.
    #[arg(long, value_name = "DEVICES", conflicts_with = "no_most")]
    most: Option<u32>,
    /// A tenant whose work is not taken, its projects' included; may be given again. Those vetoed before are not any more.
    #[arg(long, value_name = "TENANT", conflicts_with = "no_veto")]
    veto: Vec<String>,
    /// The hub may hold all there are.
    #[arg(long)]
    no_most: bool,
    /// Everybody's work is taken.
    #[arg(long)]
    no_veto: bool,
}

pub(crate) fn limit(options: &LimitOptions, place: &Where, json: bool) -> Outcome {
    let client = Client::of(place)?;
    let path = format!("/v1/pools/{}/limits", encode(&options.pool));
    let mut limits: LimitsView = client.get(&path)?;
    if options.most.is_some() || !options.veto.is_empty() || options.no_most || options.no_veto {
        let most = options.most.or(limits.most.filter(|_| !options.no_most));
        let veto = if options.veto.is_empty() && !options.no_veto { &limits.veto } else { &options.veto };
        limits = client.put(&path, &json!({ "most": most, "veto": veto }))?;
    }
    if json {
        return print_json(&limits);
    }
    let veto = if limits.veto.is_empty() { None } else { Some(limits.veto.join(", ")) };
    print(&table(&["pool", "most", "not from"], &["most"], [vec![limits.pool, device_count(limits.most), or_dash(veto)]]))
}

/// What is closed or opened: `POOL`, `POOL/NODE` or `site:NAME`.
#[derive(Debug, Clone)]
pub(crate) enum Aim {
    Site(String),
    Pool(String),
    Node(String, String),
}

impl FromStr for Aim {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Aim, Malformed> {
        let whole = |part: &str| !part.is_empty();
        let aim = match (text.strip_prefix("site:"), text.split_once('/')) {
            (Some(site), _) => whole(site).then(|| Aim::Site(site.to_owned())),
            (None, Some((pool, node))) => (whole(pool) && whole(node)).then(|| Aim::Node(pool.to_owned(), node.to_owned())),
            (None, None) => whole(text).then(|| Aim::Pool(text.to_owned())),
        };
        aim.ok_or_else(|| Malformed::new(text, "a target: POOL, POOL/NODE or site:NAME"))
    }
}

impl Aim {
    /// As the API names it.
    fn fields(&self) -> Vec<(&'static str, &str)> {
        match self {
            Aim::Site(site) => vec![("site", site)],
            Aim::Pool(pool) => vec![("pool", pool)],
            Aim::Node(pool, node) => vec![("pool", pool), ("node", node)],
        }
    }
}

impl std::fmt::Display for Aim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Aim::Site(site) => write!(f, "site:{site}"),
            Aim::Pool(pool) => f.write_str(pool),
            Aim::Node(pool, node) => write!(f, "{pool}/{node}"),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// A pool, a node of a pool (POOL/NODE), or every pool at a site (site:NAME).
    #[arg(value_name = "TARGET")]
    aim: Aim,
}

#[derive(Debug, Args)]
pub(crate) struct CordonOptions {
    #[command(flatten)]
    target: Target,
    /// Why, for people.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DrainOptions {
    #[command(flatten)]
    target: Target,
    /// When what still runs is stopped: 2026-12-01T08:00:00+08:00, or 2h from now; at once if left out.
    #[arg(long, value_name = "INSTANT|SPAN", allow_hyphen_values = true)]
    deadline: Option<String>,
    /// Why, for people.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WindowOptions {
    #[command(flatten)]
    target: Target,
    /// When it begins and stops what still runs: 2026-12-01T08:00:00+08:00, or 2h from now.
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    from: String,
    /// When it ends.
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    until: String,
    /// Why, for people.
    #[arg(long)]
    reason: Option<String>,
}

fn target_of(closing: &ClosingView) -> String {
    match (&closing.site, &closing.pool, &closing.node) {
        (Some(site), ..) => match &closing.site_name {
            Some(name) if name != site => format!("site:{site} ({name})"),
            _ => format!("site:{site}"),
        },
        (None, pool, Some(node)) => format!("{}/{node}", pool.as_deref().unwrap_or_default()),
        (None, pool, None) => pool.clone().unwrap_or_default(),
    }
}

fn closing_table(list: &ClosingList) -> String {
    let row = |closing: &ClosingView| {
        let kind = match closing.kind {
            ClosingKind::Cordon => "cordon",
            ClosingKind::Drain => "drain",
            ClosingKind::Window => "window",
        };
        vec![
            target_of(closing),
            kind.to_owned(),
            if closing.begun { "yes" } else { "not yet" }.to_owned(),
            closing.from.clone(),
            or_dash(closing.until.clone()),
            or_dash(closing.stop_at.clone()),
            match closing.by {
                ClosedBy::Operator => "operator",
                ClosedBy::Provider => "provider",
            }
            .to_owned(),
            closing.reason.clone(),
        ]
    };
    table(&["target", "kind", "closed", "from", "until", "stops jobs at", "by", "reason"], &[], list.closings.iter().map(row))
}

fn close(kind: &str, target: &Target, more: &[(&str, Option<&String>)], place: &Where, json: bool) -> Outcome {
    let mut form = json!({ "kind": kind });
    for (field, value) in target.aim.fields() {
        form[field] = Value::from(value);
    }
    for (field, value) in more {
        form[*field] = json!(value);
    }
    let list: ClosingList = Client::of(place)?.post("/v1/closings", &form)?;
    if json { print_json(&list) } else { print(&closing_table(&list)) }
}

pub(crate) fn cordon(options: &CordonOptions, place: &Where, json: bool) -> Outcome {
    close("cordon", &options.target, &[("reason", options.reason.as_ref())], place, json)
}

pub(crate) fn drain(options: &DrainOptions, place: &Where, json: bool) -> Outcome {
    let more = [("deadline", options.deadline.as_ref()), ("reason", options.reason.as_ref())];
    close("drain", &options.target, &more, place, json)
}

pub(crate) fn window(options: &WindowOptions, place: &Where, json: bool) -> Outcome {
    let more = [("from", Some(&options.from)), ("until", Some(&options.until)), ("reason", options.reason.as_ref())];
    close("window", &options.target, &more, place, json)
}

pub(crate) fn open(target: &Target, place: &Where, json: bool) -> Outcome {
    let fields: Vec<String> = target.aim.fields().iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
    let left: ClosingList = Client::of(place)?.take(&format!("/v1/closings?{}", fields.join("&")))?;
    if json {
        return print_json(&left);
    }
    if left.closings.is_empty() {
        return print(&format!("{} is open\n", target.aim));
    }
    note(&format!("{} is open as far as you had closed it; what follows still closes it, or something of it:", target.aim));
    print(&closing_table(&left))
}

pub(crate) fn closings(place: &Where, json: bool) -> Outcome {
    let list: ClosingList = Client::of(place)?.get("/v1/closings")?;
    if json {
        return print_json(&list);
    }
    if list.closings.is_empty() {
        note("nothing is closed, and no window is ahead");
        return Ok(());
    }
    print(&closing_table(&list))
}

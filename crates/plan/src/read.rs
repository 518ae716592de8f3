//! From the text of a scenario to a [`Scenario`], strictly: the first mistake is told with file, line and field.

use std::collections::BTreeMap;

use census::Wrong;
use measure::{Class, Kind, Name, Precision, Sparsity};
use toml::de::DeTable;

use crate::quantity::Unit;
use crate::scenario::{
    Cooling, Demand, Fleet, Grid, Month, Project, Scenario, Site, Slips, Standing, Target, Technology, Yearly,
};
use crate::section::{Section, Value};

type Read<T> = Result<T, Wrong>;

impl Scenario {
    /// Reads a scenario. `today` is a date (`2026-01-15`); no target may lie before it.
    ///
    /// # Errors
    /// The first mistake, with file, line and field.
    pub fn read(file: &str, text: &str, today: &str) -> Read<Scenario> {
        let whole = DeTable::parse(text).map_err(|problem| Wrong {
            file: file.to_owned(),
            line: problem.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() as u64 + 1),
            field: None,
            problem: problem.message().to_owned(),
        })?;
        let root = Section::whole(file, text, whole.get_ref());
        let scenario = read_all(&root, today)?;
        root.finish()?;
        Ok(scenario)
    }
}

fn kind(section: &Section) -> Read<Kind> {
    let class: Class = section.parsed("class")?.unwrap_or(Class::Intelligent);
    let usual = Kind::usual(class);
    let precision: Precision = section.parsed("precision")?.unwrap_or(usual.precision);
    let sparsity: Sparsity = section.parsed("sparsity")?.unwrap_or(usual.sparsity);
    Ok(Kind { class, precision, sparsity })
}

fn month(section: &Section, field: &str) -> Read<Option<Month>> {
    let parse =
        |text: String| Month::parse(&text).ok_or_else(|| section.wrong(field, format!("`{text}` is no month like 2026-03")));
    section.text(field)?.map(parse).transpose()
}

fn must_month(section: &Section, field: &str) -> Read<Month> {
    let month = month(section, field)?;
    section.must(field, month)
}

fn count(section: &Section, field: &str, most: i64) -> Read<Option<f64>> {
    Ok(section.whole_number(field, 0, most)?.map(|number| number as f64))
}

fn share(section: &Section, field: &str, usual: f64) -> Read<f64> {
    Ok(share_of(section, field)?.map_or(usual, |value| value.range.likely))
}

fn share_of(section: &Section, field: &str) -> Read<Option<Value>> {
    let value = section.quantity(field, Unit::Share)?;
    match value.as_ref().is_some_and(|value| value.range.high > 1.0) {
        true => Err(section.wrong(field, "is a part of a whole, from 0 to 1")),
        false => Ok(value),
    }
}

fn positive(section: &Section, field: &str, unit: Unit) -> Read<Value> {
    let value = section.needed(field, unit)?;
    match value.range.low > 0.0 {
        true => Ok(value),
        false => Err(section.wrong(field, "has to be more than nothing")),
    }
}

fn pue(section: &Section, field: &str) -> Read<Option<Value>> {
    let value = section.quantity(field, Unit::Plain)?;
    match value.as_ref() {
        Some(value) if value.range.low < 1.0 => Err(section.wrong(field, "a PUE below 1, which no facility can reach")),
        Some(value) if value.range.high > 10.0 => Err(section.wrong(field, "a PUE above 10")),
        _ => Ok(value),
    }
}

fn named<'a, T>(section: &Section, field: &str, all: &'a [T], name: impl Fn(&'a T) -> &'a str, what: &str) -> Read<usize> {
    let text = section.text(field)?;
    let text = section.must(field, text)?;
    position(section, field, &text, all, name, what)
}

fn position<'a, T>(
    section: &Section,
    field: &str,
    text: &str,
    all: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
    what: &str,
) -> Read<usize> {
    all.iter().position(|one| name(one) == text).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(name).collect();
        section.wrong(field, format!("there is no {what} `{text}`; there are {}", known.join(", ")))
    })
}

fn unique(section: &Section, ids: &mut Vec<Name>) -> Read<Name> {
    let id: Option<Name> = section.parsed("id")?;
    let id = section.must("id", id)?;
    if ids.contains(&id) {
        return Err(section.wrong("id", format!("`{id}` is there twice")));
    }
    ids.push(id.clone());
    Ok(id)
}

fn read_all(root: &Section, today: &str) -> Read<Scenario> {
    let name = root.text("name")?;
    let mut all = Scenario {
        name: root.must("name", name)?,
        census: root.text("census")?,
        start: must_month(root, "start")?,
        periods: {
            let periods = root.whole_number("periods", 1, 200)?;
            root.must("periods", periods)? as usize
        },
        months: root.whole_number("months", 1, 12)?.unwrap_or(3) as i32,
        discount: root.quantity("discount", Unit::Share)?.unwrap_or(Value::exactly(0.06)),
        carbon_price: root.quantity("carbon_price", Unit::CarbonPrice)?.unwrap_or(Value::exactly(0.0)),
        residual: root.flag("residual")?.unwrap_or(true),
        used: share_of(root, "used")?.unwrap_or(Value::exactly(0.6)),
        most_pue: pue(root, "most_pue")?.map(|value| value.range.likely),
        least_green: share_of(root, "least_green")?.map(|value| value.range.likely),
        crews: root.whole_number("crews", 0, 100_000)?.map(|number| number as u32),
        targets: Vec::new(),
        fleets: Vec::new(),
        technologies: Vec::new(),
        coolings: Vec::new(),
        sites: Vec::new(),
        projects: Vec::new(),
        demands: Vec::new(),
        budget: None,
        most_carbon: None,
        delays: read_delays(root)?,
    };
    if 12 % all.months != 0 {
        return Err(root.wrong("months", "a period is 1, 2, 3, 4, 6 or 12 months, so that years are whole"));
    }
    let mut ids = Vec::new();
    for section in root.sections("demand")? {
        let demand = read_demand(&section, &all)?;
        if all.demands.iter().any(|other| other.id == demand.id) {
            return Err(section.wrong("id", format!("`{}` is there twice", demand.id)));
        }
        all.demands.push(demand);
        section.finish()?;
    }
    for section in root.sections("cooling")? {
        let cooling = read_cooling(&section, &mut ids)?;
        all.coolings.push(cooling);
        section.finish()?;
    }
    for section in root.sections("technology")? {
        let technology = read_technology(&section, &mut ids, &all)?;
        all.technologies.push(technology);
        section.finish()?;
    }
    for section in root.sections("fleet")? {
        let fleet = Fleet {
            id: unique(&section, &mut ids)?,
            computing: section.needed("computing", Unit::Computing)?,
            kind: kind(&section)?,
            retires: share_of(&section, "retires")?.unwrap_or(Value::exactly(0.0)),
            accelerator: section.text("accelerator")?,
            serves: read_serves(&section, &all)?,
        };
        all.fleets.push(fleet);
        section.finish()?;
    }
    for section in root.sections("site")? {
        let site = read_site(&section, &mut ids, &all)?;
        all.sites.push(site);
        section.finish()?;
    }
    for section in root.sections("project")? {
        let project = read_project(&section, &mut ids, &all)?;
        all.projects.push(project);
        section.finish()?;
    }
    for section in root.sections("target")? {
        let target = read_target(&section, &mut ids, &all, today)?;
        all.targets.push(target);
        section.finish()?;
    }
    all.budget = read_yearly(root, "budget", Unit::Money)?;
    all.most_carbon = read_yearly(root, "most_carbon", Unit::Carbon)?;
    for (field, missing) in [
        ("technology", all.technologies.is_empty()),
        ("cooling", all.coolings.is_empty()),
        ("site", all.sites.is_empty()),
        ("target", all.targets.is_empty() && all.demands.is_empty()),
    ] {
        if missing {
            return Err(root.wrong(field, "is missing; a plan needs at least one"));
        }
    }
    Ok(all)
}

fn read_delays(root: &Section) -> Read<Slips> {
    let none = || Value::exactly(0.0);
    let Some(section) = root.section("delays")? else {
        return Ok(Slips { building: none(), grid: none(), delivery: none(), common: 0.0 });
    };
    let slip = |field: &str| Ok(section.quantity(field, Unit::Time)?.unwrap_or_else(none));
    let delays = Slips {
        building: slip("building")?,
        grid: slip("grid")?,
        delivery: slip("delivery")?,
        common: share(&section, "common", 0.5)?,
    };
    section.finish()?;
    Ok(delays)
}

fn read_demand(section: &Section, all: &Scenario) -> Read<Demand> {
    let id = section.text("id")?;
    let id = section.must("id", id)?;
    let computing = section.per_period("computing", Unit::Computing, all.periods)?;
    let shortage = section.needed("shortage", Unit::Shortage)?;
    let months = f64::from(all.months);
    Ok(Demand {
        id,
        computing: section.must("computing", computing)?,
        shortage: Value { range: shortage.range.map(|yuan| yuan * months / 1e6), from: shortage.from },
    })
}

fn read_serves(section: &Section, all: &Scenario) -> Read<Vec<String>> {
    let serves = section.texts("serves")?.unwrap_or_default();
    for one in &serves {
        position(section, "serves", one, &all.demands, |demand| &demand.id, "demand")?;
    }
    Ok(serves)
}

fn read_cooling(section: &Section, ids: &mut Vec<Name>) -> Read<Cooling> {
    let pue = pue(section, "pue")?;
    Ok(Cooling {
        id: unique(section, ids)?,
        racks: positive(section, "racks", Unit::Plain)?.range.likely,
        price: section.needed("price", Unit::Money)?,
        lead: section.needed("lead", Unit::Time)?,
        pue: section.must("pue", pue)?,
        land: if section.has("land") { positive(section, "land", Unit::Plain)?.range.likely } else { 1.0 },
        life: section.quantity("life", Unit::Time)?.map_or(240.0, |value| value.range.likely),
    })
}

fn read_technology(section: &Section, ids: &mut Vec<Name>, all: &Scenario) -> Read<Technology> {
    let supply = section.per_period("supply", Unit::Plain, all.periods)?;
    let period = |field: &str| Ok(month(section, field)?.map(|month| all.period_of(month)));
    let (first, last) = (period("first")?.unwrap_or(0), period("last")?.unwrap_or(all.periods as i32 - 1));
    if first > last {
        return Err(section.wrong("last", "lies before `first`"));
    }
    Ok(Technology {
        id: unique(section, ids)?,
        kind: kind(section)?,
        computing: positive(section, "computing", Unit::Computing)?,
        racks: positive(section, "racks", Unit::Plain)?.range.likely,
        devices: section.whole_number("devices", 0, 10_000_000)?.unwrap_or(0) as u32,
        accelerator: section.text("accelerator")?,
        power: positive(section, "power", Unit::Power)?,
        price: section.needed("price", Unit::Money)?,
        cheaper: share_of(section, "cheaper")?.unwrap_or(Value::exactly(0.0)),
        lot: section.whole_number("lot", 1, 1_000_000)?.unwrap_or(1) as u32,
        lead: section.needed("lead", Unit::Time)?,
        life: positive(section, "life", Unit::Time)?.range.likely,
        supply: supply.unwrap_or_else(|| vec![Value::exactly(1e6); all.periods]),
        orders: (first.max(0) as usize, last.clamp(0, all.periods as i32 - 1) as usize),
        cooling: named(section, "cooling", &all.coolings, |cooling| cooling.id.as_str(), "cooling")?,
        idle: share(section, "idle", 0.35)?,
        available: share(section, "available", 0.95)?,
        serves: read_serves(section, all)?,
    })
}

/// Numbers by cooling: a table `{ air = 2, cold-plate = 1 }`.
fn by_cooling<T: Clone>(
    section: &Section,
    field: &str,
    all: &Scenario,
    usual: Vec<T>,
    read: impl Fn(&Section, &str) -> Read<Option<T>>,
) -> Read<Vec<T>> {
    let mut told = usual;
    if let Some(table) = section.section(field)? {
        for name in table.names() {
            let at = position(section, field, &name, &all.coolings, |cooling| cooling.id.as_str(), "cooling")?;
            let value = read(&table, &name)?;
            told[at] = table.must(&name, value)?;
        }
        table.finish()?;
    }
    Ok(told)
}

fn read_site(section: &Section, ids: &mut Vec<Name>, all: &Scenario) -> Read<Site> {
    let money = |field: &str| Ok(section.quantity(field, Unit::Money)?.unwrap_or(Value::exactly(0.0)));
    let by_period = |field: &str, unit: Unit| {
        let values = section.per_period(field, unit, all.periods)?;
        section.must(field, values)
    };
    let mut site = Site {
        id: unique(section, ids)?,
        power: section.needed("power", Unit::Power)?,
        grid: Vec::new(),
        halls: by_cooling(section, "halls", all, vec![0.0; all.coolings.len()], |table, name| count(table, name, 1_000_000))?,
        halls_per_period: section.whole_number("halls_per_period", 0, 10_000)?.unwrap_or(2) as u32,
        land: section.quantity("land", Unit::Plain)?.map_or(0.0, |value| value.range.likely),
        open: section.flag("open")?.unwrap_or(true),
        opening: money("opening")?,
        upkeep: money("upkeep")?,
        electricity: by_period("electricity", Unit::EnergyPrice)?,
        carbon: by_period("carbon", Unit::CarbonFactor)?,
        green: share(section, "green", 0.0)?,
        pue: by_cooling(section, "pue", all, all.coolings.iter().map(|cooling| cooling.pue.clone()).collect(), pue)?,
        building_factor: section.quantity("building_factor", Unit::Plain)?.map_or(1.0, |value| value.range.likely),
        standing: Vec::new(),
    };
    for step in section.sections("grid")? {
        site.grid.push(Grid {
            power: positive(&step, "power", Unit::Power)?,
            price: step.needed("price", Unit::Money)?,
            lead: step.needed("lead", Unit::Time)?,
        });
        step.finish()?;
    }
    for one in section.sections("standing")? {
        let systems = count(&one, "systems", 100_000_000)?;
        let retire = month(&one, "retire_from")?.zip(month(&one, "retire_to")?);
        if retire.is_some_and(|(from, to)| to < from) {
            return Err(one.wrong("retire_to", "lies before `retire_from`"));
        }
        site.standing.push(Standing {
            technology: named(&one, "technology", &all.technologies, |technology| technology.id.as_str(), "technology")?,
            systems: one.must("systems", systems)?,
            retire,
        });
        one.finish()?;
    }
    Ok(site)
}

fn read_project(section: &Section, ids: &mut Vec<Name>, all: &Scenario) -> Read<Project> {
    let site = named(section, "site", &all.sites, |site| site.id.as_str(), "site")?;
    let systems = match section.has("technology") {
        false => None,
        true => {
            let number = count(section, "systems", 100_000_000)?;
            let technology = named(section, "technology", &all.technologies, |technology| technology.id.as_str(), "technology")?;
            Some((technology, section.must("systems", number)?))
        }
    };
    Ok(Project {
        id: unique(section, ids)?,
        site,
        systems,
        halls: by_cooling(section, "halls", all, vec![0.0; all.coolings.len()], |table, name| count(table, name, 1_000_000))?,
        power: section.quantity("power", Unit::Power)?.map_or(0.0, |value| value.range.likely),
        due: must_month(section, "due")?,
        to_pay: section.quantity("to_pay", Unit::Money)?.unwrap_or(Value::exactly(0.0)),
        late: section.quantity("late", Unit::Time)?.unwrap_or(Value::exactly(0.0)),
    })
}

fn read_target(section: &Section, ids: &mut Vec<Name>, all: &Scenario, today: &str) -> Read<Target> {
    let by = must_month(section, "by")?;
    if Month::parse(today.get(..7).unwrap_or_default()).is_some_and(|today| by < today) {
        return Err(section.wrong("by", format!("{by} lies before today, {today}: nothing can be planned for it any more")));
    }
    if all.ended_by(by) < 0 || all.ended_by(by) >= all.periods as i32 {
        let last = Month(all.start.0 + all.periods as i32 * all.months - 1);
        return Err(section.wrong("by", format!("{by} does not lie in the horizon from {} to {last}", all.start)));
    }
    let gross = match section.text("counts")?.as_deref() {
        None | Some("net") => false,
        Some("gross") => true,
        Some(other) => return Err(section.wrong("counts", format!("`{other}` is neither `net` of what retires nor `gross`"))),
    };
    Ok(Target {
        id: unique(section, ids)?,
        by,
        computing: positive(section, "computing", Unit::Computing)?,
        kind: kind(section)?,
        gross,
        lasts: section.flag("lasts")?.unwrap_or(true),
        source: section.text("from")?.unwrap_or_default(),
    })
}

/// A table of years: `{ 2026 = "25 bn yuan" }`.
fn read_yearly(root: &Section, field: &str, unit: Unit) -> Read<Option<Yearly>> {
    let Some(table) = root.section(field)? else { return Ok(None) };
    let mut by_year = BTreeMap::new();
    for name in table.names() {
        let year: i32 = name
            .parse()
            .ok()
            .filter(|year| (1900..3000).contains(year))
            .ok_or_else(|| table.wrong(&name, "is no year".to_owned()))?;
        by_year.insert(year, table.needed(&name, unit)?);
    }
    table.finish()?;
    Ok(Some(Yearly { by_year }))
}

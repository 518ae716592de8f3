//! What nodes draw, which of them stand in one rack, and how much racks and sites may draw at most.

use measure::{Name, Power, Span, Time, parse_scaled};
use serde::{Deserialize, Serialize};

use crate::change::Census;
use crate::row::{Row, Wrong};
use crate::series::SeriesKind;
use crate::tariff::{Tariff, TariffKind};

/// What a node draws: so much with nothing to do, and for each device and each core that is used so much more, at full load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePower {
    /// Its id in the census.
    pub id: Name,
    /// `pool:NAME`, `model:MODEL` (nodes with these devices), or `*`; the first of these that says something holds.
    pub scope: String,
    /// With nothing to do.
    pub idle: Power,
    /// More for each device at full load.
    pub device: Power,
    /// More for each core at full load.
    pub core: Power,
    /// Asleep.
    pub asleep: Power,
    /// How long it takes to wake.
    pub wake: Span,
    /// Where it is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

/// Nodes of a pool behind one fuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rack {
    /// Its id in the census.
    pub id: Name,
    /// The pool whose nodes stand in it.
    pub pool: Name,
    /// Their names.
    pub nodes: Vec<String>,
    /// What they may draw together.
    pub cap: Power,
    /// Where it is known from.
    pub source: String,
    /// Anything a reader must know.
    pub note: String,
}

pub(crate) const NODE_COLUMNS: &[&str] = &["id", "scope", "idle_w", "device_w", "core_w", "asleep_w", "wake_s", "source", "note"];
pub(crate) const RACK_COLUMNS: &[&str] = &["id", "pool", "nodes", "cap_kw", "source", "note"];

/// So many nodes are more than stand in any rack.
const RACK_MOST: usize = 1024;

/// A power with as many decimals as its unit has milliwatts. Sums over a hub must stay countable.
fn power(row: &Row, column: &str, decimals: u32) -> Result<Power, Wrong> {
    let text = row.text(column);
    let milli = parse_scaled(text, decimals).map_err(|problem| row.wrong(column, problem))?;
    match milli {
        ..0 => Err(row.wrong(column, format!("`{text}` is negative"))),
        1_000_000_000_001.. => Err(row.wrong(column, format!("`{text}` is more than a gigawatt"))),
        _ => Ok(Power(milli)),
    }
}

/// Whole seconds, a day at most.
fn wake(row: &Row) -> Result<Span, Wrong> {
    let text = row.text("wake_s");
    let seconds = text.parse::<u32>().ok().filter(|seconds| *seconds <= 86_400);
    seconds
        .map(|seconds| Span::seconds(i64::from(seconds)))
        .ok_or_else(|| row.wrong("wake_s", format!("`{text}` is no number of whole seconds up to a day")))
}

/// `rack-[01-12],spare`: names separated by commas or spaces, with ranges of numbers as the cluster managers write them.
fn names(text: &str) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = {
            let mut depth = 0_i32;
            let ends = |letter: char| {
                depth += i32::from(letter == '[') - i32::from(letter == ']');
                depth == 0 && (letter == ',' || letter.is_whitespace())
            };
            rest.find(ends).unwrap_or(rest.len())
        };
        let (one, after) = rest.split_at(end);
        rest = after.trim_start_matches(|letter: char| letter == ',' || letter.is_whitespace());
        if one.is_empty() {
            continue;
        }
        let Some((before, ranges)) = one.split_once('[') else {
            all.push(one.to_owned());
            continue;
        };
        let wrong = || format!("`{one}` is no name such as gpu-[01-16]");
        let (ranges, after) = ranges.split_once(']').filter(|(_, after)| !after.contains(['[', ']'])).ok_or_else(wrong)?;
        for range in ranges.split(',') {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
            let (first, last) = number(from).zip(number(to)).filter(|(first, last)| first <= last).ok_or_else(wrong)?;
            if (last - first) as usize >= RACK_MOST {
                return Err(format!("`{one}` is more than {RACK_MOST} nodes"));
            }
            all.extend((first..=last).map(|number| format!("{before}{number:0width$}{after}", width = from.len())));
        }
    }
    match all.len() {
        0 => Err("names no node".to_owned()),
        count if count > RACK_MOST => Err(format!("{count} nodes are more than {RACK_MOST}")),
        _ => Ok(all),
    }
}

impl NodePower {
    pub(crate) fn read(row: &Row) -> Result<NodePower, Wrong> {
        let scope = row.said("scope")?;
        let known = scope == "*"
            || matches!(scope.split_once(':'), Some(("pool", name)) if name.parse::<Name>().is_ok())
            || matches!(scope.split_once(':'), Some(("model", model)) if !model.is_empty());
        if !known {
            return Err(row.wrong("scope", format!("`{scope}` is not pool:NAME, model:MODEL or *")));
        }
        Ok(NodePower {
            id: row.parse("id")?,
            scope,
            idle: power(row, "idle_w", 3)?,
            device: power(row, "device_w", 3)?,
            core: power(row, "core_w", 3)?,
            asleep: power(row, "asleep_w", 3)?,
            wake: wake(row)?,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
        .and_then(|one: NodePower| match one.asleep > one.idle {
            true => Err(row.wrong("asleep_w", "is more than what it draws idle")),
            false => Ok(one),
        })
    }
}

impl Rack {
    pub(crate) fn read(row: &Row) -> Result<Rack, Wrong> {
        let cap = power(row, "cap_kw", 6)?;
        if cap == Power(0) {
            return Err(row.wrong("cap_kw", "is nothing: nodes of such a rack could not even stand idle"));
        }
        Ok(Rack {
            id: row.parse("id")?,
            pool: row.parse("pool")?,
            nodes: names(row.text("nodes")).map_err(|problem| row.wrong("nodes", problem))?,
            cap,
            source: row.said("source")?,
            note: row.text("note").to_owned(),
        })
    }
}

impl Census {
    /// What nodes of a pool with devices of a model (or none) draw, where somebody said so.
    pub fn node_power(&self, pool: &Name, model: Option<&str>) -> Option<&NodePower> {
        let scopes = [Some(format!("pool:{pool}")), model.map(|model| format!("model:{model}")), Some("*".to_owned())];
        scopes.into_iter().flatten().find_map(|scope| self.powers.values().find(|one| one.scope == scope))
    }

    /// What a site may draw at most at an instant, cooling and losses included: the least of its rows that hold then and of
    /// what it was told last. What it was told holds until it is told otherwise, as it is an order and no measurement.
    pub fn power_cap(&self, site: &Name, at: Time) -> Option<Power> {
        let scope = format!("site:{site}");
        let capped = |row: &&Tariff| row.kind == TariffKind::PowerCap && row.scope == scope;
        let rows = self.tariffs.values().filter(capped).filter(|row| row.holds(at, self.hub.utc_offset_hours));
        let row = rows.map(|row| row.micro).min();
        let series = self.series.get(&(SeriesKind::PowerCap, scope.clone()));
        let told = series.and_then(|series| series.range(..=at).next_back()).map(|(_, micro)| *micro);
        // Millionths of a kW are milliwatts.
        row.into_iter().chain(told).min().map(Power)
    }

    /// Whether anything is said of what a site may draw.
    pub fn is_power_capped(&self, site: &Name) -> bool {
        let scope = format!("site:{site}");
        self.tariffs.values().any(|row| row.kind == TariffKind::PowerCap && row.scope == scope)
            || self.series.contains_key(&(SeriesKind::PowerCap, scope))
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn nodes_of_a_rack_are_named_as_cluster_managers_do() {
        let named = |text: &str| names(text).map(|names| names.join(" "));
        assert_eq!(named("gpu-[01-03],spare"), Ok("gpu-01 gpu-02 gpu-03 spare".to_owned()));
        assert_eq!(named("a[1,3-4]b c"), Ok("a1b a3b a4b c".to_owned()));
        assert_eq!(named("n[9-11]"), Ok("n9 n10 n11".to_owned()));
        for wrong in ["", "a[1-", "a[2-1]", "a[x]", "a[1][2]", "a[1-999999]", "a[+1]"] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }
}

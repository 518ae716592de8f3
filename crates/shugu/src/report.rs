//! `shugu report`: the year's page, to publish, and the same as JSON.

use std::path::PathBuf;

use clap::Args;
use measure::Time;
use serde_json::Value;

use crate::client::{Client, Where, encode};
use crate::failure::{Failure, Outcome, note, print};
use crate::html::{Cell, escape, link, page, table};
use crate::money::write;
use crate::print_json;
use crate::shipped;
use crate::table::number;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Report as of this date: 2025-12-31; today if left out.
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// The page to write; what it says in short goes to stdout if left out.
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// Report on this census folder (or the shipped `guizhou`) instead of asking a hub.
    #[arg(long, env = "SHUGU_CENSUS", value_name = "FOLDER")]
    census: Option<PathBuf>,
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let at = options.at.as_deref().map(Time::parse_date).transpose();
    let at = at.map_err(|problem| Failure::Wrong(format!("--at: {problem}")))?;
    let report: Value = match &options.census {
        Some(path) => {
            let report = census::report(&shipped::census_at(path)?, &[], at.unwrap_or_else(serve::now));
            serde_json::to_value(report).map_err(|error| Failure::Failed(error.to_string()))?
        }
        None => {
            let query = options.at.as_deref().map(|at| format!("?at={}", encode(at))).unwrap_or_default();
            Client::of(place)?.get(&format!("/v1/report{query}"))?
        }
    };
    if let Some(path) = &options.out {
        write(path, html(&report).as_bytes())?;
        note(&format!("written to {}", path.display()));
    }
    if json {
        print_json(&report)
    } else if options.out.is_none() {
        print(&shown(&report))
    } else {
        Ok(())
    }
}

fn rows<'a>(report: &'a Value, name: &str) -> &'a [Value] {
    report[name].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "unknown".to_owned(), str::to_owned)
}

/// The targets that lie ahead: what is told of them first.
fn ahead(report: &Value) -> impl Iterator<Item = &Value> {
    let as_of = text(&report["as_of"]);
    rows(report, "targets").iter().filter(move |row| text(&row["due"]) > as_of)
}

fn target(row: &Value) -> String {
    let unit = text(&row["unit"]);
    let unit = if unit == "fraction" || unit == "ratio" { String::new() } else { format!(" {unit}") };
    let progress = row["progress"].as_f64().map_or_else(String::new, |progress| format!("; reached {:.0} %", progress * 100.0));
    let distance =
        row["distance"].as_f64().map_or_else(String::new, |distance| format!(", {}{unit} to go", number(Some(distance))));
    format!("{}{unit} by {}{progress}{distance}", text(&row["stated"]), text(&row["due"]))
}

/// The report in a few lines.
fn shown(report: &Value) -> String {
    let mut out = format!("{}, as of {}\n\n", text(&report["hub"]), text(&report["as_of"]));
    for row in rows(report, "headlines") {
        out.push_str(&format!("{}: {} ({})\n", text(&row["title"]), text(&row["sentence"]), text(&row["date"])));
    }
    for row in rows(report, "growth") {
        out.push_str(&format!("{}\n", text(&row["sentence"])));
    }
    for row in ahead(report) {
        out.push_str(&format!("{} of {}: {}\n", text(&row["metric"]), text(&row["scope"]), target(row)));
        crate::census::forecast(row).iter().for_each(|said| out.push_str(&format!("  {said}\n")));
    }
    let contradictions = rows(&report["count"], "contradictions");
    out.push_str(&format!("\n{} contradictions; --out FILE.html writes the whole report\n", contradictions.len()));
    out
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("<section><h2>{}</h2>{body}</section>", escape(title)) }
}

fn list<'a>(items: impl Iterator<Item = &'a Value>, sentence: impl Fn(&Value) -> String) -> String {
    let items: String = items.map(|item| format!("<li>{}</li>", sentence(item))).collect();
    if items.is_empty() { String::new() } else { format!("<ul class=plain>{items}</ul>") }
}

/// The whole page.
pub(crate) fn html(report: &Value) -> String {
    let count = &report["count"];
    let chinese = text(&report["hub_zh"]);
    let title = format!("{} – report as of {}", text(&report["hub"]), text(&report["as_of"]));
    let mut body = format!(
        "<h1>{} <small>{}</small></h1><p class=lead>Computing power, growth, investment, energy and targets as of {}. Every figure has its \
         source; nothing unknown is counted.</p>",
        escape(&text(&report["hub"])),
        escape(&chinese),
        escape(&text(&report["as_of"]))
    );
    let card = |title: &str, big: &str, small: &str| {
        format!("<div class=card><span>{}</span><b>{}</b><span>{}</span></div>", escape(title), escape(big), escape(small))
    };
    let mut cards: String = rows(report, "headlines")
        .iter()
        .map(|row| {
            card(
                &text(&row["title"]),
                &text(&row["sentence"]),
                &format!("{}, {}; {}", text(&row["scope"]), text(&row["date"]), text(&row["quality"])),
            )
        })
        .collect();
    for row in ahead(report).filter(|row| text(&row["metric"]) == "compute_total_target") {
        let value = format!("{} {}", text(&row["stated"]), text(&row["unit"]));
        let progress =
            row["progress"].as_f64().map_or_else(String::new, |progress| format!("reached at least {:.0} %, ", progress * 100.0));
        let distance =
            row["distance"].as_f64().map_or_else(String::new, |distance| format!("at most {} to go; ", number(Some(distance))));
        cards.push_str(&card(
            &format!("Aimed at by {}", text(&row["due"])),
            &value,
            &format!("{progress}{distance}{}", text(&row["quality"])),
        ));
    }
    body.push_str(&format!("<div class=cards>{cards}</div>"));
    body.push_str(&section("Growth on last year", &list(rows(report, "growth").iter(), |row| escape(&text(&row["sentence"])))));
    for line in rows(report, "lines") {
        if let Some(chart) = chart(line) {
            let what = text(&line["metric"]).replace('_', " ");
            body.push_str(&format!(
                "<figure>{chart}<figcaption>{} as published, {}. A bound (over, about) is drawn at its edge.</figcaption></figure>",
                escape(&what),
                escape(&text(&line["unit"]))
            ));
        }
    }
    body.push_str(&section("Targets and the distance to them", &targets(report)));
    body.push_str(&section("The ladder of computing power", &ladder(count)));
    body.push_str(&section("Sites and providers", &sites(report)));
    body.push_str(&section("Investment", &investment(report)));
    body.push_str(&section("Energy, utilisation and carbon", &energy(report)));
    body.push_str(&section("What the hub ran", &operations(report)));
    let contradictions = list(rows(count, "contradictions").iter(), |row| {
        format!("{} <span class=small>({})</span>", escape(&text(&row["what"])), escape(&text(&row["rule"])))
    });
    let told =
        "<p>Figures that cannot all be true, or that do not mean what they are set beside. They are told and never averaged.</p>";
    body.push_str(&section(
        "Contradictions",
        &if contradictions.is_empty() { contradictions } else { format!("{told}{contradictions}") },
    ));
    body.push_str(&section("Method", &list(rows(report, "method").iter(), |row| escape(&text(row)))));
    body.push_str(&section("Sources", &sources(report)));
    page(&title, &body)
}

/// Three significant places of a number that may be unknown.
fn cell(value: &Value) -> Cell {
    Cell::number(number(value.as_f64()))
}

fn targets(report: &Value) -> String {
    let row = |row: &Value| {
        let progress =
            row["progress"].as_f64().map_or_else(|| "unknown".to_owned(), |progress| format!("{:.0} %", progress * 100.0));
        vec![
            Cell::text(text(&row["metric"]).replace('_', " ")),
            Cell::text(text(&row["scope"])),
            Cell::number(format!("{} {}", text(&row["stated"]), text(&row["unit"]))),
            Cell::text(text(&row["due"])),
            Cell::number(text(&row["reached"])),
            Cell::number(progress),
            cell(&row["distance"]),
            Cell::text(crate::census::forecast(row).unwrap_or_else(|| "none".to_owned())),
            Cell::source(&text(&row["source"])),
        ]
    };
    let header = ["target", "of", "aimed at", "by", "known so far", "progress", "distance", "forecast", "source"];
    table(&header, rows(report, "targets").iter().map(row).collect())
}

fn ladder(count: &Value) -> String {
    let rungs = ["announced", "built", "connected", "schedulable", "allocated", "delivered", "measured"];
    let row = |row: &Value| {
        let mut cells =
            vec![Cell::text(text(&row["class"])), Cell::text(text(&row["precision"])), Cell::text(text(&row["sparsity"]))];
        cells.extend(rungs.iter().map(|rung| cell(&row[format!("{rung}_eflops")])));
        cells
    };
    let header: Vec<&str> = ["class", "precision", "sparsity"].into_iter().chain(rungs).collect();
    let evidence = count["rungs"].as_object().map_or_else(String::new, |told| {
        let one = |rung: &&str| Some(format!("<b>{rung}</b>: {}", escape(told.get(*rung)?.as_str()?)));
        rungs.iter().filter_map(one).collect::<Vec<_>>().join("; ")
    });
    format!(
        "<p>EFLOPS by class and precision; rows are never added. Published totals of unstated precision are in no row.</p>{}<p class=small>{evidence}. \
         Measured: what is connected, by the rate that benchmarks reached.</p>",
        table(&header, rows(count, "ladder").iter().map(row).collect())
    )
}

fn sites(report: &Value) -> String {
    let count = &report["count"];
    let by = |value: &Value| {
        let pairs = value.as_object().cloned().unwrap_or_default();
        pairs.iter().map(|(name, number)| format!("{number} {name}")).collect::<Vec<_>>().join(", ")
    };
    let mut out = format!(
        "<p>{} sites, {} of them named: {}. {} providers, {} of them named.</p>",
        count["sites"]["total"],
        count["sites"]["named"],
        escape(&by(&count["sites"]["by_status"])),
        count["providers"],
        count["providers_named"]
    );
    for (stage, names) in report["sites"].as_object().into_iter().flatten() {
        let names: Vec<String> = names.as_array().into_iter().flatten().map(text).collect();
        out.push_str(&format!("<p><b>{}</b>: {}</p>", escape(stage), escape(&names.join("; "))));
    }
    out
}

fn investment(report: &Value) -> String {
    let amount = |value: &Value| Cell::number(text(value));
    let row = |row: &Value| {
        vec![
            Cell::text(text(&row["name"])),
            amount(&row["planned_bn_yuan"]),
            amount(&row["committed_bn_yuan"]),
            amount(&row["spent_bn_yuan"]),
            Cell::text(text(&row["as_of"])),
            amount(&row["computing_power_pflops"]),
            Cell::source(&text(&row["source"])),
        ]
    };
    let projects = rows(&report["count"], "projects");
    if projects.is_empty() {
        return String::new();
    }
    let header = ["project", "planned", "committed", "spent", "as of", "adds PFLOPS", "source"];
    format!(
        "<p>Billions of yuan. Amounts of projects are not added: plans overlap and phases are part of them.</p>{}",
        table(&header, projects.iter().map(row).collect())
    )
}

fn energy(report: &Value) -> String {
    let row = |row: &Value| {
        let from = text(&row["period_from"]);
        let to = text(&row["period_to"]);
        let category = row["category"].as_u64().map_or_else(|| "unstated".to_owned(), |category| category.to_string());
        vec![
            Cell::text(text(&row["metric"]).to_uppercase()),
            Cell::text(text(&row["scope"]).trim_start_matches("site:")),
            Cell::number(text(&row["value"])),
            Cell::text(category),
            Cell::text(text(&row["boundary"])),
            Cell::text(if to == "unknown" { from } else { format!("{from} – {to}") }),
            Cell::source(&text(&row["source"])),
        ]
    };
    let mut out = String::new();
    let effectiveness = rows(&report["count"], "effectiveness");
    if !effectiveness.is_empty() {
        let header = ["", "of", "figure", "category", "boundary", "period", "source"];
        out.push_str(&table(&header, effectiveness.iter().map(row).collect()));
    }
    let factor = |row: &Value| {
        vec![
            Cell::text(text(&row["kind"])),
            Cell::text(text(&row["scope"])),
            Cell::text(text(&row["valid_from"])),
            Cell::text(text(&row["hours"])),
            Cell::number(format!("{} {}", row["value"], text(&row["unit"]))),
            Cell::text(text(&row["grade"])),
            Cell::source(&text(&row["source"])),
        ]
    };
    let factors = rows(report, "factors");
    if !factors.is_empty() {
        let header = ["price or factor", "of", "from", "hours", "figure", "grade", "source"];
        out.push_str(&table(&header, factors.iter().map(factor).collect()));
    }
    out
}

fn operations(report: &Value) -> String {
    let told = &report["operations"];
    if told.is_null() || told["attempts"].as_i64() == Some(0) {
        return String::new();
    }
    let line = |name: &str, value: String| vec![Cell::text(name), Cell::number(value)];
    let rows = vec![
        line("attempts of jobs", told["attempts"].to_string()),
        line("device-hours", number(told["device_hours"].as_f64())),
        line(
            "utilisation of connected devices",
            told["utilisation"].as_f64().map_or_else(|| "unknown".to_owned(), |part| format!("{:.1} %", part * 100.0)),
        ),
        line("energy, kWh", number(told["energy_kwh"].as_f64())),
        line("carbon, kg, location-based", number(told["carbon_kg"].as_f64())),
        line("carbon, kg, market-based", number(told["carbon_market_kg"].as_f64())),
        line("carbon, kg, location-based, had all begun at once", number(told["carbon_at_once_kg"].as_f64())),
        line("carbon, kg, market-based, had all begun at once", number(told["carbon_market_at_once_kg"].as_f64())),
        line("paid by tenants, yuan", told["paid_yuan"].to_string()),
        line("of it the hub's fees, yuan", told["fee_yuan"].to_string()),
    ];
    format!(
        "<p>From {} to {}, from the hub's own journal. Had all begun at once: work that chose its hours or site, had each job begun when and \
         where it first fitted and never paused, by the factors of there and then; all other work as it was.</p>{}",
        escape(&text(&told["from"])),
        escape(&text(&told["to"])),
        table(&["", ""], rows)
    )
}

fn sources(report: &Value) -> String {
    let all = report["sources"].as_object().cloned().unwrap_or_default();
    let row = |(source, figures): (&String, &Value)| {
        let figures: Vec<String> = figures.as_array().into_iter().flatten().map(text).collect();
        format!("<li>{} <span class=small>{}</span></li>", link(source), escape(&figures.join(", ")))
    };
    format!("<ul class=\"plain small\">{}</ul>", all.iter().map(row).collect::<String>())
}

/// A published figure over time, as a chart with a step at each publication.
fn chart(line: &Value) -> Option<String> {
    let day = |date: &str| Time::parse_date(date).ok().map(|at| at.0 as f64 / 86.4e6);
    let points: Vec<(f64, f64, String)> = rows(line, "points")
        .iter()
        .filter_map(|point| {
            Some((day(point[0].as_str()?)?, point[1].as_f64()?, format!("{} ({})", text(&point[2]), text(&point[0]))))
        })
        .collect();
    let (first, last) = (points.first()?, points.last()?);
    let most = points.iter().map(|point| point.1).fold(0.0, f64::max);
    if last.0 <= first.0 || most <= 0.0 {
        return None;
    }
    const WIDE: f64 = 880.0;
    const HIGH: f64 = 220.0;
    let x = |day: f64| 10.0 + (day - first.0) / (last.0 - first.0) * (WIDE - 110.0);
    let y = |value: f64| HIGH - 28.0 - value / most * (HIGH - 60.0);
    let path: Vec<String> = points.iter().map(|(day, value, _)| format!("{:.1},{:.1}", x(*day), y(*value))).collect();
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDE} {HIGH}\" role=img aria-label=\"{}\"><line x1=0 x2={WIDE} y1={base} y2={base} stroke=\"#8a94a3\"/><polyline fill=none \
         stroke=\"#0b5f8a\" stroke-width=2 points=\"{}\"/>",
        escape(&text(&line["metric"])),
        path.join(" "),
        base = HIGH - 28.0
    );
    let mut free_from = f64::MIN;
    for (at, (day, value, told)) in points.iter().enumerate() {
        out.push_str(&format!(
            "<circle cx={:.1} cy={:.1} r=3.5 fill=\"#0b5f8a\"><title>{}</title></circle>",
            x(*day),
            y(*value),
            escape(told)
        ));
        // Labels do not overlap: of near ones the last is told.
        let next_is_near = points.get(at + 1).is_some_and(|next| x(next.0) - x(*day) < 60.0);
        if x(*day) >= free_from && !next_is_near {
            out.push_str(&format!(
                "<text x={:.1} y={:.1} font-size=12 text-anchor=middle fill=\"#1d2530\">{}</text>",
                x(*day).clamp(24.0, WIDE - 40.0),
                y(*value) - 9.0,
                escape(told.split(" (").next().unwrap_or_default())
            ));
            free_from = x(*day) + 60.0;
        }
    }
    for year in 2010..2100 {
        if let Some(at) = day(&year.to_string()).filter(|at| *at >= first.0 && *at <= last.0) {
            out.push_str(&format!(
                "<line x1={x:.1} x2={x:.1} y1={a} y2={b} stroke=\"#8a94a3\"/><text x={x:.1} y={c} font-size=11 text-anchor=middle fill=\"#5b6675\">{year}</text>",
                x = x(at),
                a = HIGH - 28.0,
                b = HIGH - 23.0,
                c = HIGH - 9.0
            ));
        }
    }
    out.push_str("</svg>");
    Some(out)
}

//! The shipped census of Guizhou's hub: what it says, and what it does not claim to know.

use std::fs;
use std::path::Path;

use census::{Census, Count, FILES, File, LadderRow, PoolCount, count, read};
use measure::{CarbonFactor, Class, Cpu, Devices, Money, Precision, Time};

fn guizhou() -> Census {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let file = |name: &&str| {
        let folder = if *name == "accelerators.csv" { data.clone() } else { data.join("guizhou") };
        // A table that is left out is empty.
        Some(File { name: (*name).to_owned(), text: fs::read_to_string(folder.join(name)).ok()? })
    };
    read(&FILES.iter().filter_map(file).collect::<Vec<File>>()).unwrap()
}

fn counted(date: &str) -> Count {
    count(&guizhou(), &[], Time::parse_date(date).unwrap(), None)
}

#[test]
fn fifty_sites_and_forty_eight_providers_are_counted() {
    let count = counted("2026-06-01");
    assert_eq!((count.sites.total, count.providers), (50, 48));
    assert_eq!(count.sites.by_status.values().sum::<usize>(), 50);
    assert!(count.sites.named < 50 && count.providers_named < 48, "the rest are placeholders of a published total");
}

#[test]
fn what_is_announced_without_a_precision_has_no_number_in_the_ladder() {
    let row = |class, precision| LadderRow {
        class,
        precision,
        sparsity: measure::Sparsity::Dense,
        announced_eflops: None,
        built_eflops: None,
        connected_eflops: Some(0.0),
        schedulable_eflops: Some(0.0),
        allocated_eflops: Some(0.0),
        delivered_eflops: Some(0.0),
        measured_eflops: None,
    };
    let usual =
        [row(Class::General, Precision::Fp32), row(Class::Intelligent, Precision::Fp16), row(Class::Super, Precision::Fp64)];
    assert_eq!(counted("2026-06-01").ladder, usual);
}

#[test]
fn the_published_total_stands_beside_with_its_bound_and_unstated_precision() {
    let count = counted("2026-06-01");
    let totals: Vec<_> = count.published.iter().filter(|row| row.metric == "compute_total" && row.scope == "Guizhou").collect();
    assert!(totals.iter().any(|row| row.value == Some(150.0) && row.stated.unwrap().to_string() == ">150"), "{totals:?}");
    assert!(totals.iter().all(|row| row.precision.as_deref() == Some("unstated") && !row.source.is_empty()));
    assert!(count.targets.iter().any(|row| row.value == Some(190.0) && row.due.starts_with("2026")), "{:?}", count.targets);
}

#[test]
fn figures_that_cannot_all_hold_are_reported() {
    let (census, count) = (guizhou(), counted("2026-06-01"));
    assert!(!count.contradictions.is_empty());
    let known = |id| census.published.contains_key(id) || census.targets.contains_key(id) || census.claims.contains_key(id);
    for contradiction in &count.contradictions {
        assert!(contradiction.figures.iter().all(known), "{contradiction:?}");
    }
    let what: Vec<&str> = count.contradictions.iter().map(|contradiction| contradiction.what.as_str()).collect();
    assert!(what.iter().any(|what| what.starts_with("data_centres: ") && what.contains("not known to be either")), "{what:#?}");
    for figure in census.published.values() {
        for other in &figure.disputes {
            let both = |found: &&census::Contradiction| found.figures.contains(&figure.id) && found.figures.contains(other);
            assert!(count.contradictions.iter().any(|found| both(&found)), "{} disputes {other}", figure.id);
        }
    }
}

#[test]
fn an_earlier_date_leaves_later_figures_and_states_out() {
    let (then, now) = (counted("2024-06-30"), counted("2026-06-01"));
    assert!(then.published.len() < now.published.len());
    assert!(then.published.iter().all(|row| row.date.as_str() < "2024-07"), "{:?}", then.published);
    assert_eq!((then.sites.total, then.as_of.as_str()), (50, "2024-06-30"));
    assert!(then.sites.by_status["operating"] < now.sites.by_status["operating"]);
    assert!(then.contradictions.len() < now.contradictions.len());
    let before = counted("2000-01-01");
    let found: Vec<&str> = before.contradictions.iter().map(|found| found.rule).collect();
    assert_eq!(before.published.len(), 0);
    assert!(found.iter().all(|rule| *rule == "two targets"), "{found:?}");
}

#[test]
fn the_census_is_the_fold_of_its_changes() {
    let fold = |mut census: Census, changes: &[census::Change]| {
        changes.iter().for_each(|change| census.apply(change));
        census
    };
    let (empty, guizhou) = (Census::default(), guizhou());
    let changes = empty.changes_to(&guizhou);
    assert_eq!(fold(empty.clone(), &changes), guizhou);
    assert_eq!(fold(guizhou.clone(), &guizhou.changes_to(&empty)), empty);
    assert_eq!(guizhou.changes_to(&guizhou), []);
    let text = serde_json::to_string(&changes).unwrap();
    assert_eq!(serde_json::from_str::<Vec<census::Change>>(&text).unwrap(), changes);
}

#[test]
fn a_change_of_one_row_is_one_change() {
    let (old, mut new) = (guizhou(), guizhou());
    let id = "guian-china-telecom-park".parse().unwrap();
    new.sites.get_mut(&id).unwrap().racks = None;
    assert_eq!(old.changes_to(&new), [census::Change::Site(new.sites[&id].clone())]);
    new.sites.remove(&id);
    assert_eq!(old.changes_to(&new), [census::Change::SiteGone(id)]);
}

#[test]
fn a_person_may_name_a_model_by_a_part_of_its_name() {
    let census = guizhou();
    let named = |text: &str| census.models_named(text);
    let ascend = ["Ascend 910B (FlagPerf-measured card, 64GiB)", "Ascend 910B1", "Ascend 910B2", "Ascend 910B3", "Ascend 910B4"];
    assert_eq!(named("910B"), ascend);
    assert_eq!(named("ascend 910b"), ascend);
    assert_eq!(named("ascend 910b3"), ["Ascend 910B3"]);
    assert_eq!(named("H800 SXM5 80GB"), ["H800 SXM5 80GB"]);
    assert!(named("h800").contains(&"H800 SXM5 80GB".to_owned()));
    assert!(named("h800").iter().all(|model| model.starts_with("H800")));
    assert_eq!(named("10B"), [""; 0]);
    assert_eq!(named(""), [""; 0]);
}

#[test]
fn electricity_follows_the_local_hour() {
    let census = guizhou();
    let price = |instant: &str| census.electricity(None, Time::parse_date(instant).unwrap());
    let (peak, flat, valley) = (Some(Money(884_000)), Some(Money(562_000)), Some(Money(240_000)));
    // Hours are Beijing time, eight hours ahead.
    assert_eq!(price("2026-01-15T01:59:59Z"), flat);
    assert_eq!(price("2026-01-15T02:00:00Z"), peak);
    assert_eq!(price("2026-01-15T04:59:59Z"), peak);
    assert_eq!(price("2026-01-15T05:00:00Z"), flat);
    assert_eq!(price("2026-01-15T15:59:59Z"), flat);
    assert_eq!(price("2026-01-15T16:00:00Z"), valley);
    assert_eq!(price("2026-01-15T23:59:59Z"), valley);
    // The first rows begin at midnight of 2025-12-01 in Beijing; nothing is known of the hour before.
    assert_eq!(price("2025-11-30T15:59:59Z"), None);
    assert_eq!(price("2025-11-30T16:00:00Z"), valley);
}

#[test]
fn a_factor_holds_until_the_next_one() {
    let census = guizhou();
    let factor = |instant: &str| census.carbon(None, Time::parse_date(instant).unwrap());
    assert_eq!(factor("2020-12-31T15:59:59Z"), None);
    assert_eq!(factor("2021-06-01"), Some(CarbonFactor(518_200)));
    assert_eq!(factor("2021-12-31T15:59:59Z"), Some(CarbonFactor(518_200)));
    assert_eq!(factor("2021-12-31T16:00:00Z"), Some(CarbonFactor(498_900)));
    assert_eq!(factor("2026-06-01"), Some(CarbonFactor(498_900)));
}

fn joined(model: Option<&str>, devices: [u32; 3], cores: [u64; 2]) -> PoolCount {
    let [connected, schedulable, allocated] = devices.map(Devices);
    let [cores, cores_allocated] = cores.map(Cpu::cores);
    let (pool, model) = ("east".parse().unwrap(), model.map(str::to_owned));
    let unmetered = allocated.0 > 0 || cores_allocated.0 > 0;
    PoolCount {
        pool,
        provider: "telecom".parse().unwrap(),
        site: None,
        model,
        connected,
        schedulable,
        allocated,
        cores,
        cores_allocated,
        contact: true,
        delivered: Vec::new(),
        unmetered,
    }
}

fn row(count: &Count, class: Class, precision: Precision) -> [Option<f64>; 5] {
    let row = count.ladder.iter().find(|row| (row.class, row.precision) == (class, precision)).unwrap();
    let LadderRow { announced_eflops, connected_eflops, schedulable_eflops, allocated_eflops, delivered_eflops, .. } = row;
    [*announced_eflops, *connected_eflops, *schedulable_eflops, *allocated_eflops, *delivered_eflops]
}

#[test]
fn a_pool_that_joined_is_connected_at_every_precision_its_model_is_known_at() {
    let pools = [joined(Some("H800 SXM5 80GB"), [1000, 500, 250], [0, 0]), joined(Some("nobody's"), [7, 7, 7], [0, 0])];
    let count = count(&guizhou(), &pools, Time::parse_date("2026-06-01").unwrap(), None);
    let fp16 = [None, Some(0.989), Some(0.4945), Some(0.24725), None];
    assert_eq!(row(&count, Class::Intelligent, Precision::Fp16), fp16);
    let fp8 = [None, Some(1.979), Some(0.9895), Some(0.49475), None];
    assert_eq!(row(&count, Class::Intelligent, Precision::Fp8), fp8);
    let nothing = [None, Some(0.0), Some(0.0), Some(0.0), Some(0.0)];
    assert_eq!(row(&count, Class::General, Precision::Fp32), nothing);
    assert_eq!(count.devices_of_unknown_power, 7);
    assert_eq!(count.pools_outside_census, ["east".parse().unwrap(), "east".parse().unwrap()]);
}

#[test]
fn what_cores_can_do_is_unknown_and_not_zero() {
    let count = |cores| {
        let count = count(&guizhou(), &[joined(None, [0; 3], cores)], Time::parse_date("2026-06-01").unwrap(), None);
        assert_eq!(count.cores_of_unknown_power, 64.0);
        row(&count, Class::General, Precision::Fp32)
    };
    assert_eq!(count([64, 0]), [None, None, None, Some(0.0), Some(0.0)]);
    assert_eq!(count([64, 1]), [None; 5]);
}

#[test]
fn a_site_is_in_the_stage_that_it_had_reached() {
    let census = guizhou();
    let stage =
        |id: &str, date: &str| census.stage(&census.sites[&id.parse().unwrap()], Time::parse_date(date).unwrap()).to_string();
    assert_eq!(stage("guian-huawei-qixing-lake", "2018-01-01"), "unknown");
    assert_eq!(stage("guian-huawei-qixing-lake", "2019-01-01"), "building");
    assert_eq!(stage("guian-huawei-qixing-lake", "2022-01-01"), "operating");
    assert_eq!(stage("guian-tencent-qixing", "2020-01-01"), "commissioning");
    assert_eq!(stage("guian-industrial-bank", "2026-01-01"), "building");
}

/// Each of these was checked by hand against the rows it names.
#[test]
fn every_contradiction_of_the_published_series_says_why_with_its_numbers() {
    let told: Vec<String> =
        counted("2025-12-31").contradictions.into_iter().map(|found| format!("{}: {}", found.rule, found.what)).collect();
    let expected = [
        // 150 / 56.9 = 2.636; 3 × 56.9 = 170.7.
        "claim: >150 EFLOPS of Guizhou (2025-12-31) is claimed to be ~3 times >56.9 EFLOPS of Guizhou (2024-12-31); at their edges it is 2.64 \
         times, and ~3 times would be 170.7 EFLOPS.",
        // 56.9 / 280 = 0.203.
        "claim: >56.9 EFLOPS of Guizhou (2024-12-31) over 280 EFLOPS of China (2024-12-31) is claimed to be 0.23, and the two are counted \
         differently (precision unstated against fp32), so the quotient means nothing; bare division gives 0.203.",
        // 10 % of 56.9, 2 % of 85, 3 % of 92.6, 10 % of 150.
        "shares of different totals: intelligent_share: >0.9 of Guizhou (2024-12-31) is told of >56.9 EFLOPS of Guizhou (2024-12-31) and >0.98 \
         of Guizhou (2025-08) of 85 EFLOPS of Guizhou (2025-08): shares of different totals, whose precision is unstated. Taken at their edges \
         they leave 5.69 and 1.7 EFLOPS of other computing.",
        "two targets: compute_total_target of Guizhou by 2025-12-31: both 80 and >=180 EFLOPS are published (target-superseded; target-missed).",
    ];
    for sentence in expected {
        assert!(told.iter().any(|found| found == sentence), "{sentence}\nis not in\n{told:#?}");
    }
    assert!(!told.iter().any(|found| found.contains("0.32")), "90 of 280 is 0.32, and both are fp32: that claim holds");
}

#[test]
fn a_target_tells_how_far_it_is() {
    let count = counted("2025-12-31");
    let target = count.targets.iter().find(|row| row.id.as_str() == "compute-total-target-2026-12-31").unwrap();
    assert_eq!((target.reached.unwrap().to_string(), target.distance), (">150".to_owned(), Some(40.0)));
    assert!((target.progress.unwrap() - 0.789).abs() < 0.001);
    let pue = count.targets.iter().find(|row| row.id.as_str() == "pue-target-2026-12-31").unwrap();
    assert_eq!((pue.reached, pue.progress), (None, None), "of its very scope no figure is published");
}

#[test]
fn the_report_of_2025_says_what_was_published() {
    let report = census::report(&guizhou(), &[], Time::parse_date("2025-12-31").unwrap());
    let said: Vec<String> = report.headlines.iter().take(5).map(|one| format!("{}: {}", one.title, one.sentence)).collect();
    let expected = [
        "Computing power: Over 150 EFLOPS (precision unstated)",
        "Share of intelligent computing: Over 90 %",
        "Data centres: 50",
        "Computing and data service providers: 48",
        "Investment in the year: Over 22 bn yuan",
    ];
    assert_eq!(said, expected);
    assert!(
        report.growth[0].sentence.contains("nearly three times") && report.growth[0].sentence.contains("2.64 times at the edges")
    );
    assert!(report.targets.iter().any(|target| target.value == Some(190.0) && target.due == "2026-12-31"));
    assert!(report.headlines.iter().all(|one| report.sources.contains_key(&one.source)));
    // As of a year before, it says what was known of then.
    let before = census::report(&guizhou(), &[], Time::parse_date("2024-12-31").unwrap());
    assert_eq!(before.headlines[0].sentence, "Over 56.9 EFLOPS (precision unstated)");
}

#[test]
fn the_report_says_for_how_long_a_signal_was_silent_and_what_stood_in() {
    use census::{Change, Readings, SeriesKind};
    let mut census = guizhou();
    let at = |text: &str| Time::parse_date(text).unwrap();
    // From noon of 1 December, each hour but for ten on the third; from the thirtieth on nothing.
    let hours = (0..29 * 24).filter(|hour| !(50..60).contains(hour));
    let values = hours.map(|hour| (at("2025-12-01T12:00:00Z") + measure::Span::seconds(hour * 3600), 498_900)).collect();
    let (kind, scope, source) = (SeriesKind::Carbon, "guizhou".to_owned(), "a test".to_owned());
    census.apply(&Change::Readings(Readings { kind, scope, values, source }));
    let method = census::report(&census, &[], at("2025-12-31")).method;
    // A reading holds for two hours: nine of ten, and eleven of the last twelve.
    let told = "Of carbon of guizhou, 20 of 708 hours of the year were not read, 11 in a row at most: the dated row counted, where there is one.";
    assert_eq!(method.last().map(String::as_str), Some(told), "{method:?}");
    let before = census::report(&census, &[], at("2025-11-30")).method;
    assert!(!before.iter().any(|told| told.contains("not read")), "it had not begun");
}

#[test]
fn what_a_site_draws_costs_by_the_hour_and_by_its_highest_load() {
    use census::{Change, Readings, SeriesKind, Tariff, TariffKind};
    let mut census = guizhou();
    let site = "guian-china-telecom-park".parse().unwrap();
    let at = |text: &str| Time::parse_date(text).unwrap();
    // 1000 kW in the valley from 6 h in Beijing, then 2000 kW at the flat price from 8 h until nobody reads any more.
    let values = vec![
        (at("2026-01-14T22:00:00Z"), 1_000_000_000),
        (at("2026-01-14T23:00:00Z"), 1_000_000_000),
        (at("2026-01-15T00:00:00Z"), 2_000_000_000),
    ];
    census.apply(&Change::Readings(Readings {
        kind: SeriesKind::Power,
        scope: format!("site:{site}"),
        values,
        source: "a test".to_owned(),
    }));
    census.apply(&Change::Tariff(Tariff {
        id: "demand".parse().unwrap(),
        kind: TariffKind::Demand,
        scope: format!("site:{site}"),
        valid_from: Time(0),
        valid_to: None,
        hours: Vec::new(),
        micro: 35_000_000,
        grade: "sample".to_owned(),
        source: "a test".to_owned(),
        note: String::new(),
    }));
    let month = census.site_energy(&site, at("2025-12-31T16:00:00Z"), at("2026-01-31T16:00:00Z")).unwrap();
    assert_eq!(
        (month.hours_read, month.energy_kwh, month.peak_kw),
        (4.0, 6000.0, Some(2000.0)),
        "a reading holds for two hours, and no longer"
    );
    // 2000 kWh × 0.24 + 4000 kWh × 0.562; 2000 kW × 35; 6000 kWh × 0.4989.
    assert_eq!((month.energy_cost, month.demand_cost), (Some(Money(2_728_000_000)), Some(Money(70_000_000_000))));
    assert!((month.carbon_kg.unwrap() - 2993.4).abs() < 1e-6);
    assert!((month.pue.unwrap() - 1.2).abs() < 1e-6 && (month.cue.unwrap() - 0.4989 * 1.2).abs() < 1e-6, "{month:?}");
    assert_eq!(census.site_energy(&site, at("2025-01-01"), at("2025-02-01")), None);
}

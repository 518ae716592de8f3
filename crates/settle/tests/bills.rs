//! From device-time to money, one job at a time.

mod common;

use census::{Change, Conditions, HubSettings, TariffKind};
use common::{Books, guizhou, name, price};
use dispatch::{End, EnergySource, Report, Request, Usage};
use measure::{Carbon, CoreTime, Cpu, DeviceTime, Energy, JobId, Money, PoolId, Pue, Span, TenantId, Time};
use settle::{Account, Bill, Body, Book, Credit, Entry, Posting};

const HOUR: i64 = Span::HOUR.0;
const MODEL: Option<&str> = Some("H800 SXM5 80GB");

fn at(instant: &str) -> i64 {
    Time::parse_date(instant).unwrap().0
}

fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

fn kwh(text: &str) -> Energy {
    format!("{text} kWh").parse().unwrap()
}

fn fee(permille: u32) -> Change {
    Change::Hub(HubSettings { fee_permille: permille, ..guizhou().hub })
}

fn device_price(text: &str) -> Change {
    price("device-price", TariffKind::DeviceHour, "*", yuan(text).0)
}

fn books(changes: Vec<Change>) -> Books {
    Books::of(&guizhou(), changes)
}

/// The agent of the first pool reports the end of a job that ran for `run` milliseconds.
fn end(books: &mut Books, at: i64, job: JobId, run: i64, energy: Energy, energy_source: EnergySource) {
    let usage = Usage { run: Span(run), energy, energy_source, ..Usage::default() };
    books.ask(at, Request::Report(PoolId(1), job, 0, Report::Ended(End::Exited(0), usage)));
}

/// The last bill written.
fn last_bill(books: &Books) -> &Bill {
    let bill = |entry: &'_ &Entry| matches!(entry.body, Body::Settled(_));
    let Some(Body::Settled(bill)) = books.entries.iter().rfind(bill).map(|entry| &entry.body) else {
        panic!("no bill was written")
    };
    bill
}

/// The bill of a job of `replicas` × `devices` that ran for `run` milliseconds.
fn billed(changes: Vec<Change>, model: Option<&str>, replicas: u32, devices: u32, run: i64) -> Bill {
    let mut books = books(changes);
    books.join("pool", None, model, if model.is_some() { 8 } else { 0 });
    let job = books.submit(0, replicas, devices, Cpu(0));
    end(&mut books, run, job, run, Energy(0), EnergySource::Unknown);
    assert_eq!(books.ledger.book.sum(), Money::ZERO);
    last_bill(&books).clone()
}

/// Price, and what each account received, as text.
fn check(changes: Vec<Change>, replicas: u32, devices: u32, run: i64, expected: &str) {
    let bill = billed(changes, MODEL, replicas, devices, run);
    let posting = |posting: &Posting| format!("; {} pays {} {}", posting.debit, posting.credit, posting.amount.yuan());
    let postings: String = bill.postings.iter().map(posting).collect();
    assert_eq!(format!("{}{postings}", bill.price.yuan()), expected);
}

#[test]
fn a_price_is_device_time_times_the_rate_agreed() {
    let changes = || vec![device_price("3.5")];
    check(changes(), 1, 1, HOUR, "3.5; tenant-1 pays provider:china-telecom 3.5");
    check(changes(), 2, 4, HOUR * 3 / 2, "42; tenant-1 pays provider:china-telecom 42");
    check(changes(), 4, 8, 100, "0.003111; tenant-1 pays provider:china-telecom 0.003111");
    check(changes(), 1, 1, 1, "0.000001; tenant-1 pays provider:china-telecom 0.000001");
}

#[test]
fn a_fee_and_the_rest_add_up_to_the_price() {
    let changes = |permille| vec![device_price("1"), fee(permille)];
    check(changes(20), 1, 1, HOUR, "1; tenant-1 pays provider:china-telecom 0.98; tenant-1 pays hub 0.02");
    check(changes(333), 1, 1, 36, "0.00001; tenant-1 pays provider:china-telecom 0.000007; tenant-1 pays hub 0.000003");
    check(changes(1000), 1, 1, HOUR, "1; tenant-1 pays hub 1");
    check(changes(1), 1, 1, 36, "0.00001; tenant-1 pays provider:china-telecom 0.00001");
    for permille in [0, 1, 7, 333, 500, 999, 1000] {
        for run in [1, 17, 999, 3_599_999] {
            let bill = billed(changes(permille), MODEL, 1, 1, run);
            assert_eq!(bill.postings.iter().map(|posting| posting.amount).sum::<Money>(), bill.price);
        }
    }
}

#[test]
fn what_costs_nothing_moves_no_money() {
    check(Vec::new(), 4, 8, 24 * HOUR, "0");
    check(vec![device_price("3.5")], 4, 8, 0, "0");
}

#[test]
fn where_there_are_no_accelerators_a_device_is_a_core() {
    let prices = vec![device_price("3.5"), price("core-price", TariffKind::CoreHour, "*", 200_000)];
    let bill = billed(prices, None, 2, 6, HOUR);
    assert_eq!((bill.devices, bill.cores), (DeviceTime(0), CoreTime(12 * 1000 * HOUR)));
    assert_eq!(bill.price, yuan("2.4"));
}

#[test]
fn cores_beside_devices_are_priced_too() {
    let mut books = books(vec![device_price("3.5"), price("core-price", TariffKind::CoreHour, "*", 200_000)]);
    books.join("pool", None, MODEL, 8);
    let job = books.submit(0, 1, 2, "0.5".parse().unwrap());
    end(&mut books, HOUR, job, HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!(last_bill(&books).price, yuan("7.1"));
}

#[test]
fn the_nearest_price_is_taken_and_stays_as_agreed() {
    let prices = || {
        vec![
            device_price("3.5"),
            price("model-price", TariffKind::DeviceHour, "model:H800 SXM5 80GB", 5_000_000),
            price("pool-price", TariffKind::DeviceHour, "pool:pool", 7_000_000),
        ]
    };
    assert_eq!(billed(prices(), MODEL, 1, 1, HOUR).price, yuan("7"));
    assert_eq!(billed(prices()[..2].to_vec(), MODEL, 1, 1, HOUR).price, yuan("5"));
    assert_eq!(billed(prices()[..2].to_vec(), Some("Ascend 910B3"), 1, 1, HOUR).price, yuan("3.5"));

    let mut books = books(vec![device_price("3.5")]);
    books.join("pool", None, MODEL, 8);
    let job = books.submit(0, 1, 1, Cpu(0));
    books.ask(1, Request::Census(vec![device_price("9")]));
    end(&mut books, HOUR, job, HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!(last_bill(&books).price, yuan("3.5"));
}

#[test]
fn nobody_pays_for_longer_than_the_hub_saw() {
    let mut books = books(vec![device_price("1")]);
    books.join("pool", None, MODEL, 8);
    let job = books.submit(HOUR, 1, 1, Cpu(0));
    end(&mut books, 3 * HOUR, job, 100 * HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!((last_bill(&books).run, last_bill(&books).price), (Span(2 * HOUR), yuan("2")));
}

#[test]
fn what_was_cancelled_before_it_had_a_place_costs_nothing() {
    let mut books = books(vec![device_price("1")]);
    books.join("pool", None, MODEL, 8);
    books.ask(0, Request::Contact(PoolId(1), false));
    let job = books.submit(0, 1, 1, Cpu(0));
    books.ask(HOUR, Request::Cancel(job));
    let bill = last_bill(&books);
    assert_eq!((bill.place.clone(), bill.price, bill.postings.len()), (None, Money::ZERO, 0));
    assert!(!books.ledger.hub.jobs.contains_key(&job), "a settled job leaves the hub");
}

/// The bill of a job at `site` that drew `energy` evenly over `run` until `instant`.
fn metered(site: Option<&str>, instant: &str, run: i64, energy: Energy, source: EnergySource) -> Bill {
    let mut books = books(Vec::new());
    books.join("pool", site, MODEL, 8);
    let job = books.submit(at(instant) - run, 1, 8, Cpu(0));
    end(&mut books, at(instant), job, run, energy, source);
    last_bill(&books).clone()
}

/// Cost in yuan, carbon in kilograms; `unknown` where no tariff or factor is known.
fn check_energy(instant: &str, run: i64, energy: &str, expected: &str) {
    let bill = metered(None, instant, run, kwh(energy), EnergySource::Modelled);
    let cost = bill.energy_cost.map_or("unknown".to_owned(), Money::yuan);
    let carbon = bill.carbon.map_or("unknown".to_owned(), |carbon| carbon.to_string());
    assert_eq!(format!("{cost}, {carbon}"), expected);
}

#[test]
fn energy_costs_what_each_hour_costs() {
    // Beijing time is eight hours ahead. Valley until 8, flat until 10, peak until 13.
    check_energy("2026-01-15T00:30:00Z", HOUR, "2", "0.802, 997.8 g");
    check_energy("2026-01-15T02:30:00Z", HOUR, "2", "1.446, 997.8 g");
    check_energy("2026-01-15T05:30:00Z", HOUR, "2", "1.446, 997.8 g");
    check_energy("2026-01-15T03:00:00Z", HOUR, "1", "0.884, 498.9 g");
    // Three quarters of it in the valley.
    check_energy("2026-01-15T00:15:00Z", HOUR, "4", "1.282, 1.9956 kg");
    // A whole day, evenly: eight hours each of valley, flat and peak.
    check_energy("2026-01-15T16:00:00Z", 24 * HOUR, "24", "13.488, 11.9736 kg");
}

#[test]
fn an_hour_without_a_tariff_makes_the_cost_unknown() {
    check_energy("2025-11-30T16:00:00Z", HOUR, "1", "unknown, 498.9 g");
    check_energy("2025-11-30T16:30:00Z", HOUR, "1", "unknown, 498.9 g");
    check_energy("2025-11-30T17:00:00Z", HOUR, "1", "0.24, 498.9 g");
    check_energy("2020-06-01T00:00:00Z", HOUR, "1", "unknown, unknown");
    // Half of it with the factor of 2021, half with that of 2022.
    check_energy("2021-12-31T16:30:00Z", HOUR, "2", "unknown, 1.0171 kg");
}

#[test]
fn energy_that_nobody_knows_costs_nobody_knows_what() {
    let bill = metered(None, "2026-01-15T00:30:00Z", HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!((bill.energy_cost, bill.carbon), (None, None));
    let bill = metered(None, "2026-01-15T00:30:00Z", 0, Energy(0), EnergySource::Rapl);
    assert_eq!((bill.energy_cost, bill.carbon), (Some(Money::ZERO), Some(Carbon(0))));
}

#[test]
fn a_published_pue_is_in_the_energy_told() {
    // Published as "<1.2": taken at its edge.
    let bill = metered(Some("guian-china-telecom-park"), "2026-01-15T03:00:00Z", HOUR, kwh("10"), EnergySource::Rapl);
    assert_eq!((bill.pue, bill.energy), (Some(Pue(1200)), kwh("12")));
    assert_eq!((bill.energy_cost, bill.carbon), (Some(yuan("10.608")), Some("5.9868 kg".parse().unwrap())));
    let bill = metered(None, "2026-01-15T03:00:00Z", HOUR, kwh("10"), EnergySource::Rapl);
    assert_eq!((bill.pue, bill.energy), (None, kwh("10")));
    assert_eq!(bill.price, Money::ZERO, "energy is told, not charged");
}

#[test]
fn what_another_hub_has_counted_is_not_multiplied_again() {
    let mut books = books(Vec::new());
    books.join("pool", Some("guian-china-telecom-park"), MODEL, 8);
    let job = books.submit(0, 1, 8, Cpu(0));
    let usage =
        Usage { run: Span(HOUR), energy: kwh("12"), energy_source: EnergySource::Rapl, facility: true, ..Usage::default() };
    books.ask(HOUR, Request::Report(PoolId(1), job, 0, Report::Ended(End::Exited(0), usage)));
    let bill = last_bill(&books);
    assert_eq!((bill.pue, bill.energy, settle::usage_of(bill)), (None, kwh("12"), usage));
}

#[test]
fn accounts_read_what_they_print() {
    for account in [Account::Hub, Account::Provider(name("china-telecom")), Account::Tenant(TenantId(7))] {
        assert_eq!(account.to_string().parse(), Ok(account));
    }
    assert_eq!(Account::Provider(name("hub")).to_string().parse(), Ok(Account::Provider(name("hub"))));
}

#[test]
fn a_posting_moves_money_and_makes_none() {
    let (tenant, provider) = (Account::Tenant(TenantId(1)), Account::Provider(name("china-telecom")));
    let mut book = Book::default();
    let posting = |debit: &Account, credit: &Account, amount| Posting {
        job: JobId(1),
        debit: debit.clone(),
        credit: credit.clone(),
        amount: yuan(amount),
    };
    book.post(&posting(&tenant, &provider, "7"));
    book.post(&posting(&tenant, &Account::Hub, "0.5"));
    book.post(&posting(&provider, &tenant, "2"));
    assert_eq!((book.balance(&tenant), book.balance(&provider)), (yuan("-5.5"), yuan("5")));
    assert_eq!((book.balance(&Account::Hub), book.sum(), book.postings), (yuan("0.5"), Money::ZERO, 3));
}

/// Conditions of the only provider towards everybody.
fn conditions(change: impl FnOnce(&mut Conditions)) -> Change {
    let mut one = Conditions {
        id: name("conditions"),
        provider: name("china-telecom"),
        tenant: "*".to_owned(),
        valid_from: Time(0),
        valid_to: None,
        minimum: Span(0),
        minimum_price: Money::ZERO,
        idle_permille: 0,
        kept_permille: 0,
        discount_permille: 0,
        fee_permille: None,
        source: "a test".to_owned(),
        note: String::new(),
    };
    change(&mut one);
    Change::Conditions(one)
}

#[test]
fn a_minimum_a_discount_and_a_fee_are_as_agreed_when_it_was_placed() {
    let priced = |change: Change| vec![device_price("3.6"), change];
    let quarter = priced(conditions(|one| one.minimum = Span(HOUR / 4)));
    check(quarter, 1, 1, 1000, "0.9; tenant-1 pays provider:china-telecom 0.9");
    let cheap = priced(conditions(|one| one.discount_permille = 250));
    check(cheap, 1, 1, HOUR, "2.7; tenant-1 pays provider:china-telecom 2.7");
    let least = priced(conditions(|one| (one.minimum_price, one.fee_permille) = (yuan("5"), Some(100))));
    check(least, 1, 1, HOUR, "5; tenant-1 pays provider:china-telecom 4.5; tenant-1 pays hub 0.5");

    let mut books = books(priced(conditions(|one| one.discount_permille = 500)));
    books.join("pool", None, MODEL, 8);
    let job = books.submit(0, 1, 1, Cpu(0));
    books.ask(1, Request::Census(vec![conditions(|one| one.discount_permille = 0), fee(900)]));
    end(&mut books, HOUR, job, HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!(last_bill(&books).price, yuan("1.8"), "later conditions change nothing of it");
    assert_eq!(last_bill(&books).fee(), Money::ZERO, "nor does a later fee");
}

#[test]
fn a_price_follows_the_hour_of_the_day() {
    let at_hours =
        |id: &str, hours: Vec<(u8, u8)>, micro: i64| match price(id, TariffKind::DeviceHour, "provider:china-telecom", micro) {
            Change::Tariff(tariff) => Change::Tariff(census::Tariff { hours, ..tariff }),
            other => other,
        };
    let mut books = books(vec![at_hours("night", vec![(0, 8)], 1_000_000), at_hours("day", vec![(8, 24)], 3_000_000)]);
    books.join("pool", None, MODEL, 8);
    // From 6 to 10 in Beijing: two hours of night, two of day.
    let begun = at("2026-01-14T22:00:00Z");
    let job = books.submit(begun, 1, 1, Cpu(0));
    assert_eq!(books.ledger.book.held(TenantId(1)), books.ledger.hub.held_money(TenantId(1)));
    end(&mut books, begun + 4 * HOUR, job, 4 * HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!(last_bill(&books).price, yuan("8"));
    assert_eq!(books.ledger.book.held(TenantId(1)), Money::ZERO);
}

#[test]
fn idle_time_is_charged_as_agreed_but_never_where_the_place_was_lost() {
    let idle = |end: End| {
        let mut books = books(vec![device_price("3.6"), conditions(|one| one.idle_permille = 500)]);
        books.join("pool", None, MODEL, 8);
        let job = books.submit(0, 1, 1, Cpu(0));
        // Placed for two hours, of which it ran one.
        let usage = Usage { run: Span(HOUR), ..Usage::default() };
        books.ask(2 * HOUR, Request::Report(PoolId(1), job, 0, Report::Ended(end, usage)));
        last_bill(&books).price
    };
    assert_eq!(idle(End::Exited(0)), yuan("5.4"));
    assert_eq!(idle(End::Lost(dispatch::LostReason::NodeFailed)), yuan("3.6"));
}

#[test]
fn green_power_counts_in_market_based_carbon_only() {
    let green = census::Green {
        id: name("contract"),
        scope: "provider:china-telecom".to_owned(),
        kind: census::GreenKind::Contract,
        permille: 800,
        valid_from: Time(0),
        valid_to: None,
        source: "a test".to_owned(),
        note: String::new(),
    };
    let mut books = books(vec![Change::Green(green)]);
    books.join("pool", None, MODEL, 8);
    let begun = at("2026-01-15T00:00:00Z");
    let job = books.submit(begun, 1, 1, Cpu(0));
    end(&mut books, begun + HOUR, job, HOUR, kwh("10"), EnergySource::Rapl);
    let bill = last_bill(&books);
    assert_eq!((bill.carbon, bill.carbon_market), (Some("4.989 kg".parse().unwrap()), Some("0.9978 kg".parse().unwrap())));
}

#[test]
fn beside_what_it_emitted_is_what_it_would_have_begun_at_once_without_a_pause() {
    let mut books = books(Vec::new());
    books.join("here", None, MODEL, 8);
    books.join("there", Some("guian-china-telecom-park"), MODEL, 8);
    let begun = at("2026-01-15T02:00:00Z");
    // It was suspended after half an hour of work; a quarter of an hour goes into getting that back.
    let suspend = Some(dispatch::Suspend { save: Span(0), load: Span(HOUR / 4) });
    let asks = vec![dispatch::Ask::of(measure::Devices(1), Vec::new())];
    let shape = dispatch::Shape { replicas: 1, asks, ..dispatch::Shape::default() };
    let spec = dispatch::Spec { tenant: TenantId(1), shape, suspend, ..dispatch::Spec::default() };
    books.ask(begun, Request::Submit(std::sync::Arc::new(spec)));
    let job = books.ledger.hub.jobs.last().unwrap();
    let (ran, by_choice, eligible) = (Span(HOUR / 2), Span(0), Time(i64::MIN));
    let tried = dispatch::Tried { attempt: 1, lost: 0, eligible, evicted_in: None, burst: job, ran, by_choice };
    let since = Time(at("2021-12-31T15:00:00Z"));
    for fact in [dispatch::Fact::Tried(job, tried), dispatch::Fact::AtOnce(job, PoolId(2), since)] {
        books.ledger.record(Time(begun), Body::Fact(fact), &mut books.entries);
    }
    books.ledger.round(Time(begun), &mut books.entries);
    end(&mut books, begun + HOUR, job, HOUR, kwh("10"), EnergySource::Rapl);
    let bill = last_bill(&books);
    assert_eq!((bill.energy, bill.carbon), (kwh("10"), Some("4.989 kg".parse().unwrap())));
    // Three quarters of it at the PUE of then, 1.35, from half past three on: two thirds with the factor of 2021 (0.5182), the rest with
    // that of 2022 (0.4989).
    let at_once = bill.at_once.unwrap();
    assert_eq!((at_once.since, at_once.energy), (since + Span(HOUR / 2), kwh("10.125")));
    assert_eq!(at_once.carbon, Some("5.1816375 kg".parse().unwrap()));
    assert_eq!(at_once.carbon_market, at_once.carbon, "nothing is bought as green");
    // A reading that comes later counts for both.
    let usage = Usage { energy: kwh("20"), ..settle::usage_of(bill) };
    let again = settle::rebill(&books.ledger.hub, bill, Time(begun + HOUR), &usage, Money::ZERO, Money::ZERO);
    assert_eq!(again.at_once.unwrap().carbon, Some("10.363275 kg".parse().unwrap()));
}

#[test]
fn what_was_computed_is_the_peak_times_the_time_times_what_was_read() {
    let chip = census::Accelerator {
        vendor: "a maker".to_owned(),
        model: "H800 SXM5 80GB".to_owned(),
        kind: census::AcceleratorKind::Accelerator,
        year: None,
        memory_gb: None,
        tdp: None,
        dense_peak_mega: [(measure::Precision::Fp16, 989_000_000)].into(),
        confidence: "A".to_owned(),
        recalled: Vec::new(),
        source: "a test".to_owned(),
        note: String::new(),
    };
    let mut books = books(vec![Change::Accelerator(chip)]);
    books.join("pool", None, MODEL, 8);
    let job = books.submit(0, 1, 8, Cpu(0));
    end(&mut books, HOUR, job, HOUR, Energy(0), EnergySource::Unknown);
    let (entry, bill) = (books.ledger.seq, last_bill(&books).clone());
    assert_eq!(bill.delivered, None, "nobody read it");
    let reading = settle::Reading { read_at: Time(2 * HOUR), utilisation: Some(400), ..settle::Reading::default() };
    let usage = settle::take(&bill, Time(HOUR), &reading, Time(2 * HOUR)).unwrap().unwrap();
    let correction =
        settle::correct(&books.ledger.hub, (entry, &bill, Time(HOUR)), &usage, Money::ZERO, None, String::new(), Money::ZERO);
    // 8 × 989 TFLOPS × 3600 s × 0.4, in millions of operations.
    assert_eq!(correction.bill.delivered, Some((measure::Precision::Fp16, 8 * 989_000_000 * 3600 * 4 / 10)));
    let older = settle::Reading { read_at: Time(HOUR), ..reading };
    let corrected = Bill { read_at: Some(Time(2 * HOUR)), ..correction.bill };
    let told = settle::take(&corrected, Time(HOUR), &older, Time(3 * HOUR)).unwrap_err().to_string();
    assert!(told.contains("a clock ran backward"), "{told}");
}

#[test]
fn devices_kept_for_a_gang_are_charged_where_that_is_agreed() {
    let kept = |permille: u32| {
        let mut books = books(vec![device_price("3.6"), conditions(|one| one.kept_permille = permille)]);
        books.join("pool", None, MODEL, 8);
        let submit = |books: &mut Books, at: i64, replicas: u32| {
            let asks = vec![dispatch::Ask::of(measure::Devices(8), Vec::new())];
            let shape = dispatch::Shape { replicas, asks, ..dispatch::Shape::default() };
            let spec =
                dispatch::Spec { tenant: TenantId(1), shape, time_limit: Some(Span(10 * HOUR)), ..dispatch::Spec::default() };
            books.ask(at, Request::Submit(std::sync::Arc::new(spec)));
            books.ledger.round(Time(at), &mut books.entries);
            books.ledger.hub.jobs.last().unwrap()
        };
        let running = submit(&mut books, 0, 2);
        let gang = submit(&mut books, 1, 4);
        // Hours pass, in which the hub looks whenever time alone may bring something.
        let mut now = Time(1);
        while let Some(next) = books.ledger.hub.next_wake().filter(|next| *next < Time(2 * HOUR)) {
            now = next.max(Time(now.0 + 1));
            books.ledger.round(now, &mut books.entries);
        }
        assert!(books.ledger.hub.reserved.contains_key(&gang), "all four nodes are kept for it");
        end(&mut books, 3 * HOUR, running, HOUR, Energy(0), EnergySource::Unknown);
        books.ledger.round(Time(3 * HOUR), &mut books.entries);
        end(&mut books, 4 * HOUR, gang, HOUR, Energy(0), EnergySource::Unknown);
        last_bill(&books).clone()
    };
    let (free, charged) = (kept(0), kept(500));
    // 32 devices for an hour.
    assert_eq!(free.price, yuan("115.2"));
    let parts = charged.parts.unwrap();
    assert!(parts.kept > Money::ZERO && charged.price == free.price + parts.kept, "{charged:?}");
    // At most 32 devices from the first look on, at half the price.
    assert!(parts.kept <= yuan("172.8"), "{:?}", parts.kept);
}

#[test]
fn what_was_kept_elsewhere_or_used_meanwhile_is_not_charged() {
    let mut books = books(vec![device_price("3.6"), conditions(|one| one.kept_permille = 1000)]);
    books.join("pool", None, MODEL, 8);
    let submit = |books: &mut Books, at: i64, replicas: u32, devices: u32| {
        let asks = vec![dispatch::Ask::of(measure::Devices(devices), Vec::new())];
        let shape = dispatch::Shape { replicas, asks, ..dispatch::Shape::default() };
        let spec = dispatch::Spec { tenant: TenantId(1), shape, time_limit: Some(Span(10 * HOUR)), ..dispatch::Spec::default() };
        books.ask(at, Request::Submit(std::sync::Arc::new(spec)));
        books.ledger.round(Time(at), &mut books.entries);
        books.ledger.hub.jobs.last().unwrap()
    };
    let look = |books: &mut Books, until: i64| {
        let mut now = Time(1);
        while let Some(next) = books.ledger.next_wake().filter(|next| *next < Time(until)) {
            now = next.max(Time(now.0 + 1));
            books.ledger.round(now, &mut books.entries);
        }
    };
    let running = submit(&mut books, 0, 4, 8);
    let gang = submit(&mut books, 1, 4, 8);
    look(&mut books, HOUR);
    assert!(books.ledger.hub.reserved.contains_key(&gang), "all four nodes are kept for it");
    // Nothing of them stood idle: what ran there ends, and the gang takes them over at once.
    end(&mut books, 2 * HOUR, running, HOUR, Energy(0), EnergySource::Unknown);
    books.ledger.round(Time(2 * HOUR), &mut books.entries);
    end(&mut books, 3 * HOUR, gang, HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!(last_bill(&books).price, yuan("115.2"));
    // Another pool is there first: its nodes were kept for nobody.
    let running = submit(&mut books, 3 * HOUR, 4, 8);
    let gang = submit(&mut books, 3 * HOUR + 1, 4, 8);
    look(&mut books, 4 * HOUR);
    assert!(books.ledger.hub.reserved.contains_key(&gang));
    books.join("other", None, MODEL, 8);
    books.ledger.round(Time(4 * HOUR), &mut books.entries);
    assert_eq!(books.ledger.hub.jobs[&gang].stage.held().map(|place| place.pool), books.ledger.hub.pool_named(&name("other")));
    assert!(books.ledger.hub.jobs[&running].stage.held().is_some_and(|place| place.kept == measure::DeviceTime(0)));
    assert!(books.ledger.hub.jobs[&gang].stage.held().is_some_and(|place| place.kept == measure::DeviceTime(0)));
}

#[test]
fn what_is_taken_back_of_credits_goes_where_it_came_from() {
    let mut book = Book::default();
    let paid = |amount: &str| Posting {
        job: JobId(1),
        debit: Account::Credit(TenantId(1)),
        credit: Account::Provider(name("china-telecom")),
        amount: yuan(amount),
    };
    book.grant(TenantId(1), Credit::of(yuan("8"), Some(Time(HOUR))));
    book.grant(TenantId(1), Credit::of(yuan("100"), None));
    book.post(&paid("5"));
    book.post(&paid("5").reversed());
    book.post(&paid("2"));
    let left = |book: &Book| book.credits().next().unwrap().1.iter().map(|one| (one.left, one.until)).collect::<Vec<_>>();
    assert_eq!(left(&book), [(yuan("6"), Some(Time(HOUR))), (yuan("100"), None)]);
    book.post(&paid("10"));
    book.post(&paid("7").reversed());
    assert_eq!(left(&book), [(yuan("3"), Some(Time(HOUR))), (yuan("100"), None)]);
    assert_eq!((book.next_end(), book.expired(Time(HOUR))), (Some(Time(HOUR)), vec![(TenantId(1), yuan("3"))]));
}

#[test]
fn what_is_held_moves_with_a_tenant_to_its_new_parent() {
    let mut books = books(vec![device_price("3.6")]);
    books.join("pool", None, MODEL, 8);
    let [old, new, below] = ["old", "new", "below"].map(|tenant| {
        books.ask(0, Request::Admit(name(tenant)));
        books.ledger.hub.tenant_named(&name(tenant)).unwrap()
    });
    let purse = dispatch::Purse { amount: yuan("1000"), left: yuan("1000"), warn_permille: 800, until: None, renews: None };
    books.ask(0, Request::Fund(old, Some(purse)));
    books.ask(0, Request::Fund(new, Some(purse)));
    let under = |parent| Request::Arrange(below, dispatch::Terms { parent: Some(parent), ..dispatch::Terms::default() });
    books.ask(0, under(old));
    let shape = dispatch::Shape { asks: vec![dispatch::Ask::of(measure::Devices(1), Vec::new())], ..dispatch::Shape::default() };
    let spec = dispatch::Spec { tenant: below, shape, time_limit: Some(Span(10 * HOUR)), ..dispatch::Spec::default() };
    books.ask(0, Request::Submit(std::sync::Arc::new(spec)));
    books.ledger.round(Time(0), &mut books.entries);
    let left = |books: &Books| [old, new].map(|id| books.ledger.purse(id).unwrap().left);
    assert_eq!(left(&books), [yuan("964"), yuan("1000")], "ten hours are held");
    books.ask(1, under(new));
    assert_eq!(left(&books), [yuan("1000"), yuan("964")]);
    let job = books.ledger.hub.jobs.last().unwrap();
    end(&mut books, HOUR, job, HOUR, Energy(0), EnergySource::Unknown);
    assert_eq!(left(&books), [yuan("1000"), yuan("996.4")], "an hour is paid");
}

#[test]
fn a_budget_too_small_for_the_best_pool_pays_for_a_cheaper_one() {
    let rate = |id: &str, pool: &str, micro| price(id, TariffKind::DeviceHour, &format!("pool:{pool}"), micro);
    let mut books = books(vec![rate("dear", "dear", 100_000_000), rate("cheap", "cheap", 1_000_000)]);
    books.join("dear", None, MODEL, 8);
    books.join("cheap", None, MODEL, 8);
    let purse = dispatch::Purse { amount: yuan("50"), left: yuan("50"), warn_permille: 800, until: None, renews: None };
    books.ask(0, Request::Fund(TenantId(1), Some(purse)));
    let shape = dispatch::Shape { asks: vec![dispatch::Ask::of(measure::Devices(1), Vec::new())], ..dispatch::Shape::default() };
    let spec = dispatch::Spec { tenant: TenantId(1), shape, time_limit: Some(Span(10 * HOUR)), ..dispatch::Spec::default() };
    books.ask(0, Request::Submit(std::sync::Arc::new(spec)));
    books.ledger.round(Time(0), &mut books.entries);
    let job = books.ledger.hub.jobs.last().unwrap();
    let place = books.ledger.hub.jobs[&job].stage.held().unwrap();
    assert_eq!((Some(place.pool), place.hold), (books.ledger.hub.pool_named(&name("cheap")), yuan("10")));
}

//! What holds for every history of work and money.

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use census::{Census, Change, Conditions, HubSettings, TariffKind};
use common::{Books, guizhou, price};
use dispatch::{Ask, End, EnergySource, Purse, Report, Request, Shape, Spec, Usage};
use measure::{CoreTime, Cpu, Devices, Energy, JobId, Money, PoolId, Span, TenantId, Time};
use proptest::prelude::*;
use settle::{Account, Bill, Body, Credit, Entry, Ledger, Reading, take, usage_of};

#[derive(Debug, Clone)]
enum Step {
    Submit {
        replicas: u32,
        devices: u32,
        cpu: u64,
    },
    Cancel(u64),
    End {
        pool: u32,
        job: u64,
        run: i64,
        energy: i64,
    },
    Wait(i64),
    Price(i64),
    Fee(u32),
    /// The conditions of the provider from now on.
    Conditions {
        minimum: i64,
        idle: u32,
        kept: u32,
        discount: u32,
    },
    /// A late reading of one of the bills so far.
    Read {
        which: usize,
        run: Option<i64>,
        energy: Option<i64>,
        utilisation: Option<u16>,
    },
    /// A dispute about one of them, settled at another price.
    Dispute {
        which: usize,
        price: i64,
    },
    Budget(Option<i64>),
    Credit {
        amount: i64,
        lasts: Option<i64>,
    },
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u32..4, 1_u32..9, 0_u64..4000).prop_map(|(replicas, devices, cpu)| Step::Submit { replicas, devices, cpu }),
        1 => (1_u64..20).prop_map(Step::Cancel),
        4 => (1_u32..3, 1_u64..20, 0_i64..100_000_000, 0_i64..1_000_000_000)
            .prop_map(|(pool, job, run, energy)| Step::End { pool, job, run, energy }),
        3 => (0_i64..20_000_000).prop_map(Step::Wait),
        1 => (0_i64..9_999_999).prop_map(Step::Price),
        1 => (0_u32..1001).prop_map(Step::Fee),
        1 => (0_i64..600_000, 0_u32..1001, 0_u32..1001, 0_u32..1001)
            .prop_map(|(minimum, idle, kept, discount)| Step::Conditions { minimum, idle, kept, discount }),
        3 => (0_usize..20, prop::option::of(0_i64..30_000_000), prop::option::of(0_i64..1_000_000_000), prop::option::of(0_u16..1001))
            .prop_map(|(which, run, energy, utilisation)| Step::Read { which, run, energy, utilisation }),
        1 => (0_usize..20, 0_i64..99_999_999).prop_map(|(which, price)| Step::Dispute { which, price }),
        1 => prop::option::of(0_i64..99_999_999).prop_map(Step::Budget),
        1 => (1_i64..99_999_999, prop::option::of(1_i64..50_000_000)).prop_map(|(amount, lasts)| Step::Credit { amount, lasts }),
    ]
}

fn play(steps: &[Step]) -> Books {
    static GUIZHOU: LazyLock<Census> = LazyLock::new(guizhou);
    let mut books = Books::of(&GUIZHOU, vec![price("core-price", TariffKind::CoreHour, "*", 123_457)]);
    books.join("pool", Some("guian-china-telecom-park"), Some("H800 SXM5 80GB"), 8);
    books.join("other", None, Some("Ascend 910B3"), 4);
    let mut now = Time::parse_date("2026-01-15").unwrap().0;
    for step in steps {
        let request = match *step {
            Step::Submit { replicas, devices, cpu } => {
                submit(&mut books, now, replicas, devices, Cpu(cpu));
                continue;
            }
            Step::Wait(milliseconds) => {
                now += milliseconds;
                continue;
            }
            Step::Read { which, run, energy, utilisation } => {
                let reading = Reading {
                    read_at: Time(now),
                    run: run.map(Span),
                    energy: energy.map(Energy),
                    utilisation,
                    ..Reading::default()
                };
                correct(&mut books, Time(now), which, Some(reading), None);
                continue;
            }
            Step::Dispute { which, price } => {
                correct(&mut books, Time(now), which, None, Some(Money(price)));
                continue;
            }
            Step::Credit { amount, lasts } => {
                let credit = Credit::of(Money(amount), lasts.map(|span| Time(now + span)));
                books.ledger.record(Time(now), Body::Granted(TenantId(1), credit, "a programme".to_owned()), &mut books.entries);
                continue;
            }
            Step::Budget(amount) => {
                let purse =
                    |amount| Purse { amount: Money(amount), left: Money(amount), warn_permille: 800, until: None, renews: None };
                Request::Fund(TenantId(1), amount.map(purse))
            }
            Step::Conditions { minimum, idle, kept, discount } => Request::Census(vec![Change::Conditions(Conditions {
                id: common::name("conditions"),
                provider: common::name("china-telecom"),
                tenant: "*".to_owned(),
                valid_from: Time(0),
                valid_to: None,
                minimum: Span(minimum),
                minimum_price: Money(0),
                idle_permille: idle,
                kept_permille: kept,
                discount_permille: discount,
                fee_permille: None,
                source: "a test".to_owned(),
                note: String::new(),
            })]),
            Step::Cancel(job) => Request::Cancel(JobId(job)),
            Step::End { pool, job, run, energy } => {
                let (run, cpu, energy, energy_source) = (Span(run), CoreTime(run), Energy(energy), EnergySource::Modelled);
                let usage = Usage { run, cpu, energy, energy_source, ..Usage::default() };
                Request::Report(PoolId(pool), JobId(job), 0, Report::Ended(End::Exited(0), usage))
            }
            Step::Price(micro) => Request::Census(vec![price("device-price", TariffKind::DeviceHour, "*", micro)]),
            Step::Fee(fee_permille) => {
                Request::Census(vec![Change::Hub(HubSettings { fee_permille, ..books.ledger.hub.census.hub.clone() })])
            }
        };
        let (opening, seq) = (books.ledger.opening(), books.entries.len());
        if books.ledger.ask(Time(now), request, &mut books.entries).is_err() {
            assert_eq!((books.ledger.opening(), books.entries.len()), (opening, seq), "a refusal changes nothing");
        }
        books.ledger.round(Time(now), &mut books.entries);
    }
    books
}

/// Submits a job, which may be refused for want of money, and places what fits.
fn submit(books: &mut Books, now: i64, replicas: u32, devices: u32, cpu: Cpu) {
    let asks = vec![Ask::of(Devices(devices), Vec::new())];
    let spec = Spec { tenant: TenantId(1), shape: Shape { replicas, asks, cpu, ..Shape::default() }, ..Spec::default() };
    let _ = books.ledger.ask(Time(now), Request::Submit(Arc::new(spec)), &mut books.entries);
    books.ledger.round(Time(now), &mut books.entries);
}

/// Puts one of the bills so far right, as it stands by now: by a reading, or at another price.
fn correct(books: &mut Books, now: Time, which: usize, reading: Option<Reading>, price: Option<Money>) {
    let standing = standing(&books.entries);
    let Some((_, (of, old, ended))) = standing.iter().nth(which % standing.len().max(1)) else { return };
    let (usage, adjusted) = match reading {
        Some(reading) => match take(old, *ended, &reading, now) {
            Ok(Some(usage)) => (usage, old.adjusted),
            Ok(None) | Err(_) => return,
        },
        None => (usage_of(old), price.unwrap_or_default() - old.charged()),
    };
    let credit = books.ledger.book.credit(old.tenant, now);
    let read_at = reading.map(|reading| reading.read_at);
    let correction =
        settle::correct(&books.ledger.hub, (*of, old, *ended), &usage, adjusted, read_at, "a test".to_owned(), credit);
    let again = reading.map(|reading| take(&correction.bill, *ended, &reading, now));
    assert!(again.is_none_or(|again| again == Ok(None)), "a reading that is told twice changes nothing");
    books.ledger.record(now, Body::Corrected(Box::new(correction)), &mut books.entries);
}

/// The bill of each attempt as it stands after all corrections, with the entry that says so and when it ended.
fn standing(entries: &[Entry]) -> BTreeMap<(JobId, u32), (u64, Bill, Time)> {
    let mut standing = BTreeMap::new();
    for entry in entries {
        let bill = match &entry.body {
            Body::Settled(bill) | Body::Attempted(bill) => bill,
            Body::Corrected(correction) => &correction.bill,
            _ => continue,
        };
        if bill.place.is_some() {
            standing.insert((bill.job, bill.attempt), (entry.seq, bill.clone(), bill.held.map_or(entry.at, |held| held.until)));
        }
    }
    standing
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance_and_tenants_pay_the_prices(steps in prop::collection::vec(any_step(), 0..40)) {
        let Books { ledger, entries } = play(&steps);
        prop_assert_eq!(ledger.book.sum(), Money::ZERO);
        // What stands is what is metered, charged and paid: nothing of what it replaced counts any more.
        let standing = standing(&entries);
        let bills = || standing.values().map(|(_, bill, _)| bill);
        for bill in bills() {
            prop_assert_eq!(bill.postings.iter().map(|posting| posting.amount).sum::<Money>(), bill.price);
            prop_assert!(bill.postings.iter().all(|posting| posting.amount > Money::ZERO));
            prop_assert_eq!(bill.price, bill.charged() + bill.adjusted);
            prop_assert!(bill.price >= Money::ZERO && bill.fee() <= bill.price);
        }
        let prices: Money = bills().map(|bill| bill.price).sum();
        let by_credit: Money = bills().map(Bill::paid_by_credit).sum();
        let fees: Money = bills().map(Bill::fee).sum();
        prop_assert_eq!(ledger.book.balance(&Account::Tenant(TenantId(1))), -(prices - by_credit));
        prop_assert_eq!(ledger.book.balance(&Account::Hub), fees);
        prop_assert_eq!(ledger.book.balance(&Account::Provider(common::name("china-telecom"))), prices - fees);
        let sum = |pick: fn(&Body) -> Money| entries.iter().map(|entry| pick(&entry.body)).sum::<Money>();
        let granted = sum(|body| if let Body::Granted(_, credit, _) = body { credit.left } else { Money::ZERO });
        let expired = sum(|body| if let Body::Expired(_, left) = body { *left } else { Money::ZERO });
        prop_assert_eq!(ledger.book.balance(&Account::Credit(TenantId(1))), granted - expired - by_credit);
        let credits: Money = ledger.book.credits().flat_map(|(_, credits)| credits.iter().map(|credit| credit.left)).sum();
        prop_assert_eq!(credits, granted - expired - by_credit, "what is left of credits is what their account has");
        // What is held is held for places that are not yet paid, and for nothing else.
        prop_assert_eq!(ledger.book.held(TenantId(1)), ledger.hub.held_money(TenantId(1)));
        prop_assert_eq!(dispatch::check(&ledger.hub), Vec::<String>::new());
    }

    #[test]
    fn the_journal_folds_to_the_ledger_and_so_does_its_opening(steps in prop::collection::vec(any_step(), 0..40)) {
        let Books { ledger, entries } = play(&steps);
        prop_assert!(entries.iter().map(|entry| entry.seq).eq(1..=ledger.seq), "numbered from 1 without gaps");
        let mut folded = Ledger::default();
        for entry in &entries {
            let line = serde_json::to_string(entry).unwrap();
            folded.apply(&serde_json::from_str(&line).unwrap());
        }
        prop_assert_eq!(folded.opening(), ledger.opening());
        prop_assert_eq!(&folded.book, &ledger.book);
        let mut short = Ledger::default();
        ledger.opening().iter().for_each(|entry| short.apply(entry));
        prop_assert_eq!(short.opening(), ledger.opening());
        prop_assert_eq!(short.book.sum(), Money::ZERO);
        prop_assert_eq!(short.seq, ledger.seq);
    }
}

//! What holds for every history of work and money.

mod common;

use std::sync::LazyLock;

use census::{Census, Change, HubSettings, TariffKind};
use common::{Books, guizhou, price};
use dispatch::{End, EnergySource, Report, Request, Usage};
use measure::{CoreTime, Cpu, Energy, JobId, Money, PoolId, Span, TenantId, Time};
use proptest::prelude::*;
use settle::{Account, Body, Ledger};

#[derive(Debug, Clone)]
enum Step {
    Submit { replicas: u32, devices: u32, cpu: u64 },
    Cancel(u64),
    End { pool: u32, job: u64, run: i64, energy: i64 },
    Wait(i64),
    Price(i64),
    Fee(u32),
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
                books.submit(now, replicas, devices, Cpu(cpu));
                continue;
            }
            Step::Wait(milliseconds) => {
                now += milliseconds;
                continue;
            }
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance_and_tenants_pay_the_prices(steps in prop::collection::vec(any_step(), 0..40)) {
        let Books { ledger, entries } = play(&steps);
        prop_assert_eq!(ledger.book.sum(), Money::ZERO);
        let bills = entries.iter().filter_map(|entry| match &entry.body {
            Body::Settled(bill) => Some(bill),
            _ => None,
        });
        let (mut prices, mut postings) = (Money::ZERO, 0);
        for bill in bills {
            prices += bill.price;
            postings += bill.postings.len() as u64;
            prop_assert_eq!(bill.postings.iter().map(|posting| posting.amount).sum::<Money>(), bill.price);
            prop_assert!(bill.postings.iter().all(|posting| posting.amount > Money::ZERO));
            prop_assert_eq!(bill.price, bill.rate.price(bill.devices, bill.cores));
        }
        prop_assert_eq!(ledger.book.balance(&Account::Tenant(TenantId(1))), -prices);
        prop_assert_eq!(ledger.book.postings, postings);
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

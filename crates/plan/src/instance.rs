//! Hard cases of any size, the same for everybody: growing demand of four classes that need ever better systems, existing fleets that
//! retire, halls and grid steps that are large and come late, sites that cost to open, and budgets that bind. All of it is made up.

use crate::case::{Aim, Case, Step};
use crate::random::Random;

/// PFLOPS and kW of a rack, racks of a lot, k yuan a rack, fall in price a quarter in thousandths, lead, life and first quarter;
/// cooling.
type Kind = (usize, f64, f64, f64, i64, i64, usize, usize, usize);

/// Eight kinds of racks, from general servers to dense accelerators.
const KINDS: [Kind; 8] = [
    (0, 2.4, 12.0, 16.0, 1350, 10, 1, 16, 0),
    (0, 4.0, 18.0, 16.0, 2150, 12, 1, 16, 0),
    (0, 6.4, 26.0, 12.0, 3350, 14, 2, 18, 0),
    (1, 10.0, 40.0, 12.0, 5200, 15, 2, 18, 0),
    (1, 15.0, 52.0, 8.0, 7600, 16, 2, 20, 0),
    (1, 20.0, 66.0, 8.0, 9900, 18, 2, 20, 2),
    (2, 28.0, 90.0, 6.0, 13_600, 20, 3, 20, 2),
    (2, 45.0, 130.0, 4.0, 21_800, 18, 3, 20, 6),
];

/// Quarters of a year.
const QUARTERS: usize = 4;

/// A hard case: so many sites, kinds of racks (at most 8) and quarters.
pub fn hard(sites: usize, technologies: usize, periods: usize, seed: u64) -> Case {
    let kinds = &KINDS[..technologies.clamp(1, KINDS.len())];
    let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add((sites * 1009 + technologies * 97 + periods) as u64));
    let mut draw = |low: i64, high: i64| random.between(low, high) as f64;
    let years = periods.div_ceil(QUARTERS);
    let factor = |t: usize| 1.015_f64.powi(-(t as i32));
    let names = |what: &str, count: usize| (1..=count).map(|at| format!("{what}-{at}")).collect::<Vec<_>>();
    let mut case = Case {
        periods,
        hours: 2190.0,
        year: (0..periods).map(|t| t / QUARTERS).collect(),
        site_names: names("site", sites),
        technology_names: names("rack", kinds.len()),
        cooling_names: ["air", "cold-plate", "immersion"].map(str::to_owned).to_vec(),
        demand_names: ["general", "inference", "simulation", "training"].map(str::to_owned).to_vec(),
        year_names: names("year", years),
        period_names: names("quarter", periods),
        hall_racks: vec![64.0, 32.0, 20.0],
        hall_lead: vec![3, 4, 4],
        hall_life: vec![60.0; 3],
        hall_land: vec![3.0, 2.0, 2.0],
        factor: (0..periods).map(factor).collect(),
        factor_end: factor(periods),
        residual: true,
        carbon_price: 0.06,
        used: 0.6,
        fixed: vec![0.0; periods],
        crews: (sites as f64 * 0.45).ceil().max(2.0),
        ..Case::default()
    };
    // Training needs the better half of the kinds; what is better serves what is lesser too.
    let least = [0, 2, 3, 5].map(|kind: usize| kind.min(kinds.len() - 1));
    for (k, (cooling, computing, power, lot, price, fall, lead, life, first)) in kinds.iter().copied().enumerate() {
        case.computing.push(computing);
        case.racks.push(1.0);
        case.power.push(power);
        case.lot.push(lot);
        case.lead.push(lead);
        case.life.push(life);
        case.orders.push((first.min(periods / 3), periods - 1));
        case.cooling.push(cooling);
        case.idle.push(0.35);
        case.available.push(0.9);
        let begin = price as f64 / 1000.0 * draw(97, 103) / 100.0;
        case.price.push((0..periods).map(|t| begin * (1.0 - fall as f64 / 1000.0).powi(t as i32)).collect());
        case.supply
            .push((0..periods).map(|t| ((sites as f64) * (draw(25, 45) + 2.0 * t as f64) / 100.0).floor().max(1.0)).collect());
        case.serves.push(least.iter().map(|least| k >= *least).collect());
    }
    for s in 0..sites {
        let west = draw(0, 99) < 55.0;
        let exists = s % 5 < 3;
        let (tariff, rise, winter) = (if west { draw(330, 430) } else { draw(520, 720) }, draw(0, 4), draw(10, 40));
        let season = |t: usize| if t.is_multiple_of(QUARTERS) || t % QUARTERS == 3 { winter } else { 0.0 };
        case.electricity.push((0..periods).map(|t| (tariff + rise * t as f64 + season(t)) / 1000.0).collect());
        let (emits, cleaner) = (if west { draw(300, 600) } else { draw(480, 720) }, draw(2, 8));
        case.carbon.push((0..periods).map(|t| (emits - cleaner * t as f64).max(100.0) / 1000.0).collect());
        let pue = if west { draw(122, 132) } else { draw(132, 148) };
        case.pue.push(vec![pue / 100.0, (pue - draw(6, 10)) / 100.0, (pue - draw(11, 17)) / 100.0]);
        let dear = if west { draw(85, 105) } else { draw(105, 140) } / 100.0;
        case.hall_price.push([22.0, 30.0, 36.0].map(|price| price * dear).to_vec());
        case.opening.push(if west { draw(60, 110) } else { draw(90, 160) });
        case.upkeep.push(draw(15, 35) / 10.0);
        case.open.push(exists);
        case.land.push(if west { draw(4, 8) } else { draw(3, 6) });
        case.halls_per_period.push(3.0);
        case.green.push(0.0);
        let second_hall = if exists { draw(0, 1) } else { 0.0 };
        let halls = if exists { [1.0, second_hall, 0.0] } else { [0.0; 3] };
        case.halls.push(halls.map(|halls| vec![halls; periods]).to_vec());
        let (mut arrived, mut retired) = (Vec::new(), Vec::new());
        let mut drawn = 0.0;
        for k in 0..kinds.len() {
            let stands = match k {
                0 => draw(20, 40),
                1 => draw(4, 8),
                2 => draw(4, 12),
                3 if second_hall > 0.0 => draw(6, 16),
                4 if second_hall > 0.0 => draw(4, 16),
                _ => 0.0,
            };
            let stands = if exists { stands } else { 0.0 };
            let begins = draw(0, 4);
            drawn += stands * case.drawn(s, k);
            arrived.push(vec![stands; periods]);
            let gone = |t: usize| (stands * (t as f64 - begins).max(0.0) / 12.0).floor().min(stands);
            retired.push((0..periods).map(gone).collect());
        }
        case.arrived.push(arrived);
        case.retired.push(retired);
        case.waits.push(vec![false; kinds.len()]);
        let connected = if exists { draw(25, 50) } else { draw(10, 30) } * 100.0;
        case.connected.push(vec![connected.max((drawn / 100.0).ceil() * 100.0); periods]);
        let step = |power: f64, each: f64, lead: usize| Step { power: power * 100.0, price: power / 10.0 * each / 10.0, lead };
        case.grid.push(vec![step(draw(50, 80), draw(30, 55), 4), step(draw(80, 140), draw(25, 45), 6)]);
    }
    let standing = |k: usize| -> f64 { case.arrived.iter().map(|site| site[k][0]).sum::<f64>() * case.computing[k] };
    let base = 1.2 * (0..kinds.len()).map(standing).sum::<f64>();
    for (share, growth) in [(15, 350), (30, 500), (15, 400), (40, 650)] {
        let begin = base * f64::from(share) / 100.0 * draw(95, 105) / 100.0;
        let grown =
            |t: usize| 1.0 + f64::from(growth - 100) / 100.0 * (t * (periods + t)) as f64 / (2 * periods * periods) as f64;
        case.demand.push((0..periods).map(|t| begin * grown(t) * draw(97, 103) / 100.0).collect());
    }
    case.shortage = vec![0.075, 0.11, 0.095, 0.13];
    case.budget = (0..years).map(|y| sites as f64 * (draw(190, 205) + 25.0 * y as f64)).collect();
    case.most_carbon = (0..years).map(|y| sites as f64 * (draw(40, 44) + 7.0 * y as f64)).collect();
    case.aims.push(Aim {
        id: "grown".to_owned(),
        period: periods - 1,
        wanted: case.demand.iter().map(|demand| demand[periods - 1]).sum::<f64>() * 1.06,
        held: Vec::new(),
        counts: vec![true; kinds.len()],
        gross: false,
    });
    case
}

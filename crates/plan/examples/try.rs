use plan::*;
use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n = |i: usize| a[i].parse::<usize>().unwrap();
    let case = hard(n(1), n(2), n(3), n(4) as u64);
    let begin = Instant::now();
    let (milp, _) = build(&case);
    println!("build {:?}: {} columns {} rows {} entries", begin.elapsed(), milp.columns(), milp.rows(), milp.index.len());
    let begin = Instant::now();
    let relaxed = solve(&milp, &Options { relaxed: true, ..Options::default() }, None, &Nobody);
    println!("relaxed {:?} {:.6} {:?}", relaxed.end, relaxed.objective, begin.elapsed());
    if relaxed.end == End::Infeasible {
        for one in conflicts(&case, &milp, &Nobody).unwrap().into_iter().take(30) { println!("{} {} {:?} {}", one.limit, one.is, one.needed, one.unit); }
        return;
    }
    struct P(Instant, u64, std::sync::Mutex<f64>);
    impl Progress for P {
        fn moved(&self, s: SearchStanding) {
            let mut last = self.2.lock().unwrap();
            let now = self.0.elapsed().as_secs_f64();
            if now - *last > 2.0 { *last = now; println!("{now:.1} bound {:.1} best {:.1} gap {:.2} %", s.bound, s.best, s.gap() * 100.0); }
        }
        fn stops(&self) -> bool { self.0.elapsed().as_secs() >= self.1 }
    }
    let p = P(Instant::now(), n(5) as u64, std::sync::Mutex::new(0.0));
    let effort = Effort { gap: 0.001, single: a.len() > 6, ..Effort::default() };
    let (milp, at) = build(&case);
    let answer = search(&milp, &at, &effort, None, &p);
    println!("{:?} {:?} gap {:.2} % nodes {} in {:?}", answer.ending, answer.standing, answer.standing.gap() * 100.0, answer.nodes, p.0.elapsed());
    if let Some(values) = &answer.values {
        let plan = Plan::of(&case, &at, values);
        let cost = plan.cost(&case);
        println!("{:?} {:?}", plan.broken(&case), cost);
        println!("lots {:?}", (0..case.technologies()).map(|k| plan.lots.iter().map(|s| s[k].iter().sum::<f64>()).sum::<f64>()).collect::<Vec<_>>());
        println!("halls {:?}", (0..case.coolings()).map(|c| plan.halls.iter().map(|s| s[c].iter().sum::<f64>()).sum::<f64>()).collect::<Vec<_>>());
        println!("grid {} opened {}", plan.steps.iter().flatten().filter(|s| s.is_some()).count(), plan.opened.iter().filter(|s| s.is_some()).count());
        println!("missing {:?}", (0..case.periods).map(|t| plan.missing.iter().map(|q| q[t]).sum::<f64>().round()).collect::<Vec<_>>());
        println!("demand {:?}", (0..case.periods).map(|t| case.demand.iter().map(|q| q[t]).sum::<f64>().round()).collect::<Vec<_>>());
        let totals = plan.totals(&case);
        println!("cash {:?} of {:?}", (0..case.years()).map(|y| totals.cash.iter().zip(&case.year).filter(|(_, year)| **year == y).map(|(c, _)| c).sum::<f64>().round()).collect::<Vec<_>>(), case.budget);
        println!("carbon {:?} of {:?}", (0..case.years()).map(|y| totals.carbon.iter().zip(&case.year).filter(|(_, year)| **year == y).map(|(c, _)| c).sum::<f64>().round()).collect::<Vec<_>>(), case.most_carbon);
    }
}

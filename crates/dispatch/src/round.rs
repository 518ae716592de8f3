//! One scheduling pass: every waiting job is placed or has a reason.

use measure::{JobId, Time};

use crate::fact::{Fact, Place};
use crate::hub::{Hub, Stage};
use crate::order::{Policy, Turn};
use crate::why::Why;

impl Hub {
    /// Places what fits, in order of turn, and returns the facts, which are applied already. Shapes that
    /// cannot start are not asked again until something is freed, so a round costs what changed.
    pub fn round(&mut self, now: Time, policy: Policy) -> Vec<Fact> {
        let mut facts = Vec::new();
        while let Some((turn, shape)) = self.askable.first().copied() {
            if policy == Policy::Fifo && self.blocked_before(turn) {
                break;
            }
            match self.fit(&self.shapes[shape.0 as usize].shape) {
                Some(found) => {
                    let pool = &self.pools[&found.pool].join.name;
                    let rate = self.census.rate(pool, found.model.as_deref(), now);
                    let place = Place { pool: found.pool, ask: found.ask, cpu: found.cpu, slots: found.slots, rate };
                    let fact = Fact::Placed(turn.job(), place);
                    self.apply(now, &fact);
                    facts.push(fact);
                }
                None => self.block(shape),
            }
        }
        facts
    }

    /// Whether some job with an earlier turn is known not to fit.
    fn blocked_before(&self, turn: Turn) -> bool {
        let blocked = |shape: &&crate::hub::ShapeState| shape.blocked;
        self.shapes.iter().filter(blocked).any(|shape| shape.waiting.first().is_some_and(|first| *first < turn))
    }

    /// Why a waiting job waits; `None` if it is unknown or not waiting.
    pub fn why_waiting(&self, id: JobId, policy: Policy) -> Option<Why> {
        let job = self.jobs.get(&id).filter(|job| job.stage == Stage::Waiting)?;
        let turn = Turn::new(job.spec.priority, job.submitted, id);
        let shape = &self.shapes[job.shape.0 as usize];
        match self.fit(&shape.shape) {
            None => Some(self.why(&shape.shape)),
            Some(_) if policy == Policy::Fifo && self.blocked_before(turn) => {
                let earlier = |shape: &crate::hub::ShapeState| shape.waiting.range(..turn).count() as u64;
                let first = self.shapes.iter().filter_map(|shape| shape.waiting.first()).min();
                let first = first.expect("this job itself waits").job();
                Some(Why::Behind { first, ahead: self.shapes.iter().map(earlier).sum() })
            }
            Some(_) => Some(Why::Next),
        }
    }
}

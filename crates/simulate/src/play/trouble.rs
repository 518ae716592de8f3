//! What goes wrong in a seed: all of it is drawn before the story begins.

use std::time::Duration;

use super::{Happens, Play, TROUBLE};
use crate::world::machines;

impl Play {
    /// What goes wrong is drawn before it begins.
    pub(super) fn plan(&mut self, hubs: usize) {
        let trouble = TROUBLE.as_millis() as u64;
        for at in 0..hubs {
            self.at(Duration::from_millis(100 * at as u64), Happens::HubTurns(at));
        }
        for at in 0..self.pools.len() {
            self.at(Duration::from_millis(200), Happens::AgentStarts(at));
        }
        for at in 0..self.senders.len() {
            self.at(Duration::from_millis(500), Happens::Sends(at));
        }
        // Each seed has troubles of its own kinds: some are quiet but for one.
        let kinds = self.chance.next();
        let draw = |play: &mut Play, bit: u32, most: u64| if kinds >> bit & 1 == 1 { play.chance.between(1, most) } else { 0 };
        for _ in 0..draw(self, 0, 4) {
            let (when, at) = (self.milliseconds(1000, trouble), self.chance.below(hubs as u64) as usize);
            self.at(when, Happens::HubDies(at));
        }
        for _ in 0..draw(self, 1, 5) {
            let (when, at) = (self.milliseconds(1000, trouble), self.chance.below(self.pools.len() as u64) as usize);
            self.at(when, Happens::AgentDies(at));
        }
        for _ in 0..draw(self, 2, 2) {
            let (when, at) = (self.milliseconds(1000, trouble), self.chance.below(self.pools.len() as u64) as usize);
            let forgets = self.chance.permille(500);
            self.at(when, Happens::PowerFails(at, forgets));
        }
        if draw(self, 3, 1) == 1 {
            // The last pool is left, so that whatever is left to do can be done.
            let (when, at) = (self.milliseconds(1000, trouble), 1 + self.chance.below(self.pools.len() as u64 - 1) as usize);
            self.at(when, Happens::SiteVanishes(at));
        }
        for _ in 0..draw(self, 4, 5) {
            let (when, hub) = (self.milliseconds(1000, trouble), self.chance.below(hubs as u64) as usize);
            let who = self.chance.below((self.pools.len() + self.senders.len()) as u64) as usize;
            let who = match who.checked_sub(self.pools.len()) {
                Some(sender) => format!("sender-{sender}"),
                None => self.pools[who].name.clone(),
            };
            // Some are longer than a hub waits for an agent and a job that was lost waits for its next try.
            let lasts = if self.chance.permille(250) { 120_000 } else { 45_000 };
            let lasts = self.chance.between(500, lasts);
            self.at(when, Happens::Cut(who, hub, lasts));
        }
        for _ in 0..draw(self, 5, 4) {
            let when = self.milliseconds(1000, trouble);
            let at = self.chance.below((self.pools.len() + hubs) as u64) as usize;
            self.at(when, Happens::ClockJumps(at));
        }
        for _ in 0..draw(self, 6, 2) {
            let when = self.milliseconds(1000, trouble);
            self.at(when, Happens::StoreDies);
        }
        let losses = [draw(self, 7, 60), draw(self, 8, 60), draw(self, 9, 200)];
        let deaths = draw(self, 10, 8);
        machines(|machines| (machines.losses, machines.deaths) = (losses, deaths));
        for _ in 0..draw(self, 11, 4) {
            let (when, at) = (self.milliseconds(1000, trouble), self.chance.below(hubs as u64) as usize);
            let lasts = self.chance.between(500, 12_000);
            self.at(when, Happens::HubStandsStill(at, lasts));
        }
        for _ in 0..draw(self, 12, 2) {
            let (when, lasts) = (self.milliseconds(1000, trouble), self.chance.between(500, 10_000));
            self.at(when, Happens::DiskFills(lasts));
        }
        let slow = draw(self, 13, 30);
        let much_later = draw(self, 14, 300);
        machines(|machines| (machines.slow, machines.much_later) = (slow, much_later));
        self.sets_clocks = draw(self, 15, 500);
        self.at(TROUBLE, Happens::AllMended);
    }
}

//! Energy of work on cores: from the processor's counter where it can be read, else a model, and it says which.

use std::fs;
use std::path::{Path, PathBuf};

use dispatch::EnergySource;
use measure::{CoreTime, Energy};

/// Power of a busy core where no counter can be read, in milliwatts: an Intel Xeon Platinum 8480+ has a TDP of
/// 350 W and 56 cores (Intel's data sheet; TDP as in `data/accelerators.csv`). A model, never a measurement.
const MODELLED_MILLIWATTS_PER_CORE: i64 = 6_250;

/// The energy of some core-time by the model.
pub(crate) fn modelled(cpu: CoreTime) -> (Energy, EnergySource) {
    (energy_of(cpu, MODELLED_MILLIWATTS_PER_CORE), EnergySource::Modelled)
}

/// Core-microseconds × milliwatts.
fn energy_of(cpu: CoreTime, milliwatts: i64) -> Energy {
    Energy((i128::from(cpu.0) * i128::from(milliwatts) / 1_000_000) as i64)
}

/// Turns core-time into energy.
#[derive(Debug)]
pub struct EnergyMeter {
    counters: Vec<PathBuf>,
    last: Option<Reading>,
    /// Millijoules per core-second over the last window, from the counters.
    measured: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    microjoules: u64,
    busy_milliseconds: u64,
}

impl EnergyMeter {
    /// A meter of this machine: `powercap` is `/sys/class/powercap` outside tests.
    pub fn new(powercap: &Path) -> EnergyMeter {
        let entries = fs::read_dir(powercap).into_iter().flatten().flatten();
        // Packages only (`intel-rapl:0`); their parts (`intel-rapl:0:0`) are within them.
        let package = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("intel-rapl:") && name.matches(':').count() == 1
        };
        let mut counters: Vec<PathBuf> =
            entries.map(|entry| entry.path()).filter(package).map(|path| path.join("energy_uj")).collect();
        counters.retain(|counter| fs::read_to_string(counter).is_ok());
        counters.sort();
        let mut meter = EnergyMeter { counters, last: None, measured: None };
        meter.sample(Path::new("/proc/stat"));
        meter
    }

    /// Takes a reading; to be called about once a second. `stat` is `/proc/stat` outside tests.
    pub fn sample(&mut self, stat: &Path) {
        if self.counters.is_empty() {
            return;
        }
        let read = |counter: &PathBuf| fs::read_to_string(counter).ok()?.trim().parse::<u64>().ok();
        let Some(microjoules) = self.counters.iter().map(read).sum::<Option<u64>>() else { return };
        let Some(busy_milliseconds) = fs::read_to_string(stat).ok().and_then(|text| busy(&text)) else { return };
        let now = Reading { microjoules, busy_milliseconds };
        if let Some(last) = self.last {
            let busy = now.busy_milliseconds.saturating_sub(last.busy_milliseconds);
            // A counter that wrapped gives nothing for one window.
            let used = now.microjoules.checked_sub(last.microjoules);
            if let Some(used) = used.filter(|_| busy >= 100) {
                self.measured = i64::try_from(used / busy).ok();
            } else if busy < 100 {
                return;
            }
        }
        self.last = Some(now);
    }

    /// The energy of some core-time, and how it is known.
    pub fn energy(&self, cpu: CoreTime) -> (Energy, EnergySource) {
        match self.measured {
            Some(milliwatts) => (energy_of(cpu, milliwatts), EnergySource::Rapl),
            None => modelled(cpu),
        }
    }
}

/// Busy core-milliseconds since the machine started: user, nice, system, irq, softirq of the first line, in
/// hundredths of a second.
fn busy(stat: &str) -> Option<u64> {
    let fields: Vec<u64> = stat.lines().next()?.split_whitespace().skip(1).map_while(|field| field.parse().ok()).collect();
    let [user, nice, system, _idle, _iowait, irq, softirq, ..] = fields[..] else { return None };
    Some((user + nice + system + irq + softirq) * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_counter_energy_is_modelled_and_says_so() {
        let meter = EnergyMeter::new(Path::new("/nonexistent"));
        let second = CoreTime::core_milliseconds(1000);
        assert_eq!(meter.energy(second), (Energy(6250), EnergySource::Modelled));
    }

    #[test]
    fn with_a_counter_energy_is_shared_out_by_core_time() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("intel-rapl:0");
        fs::create_dir(&package).unwrap();
        let (counter, stat) = (package.join("energy_uj"), folder.path().join("stat"));
        fs::write(&counter, "1000000").unwrap();
        fs::write(&stat, "cpu  0 0 0 0 0 0 0 0\n").unwrap();
        let mut meter = EnergyMeter::new(folder.path());
        meter.last = None;
        meter.sample(&stat);
        // 30 J later the machine has been busy for two core-seconds: 15 J a core-second.
        fs::write(&counter, "31000000").unwrap();
        fs::write(&stat, "cpu  150 0 50 900 0 0 0 0\n").unwrap();
        meter.sample(&stat);
        assert_eq!(meter.energy(CoreTime::core_milliseconds(1000)), (Energy(15_000), EnergySource::Rapl));
    }
}

//! How far forecasts were off.

use std::collections::VecDeque;

/// Comparisons that count: thirty days.
const COMPARED: usize = 30 * 24;

/// What was foretold of hours to come, and what became of those that came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    /// A day ahead, an hour each; hours of which nothing was foretold are left out.
    foretold: VecDeque<Option<i64>>,
    /// What was off, and what was read.
    compared: VecDeque<(i64, i64)>,
}

impl Score {
    /// What is foretold for the hour a day after the last reading.
    pub(crate) fn foretell(&mut self, value: Option<i64>) {
        self.foretold.push_back(value);
    }

    /// What was read for an hour, compared with what was foretold for it a day before.
    pub(crate) fn compare(&mut self, value: i64) {
        if self.foretold.len() < 24 {
            return;
        }
        if let Some(foretold) = self.foretold.pop_front() {
            if self.compared.len() == COMPARED {
                self.compared.pop_front();
            }
            // An hour of which nothing was foretold takes its place in the thirty days and counts nothing.
            self.compared.push_back(foretold.map_or((0, 0), |foretold| ((foretold - value).abs(), value.abs())));
        }
    }

    pub(crate) fn permille(&self) -> Option<u32> {
        let (off, read) = self
            .compared
            .iter()
            .fold((0_i128, 0_i128), |(off, read), (one, value)| (off + i128::from(*one), read + i128::from(*value)));
        (read > 0).then(|| u32::try_from(off * 1000 / read).unwrap_or(u32::MAX))
    }
}

//! A published model by a library made for it: what recurs each day and each week is taken off (MSTL, Bandara, Hyndman and Bergmeir,
//! 2021), and comes again on top of the level as it is now. There to compare with: smoothing the level exponentially (`augurs-ets`)
//! foretold no better and took eight times as long.

use augurs_core::{Fit, Predict};
use augurs_mstl::MSTLModel;

/// What recurs, in hours.
const SEASONS: [usize; 2] = [24, 7 * 24];
/// With less of the past than this there is no week to take off.
const LEAST: usize = 2 * SEASONS[1] + 1;

/// The hours after the last of the past; `None` where there is too little of it, or the library finds no model.
pub(crate) fn ahead(past: &[f64], hours: usize) -> Option<Vec<i64>> {
    if past.len() < LEAST {
        return None;
    }
    let model = MSTLModel::naive(SEASONS.to_vec()).fit(past).ok()?;
    let foretold = model.predict(hours, None).ok()?.point;
    foretold.iter().map(|value| value.is_finite().then(|| value.round() as i64)).collect()
}

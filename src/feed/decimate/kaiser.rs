//! Design of the anti-alias filter: a linear-phase low pass by the Kaiser window method.

use std::f64::consts::PI;

/// Attenuation in dB from the new Nyquist frequency on: what aliases is at least this much weaker.
pub const STOP_BAND_DB: f64 = 100.0;

/// The pass band ends at this fraction of the new Nyquist frequency; the transition to the stop band ends at 1.
pub const PASS_EDGE: f64 = 0.9;

/// Largest deviation from 0 dB in the pass band. The window method gives both bands the same error, 10^(−100/20).
pub const PASS_RIPPLE_DB: f64 = 1e-4;

/// Kaiser's formulas hold on average; designing for this much more makes the stop band keep [`STOP_BAND_DB`] for every
/// factor (100.7 dB or better).
const MARGIN_DB: f64 = 1.0;

/// The side length is rounded up to a multiple of this, so that the filter has no remainder to compute.
pub(super) const LANES: usize = 4;

/// One side of the symmetric impulse response: `h[0]` is the centre tap, `h[k]` stands k samples before and behind it.
/// Its sum over both sides is 1, so that DC passes unchanged. For factor 1 it is the identity.
///
/// Order and shape: Kaiser (1974); Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., §7.6.1,
/// β = 0.1102 (A − 8.7) and order = (A − 7.95) / (2.285 Δω), the latter with the constant of `scipy.signal.kaiserord`.
pub(super) fn side(factor: usize) -> Vec<f64> {
    if factor <= 1 {
        return vec![1.0];
    }
    let attenuation_db = STOP_BAND_DB + MARGIN_DB;
    let new_nyquist = PI / factor as f64;
    let order = (attenuation_db - 7.95) / (2.285 * (1.0 - PASS_EDGE) * new_nyquist);
    let delay = ((order / 2.0).ceil() as usize).next_multiple_of(LANES);
    let beta = 0.1102 * (attenuation_db - 8.7);
    let cutoff = 0.5 * (PASS_EDGE + 1.0) * new_nyquist;
    let tap = |k: usize| {
        let ideal = if k == 0 { cutoff / PI } else { (cutoff * k as f64).sin() / (PI * k as f64) };
        let x = k as f64 / delay as f64;
        ideal * bessel_i0(beta * (1.0 - x * x).sqrt()) / bessel_i0(beta)
    };
    let taps: Vec<f64> = (0..=delay).map(tap).collect();
    let sum = taps[0] + 2.0 * taps[1..].iter().sum::<f64>();
    taps.iter().map(|tap| tap / sum).collect()
}

/// The modified Bessel function I₀ by its power series Σ ((x/2)^k / k!)², whose terms are all positive (Abramowitz &
/// Stegun, 9.6.12); exact to a few units in the last place for the arguments of windows.
fn bessel_i0(x: f64) -> f64 {
    let quarter_square = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * f64::EPSILON / 4.0 {
        term *= quarter_square / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// |H| in dB at `fraction` of the new Nyquist frequency.
    fn response_db(side: &[f64], factor: usize, fraction: f64) -> f64 {
        let omega = PI * fraction / factor as f64;
        let tap = |(k, h): (usize, &f64)| if k == 0 { *h } else { 2.0 * h * (omega * k as f64).cos() };
        20.0 * side.iter().enumerate().map(tap).sum::<f64>().abs().log10()
    }

    /// Points so dense that each ripple has eight.
    fn grid(side: &[f64], factor: usize, from: f64, to: f64) -> impl Iterator<Item = f64> {
        let points = ((to - from) * (8 * side.len() / factor) as f64).ceil();
        (0..=points as usize).map(move |point| from + (to - from) * point as f64 / points)
    }

    #[test]
    fn the_response_keeps_what_the_constants_say() {
        for factor in 2..=16 {
            let side = side(factor);
            let worst = |from, to, badness: fn(f64) -> f64| {
                let values = grid(&side, factor, from, to).map(|at| badness(response_db(&side, factor, at)));
                values.fold(f64::NEG_INFINITY, f64::max)
            };
            let ripple_db = worst(0.0, PASS_EDGE, f64::abs);
            assert!(ripple_db <= PASS_RIPPLE_DB, "{factor}: {ripple_db} dB");
            // Ripples fall off; the largest are the first ones.
            let stop_db = worst(1.0, (factor as f64).min(3.0), |db| db);
            assert!(stop_db <= -STOP_BAND_DB, "{factor}: {stop_db} dB");
        }
    }

    #[test]
    fn coefficients_are_those_of_scipy() {
        // h = scipy.signal.firwin(521, 0.95/4, window=('kaiser', 0.1102*(101-8.7))); h[260+k], scipy 1.10.1.
        let side = side(4);
        assert_eq!(side.len(), 261);
        for (k, scipy) in [
            (0, 0.2375001676464482),
            (1, 0.2160537066283848),
            (2, 0.158619103932092),
            (130, 0.0002582813519303365),
            (260, -2.6127812489537036e-07),
        ] {
            assert!((side[k] - scipy).abs() < 1e-15, "{k}: {}", side[k]);
        }
    }

    #[test]
    fn by_one_nothing_is_filtered() {
        assert_eq!(side(1), [1.0]);
    }
}

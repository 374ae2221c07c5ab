//! The sketch held to exact counts, to what its theory says of its errors, and to a plain HyperLogLog of each window.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use proptest::prelude::*;

use super::*;

const HOUR_SECS: u32 = 3600;

/// The hash of a user, which is always the same.
fn hash(seed: u32, user: u32) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((seed, user))
}

/// When a user comes, of so many who are spread over the hour.
fn user_second(user: u32, users: u32) -> u32 {
    (u64::from(user) * u64::from(HOUR_SECS) / u64::from(users)) as u32
}

/// Errors of the estimates of windows (first second, truth), relative to the truth and in standard errors, by window.
fn errors(seeds: u32, users: u32, windows: &[(u32, u32)]) -> Vec<Vec<f64>> {
    let mut errors = vec![Vec::new(); windows.len()];
    for seed in 0..seeds {
        let mut sketch = SlidingHyperLogLog::new(HOUR_SECS);
        for user in 0..users {
            sketch.insert(hash(seed, user), user_second(user, users));
        }
        for (errors, &(from, truth)) in errors.iter_mut().zip(windows) {
            errors.push((sketch.estimate(from) / f64::from(truth) - 1.0) / RELATIVE_ERROR);
        }
    }
    errors
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// For windows of an hour's stream of `users`: none is off by more than four standard errors, their mean not by more
/// than four standard errors of a mean, and they scatter as theory says at most.
fn assert_within_theory(seeds: u32, users: u32) {
    let windows: Vec<(u32, u32)> = [0, 1, 1800, 3240, 3300, 3540, 3599]
        .map(|from| (from, (0..users).filter(|user| user_second(*user, users) >= from).count() as u32))
        .into_iter()
        .filter(|(_, truth)| *truth > 0)
        .collect();
    for (errors, (from, truth)) in errors(seeds, users, &windows).iter().zip(&windows) {
        let (bias, scatter) = (mean(errors), mean(&errors.iter().map(|e| e * e).collect::<Vec<_>>()).sqrt());
        let worst = errors.iter().fold(0.0_f64, |worst, error| worst.max(error.abs()));
        let told = format!("{truth} users since {from}: bias {bias:.3} σ, RMS {scatter:.3} σ, worst {worst:.2} σ");
        assert!(worst < 4.0 && bias.abs() < 4.0 / f64::from(seeds).sqrt() && scatter < 1.5, "{told}");
    }
}

#[test]
fn few_users_are_estimated_as_many_as_they_are() {
    for users in [0, 1, 2, 10, 100] {
        let mut sketch = SlidingHyperLogLog::new(HOUR_SECS);
        (0..users).for_each(|user| sketch.insert(hash(0, user), 7));
        let estimate = sketch.estimate(7);
        assert!((estimate - f64::from(users)).abs() <= 0.02 * f64::from(users), "{users}: {estimate}");
        assert_eq!(sketch.estimate(8), 0.0);
    }
}

#[test]
fn errors_of_small_windows_are_what_theory_says() {
    for users in [1000, 4096, 7000] {
        assert_within_theory(60, users);
    }
}

#[test]
fn errors_are_what_theory_says_where_the_formula_of_2007_changes() {
    for users in [10_240, 12_000, 20_000] {
        assert_within_theory(60, users);
    }
}

#[test]
fn errors_of_large_windows_are_what_theory_says() {
    assert_within_theory(40, 100_000);
    assert_within_theory(8, 1_000_000);
}

#[test]
fn memory_is_what_theory_says_and_repeats_cost_none() {
    let mut sketch = SlidingHyperLogLog::new(HOUR_SECS);
    for user in 0..500_000 {
        sketch.insert(hash(1, user), user_second(user, 500_000));
    }
    let expected = REGISTERS as f64 * (500_000.0 / REGISTERS as f64).ln();
    assert!((sketch.entries() as f64) < 1.5 * expected, "{} entries, {expected} expected", sketch.entries());
    let mut crowd = SlidingHyperLogLog::new(HOUR_SECS);
    for second in 0..2 * HOUR_SECS {
        (0..50).for_each(|user| crowd.insert(hash(2, user), second));
    }
    assert!(crowd.entries() <= 50, "{}", crowd.entries());
}

/// Registers of a HyperLogLog that saw these hashes only, ranked by their binary digits.
fn plain(hashes: impl Iterator<Item = u64>) -> [u32; 54] {
    let mut registers = vec![0_usize; REGISTERS];
    for hash in hashes {
        let digits = format!("{hash:064b}");
        let (index, ranked) = digits.split_at(12);
        let register = &mut registers[usize::from_str_radix(index, 2).unwrap()];
        *register = (*register).max(ranked.find('1').map_or(53, |zeros| zeros + 1));
    }
    let mut counts = [0; 54];
    registers.into_iter().for_each(|rank| counts[rank] += 1);
    counts
}

proptest! {
    #[test]
    fn each_window_has_the_registers_of_a_plain_one(
        // Few registers and short ranks, so that they meet.
        seen in prop::collection::vec((0_u64..3, 0_u32..64, any::<u64>(), 0_u32..40), 0..200),
        remembered_secs in 1_u32..500,
    ) {
        let mut sketch = SlidingHyperLogLog::new(remembered_secs);
        let (mut all, mut now) = (Vec::new(), 0);
        for (index, zeros, rest, wait) in seen {
            let hash = index << 52 | rest.checked_shr(12 + zeros).unwrap_or(0);
            now += wait;
            sketch.insert(hash, now);
            all.push((now, hash));
        }
        for secs in 1..=remembered_secs {
            let from = (now + 1).saturating_sub(secs);
            let window = all.iter().filter(|(second, _)| *second >= from).map(|(_, hash)| *hash);
            prop_assert_eq!(sketch.estimate(from), estimate(&plain(window)));
        }
    }
}

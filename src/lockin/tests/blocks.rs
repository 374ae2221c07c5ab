//! Blocks, gaps and starting points: none of them may change a reading.

use proptest::prelude::*;

use super::*;

const RATE_HZ: u32 = 8000;

fn signals(samples: Range<u64>) -> [Vec<f32>; 2] {
    let drifting = samples.clone().map(|n| (0.3 * (n as f64 * 0.7 + n as f64 * n as f64 * 1e-9).cos()) as f32);
    [drifting.collect(), tone(700.0, 0.25, 0.3, RATE_HZ, samples)]
}

fn in_blocks(settings: &LockinSettings, first_sample: u64, [a, b]: [&[f32]; 2], lengths: &[usize]) -> Vec<Reading> {
    let mut lockin = Lockin::new(settings, rate(RATE_HZ), 2).unwrap();
    let (mut readings, mut done) = (Vec::new(), 0);
    for length in lengths.iter().cycle() {
        let end = a.len().min(done + length);
        lockin.push(first_sample + done as u64, &a[done..end], &b[done..end], &mut readings);
        done = end;
        if done == a.len() {
            return readings;
        }
    }
    readings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn readings_do_not_depend_on_blocks(
        first_sample in 0..1_u64 << 52,
        lengths in prop::collection::vec(0_usize..700, 1..20),
        reference in prop::sample::select(vec!["891.3", "channel_b", "tracked"]),
        slope_db in prop::sample::select(vec![6_u32, 12, 18, 24]),
    ) {
        prop_assume!(lengths.iter().sum::<usize>() > 0);
        let settings = settings(reference, 0.02, slope_db);
        let [a, b] = signals(0..10_000);
        let whole = in_blocks(&settings, first_sample, [&a, &b], &[10_000]);
        prop_assert!(whole.iter().any(|reading| reading.channel_a.is_some()));
        prop_assert_eq!(in_blocks(&settings, first_sample, [&a, &b], &lengths), whole);
    }

    #[test]
    fn readings_cover_every_sample_once_and_end_on_the_grid(
        first_sample in 0..1_u64 << 52, micro_fps in 100_000..500_000_000_u64,
    ) {
        let fps = micro_fps as f64 / 1e6;
        let settings = LockinSettings::new("1000".parse().unwrap(), 1, 0.01, 6, FrameRate::from_fps(fps)).unwrap();
        let silence = [0.0; 2000];
        let readings = in_blocks(&settings, first_sample, [&silence, &silence], &[317]);
        let mut at = first_sample;
        for reading in readings {
            prop_assert_eq!(reading.first_sample, at);
            at = settings.frame_rate().boundary_after(at, rate(RATE_HZ));
            prop_assert_eq!(reading.end_sample, at);
            prop_assert_eq!(reading.n, at - first_sample);
        }
        prop_assert!(settings.frame_rate().boundary_after(at, rate(RATE_HZ)) > first_sample + 2000);
    }
}

#[test]
fn a_phase_is_the_same_wherever_a_computation_starts() {
    for reference in ["1000.1", "tracked", "channel_b"] {
        let settings = LockinSettings::new(reference.parse().unwrap(), 2, 0.01, 24, FrameRate::from_fps(10.0)).unwrap();
        let last_of = |samples: Range<u64>| {
            let b = tone(1000.1, 0.25, 0.3, RATE_HZ, samples.clone());
            let a = sum(&b, &tone(2000.2, 0.1, 2.0, RATE_HZ, samples.clone()));
            let last = *readings(&settings, RATE_HZ, samples.start, &a, &b).last().unwrap();
            (last.end_sample, last.channel_a.unwrap())
        };
        let end = (1 << 53) - 1;
        let (early, late) = (last_of(end - 20_000..end), last_of(end - 12_345..end));
        assert_eq!(early.0, late.0);
        assert!(degrees_between(early.1.phase, late.1.phase) < 1e-4, "{reference}: {early:?} {late:?}");
        // Twice the phase of the reference, where that is not the oscillator's own.
        let truth = if reference == "1000.1" { 2.0 } else { 2.0 - 0.6 };
        assert!(degrees_between(early.1.phase, truth) < 0.01, "{reference}: {early:?}");
    }
}

#[test]
fn nothing_is_computed_across_a_gap() {
    for reference in ["1000", "tracked"] {
        let settings = settings(reference, 0.01, 12);
        let a = tone(1000.0, 0.25, 0.3, RATE_HZ, 0..30_000);
        let mut after_gap = Lockin::new(&settings, rate(RATE_HZ), 1).unwrap();
        let mut readings = Vec::new();
        after_gap.push(0, &a[..10_000], &[], &mut readings);
        readings.clear();
        after_gap.push(10_100, &a[10_100..], &[], &mut readings);
        let mut interrupted = Lockin::new(&settings, rate(RATE_HZ), 1).unwrap();
        let mut readings_interrupted = Vec::new();
        interrupted.push(0, &a[..10_100], &[], &mut readings_interrupted);
        interrupted.interrupt();
        readings_interrupted.clear();
        interrupted.push(10_100, &a[10_100..], &[], &mut readings_interrupted);
        let mut fresh = Lockin::new(&settings, rate(RATE_HZ), 1).unwrap();
        let mut readings_fresh = Vec::new();
        fresh.push(10_100, &a[10_100..], &[], &mut readings_fresh);
        assert_eq!(readings, readings_fresh);
        assert_eq!(readings_interrupted, readings_fresh);
        assert!(readings[0].first_sample >= 10_100 && readings[0].channel_a.is_none());
        let last = readings.last().unwrap();
        assert!(last.channel_a.is_some() && last.channel_b.is_none());
    }
}

#[test]
fn samples_without_their_partner_are_a_gap() {
    let mut lockin = Lockin::new(&settings("1000", 0.01, 6), rate(RATE_HZ), 2).unwrap();
    let mut readings = Vec::new();
    lockin.push(0, &[0.1; 1000], &[0.1; 700], &mut readings);
    lockin.push(1000, &[0.1; 1000], &[0.1; 1000], &mut readings);
    let ends: Vec<_> = readings.iter().map(|reading| (reading.end_sample, reading.n)).collect();
    assert_eq!(ends[7..10], [(640, 640), (1040, 40), (1120, 120)]);
}

//! Bands: which bins of a spectrum are told, one by one or a few together.

use std::ops::Range;

use photophone_signal::units::SampleRate;

use super::settings::{BinReduction, SpectrumSettings};

/// Ranges of bins in rising order, none empty.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    /// Band j has the bins `edges[j]..edges[j + 1]`.
    edges: Vec<usize>,
    frequencies: Vec<f32>,
}

impl Bands {
    /// The bins up to `max_hz`, of which there are M: each by itself; or with `linear:n` the bands that begin at bin
    /// ⌊j·M/n⌋, and with `log:n` those that begin at bin round(M^(j/n)), which leaves DC out, for j = 0 … n−1. Bands
    /// without a bin are left out, so fewer than n may remain.
    pub(super) fn new(settings: &SpectrumSettings, rate: SampleRate) -> Self {
        let size = settings.size.get();
        let bin_hz = f64::from(rate.hz()) / size as f64;
        let up_to = |max_hz: f64| (max_hz / bin_hz) as usize + 1;
        let bins = settings.max_hz.map_or(usize::MAX, |max_hz| up_to(max_hz.get())).clamp(2, size / 2 + 1);
        let mut edges: Vec<usize> = match settings.bins {
            None => (0..=bins).collect(),
            Some(BinReduction::Linear(n)) => (0..=n.get()).map(|j| j * bins / n.get()).collect(),
            Some(BinReduction::Log(n)) => (0..=n.get()).map(|j| log_edge(bins, j, n.get())).collect(),
        };
        edges.dedup();
        let is_log = matches!(settings.bins, Some(BinReduction::Log(_)));
        let frequencies = edges.windows(2).map(|edge| (centre(edge[0]..edge[1], is_log) * bin_hz) as f32).collect();
        Self { edges, frequencies }
    }

    /// The bins of each band.
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<usize>> {
        self.edges.windows(2).map(|edge| edge[0]..edge[1])
    }

    /// The first bin after the last band.
    pub(super) fn end(&self) -> usize {
        self.edges.last().copied().unwrap_or(0)
    }

    /// Frequency of each band in Hz: the middle of its first and its last bin, with `log` the geometric one.
    pub(super) fn frequencies(&self) -> &[f32] {
        &self.frequencies
    }
}

fn log_edge(bins: usize, j: usize, n: usize) -> usize {
    (bins as f64).powf(j as f64 / n as f64).round() as usize
}

fn centre(bins: Range<usize>, is_log: bool) -> f64 {
    let (first, last) = (bins.start as f64, (bins.end - 1) as f64);
    if is_log { (first * last).sqrt() } else { f64::midpoint(first, last) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WindowKind;
    use crate::spectrum::settings::WindowSize;

    fn bands(max_hz: Option<&str>, bins: Option<&str>) -> Bands {
        let mut settings = SpectrumSettings::new(WindowSize::new(1000).unwrap(), WindowKind::Hann.into());
        settings.max_hz = max_hz.map(|text| text.parse().unwrap());
        settings.bins = bins.map(|text| text.parse().unwrap());
        // Bins of 10 Hz.
        Bands::new(&settings, SampleRate::new(10_000).unwrap())
    }

    #[test]
    fn cover_the_bins_once_in_order() {
        for (max_hz, reduction, first, end, most) in [
            (None, None, 0, 501, 501),
            (Some("99.9"), None, 0, 10, 10),
            (Some("100"), None, 0, 11, 11),
            (Some("1e6"), None, 0, 501, 501),
            (Some("0.5"), None, 0, 2, 2),
            (None, Some("linear:100"), 0, 501, 100),
            (None, Some("linear:32768"), 0, 501, 501),
            (None, Some("log:20"), 1, 501, 20),
            (Some("100"), Some("log:500"), 1, 11, 10),
        ] {
            let bands = bands(max_hz, reduction);
            let ranges: Vec<_> = bands.iter().collect();
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{max_hz:?} {reduction:?}");
            assert!(ranges.iter().all(|range| !range.is_empty()));
            assert_eq!((ranges[0].start, bands.end()), (first, end), "{max_hz:?} {reduction:?}");
            assert!(ranges.len() <= most && ranges.len() == bands.frequencies().len());
        }
    }

    #[test]
    fn stand_at_the_middle_of_their_bins() {
        assert_eq!(bands(None, None).frequencies()[7], 70.0);
        let linear = bands(Some("90"), Some("linear:5"));
        assert_eq!(linear.frequencies(), [5.0, 25.0, 45.0, 65.0, 85.0]);
        let log = bands(None, Some("log:3"));
        // 501^(1/3) = 7.9, 501^(2/3) = 63.1.
        assert_eq!(log.iter().collect::<Vec<_>>(), [1..8, 8..63, 63..501]);
        assert_eq!(log.frequencies()[1], (8.0_f32 * 62.0).sqrt() * 10.0);
    }
}

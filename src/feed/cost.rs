//! What a feed costs: processor time of its thread over the time of the signal that it processed.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::time::{ClockId, clock_gettime};

/// Signal over which the load is averaged, in microseconds.
const WINDOW_US: u64 = 5_000_000;

/// Measures the thread that it is used in, from its beginning.
pub(super) struct CostMeter {
    /// Cores that a feed may keep busy at real-time pace.
    budget: f64,
    /// Processor time of the thread when the window began.
    window_from_cpu_us: u64,
    window_signal_us: u64,
    load: Option<f64>,
}

/// The load of a feed for those who list it; none before the first window is full.
#[derive(Default)]
pub(super) struct SharedLoad(AtomicU64);

impl CostMeter {
    pub(super) fn new(budget: f64) -> Self {
        Self { budget, window_from_cpu_us: 0, window_signal_us: 0, load: None }
    }

    /// Counts signal that was processed since the last call, in microseconds.
    pub(super) fn add(&mut self, signal_us: u64) {
        self.window_signal_us += signal_us;
        if self.window_signal_us < WINDOW_US {
            return;
        }
        let now_us = thread_cpu_us();
        self.load = Some((now_us - self.window_from_cpu_us) as f64 / self.window_signal_us as f64);
        (self.window_from_cpu_us, self.window_signal_us) = (now_us, 0);
    }

    /// Cores kept busy if the signal came in real time, over the last full window.
    pub(super) fn load(&self) -> Option<f64> {
        self.load
    }

    pub(super) fn is_too_high(&self) -> bool {
        self.load.is_some_and(|load| load > self.budget)
    }
}

impl SharedLoad {
    pub(super) fn store(&self, load: Option<f64>) {
        self.0.store(load.unwrap_or(0.0).to_bits(), Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> Option<f64> {
        let load = f64::from_bits(self.0.load(Ordering::Relaxed));
        (load > 0.0).then_some(load)
    }
}

fn thread_cpu_us() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_on_long_frames_counts() {
        let working = std::thread::Builder::new().spawn(|| {
            let mut meter = CostMeter::new(0.1);
            for _ in 0..2 {
                let until_us = thread_cpu_us() + 20_000;
                while thread_cpu_us() < until_us {}
                meter.add(2 * WINDOW_US);
            }
            assert!(!meter.is_too_high());
            meter.load().unwrap()
        });
        assert!((0.002..0.01).contains(&working.unwrap().join().unwrap()), "20 ms in 10 s");
    }
}

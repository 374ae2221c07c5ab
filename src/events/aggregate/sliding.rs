//! How many different users there were since any second of the last hour, estimated: a HyperLogLog that slides.
//!
//! Chabchoub and Hébrail, "Sliding HyperLogLog: Estimating Cardinality in a Data Stream over a Sliding Window" (ICDM
//! Workshops 2010): a register keeps, not the largest rank that it has seen, but the list of those that can still be
//! the largest in some window that ends now or later. The estimate from the registers is Ertl's ("New cardinality
//! estimation algorithms for HyperLogLog sketches", 2017, algorithm 6): unbiased for any number, where the one of Flajolet
//! et al. (2007) needs another formula for few and is biased where the two meet, by 1.5 standard errors at 10 240.

/// Bits of a hash that choose the register.
const INDEX_BITS: u32 = 12;

/// Registers.
const REGISTERS: usize = 1 << INDEX_BITS;

/// Bits of a hash that are ranked.
const RANKED_BITS: u32 = u64::BITS - INDEX_BITS;

/// Standard error of an estimate, as a fraction of the truth: 1.04 / √4096.
pub(super) const RELATIVE_ERROR: f64 = 1.04 / 64.0;

/// Different hashes over any window that ends now, of at most as many seconds as it remembers.
///
/// Memory: in the middle 4096 · ln(n / 4096) entries of 8 bytes for n users, at most 53 entries per register.
pub(super) struct SlidingHyperLogLog {
    registers: Vec<Register>,
    remembered_secs: u32,
}

/// From the oldest to the newest; ranks fall, since a rank that a later one reaches can be the largest no more.
#[derive(Clone, Default)]
struct Register(Vec<Seen>);

#[derive(Clone, Copy)]
struct Seen {
    second: u32,
    rank: u8,
}

impl SlidingHyperLogLog {
    /// An empty one that answers for windows of up to `remembered_secs` seconds.
    pub(super) fn new(remembered_secs: u32) -> Self {
        Self { registers: vec![Register::default(); REGISTERS], remembered_secs }
    }

    /// Notes a hash, all of whose 64 bits are well mixed. Seconds never fall from call to call.
    pub(super) fn insert(&mut self, hash: u64, second: u32) {
        let index = (hash >> RANKED_BITS) as usize;
        let rank = ((hash << INDEX_BITS).leading_zeros().min(RANKED_BITS) + 1) as u8;
        let oldest = (second + 1).saturating_sub(self.remembered_secs);
        self.registers[index].insert(Seen { second, rank }, oldest);
    }

    /// How many different hashes were noted in the second `from` and after it.
    pub(super) fn estimate(&self, from: u32) -> f64 {
        let mut registers_with = [0_u32; RANKED_BITS as usize + 2];
        for register in &self.registers {
            registers_with[usize::from(register.rank_since(from))] += 1;
        }
        estimate(&registers_with)
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        self.registers.iter().map(|register| register.0.len()).sum()
    }
}

impl Register {
    fn insert(&mut self, seen: Seen, oldest: u32) {
        let expired = self.0.iter().take_while(|entry| entry.second < oldest).count();
        self.0.drain(..expired);
        while self.0.pop_if(|newest| newest.rank <= seen.rank).is_some() {}
        if self.0.last().is_none_or(|newest| newest.second < seen.second) {
            self.0.push(seen);
        }
    }

    /// The largest rank since then; 0 without any.
    fn rank_since(&self, from: u32) -> u8 {
        self.0.iter().find(|entry| entry.second >= from).map_or(0, |entry| entry.rank)
    }
}

/// Ertl's improved raw estimate, from how many registers have each rank.
fn estimate(registers_with: &[u32]) -> f64 {
    let (m, last) = (REGISTERS as f64, registers_with.len() - 1);
    let share = |rank: usize| f64::from(registers_with[rank]) / m;
    let mut z = m * tau(1.0 - share(last));
    for rank in (1..last).rev() {
        z = 0.5 * (z + f64::from(registers_with[rank]));
    }
    z += m * sigma(share(0));
    m * m / (2.0 * std::f64::consts::LN_2 * z)
}

/// x + Σ x^(2^k) · 2^(k−1) over k ≥ 1: what registers that nothing has reached stand for.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut sum, mut weight) = (x, 1.0);
    loop {
        let before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
        if sum == before {
            return sum;
        }
    }
}

/// (1 − x − Σ (1 − x^(2^−k))² · 2^(−k) over k ≥ 1) / 3: what registers at the highest rank stand for.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut sum, mut weight) = (1.0 - x, 1.0);
    loop {
        let before = sum;
        x = x.sqrt();
        weight *= 0.5;
        sum -= (1.0 - x).powi(2) * weight;
        if sum == before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests;

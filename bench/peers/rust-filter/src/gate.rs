//! Requests in flight from which on a position, tier plus cohort, is shed: the formula of `src/core/shed.ts` for a scope
//! that is healthy, and its credit for retries.
use std::cell::Cell;

pub struct Gate {
    limit: f64,
    slope: f64,
    tiers: f64,
    retry_credit: Cell<f64>,
}

pub struct Request {
    pub tier: usize,
    pub cohort: u32,
    pub attempt: f64,
    pub deadline_ms: f64,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Verdict {
    Admit,
    Shed,
}

impl Gate {
    pub fn new(limit: f64, tiers: usize) -> Self {
        Gate {
            limit,
            slope: limit * 0.1 + 3.0 * limit.sqrt(),
            tiers: tiers as f64,
            retry_credit: Cell::new(10.0),
        }
    }

    /// `inflight`: without this request. `baseline_ms`: what a request takes when nothing waits.
    pub fn admit(&self, request: &Request, inflight: f64, baseline_ms: f64) -> Verdict {
        if request.deadline_ms > 0.0 && request.deadline_ms < baseline_ms / 2.0 {
            return Verdict::Shed;
        }
        let is_retry = request.attempt > 1.0;
        let credit = self.retry_credit.get();
        let half_a_tier = if is_retry { 0.5 } else { 0.0 };
        let position = request.tier as f64 + f64::from(request.cohort) / 64.0 + half_a_tier;
        let gate = self.limit + self.slope * (self.tiers - position);
        if inflight >= 1.0 && inflight >= gate.clamp(0.0, self.limit * 2.0) {
            return Verdict::Shed;
        }
        self.retry_credit.set(if is_retry {
            (credit - 1.0).max(0.0)
        } else {
            (credit + 0.1).min(10.0)
        });
        Verdict::Admit
    }
}

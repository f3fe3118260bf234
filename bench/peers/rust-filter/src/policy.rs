//! What a worker holds for all its streams: tiers, metrics and the times of the last window.
use crate::gate::Gate;
use proxy_wasm::hostcalls::{define_metric, get_metric, increment_metric, record_metric};
use proxy_wasm::types::MetricType;
use std::cell::Cell;

pub struct Tier {
    pub name: String,
    /// Header and value that make a request of this tier.
    pub matches: Option<(String, Vec<u8>)>,
    pub shed: u32,
    admitted: u32,
    deferred: Cell<i64>,
}

impl Tier {
    pub fn defer_admitted(&self) {
        self.deferred.set(self.deferred.get() + 1);
    }
}

pub struct Policy {
    pub tiers: Vec<Tier>,
    pub unmatched: usize,
    pub gate: Gate,
    pub inflight: u32,
    pub completed: u32,
    pub rtt_us: u32,
    pub lost: u32,
    /// Of the last window, microseconds.
    pub mean_us: Cell<u64>,
    limit: u32,
    configured_limit: u64,
    last: Cell<(u64, u64)>,
}

impl Policy {
    /// Lines `limit N`, `tier NAME` and `tier NAME HEADER VALUE`, most important first.
    pub fn read(text: &str) -> Option<Policy> {
        let mut tiers = Vec::new();
        let mut limit: u64 = 0;
        let mut unmatched = 0;
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["limit", count] => limit = count.parse().ok()?,
                ["tier", name] => {
                    unmatched = tiers.len();
                    tiers.push(tier(name, None)?);
                }
                ["tier", name, header, value] => {
                    tiers.push(tier(name, Some((header.into(), value.into())))?);
                }
                _ => return None,
            }
        }
        Some(Policy {
            gate: Gate::new(limit as f64, tiers.len()),
            tiers,
            unmatched,
            inflight: metric(MetricType::Gauge, "inflight")?,
            completed: metric(MetricType::Counter, "completed")?,
            rtt_us: metric(MetricType::Counter, "rtt_us")?,
            lost: metric(MetricType::Counter, "lost")?,
            mean_us: Cell::new(0),
            limit: metric(MetricType::Gauge, "limit")?,
            configured_limit: limit,
            last: Cell::new((0, 0)),
        })
    }

    pub fn tick(&self) {
        for tier in &self.tiers {
            let count = tier.deferred.replace(0);
            if count > 0 {
                add(tier.admitted, count);
            }
        }
        let completed = get_metric(self.completed).unwrap_or(0);
        let rtt_us = get_metric(self.rtt_us).unwrap_or(0);
        let (last_completed, last_rtt_us) = self.last.replace((completed, rtt_us));
        if completed > last_completed {
            self.mean_us
                .set(rtt_us.wrapping_sub(last_rtt_us) / (completed - last_completed));
        }
        let _ = record_metric(self.limit, self.configured_limit);
    }
}

fn tier(name: &str, matches: Option<(String, Vec<u8>)>) -> Option<Tier> {
    Some(Tier {
        name: name.into(),
        matches,
        shed: metric(MetricType::Counter, &format!("tier.{name}.shed"))?,
        admitted: metric(MetricType::Counter, &format!("tier.{name}.admitted"))?,
        deferred: Cell::new(0),
    })
}

fn metric(kind: MetricType, name: &str) -> Option<u32> {
    define_metric(kind, &format!("peer.{name}")).ok()
}

pub fn add(metric: u32, by: i64) {
    let _ = increment_metric(metric, by);
}

//! One request, from its headers to its end.
use crate::gate::{Request, Verdict};
use crate::headers::{cohort, grpc_timeout_ms, hash, stamp, whole};
use crate::policy::{add, Policy};
use proxy_wasm::hostcalls::get_metric;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use std::rc::Rc;
use std::time::Instant;

const STAMP: &str = "x-qmesh-tier";
/// As in `wasm-filter/assembly/stream.ts`: which answers Envoy may have made itself.
const MAX_OWN_REPLY_HEADERS: usize = 5;
const UNUSUAL: u64 = 4;
const NOTABLE_US: u64 = 1000;

enum State {
    Unseen,
    Waiting(Instant),
    Answered,
}

pub struct Stream {
    id: u32,
    policy: Rc<Policy>,
    state: State,
}

impl Stream {
    pub fn new(id: u32, policy: Rc<Policy>) -> Self {
        Stream {
            id,
            policy,
            state: State::Unseen,
        }
    }

    fn header(&self, name: &str) -> Vec<u8> {
        self.get_http_request_header_bytes(name).unwrap_or_default()
    }

    /// The request, and whether tier and cohort came with it.
    fn read(&self) -> (Request, bool) {
        let policy = &self.policy;
        let believed = self.header(STAMP);
        let known = stamp(&believed).and_then(|(name, cohort)| {
            let tier = policy
                .tiers
                .iter()
                .position(|t| t.name.as_bytes() == name)?;
            Some((tier, cohort))
        });
        let (tier, cohort) = known.unwrap_or_else(|| (self.tier(), self.cohort()));
        let request = Request {
            tier,
            cohort,
            attempt: whole(&self.header("x-envoy-attempt-count")).max(1.0),
            deadline_ms: self.deadline_ms(),
        };
        (request, known.is_some())
    }

    fn tier(&self) -> usize {
        let mut read: Option<(&str, Vec<u8>)> = None;
        for (index, tier) in self.policy.tiers.iter().enumerate() {
            let Some((name, value)) = &tier.matches else {
                continue;
            };
            if read.as_ref().map(|(known, _)| *known) != Some(name.as_str()) {
                read = Some((name, self.header(name)));
            }
            if read.as_ref().map(|(_, found)| found) == Some(value) {
                return index;
            }
        }
        self.policy.unmatched
    }

    fn cohort(&self) -> u32 {
        let id = self.header("x-request-id");
        cohort(if id.is_empty() {
            hash(&self.id.to_le_bytes())
        } else {
            hash(&id)
        })
    }

    fn deadline_ms(&self) -> f64 {
        let timeout = whole(&self.header("x-envoy-expected-rq-timeout-ms"));
        let grpc = grpc_timeout_ms(&self.header("grpc-timeout"));
        if timeout == 0.0 || grpc == 0.0 {
            return timeout.max(grpc);
        }
        timeout.min(grpc)
    }

    fn shed(&self, tier: usize) -> Action {
        add(self.policy.inflight, -1);
        add(self.policy.tiers[tier].shed, 1);
        let retry_after = ["1", "2", "3"][(self.id % 3) as usize];
        let mut headers = vec![
            ("x-envoy-ratelimited", "true"),
            ("retry-after", retry_after),
        ];
        if self.header("content-type").starts_with(b"application/grpc") {
            headers.push(("grpc-retry-pushback-ms", "-1"));
        }
        self.send_http_response(429, headers, Some(b"overloaded, request shed"));
        Action::Pause
    }

    fn has_flags(&self) -> bool {
        self.get_property(vec!["response", "flags"])
            .is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0))
    }
}

fn is_unusual(rtt_us: u64, mean_us: u64) -> bool {
    rtt_us.max(mean_us) >= NOTABLE_US && (rtt_us * UNUSUAL < mean_us || rtt_us > mean_us * UNUSUAL)
}

impl Context for Stream {
    fn on_done(&mut self) -> bool {
        if let State::Unseen = self.state {
            return true;
        }
        if let State::Waiting(_) = self.state {
            add(self.policy.lost, 1);
        }
        add(self.policy.inflight, -1);
        self.state = State::Unseen;
        true
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _is_end: bool) -> Action {
        let policy = Rc::clone(&self.policy);
        let (request, is_stamped) = self.read();
        add(policy.inflight, 1);
        let inflight = get_metric(policy.inflight).unwrap_or(1).max(1) - 1;
        let baseline_ms = policy.mean_us.get() as f64 / 1000.0;
        if policy.gate.admit(&request, inflight as f64, baseline_ms) == Verdict::Shed {
            return self.shed(request.tier);
        }
        let tier = &policy.tiers[request.tier];
        tier.defer_admitted();
        self.state = State::Waiting(Instant::now());
        if !is_stamped {
            let stamp = format!("{};{}", tier.name, request.cohort);
            self.set_http_request_header(STAMP, Some(&stamp));
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, count: usize, _is_end: bool) -> Action {
        let State::Waiting(start) = self.state else {
            return Action::Continue;
        };
        let rtt_us = start.elapsed().as_micros() as u64;
        self.state = State::Answered;
        let is_suspect =
            count <= MAX_OWN_REPLY_HEADERS && is_unusual(rtt_us, self.policy.mean_us.get());
        if is_suspect && self.has_flags() {
            add(self.policy.lost, 1);
        } else {
            add(self.policy.completed, 1);
            add(self.policy.rtt_us, rtt_us as i64);
        }
        Action::Continue
    }
}

//! What a request costs in a filter like ours, written with the Rust crate proxy-wasm as its author would have it: one
//! context object a stream, the crate's own header and metric calls. For `bench/overhead.ts` only.
//!
//! Does, request for request, what ours does: reads tier, cohort, retry, deadline and tenant headers; matches the tier;
//! counts in flight in a gauge shared by all workers and reads it back; asks the same gate formula and retry credit;
//! stamps `x-qmesh-tier`; takes the monotonic time; counts answers and their time in counters, checks the response flags
//! of a suspicious one; counts out at the end; defers per-tier counters to the tick; sheds with the same headers.
//!
//! Headers are read one by one: six calls, of which two find something in the benchmark. All of them in one call was
//! measured as well and costs the same.
//!
//! Leaves out: the law's part of the tick (the limit is the configured one), scopes and path matches, exempt requests,
//! shadow mode, tenant shares, ghosts, the census of dead workers, the check of the configuration. So it does less.
mod gate;
mod headers;
mod policy;
mod stream;

use crate::policy::Policy;
use crate::stream::Stream;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{ContextType, LogLevel};
use std::rc::Rc;
use std::time::Duration;

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Warn);
    proxy_wasm::set_root_context(|_| Box::new(Root { policy: None }));
}}

struct Root {
    policy: Option<Rc<Policy>>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let bytes = self.get_plugin_configuration().unwrap_or_default();
        self.policy = String::from_utf8(bytes)
            .ok()
            .and_then(|text| Policy::read(&text))
            .map(Rc::new);
        self.set_tick_period(Duration::from_millis(100));
        self.policy.is_some()
    }

    fn on_tick(&mut self) {
        if let Some(policy) = &self.policy {
            policy.tick();
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        let policy = self.policy.as_ref()?;
        Some(Box::new(Stream::new(id, Rc::clone(policy))))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/** The one WASI function used: Envoy's own time call reads the wall clock, clock 1 here is monotonic. The name is the import's module. */
export declare function clock_time_get(clock: u32, precision: i64, out: usize): u32;

import { config, type JsonObject } from "../wasm-host/filter-config.ts";
import type { Random } from "./random.ts";

/** A configuration the filter takes: one or two scopes, of few names, with every field there is. */
export function randomConfig(random: Random): Uint8Array {
  const rest = randomScope(random, { name: "shop" });
  if (random.chance(0.5)) return config(rest);
  return config(randomScope(random, { name: "pay", clusters: ["c0"], routes: ["r0"] }), rest);
}

function randomScope(random: Random, fields: JsonObject): JsonObject {
  const tiers = [
    { name: "a", matches: [{ headers: [{ name: "x-criticality", value: "critical" }] }] },
    { name: "b", matches: [{ path: { type: "PREFIX", value: "/pay" } }] },
    { name: "c" },
  ].slice(random.below(3));
  const max = random.pick([1, 4, 50, 100_000]);
  const weights = [{ value: "gold", weight: 3 }];
  return {
    mode: random.pick(["OFF", "SHADOW", "ENFORCE", "ENFORCE", "ENFORCE"]),
    tiers,
    unmatched: tiers.length - 1,
    limit: { min: 1, max, initial: Math.min(max, 16) },
    answer: {
      status: random.pick([429, 503]),
      retryAfter: random.chance(0.5),
      loadReport: random.chance(0.5),
    },
    ...(random.chance(0.5) && { exempt: [{ path: { type: "EXACT", value: "/healthz" } }] }),
    ...(random.chance(0.5) && { memory: { limit: random.below(1000) + 1, baselineMs: 20 } }),
    ...(random.chance(0.5) && { tenant: { header: "x-tenant", weights } }),
    ...fields,
  };
}

/** One that may be refused, and must not trap. */
export function damagedConfig(random: Random): Uint8Array {
  if (random.chance(0.3)) return random.bytes(random.below(400));
  const bytes = [...randomConfig(random)];
  for (let i = 0; i < 3; i++) {
    const at = random.below(bytes.length);
    if (random.chance(0.3)) bytes.splice(at, random.below(4));
    else bytes[at] = random.below(256);
  }
  return Uint8Array.from(bytes);
}

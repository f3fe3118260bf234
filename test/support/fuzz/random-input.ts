import { encodePairs, type Headers } from "../wasm-host/pairs.ts";
import type { StreamInput } from "../wasm-host/stream.ts";
import type { Random } from "./random.ts";

/** What clients send: mostly what the filter looks at, well formed or nearly so; sometimes anything, or a header bomb. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  ":path": ["/", "/healthz", "/pay/x?y", ""],
  "x-criticality": ["critical", "default", ""],
  "x-request-id": ["0b1c4e60-94a7-4b0c-8ac7-0d4b5b8a9a51", "", "x".repeat(5000)],
  "x-qmesh-tier": ["a;0", "b;63", "b;64", "a;", ";1", "a;01", "zz;5", "a;5;5", "x".repeat(70)],
  "x-envoy-attempt-count": ["1", "2", "99999999999", "-1", "x"],
  "x-envoy-expected-rq-timeout-ms": ["0", "1", "500", "4294967296", "9999999999", "1e9"],
  "grpc-timeout": ["1n", "5m", "99999999H", "m", "1", "18446744073709551616S"],
  "content-type": ["application/grpc", "application/grpc+proto", "application/grp", "text/plain"],
  "x-tenant": ["gold", "acme", ""],
};
const NAMES = Object.keys(VALUES);

export function randomInput(random: Random): StreamInput {
  const headers = randomHeaders(random);
  const properties = {
    "xds.cluster_name": random.pick(["c0", "c1", "none"]),
    "xds.route_name": random.pick(["r0", ""]),
  };
  if (random.chance(0.95)) return { headers, properties };
  return { headers, properties, pairs: damagedPairs(random, headers) };
}

function randomHeaders(random: Random): Headers {
  if (random.chance(0.02)) return [["x-bomb", "x".repeat(random.below(80_000))]];
  if (random.chance(0.02)) return Array.from({ length: 1024 }, (_, i) => [`x-${i}`, "1"] as const);
  return Array.from({ length: random.below(12) }, () => {
    if (random.chance(0.1)) return [random.text(random.below(40)), random.text(20)] as const;
    const name = random.pick(NAMES);
    const isOdd = random.chance(0.2);
    return [name, isOdd ? random.text(random.below(30)) : random.pick(VALUES[name]!)] as const;
  });
}

/** What no Envoy sends: sizes and counts that lie. */
function damagedPairs(random: Random, headers: Headers): Uint8Array {
  if (random.chance(0.3)) return random.bytes(random.below(300));
  const pairs = Uint8Array.from(encodePairs(headers));
  for (let i = 0; i < 3; i++) pairs[random.below(pairs.length)] = random.below(256);
  return random.chance(0.3) ? pairs.subarray(0, random.below(pairs.length)) : pairs;
}

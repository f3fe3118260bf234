import { rateLimitMethod } from "../../adapters/rate-limit-service.ts";
import type { RateLimiter } from "../../adapters/rate-limiter.ts";
import { startUnaryServer, type UnaryServer } from "../../adapters/unary-server.ts";
import type { Address } from "../address.ts";
import { Failure } from "../exit-code.ts";
import type { Rim } from "../rim.ts";
import { nowMs } from "./clock.ts";
import type { Closers } from "./closers.ts";

/** Where Envoys ask for one count of the whole mesh: a port of its own, since it is asked for every request. */
export async function openRateLimitPort(
  address: Address,
  parts: { readonly limiter: RateLimiter; readonly rim: Rim; readonly isReady: () => boolean },
  closers: Closers,
): Promise<UnaryServer> {
  const { limiter, rim, isReady } = parts;
  const { host, port } = address;
  const door = rim.doorkeeper === undefined ? {} : { doorkeeper: rim.doorkeeper };
  const answerTo = rim.answerTo(rateLimitMethod({ limiter, isReady, nowMs }));
  try {
    const server = await startUnaryServer(answerTo, { host, port, ...door });
    closers.add(() => server.stop());
    return server;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is in use" : `cannot be had (${code})`;
    throw new Failure(
      `rate-limit address ${host}:${port} ${why}: stop what holds it, or choose another with --rate-limit (port 0 takes a free one).`,
    );
  }
}

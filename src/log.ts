import { destination, type Logger, pino } from "pino";

/** JSON lines on standard error. Level: error = someone must act, warn = degraded, info = state change, debug = per message. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: null, redact: ["headers.authorization", "*.token"] },
    destination({ fd: 2, sync: true }),
  );
}

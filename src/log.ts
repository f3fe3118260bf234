import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from "pino";

/**
 * One JSON line an event on stderr: the message is constant text, what varies is a field. Written at once, so that the
 * last line before an exit is there. error: someone must act; warn: degraded; info: state change; debug: per message.
 */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

/** Fields that may carry a secret, wherever they stand at the first two levels. */
const SECRETS = ["authorization", "cookie", "password", "privateKey", "token"];

export function createLog(
  level: LogLevel,
  to: DestinationStream = destination({ fd: STDERR, sync: true }),
): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`]);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: "[redacted]" },
    },
    to,
  );
}

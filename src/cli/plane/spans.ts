import type { Logger } from "pino";
import { OtlpExporter, spansOf } from "../../adapters/otlp-spans.ts";
import { packageVersion } from "../package-files.ts";
import type { Part } from "./parts.ts";

/** Sends what pushes took to an OTLP collector, as they are written down. */
export function spansTo(url: string, log: Logger): Part {
  const exporter = new OtlpExporter(url, packageVersion, (why) =>
    log.warn({ why, dropped: exporter.dropped }, "spans were not taken"),
  );
  return {
    onRecords: (records) => {
      for (const record of records) exporter.take(spansOf(record, Date.now()));
    },
  };
}

/**
 * Names that end up in Envoy's names and metrics, in DNS or in HTTP. Document, tier, version and listener names are DNS labels
 * (RFC 1123), narrower than Kubernetes' dotted names, so that `checkout.v42` has one reading. Hostnames follow Gateway API: lower
 * case, an optional first label `*`, no IP address. Header names are tokens of RFC 9110 without a colon and read as lower case.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { text } from "./fields.ts";
import { show } from "./show.ts";

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/;
/** Field values of RFC 9110: visible characters, blanks and tabs; bounded as in Gateway API. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\uffff]{1,4096}$/;

function isLabel(name: string): boolean {
  return LABEL.test(name);
}

function labelFault(name: string): string | undefined {
  if (isLabel(name)) return undefined;
  const rule = "1 to 63 of a-z, 0-9 and -, a letter or digit at both ends";
  return `QM0013 ${show(name)} is not a DNS label: ${rule}`;
}

export const label = text(labelFault).meta({ pattern: LABEL.source });

/** `*.` and a DNS name, or a DNS name. */
export const hostname = text((value) => {
  if (isIP(value) !== 0) return `QM0016 ${show(value)} is an IP address; expected a DNS name`;
  const labels = value.replace(/^\*\./, "").split(".");
  if (value.length <= 253 && labels.every(isLabel)) return undefined;
  const hint =
    value === "*" ? "leave the field out to take any" : "as in shop.example or *.example";
  return `QM0016 ${show(value)} is not a lower-case DNS name; ${hint}`;
});

export const headerName = text((value) =>
  TOKEN.test(value) ? undefined : `QM0017 ${show(value)} is not a header name`,
).transform((value) => value.toLowerCase());

/** A header that a filter may write. Envoy refuses a configuration that edits `host`. */
export const editableHeader = headerName.superRefine((value, context) => {
  const message = "QM0017 host is not a header to edit; a URLRewrite filter sets the hostname";
  if (value === "host") context.addIssue({ code: "custom", message });
});

export const headerValue = text((value) =>
  HEADER_VALUE.test(value)
    ? undefined
    : `QM0017 ${show(value)} is not a header value: 1 to 4096 characters, none a control`,
);

export const queryName = text((value) =>
  TOKEN.test(value) ? undefined : `QM0017 ${show(value)} is not a query parameter name`,
);

export const queryValue = z.string().min(1).max(1024);

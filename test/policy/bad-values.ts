/** Sets with something wrong in one document, and every line an operator then reads. */
import { gateway, grpcRoute, rateLimit, route, service, shedding, toText } from "./documents.ts";

export interface BadCase {
  readonly name: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const onlyGateway = (spec: Record<string, unknown>) => toText([gateway(spec)]);
const onlyService = (spec: Record<string, unknown>) => toText([service(spec)]);
const withRoute = (rule: Record<string, unknown>, spec = {}) =>
  toText([gateway(), service(), route(rule, spec)]);
const withShedding = (spec: Record<string, unknown>) => toText([service(), shedding(spec)]);

const withLimit = (spec: Record<string, unknown>) => toText([service(), rateLimit(spec)]);

const SIDECAR = { inbound: 15006, app: "127.0.0.1:3000", outbound: 15001 };
const [CERTIFICATE, KEY, SDS] = ["certificate", "privateKey", "sds"].map(
  (name) => `quantum.mesh/${name}`,
) as [string, string, string];
const FILES = { [CERTIFICATE]: "a.pem", [KEY]: "a.key" };
const SECURE = { name: "https", protocol: "HTTPS", port: 443 };
const LISTENER = { name: "http", protocol: "HTTP", port: 80 };
const R = "a.yaml:5 HTTPRoute/shop spec";
const S = "a.yaml:1 Service/shop spec";
const H = "a.yaml:3 Shedding/shop spec";
const L = "a.yaml:3 RateLimit/shop spec";
const G = "a.yaml:1 Gateway/edge spec";
const LABEL =
  "is not a DNS label: 1 to 63 of a-z, 0-9 and -, a letter or digit at both ends [QM0013]";
const IP_PORT = "is not an IP address with a port such as 127.0.0.1:9001 [QM0020]";

export const badText: readonly BadCase[] = [
  {
    name: "text that is not YAML",
    text: "kind: Gateway\nmetadata: [a\nspec: 1\n",
    lines: [
      "a.yaml:3 document 1: Flow sequence in block collection must be sufficiently indented and end with a ] [QM0001]",
    ],
  },
  {
    name: "a key twice",
    text: "kind: Gateway\nspec:\n  a: 1\n  b: 1\n  a: 2\n",
    lines: ["a.yaml:5 document 1: key a stands twice [QM0002]"],
  },
  {
    name: "the same key as text and as number",
    text: '{"1": a,\n 1: b}',
    lines: ["a.yaml:2 document 1: key 1 stands twice [QM0002]"],
  },
  {
    name: "a bomb of aliases",
    text: `a: &a [1,1,1,1,1,1,1,1,1,1]\n${"abcdefgh"
      .split("")
      .map((name, index, all) =>
        index === 0 ? "" : `${name}: &${name} [${`*${all[index - 1]},`.repeat(10)}]\n`,
      )
      .join("")}`,
    lines: [
      "a.yaml:1 document 1: the document comes to more than 200000 values, aliases counted [QM0003]",
    ],
  },
  {
    name: "an alias of itself",
    text: "a: &a\n  - *a\n",
    lines: [
      "a.yaml:2 document 1: the document comes to more than 64 levels, aliases counted [QM0003]",
    ],
  },
  {
    name: "an alias of nothing",
    text: "a: 1\nb: *none\n",
    lines: ["a.yaml:2 document 1: alias *none has no anchor before it [QM0001]"],
  },
  {
    name: "a million open brackets",
    text: "[".repeat(1_000_000),
    lines: ["a.yaml:1 document 1: the text nests too deep to be read [QM0003]"],
  },
  {
    name: "a million lists begun on one line",
    text: "- ".repeat(1_000_000),
    lines: ["a.yaml:1 document 1: the text nests too deep to be read [QM0003]"],
  },
  {
    name: "a file above 4194304 characters",
    text: " ".repeat(4_194_305),
    lines: ["a.yaml:1 document 1: 4194305 characters is above 4194304; split the file [QM0003]"],
  },
  {
    name: "a tag and an old directive",
    text: "%YAML 1.1\n---\na: yes\n---\n\nb: !!python 1\n",
    lines: [
      "a.yaml:2 document 1: %YAML 1.1 is not read; write YAML 1.2 [QM0001]",
      "a.yaml:6 document 2: Unresolved tag: tag:yaml.org,2002:python [QM0001]",
    ],
  },
  {
    name: "a document that is a list",
    text: "# nothing\n---\n- 1\n",
    lines: [
      "a.yaml:3 document 1: a list is not a document with apiVersion, kind, metadata and spec [QM0004]",
    ],
  },
  {
    name: "__proto__ as a key",
    text: "kind: Service\nspec: {__proto__: {}}\n",
    lines: ["a.yaml:2 document 1: unknown field __proto__ [QM0008]"],
  },
  {
    name: "kinds that are unknown, later, or of another group",
    text: toText([
      { kind: "Sheding", metadata: { name: "a" } },
      { kind: "DataSource", metadata: { name: "a" } },
      { ...service(), apiVersion: "v1" },
      { metadata: { name: "a" } },
      { kind: "Deployment" },
    ]),
    lines: [
      'a.yaml:1 Sheding/a kind: unknown kind "Sheding"; did you mean Shedding? [QM0009]',
      "a.yaml:3 DataSource/a kind: documents of kind DataSource are not supported yet [QM0010]",
      'a.yaml:5 Service/shop apiVersion: "v1" is not the apiVersion of Service; write quantum.mesh/v1 [QM0009]',
      "a.yaml:7 document 4 kind: missing [QM0007]",
      'a.yaml:9 document 5 kind: unknown kind "Deployment"; known: Gateway, HTTPRoute, GRPCRoute, Service, Shedding, RateLimit, SLO, AlertPolicy, AlertCondition, AlertNotificationTarget, Policy, Rollout, Guardrail, Override, Maintenance, Adapter, Identity, Runbook [QM0009]',
    ],
  },
  {
    name: "a List with an entry that is no document, and one at fault",
    text: `apiVersion: v1
kind: List
items:
  - 7
  - kind: Service
    apiVersion: quantum.mesh/v1
    metadata: {name: shop, owner: team}
    spec:
      timeout: 5
      endpoints: ["127.0.0.1:9001"]
`,
    lines: [
      "a.yaml:4 document 1 items[0]: 7 is not a document [QM0004]",
      "a.yaml:9 Service/shop spec.timeout: 5 has no unit; write 5s or 5ms [QM0014]",
    ],
  },
  {
    name: "documents without their parts",
    text: toText([
      { apiVersion: "quantum.mesh/v1", kind: "Service" },
      { ...service(), metadata: { name: "Shop_1", owner: "team" }, sepc: {} },
      { ...shedding(), metadata: { labels: { a: 1 } } },
    ]),
    lines: [
      "a.yaml:1 document 1 metadata: missing [QM0007]",
      "a.yaml:1 document 1 spec: missing [QM0007]",
      `a.yaml:3 Service/Shop_1 metadata.name: "Shop_1" ${LABEL}`,
      "a.yaml:3 Service/Shop_1 sepc: unknown field; did you mean spec? [QM0008]",
      'a.yaml:5 document 3 metadata.labels.a: 1 is not a string; write "1" in quotes [QM0006]',
      "a.yaml:5 document 3 metadata.name: missing [QM0007]",
      "a.yaml:5 document 3 metadata.owner: missing; a Shedding says who owns it [QM0117]",
      "a.yaml:5 document 3 spec.target.service: there is no Service shop; did you mean Shop_1? [QM0206]",
    ],
  },
];

export const badGateways: readonly BadCase[] = [
  {
    name: "listeners of a later protocol or with a port out of range",
    text: onlyGateway({
      listeners: [
        { ...LISTENER, protocol: "TLS", port: 120_000 },
        { ...LISTENER, port: 8.5, name: "b" },
      ],
    }),
    lines: [
      `${G}.listeners[0].port: 120000 is above 65535 [QM0005]`,
      `${G}.listeners[0].protocol: listeners of protocol TLS are not supported yet [QM0011]`,
      `${G}.listeners[1].port: 8.5 is not a whole number [QM0006]`,
    ],
  },
  {
    name: "HTTPS without a certificate, with half of one, with two, and TLS where it cannot be",
    text: onlyGateway({
      listeners: [
        { ...SECURE, name: "a", hostname: "a.b" },
        { ...SECURE, name: "b", hostname: "b.b", tls: { options: { [CERTIFICATE]: "a.pem" } } },
        { ...SECURE, name: "c", hostname: "c.b", tls: { options: { ...FILES, [SDS]: "edge" } } },
        { ...SECURE, name: "d", hostname: "d.b", tls: { mode: "Passthrough" } },
        { ...SECURE, name: "e", hostname: "e.b", tls: { options: { "quantum.mesh/sd": "edge" } } },
        {
          ...SECURE,
          name: "f",
          hostname: "f.b",
          tls: { options: FILES, certificateRefs: [], frontendValidation: {} },
        },
        { ...LISTENER, tls: { options: { [SDS]: "edge" } } },
        { ...LISTENER, name: "g", port: 443 },
      ],
    }),
    lines: [
      `${G}.listeners[0].tls: missing; HTTPS needs a certificate [QM0007]`,
      `${G}.listeners[1].tls.options: missing; write quantum.mesh/certificate and quantum.mesh/privateKey, or quantum.mesh/sds [QM0007]`,
      `${G}.listeners[2].tls.options["quantum.mesh/sds"]: a secret and files are both there; keep quantum.mesh/sds or the files [QM0115]`,
      `${G}.listeners[3].tls.mode: listeners that pass TLS through are not supported yet [QM0011]`,
      `${G}.listeners[3].tls.options: missing; write quantum.mesh/certificate and quantum.mesh/privateKey, or quantum.mesh/sds [QM0007]`,
      `${G}.listeners[4].tls.options["quantum.mesh/sd"]: unknown field; did you mean quantum.mesh/sds? [QM0008]`,
      `${G}.listeners[5].tls.certificateRefs: certificates from a cluster's Secrets are not supported yet [QM0011]`,
      `${G}.listeners[5].tls.frontendValidation: certificates of clients are not supported yet [QM0011]`,
      `${G}.listeners[5].tls.options["quantum.mesh/certificate"]: a.pem cannot be read (no files are at hand) [QM0023]`,
      `${G}.listeners[5].tls.options["quantum.mesh/privateKey"]: a.key cannot be read (no files are at hand) [QM0023]`,
      `${G}.listeners[6].tls: protocol HTTP knows no TLS; write HTTPS [QM0120]`,
      `${G}.listeners[7].protocol: port 443 is already of protocol HTTPS, in listener a [QM0103]`,
    ],
  },
  {
    name: "listeners that clash",
    text: onlyGateway({
      listeners: [LISTENER, { ...LISTENER, name: "b" }, { ...LISTENER, hostname: "a.b" }],
    }),
    lines: [
      `${G}.listeners[1].port: port 80 without a hostname is already taken by listener http [QM0103]`,
      `${G}.listeners[2].name: http is already entry 0 of this list [QM0101]`,
    ],
  },
  {
    name: "another class, addresses by name, hostnames that are none",
    text: onlyGateway({
      gatewayClassName: "istio",
      addresses: [{ value: "::g" }, { type: "Hostname", value: "1.2.3.4" }],
      listeners: [
        { ...LISTENER, name: "a", hostname: "Shop.example" },
        { ...LISTENER, name: "b", hostname: "*" },
        { ...LISTENER, name: "c", hostname: "1.2.3.4" },
      ],
    }),
    lines: [
      `${G}.addresses[0].value: "::g" is not an IP address [QM0020]`,
      `${G}.addresses[1].type: addresses by hostname are not supported yet [QM0011]`,
      `${G}.gatewayClassName: "istio" is not qmesh, the one class there is [QM0012]`,
      `${G}.listeners[0].hostname: "Shop.example" is not a lower-case DNS name; as in shop.example or *.example [QM0016]`,
      `${G}.listeners[1].hostname: "*" is not a lower-case DNS name; leave the field out to take any [QM0016]`,
      `${G}.listeners[2].hostname: "1.2.3.4" is an IP address; expected a DNS name [QM0016]`,
    ],
  },
  {
    name: "a Gateway without anything",
    text: toText([{ ...gateway(), spec: {} }]),
    lines: [
      `${G}.gatewayClassName: missing; write qmesh [QM0007]`,
      `${G}.listeners: a Gateway needs a listener [QM0007]`,
    ],
  },
];

export const badRoutes: readonly BadCase[] = [
  {
    name: "weights out of range, a misspelt field and a reference that dangles, at once",
    text: withRoute({
      backendRefs: [
        { name: "shop", weight: 1_200_000 },
        { name: "shpo", wieght: 1 },
      ],
    }),
    lines: [
      `${R}.rules[0].backendRefs[0].weight: 1200000 is above 1000000 [QM0005]`,
      `${R}.rules[0].backendRefs[1].name: there is no Service shpo; did you mean shop? [QM0204]`,
      `${R}.rules[0].backendRefs[1].wieght: unknown field; did you mean weight? [QM0008]`,
    ],
  },
  {
    name: "weights that are all 0, and no backend at all",
    text: withRoute({}, { rules: [{ backendRefs: [{ name: "shop", weight: 0 }] }, {}] }),
    lines: [
      `${R}.rules[0].backendRefs: all weights are 0, so nobody would answer; give one a weight [QM0104]`,
      `${R}.rules[1].backendRefs: missing; a rule needs a backend or a RequestRedirect filter [QM0109]`,
    ],
  },
  {
    name: "parents that dangle, are of no such kind, or say what their kind has not",
    text: withRoute(
      {},
      {
        parentRefs: [
          { name: "edg" },
          { name: "edge", sectionName: "htp" },
          { group: "quantum.mesh", kind: "Service", name: "shpo", sectionName: "http" },
          { kind: "Service", name: "shop" },
          { group: "quantum.mesh", name: "edge" },
          { group: "quantum.mesh", kind: "Servce", name: "other" },
          { name: "edge", sectionName: "http", port: 80 },
        ],
      },
    ),
    lines: [
      `${R}.parentRefs[0].name: there is no Gateway edg; did you mean edge? [QM0202]`,
      `${R}.parentRefs[1].sectionName: Gateway edge has no listener htp; did you mean http? [QM0203]`,
      `${R}.parentRefs[2].name: there is no Service shpo; did you mean shop? [QM0202]`,
      `${R}.parentRefs[2].sectionName: a Service has no sections; take it out [QM0119]`,
      `${R}.parentRefs[3].group: Service is no kind of gateway.networking.k8s.io; write quantum.mesh [QM0012]`,
      `${R}.parentRefs[4].kind: Gateway is no kind of "quantum.mesh"; write Service [QM0012]`,
      `${R}.parentRefs[5].kind: "Servce" is not one of Gateway, Service; did you mean Service? [QM0012]`,
      `${R}.parentRefs[6].port: parentRefs by port are (sectionName names the listener), and port is not supported yet [QM0011]`,
    ],
  },
  {
    name: "hostnames where only a Service is the parent, and the parent twice",
    text: withRoute(
      {},
      {
        hostnames: ["shop.example"],
        parentRefs: [
          { group: "quantum.mesh", kind: "Service", name: "shop" },
          { group: "", kind: "Service", name: "shop" },
        ],
      },
    ),
    lines: [
      `${R}.hostnames: a Service is called by its own name; hostnames hold at a Gateway only [QM0119]`,
      `${R}.parentRefs[1].name: Service shop is already entry 0 of this list [QM0101]`,
    ],
  },
  {
    name: "hostnames no listener takes",
    text: toText([
      gateway({ listeners: [{ ...LISTENER, hostname: "*.shop.example" }] }),
      service(),
      route({}, { hostnames: ["shop.example", "a.b"] }),
    ]),
    lines: [
      `${R}.hostnames: no listener of Gateway edge takes a hostname of this route; they take *.shop.example [QM0208]`,
    ],
  },
  {
    name: "versions that are not there",
    text: withRoute({
      backendRefs: [
        { kind: "ServiceVersion", name: "shop.v42" },
        { kind: "ServiceVersion", name: "shop" },
        { kind: "ServiceVersion", name: "pay.v1" },
      ],
    }),
    lines: [
      `${R}.rules[0].backendRefs[0].name: Service shop has no version v42; versions: v1 [QM0205]`,
      `${R}.rules[0].backendRefs[1].name: shop is not of the form SERVICE.VERSION, such as checkout.v2 [QM0205]`,
      `${R}.rules[0].backendRefs[2].name: there is no Service pay [QM0204]`,
    ],
  },
  {
    name: "timeouts that are none or contradict each other",
    text: withRoute(
      {},
      {
        rules: [
          {
            backendRefs: [{ name: "shop" }],
            timeouts: { request: "1s", backendRequest: "1s500ms" },
          },
          { backendRefs: [{ name: "shop" }], timeouts: { request: "1.5s", backendRequest: 4 } },
        ],
      },
    ),
    lines: [
      `${R}.rules[0].timeouts.backendRequest: 1500ms is above request, 1000ms, of which it is a part [QM0111]`,
      `${R}.rules[1].timeouts.backendRequest: 4 has no unit; write 4s or 4ms [QM0014]`,
      `${R}.rules[1].timeouts.request: "1.5s" is not a duration such as 400ms, 5s or 1m30s [QM0014]`,
    ],
  },
  {
    name: "matches that no request can be of",
    text: withRoute({
      matches: [
        { path: { value: "pay" } },
        { path: { type: "Exact", value: "/a//b" } },
        { path: { type: "RegularExpression", value: "/(a" } },
        { path: { type: "RegularExpression", value: "(a{100}){100}" } },
        { method: "get" },
        {
          headers: [
            { name: "x y", value: "1" },
            { name: "X-A", value: "1" },
            { name: "x-a", value: "2" },
          ],
        },
        {
          queryParams: [
            { name: "q", type: "RegularExpression", value: "(?=a)" },
            { name: "", value: "1" },
          ],
        },
      ],
    }),
    lines: [
      `${R}.rules[0].matches[0].path.value: "pay" does not begin with / [QM0018]`,
      `${R}.rules[0].matches[1].path.value: "/a//b" holds //, which no path to match has [QM0018]`,
      `${R}.rules[0].matches[2].path.value: "/(a" does not compile: unterminated group [QM0019]`,
      `${R}.rules[0].matches[3].path.value: "(a{100}){100}" comes to about 10204 steps, above the 100 that Envoy takes [QM0019]`,
      `${R}.rules[0].matches[4].method: "get" is not one of GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH; did you mean GET? [QM0012]`,
      `${R}.rules[0].matches[5].headers[0].name: "x y" is not a header name [QM0017]`,
      `${R}.rules[0].matches[5].headers[2].name: x-a is already entry 1 of this list [QM0101]`,
      `${R}.rules[0].matches[6].queryParams[0].value: "(?=a)" uses look-around, which RE2 does not have [QM0019]`,
      `${R}.rules[0].matches[6].queryParams[1].name: "" is not a query parameter name [QM0017]`,
    ],
  },
  {
    name: "paths that no normalised path is",
    text: withRoute({
      matches: [
        { path: { type: "Exact", value: "/a/.." } },
        { path: { type: "Exact", value: "/ä" } },
        { path: { type: "Exact", value: "/a?b=1" } },
        { path: { type: "Exact", value: `/${"a".repeat(1024)}` } },
      ],
    }),
    lines: [
      `${R}.rules[0].matches[0].path.value: "/a/.." ends in a dot segment [QM0018]`,
      `${R}.rules[0].matches[1].path.value: "/ä" holds a character that must be percent-encoded [QM0018]`,
      `${R}.rules[0].matches[2].path.value: "/a?b=1" holds ?, which no path to match has [QM0018]`,
      `${R}.rules[0].matches[3].path.value: length 1025 is above 1024 [QM0005]`,
    ],
  },
  {
    name: "filters that exclude each other",
    text: withRoute({
      filters: [
        { type: "RequestRedirect", requestRedirect: { statusCode: 200 } },
        { type: "URLRewrite", urlRewrite: { hostname: "*.a" } },
        { type: "URLRewrite", urlRewrite: {} },
      ],
    }),
    lines: [
      `${R}.rules[0].backendRefs: a rule that redirects answers by itself; take out the backendRefs [QM0108]`,
      `${R}.rules[0].filters[0].requestRedirect.statusCode: 200 is not one of 301, 302, 303, 307, 308 [QM0012]`,
      `${R}.rules[0].filters[1].type: a rule that redirects cannot also rewrite; take out one of the two [QM0108]`,
      `${R}.rules[0].filters[1].urlRewrite.hostname: "*.a" is a wildcard; expected one hostname [QM0016]`,
      `${R}.rules[0].filters[2].type: URLRewrite is already filter 1 of this rule [QM0113]`,
    ],
  },
  {
    name: "filters that say too little, too much or what is not there yet",
    text: withRoute({
      filters: [
        { type: "ExternalAuth" },
        { type: "Mirror" },
        { requestMirror: {} },
        {
          type: "RequestHeaderModifier",
          requestHeaderModifier: { remove: ["Host"], set: [{ name: "a", value: "b\n" }] },
        },
        {
          type: "RequestMirror",
          requestMirror: {
            backendRef: { name: "shop" },
            percent: 5,
            fraction: { numerator: 7, denominator: 5 },
          },
        },
        {
          type: "RequestMirror",
          requestMirror: {
            backendRef: { name: "copy" },
            fraction: { numerator: 1, denominator: 0 },
          },
        },
      ],
    }),
    lines: [
      `${R}.rules[0].filters[0].type: filters of type ExternalAuth are not supported yet [QM0011]`,
      `${R}.rules[0].filters[1].type: "Mirror" is not one of RequestHeaderModifier, ResponseHeaderModifier, RequestMirror, CORS, RequestRedirect, URLRewrite; did you mean RequestMirror? [QM0012]`,
      `${R}.rules[0].filters[2].type: missing [QM0007]`,
      `${R}.rules[0].filters[3].requestHeaderModifier.remove[0]: host is not a header to edit; a URLRewrite filter sets the hostname [QM0017]`,
      `${R}.rules[0].filters[3].requestHeaderModifier.set[0].value: "b\\n" is not a header value: 1 to 4096 characters, none a control [QM0017]`,
      `${R}.rules[0].filters[4].requestMirror.fraction.numerator: 7 is above the denominator 5 [QM0114]`,
      `${R}.rules[0].filters[4].requestMirror.percent: percent and fraction say the same; keep one [QM0114]`,
      `${R}.rules[0].filters[5].requestMirror.backendRef.name: there is no Service copy [QM0204]`,
      `${R}.rules[0].filters[5].requestMirror.fraction.denominator: 0 is below 1 [QM0005]`,
    ],
  },
  {
    name: "a prefix replaced where none is matched",
    text: withRoute({
      matches: [{ path: { value: "/a" } }, { path: { type: "Exact", value: "/b" } }],
      filters: [
        {
          type: "URLRewrite",
          urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
        },
      ],
    }),
    lines: [
      `${R}.rules[0].filters[0].urlRewrite.path.replacePrefixMatch: no prefix to replace: the rule also matches the Exact path /b [QM0110]`,
    ],
  },
  {
    name: "retries that cannot be",
    text: withRoute({ retry: { codes: [200, 503], attempts: 11, backoff: "0s", on: [] } }),
    lines: [
      `${R}.rules[0].retry.attempts: 11 is above 10 [QM0005]`,
      `${R}.rules[0].retry.backoff: "0s" is not above 0s [QM0014]`,
      `${R}.rules[0].retry.codes[0]: 200 is below 400 [QM0005]`,
      `${R}.rules[0].retry.on: unknown field; known here: codes, attempts, backoff [QM0008]`,
    ],
  },
  {
    name: "CORS for origins that are none, and with a * no browser knows",
    text: withRoute({
      filters: [
        {
          type: "CORS",
          cors: {
            allowOrigins: ["shop.example", "https://*", "https://a.b/", "*", "*"],
            allowMethods: ["get", "*"],
            allowHeaders: ["*", "a b"],
            allowCredentials: true,
            maxAge: 0,
          },
        },
        { type: "CORS", cors: { allowOrigins: [] } },
      ],
    }),
    lines: [
      ...["shop.example", "https://*", "https://a.b/"].map(
        (origin, index) =>
          `${R}.rules[0].filters[0].cors.allowOrigins[${index}]: "${origin}" is not an origin such as https://shop.example, https://*.shop.example or * [QM0024]`,
      ),
      `${R}.rules[0].filters[0].cors.allowHeaders[0]: * means nothing to a browser that sends credentials; write the names [QM0121]`,
      `${R}.rules[0].filters[0].cors.allowHeaders[1]: "a b" is not a header name [QM0017]`,
      `${R}.rules[0].filters[0].cors.allowMethods[0]: "get" is not a method such as GET, or * [QM0024]`,
      `${R}.rules[0].filters[0].cors.allowMethods[1]: * means nothing to a browser that sends credentials; write the names [QM0121]`,
      `${R}.rules[0].filters[0].cors.allowOrigins[4]: * is already entry 3 of this list [QM0101]`,
      `${R}.rules[0].filters[0].cors.maxAge: 0 is below 1 [QM0005]`,
      `${R}.rules[0].filters[1].cors.allowOrigins: 0 entries; at least 1 [QM0021]`,
    ].sort(),
  },
  {
    name: "fields of a rule that come later",
    text: withRoute({ sessionPersistence: {}, timeout: "1s" }),
    lines: [
      `${R}.rules[0].sessionPersistence: sticky sessions are not supported yet [QM0011]`,
      `${R}.rules[0].timeout: unknown field; did you mean timeouts? [QM0008]`,
    ],
  },
];

const withCalls = (rule: Record<string, unknown>, spec = {}) =>
  toText([gateway(), service({ protocol: "grpc" }), grpcRoute(rule, spec)]);
const C = "a.yaml:5 GRPCRoute/calls spec";

export const badGrpcRoutes: readonly BadCase[] = [
  {
    name: "methods that are none, or say nothing",
    text: withCalls({
      matches: [
        { method: { service: "shop/Cart", method: "Add()" } },
        { method: { type: "RegularExpression", service: "a)|(b" } },
        { method: {} },
        { method: { type: "Prefix", service: "shop" }, queryParams: [] },
        {
          headers: [
            { name: "a", value: "1" },
            { name: "A", value: "2" },
          ],
        },
      ],
    }),
    lines: [
      `${C}.rules[0].matches[0].method.method: "Add()" is not the name of a gRPC method [QM0022]`,
      `${C}.rules[0].matches[0].method.service: "shop/Cart" is not the name of a gRPC service [QM0022]`,
      `${C}.rules[0].matches[1].method: "a)|(b" does not compile: unmatched ')' [QM0019]`,
      `${C}.rules[0].matches[2].method: names neither service nor method; leave it out to match every call [QM0116]`,
      `${C}.rules[0].matches[3].method.type: "Prefix" is not one of Exact, RegularExpression [QM0012]`,
      `${C}.rules[0].matches[3].queryParams: unknown field; known here: method, headers [QM0008]`,
      `${C}.rules[0].matches[4].headers[1].name: a is already entry 0 of this list [QM0101]`,
    ],
  },
  {
    name: "rules without backends, and filters and fields that only HTTP has",
    text: withCalls(
      {},
      {
        rules: [
          {},
          { backendRefs: [{ name: "shop", weight: 0 }] },
          {
            backendRefs: [{ name: "shop" }],
            filters: [{ type: "URLRewrite", urlRewrite: {} }, { type: "ExtensionRef" }],
            timeouts: { request: "1s" },
            sessionPersistence: {},
          },
        ],
      },
    ),
    lines: [
      `${C}.rules[0].backendRefs: missing; a rule needs a backend [QM0109]`,
      `${C}.rules[1].backendRefs: all weights are 0, so nobody would answer; give one a weight [QM0104]`,
      `${C}.rules[2].filters[0].type: "URLRewrite" is not one of RequestHeaderModifier, ResponseHeaderModifier, RequestMirror [QM0012]`,
      `${C}.rules[2].filters[1].type: filters of type ExtensionRef are not supported yet [QM0011]`,
      `${C}.rules[2].sessionPersistence: sticky sessions are not supported yet [QM0011]`,
      `${C}.rules[2].timeouts: unknown field; known here: name, matches, filters, backendRefs [QM0008]`,
    ],
  },
  {
    name: "a hostname that an HTTPRoute holds too, and a Service of HTTP/1.1",
    text: toText([
      gateway(),
      service(),
      grpcRoute({}, { hostnames: ["a.shop.example"] }),
      route({}, { hostnames: ["*.shop.example"] }),
      route({}, { hostnames: ["b.example"] }, "other"),
    ]),
    lines: [
      `${C}.parentRefs[0].name: HTTPRoute shop (a.yaml:7) holds a hostname of this route there; give each its own [QM0211]`,
      `${C}.rules[0].backendRefs[0].name: Service shop has protocol http1; gRPC needs grpc or http2 [QM0212]`,
    ],
  },
  {
    name: "a listener for HTTPRoutes only",
    text: toText([
      gateway({ listeners: [{ ...LISTENER, allowedRoutes: { kinds: [{ kind: "HTTPRoute" }] } }] }),
      service({ protocol: "http2" }),
      grpcRoute(),
    ]),
    lines: [
      `${C}.parentRefs[0].name: no listener of Gateway edge that is meant here allows routes of kind GRPCRoute [QM0213]`,
    ],
  },
];

export const badServices: readonly BadCase[] = [
  {
    name: "endpoints that are none, stand twice or are names",
    text: onlyService({
      endpoints: [
        "shop.svc:80",
        "1.2.3.4",
        "1.2.3.4:0",
        "[::1]:1",
        { address: "[::1]:1", weight: 0 },
        "[::1]:1",
        7,
      ],
    }),
    lines: [
      `${S}.endpoints[0]: "shop.svc" is a name; write an IP address (a version may have a name as dns) [QM0020]`,
      `${S}.endpoints[1]: "1.2.3.4" ${IP_PORT}`,
      `${S}.endpoints[2]: port 0 is below 1 [QM0005]`,
      `${S}.endpoints[4]: [::1]:1 is already endpoint 3 [QM0102]`,
      `${S}.endpoints[4].weight: 0 is below 1 [QM0005]`,
      `${S}.endpoints[5]: [::1]:1 is already endpoint 3 [QM0102]`,
      `${S}.endpoints[6]: 7 is not a string or a mapping [QM0006]`,
    ],
  },
  {
    name: "weights for versions that are not there",
    text: toText([
      {
        ...service(),
        spec: {
          versions: { blue: { endpoints: ["1.1.1.1:1"] }, V2: {}, red: {}, green: { dns: "a" } },
          weights: { bleu: 1, V2: 1 },
        },
      },
    ]),
    lines: [
      `${S}.versions.V2: "V2" ${LABEL}`,
      `${S}.versions.green.dns: "a" is not a name with a port such as checkout.svc:8080 [QM0025]`,
      `${S}.versions.red: missing; a version needs endpoints, dns or file [QM0007]`,
      `${S}.weights.bleu: the Service has no version bleu; did you mean blue? [QM0112]`,
    ],
  },
  {
    name: "endpoints in two places, and weights of 0",
    text: onlyService({ versions: { v1: { endpoints: ["1.1.1.1:1"] } }, weights: { v1: 0 } }),
    lines: [
      `${S}.endpoints: endpoints and versions are both there; move the endpoints into a version [QM0115]`,
      `${S}.weights: all weights are 0, so nobody would answer; give one a weight [QM0104]`,
    ],
  },
  {
    name: "no endpoints",
    text: toText([{ ...service(), spec: {} }]),
    lines: [`${S}.endpoints: missing; a Service needs endpoints, dns, file or versions [QM0007]`],
  },
  {
    name: "endpoints in two places, names without a port and files that are not there",
    text: toText([
      service({ dns: "a.b:80" }),
      ...["1.2.3.4:80", "a..b:80", "a.b:70000", ":80"].map((dns, index) => ({
        ...service({}, `d${index}`),
        spec: { dns },
      })),
      { ...service({}, "f"), spec: { versions: { v1: { file: "f.yaml", dns: "a:1" } } } },
    ]),
    lines: [
      `${S}.dns: endpoints and dns are both there; keep one [QM0115]`,
      ...["1.2.3.4:80", "a..b:80", "a.b:70000", ":80"].map(
        (dns, index) =>
          `a.yaml:${2 * index + 3} Service/d${index} spec.dns: "${dns}" is not a name with a port such as checkout.svc:8080 [QM0025]`,
      ),
      "a.yaml:11 Service/f spec.versions.v1.file: f.yaml cannot be read (no files are at hand) [QM0023]",
      "a.yaml:11 Service/f spec.versions.v1.file: dns and file are both there; keep one [QM0115]",
    ],
  },
  {
    name: "numbers without a unit and shares above the whole",
    text: onlyService({
      protocol: "http3",
      timeout: "soon",
      retries: { attempts: -1, on: [503, 200, "conect-failure"], budget: "120%" },
      outlier: { interval: "0s", baseEjection: 30, maxEjected: 50 },
      circuitBreaker: { maxConnections: 0 },
      healthCheck: { interval: "5s" },
    }),
    lines: [
      `${S}.circuitBreaker.maxConnections: 0 is below 1 [QM0005]`,
      `${S}.healthCheck.path: missing [QM0007]`,
      `${S}.outlier.baseEjection: 30 has no unit; write 30s or 30ms [QM0014]`,
      `${S}.outlier.interval: "0s" is not above 0s [QM0014]`,
      `${S}.outlier.maxEjected: 50 has no unit; write 50% [QM0015]`,
      `${S}.protocol: "http3" is not one of http1, http2, grpc; did you mean http1? [QM0012]`,
      `${S}.retries.attempts: -1 is below 0 [QM0005]`,
      `${S}.retries.budget: "120%" is above 100% [QM0015]`,
      `${S}.retries.on[1]: 200 is below 400 [QM0005]`,
      `${S}.retries.on[2]: "conect-failure" is not a condition to retry on; did you mean connect-failure? [QM0012]`,
      `${S}.timeout: "soon" is not a duration such as 400ms, 5s or 1m30s [QM0014]`,
    ],
  },
  {
    name: "a failover to itself, said twice, of a dns name, to which nothing tells that endpoints fail",
    text: onlyService({
      endpoints: undefined,
      dns: "shop.svc:80",
      failover: [
        { from: { region: "eu" }, to: { region: "us" } },
        { from: { region: "eu" }, to: { region: "us" } },
        { from: { region: "us" }, to: { region: "us" } },
      ],
    }),
    lines: [
      `${S}.failover: Envoy does not learn that endpoints fail, and stays with them; give the Service a healthCheck or outlier [QM0910]`,
      `${S}.failover: the Service is a dns name, whose addresses have no locality, so that none is preferred there [QM0911]`,
      `${S}.failover[1]: eu to us is already entry 0 of this list [QM0101]`,
      `${S}.failover[2].to.region: us fails over to itself; name another region [QM0131]`,
    ],
  },
  {
    name: "tls that does not fit where a Service runs, or without its authority",
    text: toText([
      service({ tls: { mode: "strict" } }),
      service({ tls: { mode: "simple", hostname: "*.bank.example", ca: "ca.pem" } }, "b"),
      service(
        { sidecar: SIDECAR, tls: { mode: "simple", hostname: "bank.example", ca: "ca.pem" } },
        "c",
      ),
      service({ tls: { mode: "simple" } }, "d"),
      service({ tls: { mode: "mutual" } }, "e"),
    ]),
    lines: [
      `${S}.tls.mode: strict is between Envoys of the mesh, and this Service has no sidecar; one outside the mesh takes simple [QM0130]`,
      "a.yaml:3 Service/b spec.tls.hostname: a certificate is asked for one name, without `*.` [QM0016]",
      "a.yaml:5 Service/c spec.tls.ca: ca.pem cannot be read (no files are at hand) [QM0023]",
      "a.yaml:5 Service/c spec.tls.mode: simple is for a Service outside the mesh, and this one has a sidecar; write permissive or strict [QM0130]",
      "a.yaml:7 Service/d spec.tls.ca: missing [QM0007]",
      "a.yaml:7 Service/d spec.tls.hostname: missing [QM0007]",
      'a.yaml:9 Service/e spec.tls.mode: "mutual" is not one of permissive, strict, simple [QM0012]',
    ],
  },
  {
    name: "sidecars without their ports, with clashing ones, and with calls that dangle",
    text: toText([
      service({ sidecar: {} }),
      service(
        {
          sidecar: {
            inbound: 15006,
            app: "127.0.0.1:15006",
            outbound: 15006,
            calls: ["shop", "shpo", "shop"],
          },
        },
        "b",
      ),
      service({ sidecar: { inbound: 70000, app: "localhost:80", outbound: 0 } }, "c"),
    ]),
    lines: [
      `${S}.sidecar.app: missing [QM0007]`,
      `${S}.sidecar.inbound: missing [QM0007]`,
      `${S}.sidecar.outbound: missing [QM0007]`,
      "a.yaml:3 Service/b spec.sidecar.app: port 15006 is the sidecar's own, so requests would go round in a circle [QM0118]",
      "a.yaml:3 Service/b spec.sidecar.calls[1]: there is no Service shpo; did you mean shop? [QM0210]",
      "a.yaml:3 Service/b spec.sidecar.calls[2]: shop is already entry 0 of this list [QM0101]",
      "a.yaml:3 Service/b spec.sidecar.outbound: 15006 is already the port of inbound; a sidecar listens on two [QM0118]",
      'a.yaml:5 Service/c spec.sidecar.app: "localhost" is a name; write an IP address (a version may have a name as dns) [QM0020]',
      "a.yaml:5 Service/c spec.sidecar.inbound: 70000 is above 65535 [QM0005]",
    ],
  },
  {
    name: "a Service without an owner",
    text: toText([{ ...service(), metadata: { name: "shop" } }]),
    lines: ["a.yaml:1 Service/shop metadata.owner: missing; say who owns this Service [QM0901]"],
  },
];

export const badSheddings: readonly BadCase[] = [
  {
    name: "nine tiers",
    text: withShedding({
      tiers: Array.from({ length: 9 }, (_, index) => ({
        name: `t${index}`,
        matches: [{ path: { value: `/${index}` } }],
      })),
    }),
    lines: [`${H}.tiers: 9 entries; at most 8 [QM0021]`],
  },
  {
    name: "tiers of one name, two without matches, and `unmatched` naming none",
    text: withShedding({
      tiers: [{ name: "gold" }, { name: "gold", matches: [{}] }, { name: "rest" }],
      unmatched: "glod",
    }),
    lines: [
      `${H}.tiers[1].matches[0]: holds every request; give it headers or a path [QM0116]`,
      `${H}.tiers[1].name: gold is already entry 0 of this list [QM0101]`,
      `${H}.tiers[2]: rest has no matches, as gold has; only one tier may [QM0105]`,
      `${H}.unmatched: there is no tier glod; did you mean gold? [QM0106]`,
    ],
  },
  {
    name: "limits that contradict themselves",
    text: toText([
      service(),
      shedding({ limit: { min: 50, max: 10 } }),
      service({}, "b"),
      shedding({ target: { service: "b" }, limit: { max: 100, initial: 101 } }, "b"),
      service({}, "c"),
      shedding({ target: { service: "c" }, limit: { min: 5, initial: 1, max: 100_001 } }, "c"),
    ]),
    lines: [
      `${H}.limit.min: 50 is above max, 10 [QM0107]`,
      "a.yaml:7 Shedding/b spec.limit.initial: 101 is above max, 100 [QM0107]",
      "a.yaml:11 Shedding/c spec.limit.initial: 1 is below min, 5 [QM0107]",
      "a.yaml:11 Shedding/c spec.limit.max: 100001 is above 100000 [QM0005]",
    ],
  },
  {
    name: "targets that dangle, are two or none",
    text: toText([
      shedding({ target: { gateway: "edge" } }, "a"),
      shedding({ target: { route: "r", service: "s" } }, "b"),
      shedding({ target: {} }, "c"),
    ]),
    lines: [
      "a.yaml:1 Shedding/a spec.target.gateway: there is no Gateway edge [QM0206]",
      "a.yaml:3 Shedding/b spec.target: service and route are both there; keep one [QM0115]",
      "a.yaml:3 Shedding/b spec.target.service: there is no Service s [QM0206]",
      "a.yaml:5 Shedding/c spec.target: missing; name one of service, gateway, route [QM0007]",
    ],
  },
  {
    name: "what the filter does not do yet",
    text: withShedding({
      answer: { status: 500 },
      exempt: [{ method: "GET" }, { path: { type: "RegularExpression", value: "x" } }],
    }),
    lines: [
      `${H}.answer.status: 500 is not one of 429, 503 [QM0012]`,
      `${H}.exempt[0].method: matches on method in the filter are not supported yet [QM0011]`,
      `${H}.exempt[1].path.type: regular expressions in the filter are not supported yet [QM0011]`,
    ],
  },
  {
    name: "a header value and a tenant with a tab, which the filter would refuse with all the rest",
    text: withShedding({
      tiers: [{ name: "gold", matches: [{ headers: [{ name: "x-a", value: "a\tb" }] }] }],
      tenant: { header: "x-tenant", weights: { "a\tb": 1 } },
    }),
    lines: [
      `${H}.tenant.weights["a\\tb"]: "a\\tb" is not a tenant: 1 to 128 characters, none a control, no blank at the ends [QM0017]`,
      `${H}.tiers[0].matches[0].headers[0].value: the filter matches no value with a tab [QM0017]`,
    ],
  },
  {
    name: "tenants without a header, outside the weights, unnamed or too many",
    text: withShedding({
      tenant: { weights: { acme: 0, "": 1, big: 1001, " a": 1, ok: 2, odd: "2" }, shares: {} },
    }),
    lines: [
      `${H}.tenant.header: missing [QM0007]`,
      `${H}.tenant.shares: unknown field; known here: header, weights [QM0008]`,
      `${H}.tenant.weights.acme: 0 is below 0.001 [QM0005]`,
      `${H}.tenant.weights.big: 1001 is above 1000 [QM0005]`,
      `${H}.tenant.weights.odd: "2" is not a number [QM0006]`,
      `${H}.tenant.weights[" a"]: " a" is not a tenant: 1 to 128 characters, none a control, no blank at the ends [QM0017]`,
      `${H}.tenant.weights[""]: "" is not a tenant: 1 to 128 characters, none a control, no blank at the ends [QM0017]`,
    ],
  },
  {
    name: "65 tenants with a weight and a header that is none",
    text: withShedding({
      tenant: {
        header: "x-tenant",
        weights: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, 1])),
      },
    }),
    lines: [`${H}.tenant.weights: 65 entries; at most 64 [QM0021]`],
  },
  {
    name: "trust in headers that cannot be stripped, twice, or from elsewhere",
    text: withShedding({
      tenant: { header: "x:tenant" },
      trust: [
        { header: "Host", from: "mesh" },
        { header: "x-user", from: "mehs" },
        { header: "x-team", from: "mesh" },
        { header: "X-Team", from: "mesh" },
        { from: "mesh" },
      ],
    }),
    lines: [
      `${H}.tenant.header: "x:tenant" is not a header name [QM0017]`,
      `${H}.trust[0].header: host is in every request; it cannot be stripped [QM0017]`,
      `${H}.trust[1].from: "mehs" is not one of mesh; did you mean mesh? [QM0012]`,
      `${H}.trust[3].header: x-team is already entry 2 of this list [QM0101]`,
      `${H}.trust[4].header: missing [QM0007]`,
    ],
  },
  {
    name: "trust that leaves a tier and the tenant empty-handed",
    text: withShedding({
      tiers: [{ name: "gold", matches: [{ headers: [{ name: "X-Gold", value: "1" }] }] }],
      tenant: { header: "x-tenant" },
      trust: ["x-gold", "x-tenant", "x-idle"].map((header) => ({ header, from: "mesh" })),
    }),
    lines: ["x-gold", "x-tenant"].map(
      (header, index) =>
        `${H}.trust[${index}].header: a gateway strips ${header} from every request, and a sidecar from those whose peer is not verified; with tls on Service shop its sidecars believe callers by certificate [QM0904]`,
    ),
  },
  {
    name: "floors and values, which do nothing alone",
    text: withShedding({
      tiers: [
        { name: "a", floor: 0.9, value: 1, matches: [{ path: { value: "/a" } }] },
        { name: "b", floor: 1.5 },
      ],
    }),
    lines: [
      `${H}.tiers[0].floor: floor and value bind Policies and have no effect until one names tier a [QM0902]`,
      `${H}.tiers[1].floor: 1.5 is above 1 [QM0005]`,
    ],
  },
];

const RATE_FORM =
  "is not a rate: 1 to 9999999 requests a unit, such as 400/s, 30/m, 1000/h or 5000/d [QM0026]";

export const badRateLimits: readonly BadCase[] = [
  {
    name: "rates that are none, and a burst of 0",
    text: withLimit({ rate: 400, burst: 0, bounds: { min: "0/s", max: "1.5/m" } }),
    lines: [
      `${L}.bounds: bounds bind Policies and have no effect until there are some [QM0905]`,
      `${L}.bounds.max: "1.5/m" ${RATE_FORM}`,
      `${L}.bounds.min: "0/s" ${RATE_FORM}`,
      `${L}.burst: 0 is below 1 [QM0005]`,
      `${L}.rate: 400 has no unit; write 400/s [QM0026]`,
    ],
  },
  {
    name: "no target, no rate, no owner and a misspelt word",
    text: toText([
      { ...rateLimit(), metadata: { name: "shop" }, spec: { scope: "globl", perr: [] } },
    ]),
    lines: [
      "a.yaml:1 RateLimit/shop metadata.owner: missing; a RateLimit says who owns it [QM0117]",
      "a.yaml:1 RateLimit/shop spec.perr: unknown field; did you mean per? [QM0008]",
      "a.yaml:1 RateLimit/shop spec.rate: missing; such as 400/s [QM0007]",
      'a.yaml:1 RateLimit/shop spec.scope: "globl" is not one of local, global; did you mean global? [QM0012]',
      "a.yaml:1 RateLimit/shop spec.target: missing; name one of service, gateway, route [QM0007]",
    ],
  },
  {
    name: "keys that repeat, are not there yet or are misspelt",
    text: withLimit({
      per: [{ header: "X-A" }, "tier", { header: "x-a" }, "adress"],
    }),
    lines: [
      `${L}.per[1]: limits per tier are not supported yet [QM0011]`,
      `${L}.per[2]: header x-a is already entry 0 of this list [QM0101]`,
      `${L}.per[3]: "adress" is not one of address, tenant; did you mean address? [QM0012]`,
    ],
  },
  {
    name: "five keys",
    text: withLimit({ per: ["a", "b", "c", "d", "e"].map((header) => ({ header })) }),
    lines: [`${L}.per: 5 entries; at most 4 [QM0021]`],
  },
  {
    name: "a key that is neither a word nor a header",
    text: withLimit({ per: [{ heder: "x-a" }, 3] }),
    lines: [
      `${L}.per[0].header: missing [QM0007]`,
      `${L}.per[0].heder: unknown field; did you mean header? [QM0008]`,
      `${L}.per[1]: 3 is not "address" or "tenant" [QM0006]`,
    ],
  },
  {
    name: "bounds around another rate, and an answer no service gives",
    text: withLimit({ rate: "60/m", bounds: { min: "2/s" }, onUnavailable: "deny" }),
    lines: [
      `${L}.bounds: bounds bind Policies and have no effect until there are some [QM0905]`,
      `${L}.bounds.min: min is above rate [QM0122]`,
      `${L}.onUnavailable: a limit of scope local asks no service; write scope: global or leave this out [QM0123]`,
    ],
  },
  {
    name: "targets that are not there, tenants nobody names and two that count the same",
    text: toText([
      service(),
      rateLimit({ target: { route: "r" } }),
      rateLimit({ per: ["tenant"] }, "tenants"),
      rateLimit({ per: ["address", { header: "x-a" }] }, "b"),
      rateLimit({ per: [{ header: "x-a" }, "address"] }, "c"),
    ]),
    lines: [
      `${L}.target.route: there is no HTTPRoute r [QM0206]`,
      "a.yaml:5 RateLimit/tenants spec.per[0]: no Shedding of service shop has a tenant; name the header instead, as in {header: x-tenant} [QM0215]",
      "a.yaml:9 RateLimit/c spec.per: RateLimit b (a.yaml:7) counts service shop by the same keys [QM0214]",
    ],
  },
  {
    name: "a header that a Shedding has stripped",
    text: toText([
      service(),
      rateLimit({ per: [{ header: "x-b" }, { header: "x-user" }] }),
      shedding({ trust: [{ header: "X-User", from: "mesh" }] }),
    ]),
    lines: [
      `${L}.per[1]: a gateway believes no client, so it strips x-user from every request and all of them share one bucket [QM0904]`,
    ],
  },
  {
    name: "a Service that shares a rule with another",
    text: toText([
      gateway(),
      service(),
      service({}, "other"),
      route({ backendRefs: [{ name: "shop" }, { name: "other" }] }),
      rateLimit(),
    ]),
    lines: [
      "a.yaml:9 RateLimit/shop spec.target.service: spec.rules[0] of route shop (a.yaml:7) also sends to other Services, and a limit holds whole rules; give shop a rule of its own or the route a RateLimit [QM0216]",
    ],
  },
];

export const badSets: readonly BadCase[] = [
  {
    name: "two documents of one name, and two Sheddings of one target",
    text: toText([service(), service(), shedding(), shedding({}, "other")]),
    lines: [
      "a.yaml:3 Service/shop metadata.name: shop is already there in a.yaml:1 [QM0201]",
      "a.yaml:5 Shedding/shop spec.target.service: service shop is already the target of Shedding other (a.yaml:7) [QM0207]",
    ],
  },
  {
    name: "33 Sheddings at one Gateway",
    text: toText([
      gateway(),
      ...Array.from({ length: 33 }, (_, index) => service({}, `s${index}`)),
      ...Array.from({ length: 33 }, (_, index) =>
        shedding({ target: { service: `s${index}` } }, `s${index}`),
      ),
      ...[0, 16, 32].map((from) =>
        route(
          {
            backendRefs: Array.from({ length: Math.min(16, 33 - from) }, (_, index) => ({
              name: `s${from + index}`,
            })),
          },
          {},
          `r${from}`,
        ),
      ),
    ]),
    lines: [
      "a.yaml:1 Gateway/edge metadata.name: 33 Sheddings meet here, above 32; let several Services share one through a route or the gateway [QM0209]",
    ],
  },
  {
    name: "33 Sheddings at one sidecar, and not at one that names its calls or whose callees shed for themselves",
    text: toText([
      service({ sidecar: { ...SIDECAR } }, "all"),
      service({ sidecar: { ...SIDECAR, calls: ["s1"] } }, "one"),
      ...Array.from({ length: 33 }, (_, index) => service({}, `s${index}`)),
      ...Array.from({ length: 33 }, (_, index) =>
        service({ sidecar: { ...SIDECAR, calls: [] } }, `t${index}`),
      ),
      ...["s", "t"].flatMap((name) =>
        Array.from({ length: 33 }, (_, index) =>
          shedding({ target: { service: `${name}${index}` } }, `${name}${index}`),
        ),
      ),
    ]),
    lines: [
      "a.yaml:1 Service/all metadata.name: 33 Sheddings meet here, above 32; name what it calls in spec.sidecar.calls, or let several Services share one through a route [QM0209]",
    ],
  },
  {
    name: "33 Sheddings at one sidecar whose callees shed for themselves and report their load",
    text: toText([
      service({ sidecar: { ...SIDECAR } }, "all"),
      ...Array.from({ length: 33 }, (_, index) =>
        service({ sidecar: { ...SIDECAR, calls: [] } }, `t${index}`),
      ),
      ...Array.from({ length: 33 }, (_, index) =>
        shedding({ target: { service: `t${index}` }, answer: { loadReport: true } }, `t${index}`),
      ),
    ]),
    lines: [
      "a.yaml:1 Service/all metadata.name: 33 Sheddings meet here, above 32; name what it calls in spec.sidecar.calls, or let several Services share one through a route [QM0209]",
    ],
  },
  {
    name: "documents of several namespaces",
    text: toText([
      { ...service(), metadata: { name: "shop", owner: "team", namespace: "a" } },
      { ...service(), metadata: { name: "b", owner: "team", namespace: "b" } },
    ]),
    lines: [
      'a.yaml:1 Service/shop metadata.namespace: "a" is ignored: the mesh has one space of names [QM0903]',
      'a.yaml:3 Service/b metadata.namespace: "b" is ignored: the mesh has one space of names [QM0903]',
    ],
  },
];

import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  RUNTIME_TYPE,
  SCOPED_ROUTE_TYPE,
  SECRET_TYPE,
} from "../../src/proto/type-url.ts";
import {
  createSnapshot,
  type Resource,
  type ResourceError,
  type ResourceRef,
  type Snapshot,
} from "../../src/xds/snapshot.ts";

/**
 * Text scripts for the protocol. A script has cases, `== title`; `delta` or `sotw` opens a stream. Then one line per event,
 * and under it what the server answers, one line per response with `<` in front, none if it stays silent:
 *
 *     publish cds:a=1 rds:r=1>cds:a     the node's whole snapshot; content after `=`, `>` names what it refers to
 *     publish rtds:x=1@3000 sds:s!no    time to live in ms after `@`; a name that has an error instead of a resource
 *     client ttl                        what the client can do, before its first request: `ttl`, `wrapped`
 *     request cds sub=a,b unsub=c       a request that answers no response; `nonce=x` gives it one
 *     request cds known=a=1             initial_resource_versions, by content
 *     request lds names=a,b version=*   state of the world; `*` is the version of the current set
 *     ack cds, nack cds "why"           answers the last response of the type; may carry sub, unsub, names
 *     tick 5000                         logical time, absolute
 *     status cds                        prints state and rejections
 *
 * A response reads `< cds a=1 b=2@3000 -c !d:why ~e@3000`: resources, one of them with a time to live, a removal, an error,
 * a heartbeat. The same script is played to a machine (`machine-subject.ts`) and over a socket (`wire-subject.ts`).
 */
export const TYPES: Readonly<Record<string, string>> = {
  cds: CLUSTER_TYPE,
  eds: ENDPOINT_TYPE,
  lds: LISTENER_TYPE,
  rds: ROUTE_TYPE,
  srds: SCOPED_ROUTE_TYPE,
  ecds: EXTENSION_CONFIG_TYPE,
  sds: SECRET_TYPE,
  rtds: RUNTIME_TYPE,
};

const SHORT = new Map(Object.entries(TYPES).map(([short, typeUrl]) => [typeUrl, short]));

const FEATURES: Readonly<Record<string, string>> = {
  ttl: "xds.config.supports-resource-ttl",
  wrapped: "xds.config.supports-resource-in-sotw",
};

export interface ScriptRequest {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly error: string | undefined;
  /** Delta. */
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly known: Readonly<Record<string, string>>;
  readonly resumes: boolean;
  /** State of the world. */
  readonly names: readonly string[];
  readonly version: string;
}

/** What the server did, as far as a client can see it; the words are those of a script. */
export type Said =
  | {
      readonly kind: "response";
      readonly typeUrl: string;
      readonly nonce: string;
      readonly words: readonly string[];
    }
  | { readonly kind: "unsupported"; readonly typeUrl: string };

export interface ScriptStatus {
  readonly state: string;
  readonly rejections: readonly { name: string; message: string; sinceMs: number }[];
}

/** Who a script is played to. */
export interface Subject {
  client(features: readonly string[]): void;
  publish(snapshot: Snapshot): Promise<readonly Said[]>;
  tick(nowMs: number): Promise<readonly Said[]>;
  request(request: ScriptRequest): Promise<readonly Said[]>;
  status(typeUrl: string): ScriptStatus | undefined;
  close(): Promise<void>;
}

export class Scenario {
  private readonly nonces = new Map<string, string>();
  private readonly names = new Map<string, readonly string[]>();
  private readonly versions = new Map<string, string>();

  constructor(private readonly subject: Subject) {}

  /** Runs one line and returns what came of it. */
  async run(line: string): Promise<string[]> {
    const [verb = "", ...rest] = line.split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    switch (verb) {
      case "client":
        this.subject.client(rest.map((word) => FEATURES[word] ?? word));
        return [];
      case "publish":
        return this.print(await this.subject.publish(this.snapshotOf(rest)));
      case "tick":
        return this.print(await this.subject.tick(Number(rest[0])));
      case "status":
        return this.status(rest[0] ?? "");
      case "request":
      case "ack":
      case "nack":
        return this.print(await this.subject.request(this.requestOf(verb, rest)));
      default:
        throw new Error(`unknown verb "${verb}"`);
    }
  }

  private snapshotOf(words: readonly string[]): Snapshot {
    const isError = (word: string) => /^\w+:[^=]+!/.test(word);
    const resources = words.filter((word) => !isError(word)).map(parseResource);
    const errors = words.filter(isError).map(parseError);
    const snapshot = createSnapshot(resources, { errors });
    for (const [typeUrl, { version }] of snapshot.types) this.versions.set(typeUrl, version);
    return snapshot;
  }

  private requestOf(verb: string, [short = "", ...words]: readonly string[]): ScriptRequest {
    const typeUrl = TYPES[short] ?? short;
    const fields = new Map(words.filter((w) => !w.startsWith('"')).map(splitField));
    const message = words.find((word) => word.startsWith('"'))?.slice(1, -1);
    const answered = verb === "request" ? "" : (this.nonces.get(typeUrl) ?? "");
    const names = fields.has("names") ? list(fields.get("names")) : (this.names.get(typeUrl) ?? []);
    this.names.set(typeUrl, names);
    const asked = fields.get("version") ?? "";
    const known = Object.fromEntries(list(fields.get("known")).map(knownVersion));
    return {
      typeUrl,
      nonce: fields.get("nonce") ?? answered,
      error: verb === "nack" ? (message ?? "refused") : undefined,
      subscribe: list(fields.get("sub")),
      unsubscribe: list(fields.get("unsub")),
      known,
      resumes: asked !== "" || fields.has("known"),
      names,
      version: asked === "*" ? (this.versions.get(typeUrl) ?? "") : asked,
    };
  }

  private status(short: string): string[] {
    const status = this.subject.status(TYPES[short] ?? short);
    if (status === undefined) return ["not asked for"];
    const { state, rejections } = status;
    return [state, ...rejections.map((r) => `${r.name}: ${r.message} @${r.sinceMs}`)];
  }

  private print(all: readonly Said[]): string[] {
    return all.map((said) => {
      const name = SHORT.get(said.typeUrl) ?? said.typeUrl;
      if (said.kind === "unsupported") return `unsupported ${name}`;
      this.nonces.set(said.typeUrl, said.nonce);
      return [name, ...said.words].join(" ");
    });
  }
}

/** The words of one response. A resource's bytes are its name and content, since not every form carries the name. */
export const WORDS = {
  resource: (value: Uint8Array, ttlMs: number | undefined) =>
    Buffer.from(value).toString() + ending(ttlMs),
  removed: (name: string) => `-${name}`,
  error: (name: string, message: string) => `!${name}:${message}`,
  heartbeat: (name: string, ttlMs: number) => `~${name}${ending(ttlMs)}`,
};

function ending(ttlMs: number | undefined): string {
  return ttlMs === undefined ? "" : `@${ttlMs}`;
}

/** `cds:a=1@3000>eds:x,eds:y` */
function parseResource(word: string): Resource {
  const [, short = "", name = "", content = "", ttl, refs] =
    /^(\w+):([^=]+)=([^>@]*)(?:@(\d+))?(?:>(.*))?$/.exec(word) ?? [];
  const typeUrl = TYPES[short];
  if (typeUrl === undefined) throw new Error(`"${word}" is not type:name=content`);
  return {
    typeUrl,
    name,
    value: Buffer.from(`${name}=${content}`),
    ...(ttl !== undefined && { ttlMs: Number(ttl) }),
    ...(refs !== undefined && { refs: list(refs).map(parseRef) }),
  };
}

/** `cds:a!why` */
function parseError(word: string): ResourceError {
  const [, short = "", name = "", message = ""] = /^(\w+):([^!]+)!(.*)$/.exec(word) ?? [];
  return { typeUrl: TYPES[short] ?? short, name, message };
}

function parseRef(word: string): ResourceRef {
  const [short = "", name = ""] = word.split(":");
  return { typeUrl: TYPES[short] ?? short, name };
}

/** `a=1` or `a=1@3000` -> name and the version that this content has. */
function knownVersion(word: string): [string, string] {
  const resource = parseResource(`cds:${word}`);
  const version = createSnapshot([resource]).types.get(CLUSTER_TYPE)?.resources.get(resource.name);
  return [resource.name, version?.version ?? ""];
}

function splitField(word: string): [string, string] {
  const at = word.indexOf("=");
  if (at === -1) throw new Error(`"${word}" is not field=value`);
  return [word.slice(0, at), word.slice(at + 1)];
}

function list(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(",");
}

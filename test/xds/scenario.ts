import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  EXTENSION_CONFIG_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  RUNTIME_TYPE,
  SECRET_TYPE,
} from "../../src/proto/type-url.ts";
import { createDeltaMachine, type DeltaRequest } from "../../src/xds/delta.ts";
import type { Action, StreamMachine } from "../../src/xds/machine.ts";
import {
  createSnapshot,
  type Resource,
  type ResourceRef,
  type VersionedResource,
} from "../../src/xds/snapshot.ts";
import { createSotwMachine, type SotwRequest } from "../../src/xds/sotw.ts";

/**
 * Text scripts for the stream machines. A script has cases, `== title [statements]`; `delta` or `sotw` opens a stream.
 * Then one line per event, and under it what the machine answers, one line per action with `<` in front, none if it
 * stays silent:
 *
 *     publish cds:a=1 rds:r=1>cds:a     the node's whole snapshot; content after `=`, `>` names what it refers to
 *     request cds sub=a,b unsub=c       a request that answers no response; `nonce=x` gives it one
 *     request cds known=a=1             initial_resource_versions, by content
 *     request lds names=a,b version=*   state of the world; `*` is the version of the current set
 *     ack cds, nack cds "why"           answers the last response of the type; may carry sub, unsub, names
 *     tick 5000                         logical time, absolute
 *     status cds                        prints state and rejections
 */
const TYPES: Readonly<Record<string, string>> = {
  cds: CLUSTER_TYPE,
  eds: ENDPOINT_TYPE,
  lds: LISTENER_TYPE,
  rds: ROUTE_TYPE,
  ecds: EXTENSION_CONFIG_TYPE,
  sds: SECRET_TYPE,
  rtds: RUNTIME_TYPE,
};

const SHORT = new Map(Object.entries(TYPES).map(([short, typeUrl]) => [typeUrl, short]));

export class Scenario {
  private nowMs = 0;
  private readonly nonces = new Map<string, string>();
  private readonly names = new Map<string, readonly string[]>();
  private readonly versions = new Map<string, string>();
  private readonly delta: StreamMachine<DeltaRequest> | undefined;
  private readonly sotw: StreamMachine<SotwRequest> | undefined;

  constructor(variant: string) {
    if (variant === "delta") this.delta = createDeltaMachine();
    else if (variant === "sotw") this.sotw = createSotwMachine();
    else throw new Error(`"${variant}" is neither delta nor sotw`);
  }

  /** Runs one line and returns what came of it. */
  run(line: string): string[] {
    const [verb = "", ...rest] = line.split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    switch (verb) {
      case "publish":
        return this.publish(rest);
      case "tick":
        this.nowMs = Number(rest[0]);
        return this.step((machine) => machine.step({ kind: "tick", nowMs: this.nowMs }));
      case "status":
        return this.status(rest[0] ?? "");
      case "request":
      case "ack":
      case "nack":
        return this.request(verb, rest);
      default:
        throw new Error(`unknown verb "${verb}"`);
    }
  }

  private publish(words: readonly string[]): string[] {
    const snapshot = createSnapshot(words.map(parseResource));
    for (const [typeUrl, { version }] of snapshot.types) this.versions.set(typeUrl, version);
    return this.step((machine) => machine.step({ kind: "snapshot", nowMs: this.nowMs, snapshot }));
  }

  private request(verb: string, [short = "", ...words]: readonly string[]): string[] {
    const typeUrl = TYPES[short] ?? short;
    const fields = new Map(words.filter((w) => !w.startsWith('"')).map(splitField));
    const message = words.find((word) => word.startsWith('"'))?.slice(1, -1);
    const answered = verb === "request" ? "" : (this.nonces.get(typeUrl) ?? "");
    const common = {
      typeUrl,
      nonce: fields.get("nonce") ?? answered,
      error: verb === "nack" ? (message ?? "refused") : undefined,
    };
    const { nowMs } = this;
    if (this.delta !== undefined) {
      const subscribe = list(fields.get("sub"));
      const unsubscribe = list(fields.get("unsub"));
      const known = Object.fromEntries(list(fields.get("known")).map(knownVersion));
      const request = { ...common, subscribe, unsubscribe, known };
      return print(this.note(this.delta.step({ kind: "request", nowMs, request })));
    }
    const names = fields.has("names") ? list(fields.get("names")) : (this.names.get(typeUrl) ?? []);
    this.names.set(typeUrl, names);
    const asked = fields.get("version") ?? "";
    const version = asked === "*" ? (this.versions.get(typeUrl) ?? "") : asked;
    const request = { ...common, names, version };
    return print(this.note(this.sotw?.step({ kind: "request", nowMs, request }) ?? []));
  }

  private status(short: string): string[] {
    const machine = this.delta ?? this.sotw;
    const report = machine?.reports().find(({ typeUrl }) => typeUrl === TYPES[short]);
    if (report === undefined) return ["not asked for"];
    const { wanted, acked, hasRejection, rejections } = report;
    const state = hasRejection ? "REJECTED" : acked === wanted ? "SYNCED" : "STALE";
    return [
      state,
      ...rejections.map(({ name, message, sinceMs }) => `${name}: ${message} @${sinceMs}`),
    ];
  }

  private step(
    run: (machine: StreamMachine<DeltaRequest> | StreamMachine<SotwRequest>) => readonly Action[],
  ): string[] {
    const machine = this.delta ?? this.sotw;
    return machine === undefined ? [] : print(this.note(run(machine)));
  }

  private note(actions: readonly Action[]): readonly Action[] {
    for (const action of actions) {
      if (action.kind === "send") this.nonces.set(action.response.typeUrl, action.response.nonce);
    }
    return actions;
  }
}

function print(actions: readonly Action[]): string[] {
  return actions.flatMap((action) => {
    if (action.kind === "unsupported-type") return [`unsupported ${action.typeUrl}`];
    if (action.kind !== "send") return [];
    const { typeUrl, resources, removed } = action.response;
    const words = [...resources.map(printResource), ...removed.map((name) => `-${name}`)];
    return [[SHORT.get(typeUrl) ?? typeUrl, ...words].join(" ")];
  });
}

function printResource({ name, value }: VersionedResource): string {
  return `${name}=${Buffer.from(value).toString()}`;
}

/** `cds:a=1>eds:x,eds:y` */
function parseResource(word: string): Resource {
  const [, short = "", name = "", content = "", , refs] =
    /^(\w+):([^=]+)=([^>]*)(>(.*))?$/.exec(word) ?? [];
  const typeUrl = TYPES[short];
  if (typeUrl === undefined) throw new Error(`"${word}" is not type:name=content`);
  const resource = { typeUrl, name, value: Buffer.from(content) };
  return refs === undefined ? resource : { ...resource, refs: list(refs).map(parseRef) };
}

function parseRef(word: string): ResourceRef {
  const [short = "", name = ""] = word.split(":");
  return { typeUrl: TYPES[short] ?? short, name };
}

/** `a=1` -> name and the version that this content has. */
function knownVersion(word: string): [string, string] {
  const [name, content] = splitField(word);
  const resource = { typeUrl: "any", name, value: Buffer.from(content) };
  const version = createSnapshot([resource]).types.get("any")?.resources.get(name)?.version;
  return [name, version ?? ""];
}

function splitField(word: string): [string, string] {
  const at = word.indexOf("=");
  if (at === -1) throw new Error(`"${word}" is not field=value`);
  return [word.slice(0, at), word.slice(at + 1)];
}

function list(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(",");
}

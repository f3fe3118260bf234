import assert from "node:assert/strict";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
} from "../../src/proto/type-url.ts";
import { createDeltaMachine, type DeltaRequest } from "../../src/xds/delta.ts";
import type { XdsResponse } from "../../src/xds/discovery.ts";
import type { Action, StreamMachine } from "../../src/xds/machine.ts";
import type { Snapshot } from "../../src/xds/snapshot.ts";
import { createSotwMachine, type SotwRequest } from "../../src/xds/sotw.ts";

/**
 * A client that follows references as Envoy does: it asks for the endpoints of its clusters and the routes of its
 * listeners. A listener that changes its route configuration serves with the old one until the new one is there. A new
 * cluster takes traffic once it has endpoints, and the client acknowledges clusters when all are warm. At every step it fails
 * if a route in use names a cluster that takes no traffic.
 *
 * Contents: a listener's is the name of its route configuration, a route's the names of its clusters. What begins with `bad`
 * is refused.
 */
export interface MeshOptions {
  readonly form: "sotw" | "delta";
  /** Of a response with a bad resource, the rest is taken. */
  readonly takesRest: boolean;
}

interface Held {
  readonly names: Set<string>;
  readonly contents: Map<string, string>;
  readonly versions: Map<string, string>;
  nonce: string;
  version: string;
}

interface ListenerInUse {
  route: string | undefined;
  next: string;
}

type Request = DeltaRequest & SotwRequest;

const WHOLE: readonly string[] = [CLUSTER_TYPE, LISTENER_TYPE];

export class MeshClient {
  private machine: StreamMachine<Request>;
  private snapshot: Snapshot | undefined;
  private readonly types = new Map<string, Held>();
  private readonly warm = new Set<string>();
  /** Clusters that were told that they have no endpoints: as good as warm, but without traffic. */
  private readonly bare = new Set<string>();
  private readonly listeners = new Map<string, ListenerInUse>();
  private requests: Request[] = [];
  private responses: XdsResponse[] = [];
  private clusterAck: Request | undefined;
  private nowMs = 0;
  sent = 0;

  constructor(private readonly options: MeshOptions) {
    this.machine = this.connect();
    for (const url of [CLUSTER_TYPE, LISTENER_TYPE]) this.ask(url, {});
  }

  private connect(): StreamMachine<Request> {
    return this.options.form === "delta" ? createDeltaMachine() : createSotwMachine();
  }

  publish(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    this.take(this.machine.step({ kind: "snapshot", nowMs: this.nowMs, snapshot }));
  }

  /** The connection breaks and comes back to another replica; delta: the client says what it holds. */
  reconnect(): void {
    this.requests = [];
    this.responses = [];
    this.clusterAck = undefined;
    this.machine = this.connect();
    if (this.snapshot !== undefined) this.publish(this.snapshot);
    for (const [typeUrl, { names, contents, versions }] of this.types) {
      if (!WHOLE.includes(typeUrl) && names.size === 0) continue;
      const known = [...contents.keys()].map((name): [string, string] => [
        name,
        versions.get(name) ?? "",
      ]);
      const resumes = known.length > 0;
      this.ask(typeUrl, { subscribe: [...names], known: Object.fromEntries(known), resumes });
    }
  }

  serverReads(): boolean {
    const request = this.requests.shift();
    if (request === undefined) return false;
    this.take(this.machine.step({ kind: "request", nowMs: this.nowMs, request }));
    return true;
  }

  clientReads(): boolean {
    const response = this.responses.shift();
    if (response === undefined) return false;
    const { typeUrl, nonce, version, resources } = response;
    const held = this.typeOf(typeUrl);
    const isBad = resources.some(({ value }) => contentOf(value).startsWith("bad"));
    if (!isBad || this.options.takesRest) this.apply(response);
    if (!isBad) held.version = version;
    this.follow();
    // Not before: a request with this nonce and no error is an ACK.
    held.nonce = nonce;
    this.answer(typeUrl, isBad ? "no" : undefined);
    this.check();
    return true;
  }

  /** Both sides read, and time passes, until nothing moves. */
  settle(): void {
    const limit = this.sent + 2000;
    for (let before = -1; before !== this.sent; ) {
      before = this.sent;
      while (this.serverReads() || this.clientReads()) assert.ok(this.sent < limit, "no end");
      this.nowMs += 5000;
      this.take(this.machine.step({ kind: "tick", nowMs: this.nowMs }));
    }
  }

  contents(typeUrl: string): ReadonlyMap<string, string> {
    return this.typeOf(typeUrl).contents;
  }

  private typeOf(typeUrl: string): Held {
    const known = this.types.get(typeUrl);
    if (known !== undefined) return known;
    const maps = { contents: new Map<string, string>(), versions: new Map<string, string>() };
    const made = { names: new Set<string>(), ...maps, nonce: "", version: "" };
    this.types.set(typeUrl, made);
    return made;
  }

  private apply({ typeUrl, resources, removed }: XdsResponse): void {
    const { contents, versions, names } = this.typeOf(typeUrl);
    const isWhole = WHOLE.includes(typeUrl);
    const gone = new Set(removed);
    if (isWhole && this.options.form === "sotw") {
      for (const name of contents.keys()) gone.add(name);
      for (const { name } of resources) gone.delete(name);
    }
    for (const name of gone) contents.delete(name);
    if (typeUrl === ENDPOINT_TYPE) for (const name of removed) this.bare.add(name);
    for (const { name, value, version } of resources) {
      const content = contentOf(value);
      if (content.startsWith("bad") || !(isWhole || names.has(name))) continue;
      contents.set(name, content);
      versions.set(name, version);
      if (typeUrl === ENDPOINT_TYPE && this.contents(CLUSTER_TYPE).has(name)) this.warm.add(name);
    }
  }

  /** Subscribes to what is named, and lets go of what is named no more. */
  private follow(): void {
    const clusters = this.contents(CLUSTER_TYPE);
    for (const set of [this.warm, this.bare]) {
      for (const name of set) if (!clusters.has(name)) set.delete(name);
    }
    this.want(ENDPOINT_TYPE, new Set(clusters.keys()));
    this.switchListeners();
    const routes = [...this.listeners.values()].flatMap(({ route, next }) => [route, next]);
    this.want(ROUTE_TYPE, new Set(routes.filter((name) => name !== undefined)));
  }

  private switchListeners(): void {
    const wanted = this.contents(LISTENER_TYPE);
    for (const name of this.listeners.keys()) if (!wanted.has(name)) this.listeners.delete(name);
    for (const [name, content] of wanted) {
      const next = content.split(" ")[0] ?? "";
      const inUse = this.listeners.get(name) ?? { route: undefined, next };
      inUse.next = next;
      if (this.contents(ROUTE_TYPE).has(next)) inUse.route = next;
      this.listeners.set(name, inUse);
    }
  }

  private want(typeUrl: string, wanted: ReadonlySet<string>): void {
    const held = this.typeOf(typeUrl);
    const subscribe = [...wanted].filter((name) => !held.names.has(name));
    const unsubscribe = [...held.names].filter((name) => !wanted.has(name));
    if (subscribe.length + unsubscribe.length === 0) return;
    for (const name of unsubscribe) {
      held.names.delete(name);
      held.contents.delete(name);
    }
    for (const name of subscribe) held.names.add(name);
    const nonce = this.options.form === "sotw" ? held.nonce : "";
    this.ask(typeUrl, { subscribe, unsubscribe, nonce });
  }

  private answer(typeUrl: string, error: string | undefined): void {
    const { nonce } = this.typeOf(typeUrl);
    const answer = this.request(typeUrl, { nonce, ...(error !== undefined && { error }) });
    if (typeUrl === CLUSTER_TYPE) this.clusterAck = answer;
    else this.requests.push(answer);
    const clusters = [...this.contents(CLUSTER_TYPE).keys()];
    const areWarm = clusters.every((name) => this.warm.has(name) || this.bare.has(name));
    if (this.clusterAck === undefined || !areWarm) return;
    this.requests.push(this.clusterAck);
    this.clusterAck = undefined;
  }

  private ask(typeUrl: string, fields: Partial<Request>): void {
    this.requests.push(this.request(typeUrl, fields));
  }

  private request(typeUrl: string, fields: Partial<Request>): Request {
    const { names, version } = this.typeOf(typeUrl);
    const empty = { nonce: "", subscribe: [], unsubscribe: [], known: {} };
    return { typeUrl, ...empty, names: [...names], version, ...fields };
  }

  private check(): void {
    for (const [listener, { route }] of this.listeners) {
      const clusters = route === undefined ? undefined : this.contents(ROUTE_TYPE).get(route);
      for (const cluster of clusters?.split(" ")[0]?.split("+") ?? []) {
        if (this.warm.has(cluster)) continue;
        const state = this.contents(CLUSTER_TYPE).has(cluster) ? "not warm" : "not there";
        assert.fail(`listener ${listener}, route ${route} uses cluster ${cluster}: ${state}`);
      }
    }
  }

  private take(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.kind !== "send") continue;
      this.sent += 1;
      this.responses.push(action.response);
    }
  }
}

function contentOf(value: Uint8Array): string {
  return Buffer.from(value).toString();
}

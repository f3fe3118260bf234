import assert from "node:assert/strict";
import {
  CLUSTER_TYPE,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  ROUTE_TYPE,
  SECRET_TYPE,
} from "../../src/proto/type-url.ts";
import { createDeltaMachine } from "../../src/xds/delta.ts";
import type { XdsResponse } from "../../src/xds/discovery.ts";
import type { Action, MachineEvent } from "../../src/xds/machine.ts";
import { createSnapshot, type Resource, type Snapshot } from "../../src/xds/snapshot.ts";
import { createSotwMachine } from "../../src/xds/sotw.ts";

/**
 * A client as the protocol describes it, with a network between it and the machine: both directions are queues, and
 * whoever drives the model decides who reads next. It refuses content that begins with `bad`, in one of two ways: like
 * Envoy's clusters and listeners it takes the rest of the response, or it takes nothing of it.
 */
export const TYPE_URLS = [CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE, ROUTE_TYPE, SECRET_TYPE];
const WILDCARD_TYPES = [CLUSTER_TYPE, LISTENER_TYPE];

export interface ModelOptions {
  readonly variant: "delta" | "sotw";
  readonly takesRest: boolean;
}

interface Wire {
  send(event: unknown): readonly Action[];
}

interface Request {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly error?: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly known: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly version: string;
}

class ClientType {
  readonly names = new Set<string>();
  readonly held = new Map<string, { content: string; version: string }>();
  nonce = "";
  version = "";
  hasAsked = false;
  constructor(readonly typeUrl: string) {}

  wants(name: string): boolean {
    return this.names.has("*") || this.names.has(name);
  }

  dropUnwanted(): void {
    for (const name of [...this.held.keys()]) if (!this.wants(name)) this.held.delete(name);
  }
}

export class Model {
  readonly types = new Map(TYPE_URLS.map((url) => [url, new ClientType(url)]));
  private machine: Wire;
  private requests: Request[] = [];
  private responses: XdsResponse[] = [];
  private readonly open = new Map<string, string>();
  private readonly nonces = new Set<string>();
  private nowMs = 0;
  private snapshot: Snapshot | undefined;
  sent = 0;

  constructor(private readonly options: ModelOptions) {
    this.machine = this.connect();
    for (const url of WILDCARD_TYPES) this.toggle(url, "*");
  }

  private connect(): Wire {
    const machine = this.options.variant === "delta" ? createDeltaMachine() : createSotwMachine();
    return { send: (event) => machine.step(event as MachineEvent<never>) };
  }

  publish(resources: readonly Resource[]): void {
    this.snapshot = createSnapshot(resources);
    this.take(this.machine.send({ kind: "snapshot", nowMs: this.nowMs, snapshot: this.snapshot }));
  }

  tick(ms: number): void {
    this.nowMs += ms;
    this.take(this.machine.send({ kind: "tick", nowMs: this.nowMs }));
  }

  /** The client subscribes to the name, or unsubscribes if it has. */
  toggle(typeUrl: string, name: string): void {
    const type = this.types.get(typeUrl)!;
    const isAdded = !type.names.has(name);
    if (isAdded) type.names.add(name);
    else type.names.delete(name);
    type.dropUnwanted();
    const change = isAdded ? { subscribe: [name] } : { unsubscribe: [name] };
    this.ask(type, { ...change, nonce: type.nonce });
  }

  serverReads(): boolean {
    const request = this.requests.shift();
    if (request === undefined) return false;
    const event = { kind: "request", nowMs: this.nowMs, request };
    if (this.open.get(request.typeUrl) === request.nonce) this.open.delete(request.typeUrl);
    this.take(this.machine.send(event));
    return true;
  }

  clientReads(): boolean {
    const response = this.responses.shift();
    if (response === undefined) return false;
    const type = this.types.get(response.typeUrl)!;
    const isBad = response.resources.some(({ value }) => contentOf(value).startsWith("bad"));
    if (!isBad || this.options.takesRest) this.apply(type, response);
    type.nonce = response.nonce;
    if (!isBad) type.version = response.version;
    this.ask(type, { nonce: response.nonce, ...(isBad ? { error: "cannot parse" } : {}) });
    return true;
  }

  /** The connection breaks and comes back to another replica; the first requests still carry the old nonces [11]. */
  reconnect(): void {
    this.requests = [];
    this.responses = [];
    this.open.clear();
    this.nonces.clear();
    this.machine = this.connect();
    if (this.snapshot !== undefined) {
      const { nowMs, snapshot } = this;
      this.take(this.machine.send({ kind: "snapshot", nowMs, snapshot }));
    }
    for (const type of this.types.values()) {
      // Without names a first request would be the legacy wildcard, so a client that wants nothing does not ask.
      type.hasAsked &&= type.names.size > 0;
      if (!type.hasAsked) continue;
      const { nonce } = type;
      type.nonce = "";
      const known = [...type.held].map(([name, { version }]): [string, string] => [name, version]);
      this.ask(type, { nonce, subscribe: [...type.names], known: Object.fromEntries(known) });
    }
  }

  /** Both sides read and time passes until nothing moves; fails if that takes more than 5000 messages. */
  settle(): void {
    const limit = this.sent + 5000;
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      while (this.serverReads() || this.clientReads()) isMoving = true;
      const before = this.sent;
      this.tick(5000);
      isMoving ||= this.sent > before;
      assert.ok(this.sent < limit, "the exchange does not end");
    }
  }

  private apply(type: ClientType, { resources, removed }: XdsResponse): void {
    const before = new Map(type.held);
    const isWhole = this.options.variant === "sotw" && WILDCARD_TYPES.includes(type.typeUrl);
    if (isWhole) type.held.clear();
    for (const { name, value, version } of resources) {
      if (!type.wants(name)) continue;
      const content = contentOf(value);
      const old = before.get(name);
      if (!content.startsWith("bad")) type.held.set(name, { content, version });
      else if (old !== undefined) type.held.set(name, old);
    }
    for (const name of removed) type.held.delete(name);
  }

  private ask(type: ClientType, fields: Partial<Request>): void {
    type.hasAsked = true;
    this.requests.push({
      typeUrl: type.typeUrl,
      nonce: "",
      subscribe: [],
      unsubscribe: [],
      known: {},
      names: [...type.names],
      version: type.version,
      ...fields,
    });
  }

  private take(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.kind !== "send") continue;
      const { typeUrl, nonce, resources, removed } = action.response;
      this.sent += 1;
      assert.ok(!this.open.has(typeUrl), `two unanswered responses of ${typeUrl}`);
      assert.ok(nonce !== "" && !this.nonces.has(nonce), `nonce "${nonce}" is not fresh`);
      const names = [...resources.map(({ name }) => name), ...removed];
      assert.equal(new Set(names).size, names.length, `a name twice in ${names}`);
      assert.ok(resources.every((resource) => resource.typeUrl === typeUrl));
      this.open.set(typeUrl, nonce);
      this.nonces.add(nonce);
      this.responses.push(action.response);
    }
  }
}

function contentOf(value: Uint8Array): string {
  return Buffer.from(value).toString();
}

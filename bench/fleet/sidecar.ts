import { readFileSync } from "node:fs";
import { CLUSTER_TYPE, RUNTIME_TYPE } from "../../src/proto/type-url.ts";
import { acknowledge, knownVersions, readResponse, refuse, subscribe } from "./delta-message.ts";
import { H2Connection } from "./h2-connection.ts";
import { FLEET, FRONT, LIMITS } from "./plan.ts";

/**
 * One simulated Envoy: a connection and a delta ADS stream that asks for all clusters and acknowledges what comes. Its
 * first request is Envoy 1.40's own, recorded byte for byte, 516 extensions included, with another node id.
 */
const RECORDED = readFileSync(new URL("../../../bench/fleet/first-request.binpb", import.meta.url));
const RECORDED_ID = "envoy-000000";

/** Envoy's default base interval, spread by half. */
const RETRY_MS = 500;

export interface Receipt {
  readonly sidecar: Sidecar;
  readonly typeUrl: string;
  readonly atMs: number;
}

export class Sidecar {
  private connection: H2Connection | undefined;
  private readonly known = new Map<string, string>();
  /** (name, version) of every resource refused, with the number of times it came. */
  readonly refused = new Map<string, number>();
  /** What was current for the server at its last response about clusters. */
  version = "";
  isRefusing = false;
  isStalled = false;

  constructor(
    private readonly index: number,
    readonly isFront: boolean,
    private readonly events: {
      readonly onReceipt: (receipt: Receipt) => void;
      readonly onClose: () => void;
    },
    private readonly port: number,
  ) {}

  /** Bytes of the present connection, HTTP/2's own included. */
  get bytesReceived(): number {
    return this.connection?.bytesReceived ?? 0;
  }

  connect(): void {
    this.connection = new H2Connection(this.port, {
      onMessage: (message) => this.receive(message),
      onClose: () => {
        this.events.onClose();
        setTimeout(() => this.connect(), RETRY_MS + (this.index % RETRY_MS));
      },
    });
    this.connection.send(this.firstRequest());
  }

  reset(): void {
    this.connection?.reset();
  }

  stall(): void {
    this.isStalled = true;
    this.connection?.stall();
  }

  askForLimits(): void {
    this.connection?.send(subscribe(RUNTIME_TYPE, LIMITS));
  }

  /** A stream that comes back says what it holds, if it learned that in `connect`. */
  private firstRequest(): Buffer {
    const request = Buffer.concat([RECORDED, knownVersions(this.known)]);
    request.write(`envoy-${String(this.index).padStart(6, "0")}`, request.indexOf(RECORDED_ID));
    if (this.isFront) request.write(FRONT, request.indexOf(FLEET));
    return request;
  }

  private receive(message: Buffer): void {
    const atMs = performance.now();
    const { typeUrl, version, nonce, resources } = readResponse(message, true);
    for (const { name, version: own } of resources) {
      if (typeUrl === CLUSTER_TYPE) this.known.set(name, own);
    }
    if (typeUrl === CLUSTER_TYPE) this.version = version;
    this.connection?.send(
      this.isRefusing ? this.complain(typeUrl, nonce, resources) : acknowledge(typeUrl, nonce),
    );
    this.events.onReceipt({ sidecar: this, typeUrl, atMs });
  }

  private complain(
    typeUrl: string,
    nonce: Buffer,
    resources: readonly { name: string; version: string }[],
  ): Buffer {
    for (const { name, version } of resources) {
      const content = `${name} ${version}`;
      this.refused.set(content, (this.refused.get(content) ?? 0) + 1);
    }
    return refuse(typeUrl, nonce, `${resources.map(({ name }) => name).join(", ")}: refused`);
  }
}

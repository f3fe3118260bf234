import { CLUSTER_TYPE, ENDPOINT_TYPE } from "../proto/type-url.ts";
import type { ResourceRef, TypeSnapshot, VersionedResource } from "./snapshot.ts";
import type { TypeState } from "./type-state.ts";
import type { TypeStates } from "./type-states.ts";

/** What a client needs beside a response of ours while it warms what came with it. */
export class Warming {
  /** Endpoints of the snapshot whose clusters are not acknowledged yet. */
  private endpoints: TypeSnapshot | undefined;

  constructor(private readonly states: TypeStates) {}

  open(state: TypeState): void {
    if (state.type.typeUrl === ENDPOINT_TYPE) state.fallBackOn(this.endpoints);
  }

  /**
   * A client acknowledges clusters when they are warm, and warms them on their endpoints. If those leave the snapshot
   * meanwhile they are given all the same: else the client would wait for them, and everything else for the client.
   */
  begin(endpoints: TypeSnapshot | undefined): void {
    this.endpoints = endpoints;
    this.states.get(ENDPOINT_TYPE)?.fallBackOn(endpoints);
  }

  end(): void {
    this.begin(undefined);
  }

  /**
   * A client that replaced a cluster starts it without endpoints and may not ask again (envoyproxy/envoy#13009). At once
   * rather than when the client has answered: its answer may wait for what is re-sent here.
   */
  resendNamedBy(sent: readonly VersionedResource[]): void {
    const endpoints = this.states.get(ENDPOINT_TYPE)?.client;
    for (const { typeUrl, name, refs = NONE } of sent) {
      const isCluster = typeUrl === CLUSTER_TYPE;
      if (isCluster && refs === NONE) endpoints?.resend(name);
      for (const ref of refs) {
        const isChild = isCluster ? ref.typeUrl === ENDPOINT_TYPE : ref.typeUrl !== CLUSTER_TYPE;
        if (isChild) this.states.get(ref.typeUrl)?.client.resend(ref.name);
      }
    }
  }
}

/** Of who says nothing of its references. */
const NONE: readonly ResourceRef[] = [];

import type { Logger } from "pino";
import { discoveryName } from "../../api/node-document.ts";
import type { ControlLoop } from "../../control/loop.ts";
import type { Metrics } from "../../metrics.ts";
import { roleFault } from "../../policy/node-role.ts";
import { CLUSTER_TYPE } from "../../proto/type-url.ts";
import type { XdsEvent } from "../../xds/server.ts";
import type { Automation } from "../automation.ts";
import { keyOf, roleOf, toWithheldDocument } from "../status-source.ts";
import { nowMs } from "./clock.ts";
import type { Observations } from "./observations.ts";

/** What follows from what Envoys do at the xDS port: who is told, what is counted and what is logged. */
export interface XdsFollowers {
  readonly loop: ControlLoop;
  readonly observations: Pick<Observations, "filters" | "noteClusterPush">;
  readonly automation: Pick<Automation, "noteAnswer" | "noteSent">;
  /** When each Envoy last took something, monotonic. */
  readonly heldSince: Map<string, number>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function followXds(event: XdsEvent, followers: XdsFollowers): void {
  const isPush = event.kind === "sent" || event.kind === "acked";
  if (isPush && event.typeUrl === CLUSTER_TYPE) followers.observations.noteClusterPush();
  const { loop, observations, automation, log, metrics } = followers;
  switch (event.kind) {
    case "connected": {
      const key = keyOf(event.node);
      observations.filters.expect(event.node.id, key, nowMs());
      if (key !== undefined && !event.resumes) loop.join(key);
      const why = roleFault(roleOf(event.node), loop.policySet);
      if (why === undefined) log.info({ node: event.node.id, key: event.key }, "envoy connected");
      else
        log.warn({ node: event.node.id, key: event.key, why }, "envoy connected, and gets nothing");
      return;
    }
    case "disconnected":
      log.info({ node: event.nodeId }, "envoy disconnected");
      return;
    case "sent":
      automation.noteSent();
      metrics.xds.countPush(discoveryName(event.typeUrl));
      log.debug({ ...event }, "xds response sent");
      return;
    case "acked":
      automation.noteAnswer();
      followers.heldSince.set(event.nodeId, nowMs());
      log.debug({ ...event }, "xds event");
      return;
    case "nacked":
      automation.noteAnswer();
      metrics.xds.countNack(discoveryName(event.typeUrl));
      log.warn({ ...event }, "envoy refused resources");
      return;
    case "canary": {
      const { canaries, ...told } = event;
      const entry = { ...told, canaries: [...canaries] };
      if (event.state === "held") {
        log.error(entry, "a change of intent is taken back");
        loop.takeBack(`${event.key}: ${event.held}`);
        return;
      }
      log.info(entry, "canary push");
      if (event.state === "passed") loop.settle();
      return;
    }
    case "withheld":
      log.error({ ...toWithheldDocument(event, loop) }, "envoys are kept from what one refused");
      return;
    case "refused":
      log.warn({ ...event }, "xds stream refused");
      return;
    default:
      log.debug({ ...event }, "xds event");
  }
}

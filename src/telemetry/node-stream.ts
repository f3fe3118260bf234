import type { PeerCertificate } from "node:tls";
import { type ServerReadableStream, type ServiceError, status } from "@grpc/grpc-js";

/**
 * A stream of reports whose first message names the node, in the same field of every such service of Envoy's. Messages
 * come as bytes, so that one which does not parse ends its own stream with a sentence and nobody else's.
 */
export interface NodeStreamOptions<Message> {
  /** Throws on bytes that are no such message. */
  readonly parse: (bytes: Buffer) => Message;
  readonly nodeOf: (message: Message) => string | undefined;
  /** Where the node's name was looked for, for the refusal. */
  readonly field: string;
  readonly take: (node: string, message: Message) => void;
  /** Why this peer may not report for that node; undefined if it may. */
  readonly forbid?: (node: string) => string | undefined;
  /** Once, with the first message. */
  readonly onNode?: (node: string) => void;
  /** Ends the call: with an error, or well. */
  readonly end: (error?: Pick<ServiceError, "code" | "details">) => void;
  readonly onRefused: (refusal: Refusal) => void;
}

/** Why a peer of this certificate may not report for this node; undefined if it may. */
export type AuthorizeReporter = (
  node: string,
  certificate: PeerCertificate | undefined,
) => string | undefined;

export interface Refusal {
  readonly node?: string;
  readonly reason: string;
}

/** An id is kept for each node. */
const MAX_ID_LENGTH = 256;

type Readable = Pick<ServerReadableStream<Buffer, object>, "on">;

export function readNodeStream<Message>(call: Readable, options: NodeStreamOptions<Message>): void {
  let node: string | undefined;
  let isEnded = false;
  const end = (error?: Pick<ServiceError, "code" | "details">) => {
    if (isEnded) return;
    isEnded = true;
    options.end(error);
  };
  const refuse = (reason: string, code: status = status.INVALID_ARGUMENT) => {
    end({ code, details: reason });
    options.onRefused({ ...(node !== undefined && { node }), reason });
  };
  call.on("data", (bytes: Buffer) => {
    if (isEnded) return;
    const message = parse(options, bytes);
    if (message === undefined) return refuse("the message does not parse");
    if (node === undefined) {
      node = options.nodeOf(message);
      if (node === undefined || node === "") {
        node = undefined;
        return refuse(`the first message must name its node: ${options.field} is empty`);
      }
      if (node.length > MAX_ID_LENGTH) {
        node = undefined;
        return refuse(`${options.field} is longer than ${MAX_ID_LENGTH} characters`);
      }
      const forbidden = options.forbid?.(node);
      if (forbidden !== undefined) return refuse(forbidden, status.PERMISSION_DENIED);
      options.onNode?.(node);
    }
    options.take(node, message);
  });
  call.on("end", () => end());
  call.on("cancelled", () => {
    isEnded = true;
  });
  call.on("error", () => {
    isEnded = true;
  });
}

/** protobufjs throws errors of several kinds at bytes that do not parse. */
function parse<Message>({ parse }: NodeStreamOptions<Message>, bytes: Buffer): Message | undefined {
  try {
    return parse(bytes);
  } catch {
    return undefined;
  }
}

import { constants, type ServerHttp2Stream } from "node:http2";
import type { RawCall } from "./stream.ts";

/** What gRPC has no public way to: the HTTP/2 stream of a call, and its decoder. Interceptors wrap one another. */
type Layer =
  | { readonly nextCall: Layer }
  | { readonly stream: ServerHttp2Stream; readonly decoder?: Decoder };

/** Of a message that has been read, until the next one comes. */
interface Decoder {
  readCompressFlag: Buffer;
  readPartialMessage: Buffer[];
}

/**
 * Ends a stream whose client does not read. gRPC can end one by its status only, which goes after all that was written,
 * so for such a client never. A reset goes at once and frees what waits; of its codes REFUSED_STREAM is the one gRPC
 * reads as UNAVAILABLE.
 */
export function cutStream(call: RawCall): void {
  innermost(call).stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/**
 * Lets go of the bytes of the message that was read last: gRPC's decoder would keep them until the next one begins. A
 * first request is 61 KB outside of the heap, and so many of them at once had V8 mark the whole heap every 600 streams.
 */
export function dropReadBytes(call: RawCall): void {
  const { decoder } = innermost(call);
  if (decoder === undefined) return;
  decoder.readCompressFlag = NONE;
  decoder.readPartialMessage = [];
}

function innermost(call: RawCall): Exclude<Layer, { nextCall: Layer }> {
  let layer = (call as unknown as { readonly call: Layer }).call;
  while ("nextCall" in layer) layer = layer.nextCall;
  return layer;
}

const NONE = Buffer.alloc(0);

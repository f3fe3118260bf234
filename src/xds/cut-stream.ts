import { constants, type ServerHttp2Stream } from "node:http2";
import type { RawCall } from "./stream.ts";

/**
 * Ends a stream whose client does not read. gRPC can end one by its status only, which goes after all that was written,
 * so for such a client never. A reset goes at once and frees what waits; of its codes REFUSED_STREAM is the one gRPC
 * reads as UNAVAILABLE.
 */
export function cutStream(call: RawCall): void {
  let layer = (call as unknown as { readonly call: Layer }).call;
  while ("nextCall" in layer) layer = layer.nextCall;
  layer.stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/** gRPC's own fields: it has no public way to the HTTP/2 stream of a call. Interceptors wrap one another. */
type Layer = { readonly nextCall: Layer } | { readonly stream: ServerHttp2Stream };

import { encodePairs, type Headers } from "./pairs.ts";

/** Tests send the same headers many times, and encoding them takes longer than the filter does. */
const encoded = new WeakMap<Headers, Uint8Array>();

const NO_HEADERS: Headers = [];

function encodedOnce(headers: Headers): Uint8Array {
  const known = encoded.get(headers) ?? encodePairs(headers);
  encoded.set(headers, known);
  return known;
}

export interface LocalReply {
  readonly status: number;
  readonly details: string;
  readonly body: string;
  readonly headers: Headers;
  readonly grpcStatus: number;
}

/** What a callback, and every host call it makes, belongs to. */
export interface Frame {
  readonly rootId: string;
  readonly configuration?: Uint8Array;
  readonly stream?: Stream;
}

export interface StreamInput {
  readonly headers?: Headers;
  readonly properties?: Readonly<Record<string, string>>;
  /** What the host hands over as header pairs, where it is not the headers. */
  readonly pairs?: Uint8Array;
}

/** Runs a callback if the guest exports it. */
export type Call = (frame: Frame, name: string, ...args: number[]) => number | undefined;

/** One HTTP stream: a test calls its phases in the order it wants to show. */
export class Stream {
  reply: LocalReply | undefined;
  /** `response.flags`, 8 bytes; absent while the response has not begun. */
  flags: Uint8Array | undefined;
  /** The request's, as they go on to the upstream. */
  headers: Headers;
  /** Those a test gave the response and those the guest has set on it. */
  responseHeaders: Headers = NO_HEADERS;
  readonly frame: Frame;
  private isCreated = false;

  constructor(
    private readonly call: Call,
    readonly id: number,
    private readonly root: { readonly id: number; readonly rootId: string },
    readonly input: StreamInput,
  ) {
    this.headers = input.headers ?? NO_HEADERS;
    this.frame = { rootId: root.rootId, stream: this };
  }

  pairs(): Uint8Array {
    return this.input.pairs ?? encodedOnce(this.headers);
  }

  header(name: string): string | undefined {
    return this.headers.find(([present]) => present === name)?.[1];
  }

  responseHeader(name: string): string | undefined {
    return this.responseHeaders.find(([present]) => present === name)?.[1];
  }

  /** The header stands once then, last. `map`: 0 the request's, 2 the response's. */
  replaceHeader(map: number, name: string, value: string): void {
    const field = map === 0 ? "headers" : "responseHeaders";
    this[field] = [...this[field].filter(([present]) => present !== name), [name, value]];
  }

  /** Envoy creates the guest's context with the first callback that needs one: request headers or log. */
  private create(): void {
    if (this.isCreated) return;
    this.isCreated = true;
    this.call(this.frame, "proxy_on_context_create", this.id, this.root.id);
  }

  /** Whether the request goes on to the upstream. */
  request(): boolean {
    this.create();
    const count = this.headers.length;
    this.call(this.frame, "proxy_on_request_headers", this.id, count, 1);
    return this.reply === undefined;
  }

  response(headerCount = 8, flags = 0n): void {
    this.flags = new Uint8Array(new BigUint64Array([flags]).buffer);
    this.call(this.frame, "proxy_on_response_headers", this.id, headerCount, 0);
  }

  log(): void {
    this.create();
    this.call(this.frame, "proxy_on_log", this.id);
  }

  done(): void {
    this.call(this.frame, "proxy_on_done", this.id);
    this.call(this.frame, "proxy_on_delete", this.id);
  }

  /** Log, done, delete: the order Envoy keeps. */
  end(): void {
    this.log();
    this.done();
  }
}

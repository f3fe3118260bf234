import type { Sources } from "./endpoint.ts";
import { isMissing, readTopic, type Topic } from "./topics.ts";

/**
 * Live views as server-sent events. A subscriber first gets every topic whole, then again whatever changed, at most once a
 * second; a topic of more than 64 KiB at most every 5 s. Who does not read is cut off, and gets everything anew when it
 * comes back: nothing is queued without bound.
 */
const TICK_MS = 1000;
const LARGE_BYTES = 64 * 1024;
const LARGE_EVERY_TICKS = 5;
const MAX_SUBSCRIBERS = 64;
/** Unread bytes after which a subscriber is cut off: some whole screens of a large mesh. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** Proxies close what is silent for longer. */
const KEEP_ALIVE_TICKS = 15;

interface Subscriber {
  readonly topics: readonly Topic[];
  /** Text last sent of each topic. */
  readonly sent: Map<Topic, string>;
  readonly out: ReadableStreamDefaultController<Uint8Array>;
}

export class LiveFeed {
  readonly #subscribers = new Set<Subscriber>();
  readonly #texts = new Map<Topic, string | undefined>();
  readonly #bytes = new TextEncoder();
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sources: Sources,
    private readonly onError: (error: Error) => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.tick(), TICK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const subscriber of this.#subscribers) this.#end(subscriber);
  }

  /** Undefined: there are too many already. */
  subscribe(topics: readonly Topic[]): ReadableStream<Uint8Array> | undefined {
    if (this.#subscribers.size >= MAX_SUBSCRIBERS) return undefined;
    let subscriber: Subscriber | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: async (out) => {
          subscriber = { topics, sent: new Map(), out };
          this.#subscribers.add(subscriber);
          const { status, model } = this.sources;
          const missing = topics.filter((topic) => isMissing(topic, model));
          this.#send(subscriber, "hello", JSON.stringify({ version: status().version, missing }));
          for (const topic of topics) await this.#offer(subscriber, topic);
        },
        cancel: () => {
          if (subscriber !== undefined) this.#subscribers.delete(subscriber);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
    );
  }

  /** Once a second. */
  async tick(): Promise<void> {
    this.#tick++;
    this.#texts.clear();
    for (const subscriber of this.#subscribers) {
      for (const topic of subscriber.topics) await this.#offer(subscriber, topic);
      if (this.#tick % KEEP_ALIVE_TICKS === 0) this.#write(subscriber, ":\n\n");
    }
  }

  async #offer(subscriber: Subscriber, topic: Topic): Promise<void> {
    const text = await this.#textOf(topic);
    const sent = subscriber.sent.get(topic);
    if (text === undefined || text === sent) return;
    const isLarge = sent !== undefined && text.length > LARGE_BYTES;
    if (isLarge && this.#tick % LARGE_EVERY_TICKS !== 0) return;
    subscriber.sent.set(topic, text);
    this.#send(subscriber, topic, text);
  }

  /** Made once a tick for all subscribers. */
  async #textOf(topic: Topic): Promise<string | undefined> {
    if (this.#texts.has(topic)) return this.#texts.get(topic);
    try {
      const value = await readTopic(topic, this.sources);
      const text = value === undefined ? undefined : JSON.stringify(value);
      this.#texts.set(topic, text);
      return text;
    } catch (error) {
      this.onError(error as Error);
      return undefined;
    }
  }

  #send(subscriber: Subscriber, event: string, data: string): void {
    this.#write(subscriber, `event: ${event}\ndata: ${data}\n\n`);
  }

  #write(subscriber: Subscriber, text: string): void {
    if (!this.#subscribers.has(subscriber)) return;
    const { out } = subscriber;
    const bytes = this.#bytes.encode(text);
    if ((out.desiredSize ?? 0) < bytes.length) this.#end(subscriber);
    else out.enqueue(bytes);
  }

  #end(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    subscriber.out.close();
  }
}

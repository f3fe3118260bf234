import { z } from "zod";
import {
  type Alert,
  type AlertBook,
  EMPTY_BOOK,
  type Label,
  type Notification,
} from "../decide/alerts/alert.ts";
import { type Delivery, dueOf, enqueue, type Sent, settle } from "../decide/alerts/delivery.ts";
import { type AlertTick, stepAlertBook } from "../decide/alerts/route.ts";
import type { Adapter } from "../policy/intent/adapter.ts";
import type { Store } from "../store/store.ts";
import { StateDocument } from "./state-document.ts";

/**
 * The alerts' life over restarts: the book steps once a second, what it tells becomes deliveries, and both are stored before
 * anything is sent. Sixteen documents hold the alerts by fingerprint, so that a storm of them fits and a tick writes what it
 * changed. Where nothing can be written it goes on in memory and says so: to wake somebody twice beats not to.
 */
export interface AlertKeeperOptions {
  readonly store: Pick<Store, "get" | "put">;
  /** One sentence. */
  readonly onProblem: (why: string) => void;
}

const VERSION = 1;
const SHARDS = [..."0123456789abcdef"];
const record = z.record(z.string(), z.unknown());
const list = z.array(z.looseObject({ key: z.string() }));

export class AlertKeeper {
  #book: AlertBook = EMPTY_BOOK;
  #deliveries: readonly Delivery[] = [];
  #saving: Promise<void> = Promise.resolve();
  #problem: string | undefined;
  /** What the documents hold, to write only those that differ. */
  #written: ReadonlyMap<string, Readonly<Record<string, Alert>>> = new Map();
  readonly #shards: ReadonlyMap<string, StateDocument<Record<string, unknown>>>;
  readonly #rest: StateDocument<Record<string, unknown>>;
  readonly #outbox: StateDocument<z.infer<typeof list>>;

  constructor(private readonly options: AlertKeeperOptions) {
    const { store } = options;
    const of = <T>(key: string, schema: z.ZodType<T>) =>
      new StateDocument(store, { key: `alerts/${key}`, version: VERSION, schema });
    this.#shards = new Map(SHARDS.map((shard) => [shard, of(shard, record)]));
    this.#rest = of("rest", record);
    this.#outbox = of("outbox", list);
  }

  get book(): AlertBook {
    return this.#book;
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  async load(): Promise<void> {
    const read = async <T>(document: StateDocument<T>): Promise<T | undefined> => {
      const loaded = await document.load();
      if (loaded.kind === "unusable") this.options.onProblem(loaded.why);
      return loaded.kind === "loaded" ? loaded.value : undefined;
    };
    const shards = await Promise.all([...this.#shards.values()].map(read));
    const rest = await read(this.#rest);
    const alerts = Object.assign({}, ...shards) as AlertBook["alerts"];
    this.#book = { ...EMPTY_BOOK, ...rest, alerts } as AlertBook;
    this.#deliveries = ((await read(this.#outbox)) ?? []) as unknown as readonly Delivery[];
  }

  /** What the tick tells, stored. Never rejects. */
  async turn(at: AlertTick, adapters: readonly Adapter[]): Promise<readonly Notification[]> {
    const { book, notifications } = stepAlertBook(this.#book, at);
    this.#book = book;
    this.#deliveries = enqueue(
      this.#deliveries,
      notifications.flatMap((payload) =>
        adapters
          .filter((adapter) => isFor(adapter, payload))
          .map(({ name }) => ({
            key: `${payload.key}-${name}`,
            adapter: name,
            group: payload.group,
            payload,
          })),
      ),
      at.tick,
    );
    await this.#save();
    return notifications;
  }

  due(tick: number): readonly Delivery[] {
    return dueOf(this.#deliveries, tick);
  }

  settle(key: string, sent: Sent, tick: number): Promise<void> {
    this.#deliveries = settle(this.#deliveries, key, sent, tick);
    return this.#save();
  }

  /** By id, or by fingerprint: then of the newest. Resolves to the id; undefined: there is none. */
  async label(id: string, label: Label): Promise<string | undefined> {
    const found = Object.values(this.#book.alerts)
      .filter((each) => each.id === id || each.fingerprint === id)
      .sort((a, b) => b.sinceTick - a.sinceTick)[0];
    if (found === undefined) return undefined;
    const alerts = { ...this.#book.alerts, [found.id]: { ...found, label } };
    this.#book = { ...this.#book, alerts };
    await this.#save();
    return found.id;
  }

  /** One save after another: an older state must never be the last. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const { alerts, ...rest } = this.#book;
    const byShard = new Map<string, Record<string, Alert>>(SHARDS.map((shard) => [shard, {}]));
    for (const [id, alert] of Object.entries(alerts)) {
      const shard = byShard.get(id.charAt(0));
      if (shard !== undefined) shard[id] = alert;
    }
    const changed = [...this.#shards].filter(
      ([shard]) => !isSame(byShard.get(shard) ?? {}, this.#written.get(shard)),
    );
    try {
      await Promise.all([
        ...changed.map(([shard, document]) => document.save(byShard.get(shard) ?? {})),
        this.#rest.save({ ...rest }),
        this.#outbox.save(this.#deliveries as unknown as z.infer<typeof list>),
      ]);
      this.#written = byShard;
      this.#problem = undefined;
    } catch (error) {
      const why = `alerts cannot be stored, and are kept in memory: ${(error as Error).message}`;
      if (why !== this.#problem) this.options.onProblem(why);
      this.#problem = why;
    }
  }
}

function isFor(adapter: Adapter, { targets }: Notification): boolean {
  if (adapter.kind !== "webhook") return false;
  const { for: teams } = adapter;
  return teams.length === 0 || targets.length === 0 || targets.some((each) => teams.includes(each));
}

/** An alert that did not change is the same value. */
function isSame(
  now: Readonly<Record<string, Alert>>,
  before: Readonly<Record<string, Alert>> | undefined,
): boolean {
  if (before === undefined) return false;
  const ids = Object.keys(now);
  return ids.length === Object.keys(before).length && ids.every((id) => now[id] === before[id]);
}

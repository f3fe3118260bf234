import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { connection, missing, type Topic } from "../state/live.ts";

/** A titled part of a screen that is loading, not available, empty, or there. */
interface PanelProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
  /** Columns of twelve; all of them on a phone. */
  readonly span?: 3 | 4 | 5 | 6 | 7 | 8 | 12;
}

function idOf(title: string): string {
  return `panel-${title.toLowerCase().replace(/\W+/g, "-")}`;
}

/** To the panels of a long screen. */
export function Jump({ titles }: { readonly titles: readonly string[] }) {
  return (
    <nav class="jump" aria-label="On this screen">
      {titles.map((title) => (
        <a key={title} href={`#${idOf(title)}`}>
          {title}
        </a>
      ))}
    </nav>
  );
}

export function Panel({ title, aside, span = 12, children }: PanelProps) {
  const id = idOf(title);
  return (
    <section class={`panel span-${span}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

interface HeardProps<T> {
  /** Of `live`. */
  readonly topic: Topic;
  readonly value: Signal<T | undefined>;
  /** Said when there is nothing; absent: an empty list is shown as any other. */
  readonly empty?: string;
  readonly children: (value: T) => ComponentChildren;
}

export function Heard<T>({ topic, value, empty, children }: HeardProps<T>) {
  if (missing.value.has(topic)) return <NotAvailable name={topic} />;
  const now = value.value;
  if (now === undefined) {
    return connection.value.state === "lost" ? <Lost /> : <Loading />;
  }
  if (empty !== undefined && Array.isArray(now) && now.length === 0) return <Empty text={empty} />;
  return <>{children(now)}</>;
}

export function NotAvailable({ name }: { readonly name: string }) {
  return (
    <p class="note">
      <strong>Not available:</strong> this control plane has no {name}.
    </p>
  );
}

export function Empty({ text }: { readonly text: string }) {
  return <p class="note">{text}</p>;
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="sr-only">Loading</span>
      <i />
      <i />
      <i />
    </div>
  );
}

function Lost() {
  return <p class="note">The control plane does not answer; this comes when it does.</p>;
}

import type { Connection, Statement } from "./database.ts";
import type { Entry, IndexedFields, Query, Where } from "./store.ts";

/** The streams as tables: what is asked of them, and how entries are added inside somebody's transaction. */
export class Entries {
  readonly #db: Connection;
  readonly #statements = new Map<string, Statement>();
  readonly #fields: IndexedFields;

  constructor(db: Connection, fields: IndexedFields) {
    this.#db = db;
    this.#fields = fields;
  }

  /** Makes the indexes of the fields; entries that are there already are taken in. */
  makeIndexes(): void {
    for (const [stream, fields] of Object.entries(this.#fields)) {
      for (const field of fields) {
        this.#db.exec(
          `CREATE INDEX IF NOT EXISTS ${indexName(stream, field)} ON entries (${fieldOf(field)}, seq) WHERE stream = '${word(stream)}'`,
        );
      }
    }
  }

  read(stream: string, query: Query): Entry[] {
    const { where, limit, reverse = false } = query;
    if (where !== undefined) return this.#readWhere(stream, query, where);
    const after = query.after ?? (reverse ? Number.MAX_SAFE_INTEGER : 0);
    const order = reverse ? "seq < ? ORDER BY seq DESC" : "seq > ? ORDER BY seq";
    const sql = `SELECT seq, body FROM entries WHERE stream = ? AND ${order} LIMIT ?`;
    return this.#statement(sql).all(stream, after, limit).map(toEntry);
  }

  head(stream: string): number {
    const row = this.#statement("SELECT head FROM streams WHERE name = ?").get(stream);
    return row === undefined ? 0 : (row as { head: number }).head;
  }

  /** Number of the last. */
  append(stream: string, bodies: readonly string[]): number {
    const { head } = this.#statement(
      "INSERT INTO streams (name, head) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET head = head + excluded.head RETURNING head",
    ).get(stream, bodies.length) as { head: number };
    const insert = this.#statement("INSERT INTO entries (stream, seq, body) VALUES (?, ?, ?)");
    const first = head - bodies.length + 1;
    for (const [i, body] of bodies.entries()) insert.run(stream, first + i, body);
    return head;
  }

  /** The index answers, whatever the planner thinks; it holds entries by field, then by number. */
  #readWhere(stream: string, { after, limit, reverse = false }: Query, where: Where): Entry[] {
    const { field, from, to } = where;
    if (!this.#fields[stream]?.includes(field))
      throw new Error(`invariant: ${field} of ${stream} is not indexed`);
    const value = fieldOf(field);
    const [beyond, order] = reverse ? ["<", "DESC"] : [">", "ASC"];
    // Of one value the next page is found by its number alone; of several, the value of the last entry is where it begins.
    const start = after ?? (reverse ? Number.MAX_SAFE_INTEGER : 0);
    const last =
      from === to || after === undefined ? undefined : this.#valueAt(stream, field, after);
    const [low, high] = reverse ? [from, last ?? to] : [last ?? from, to];
    const rest = last === undefined ? `seq ${beyond} ?2` : `(${value} <> ?5 OR seq ${beyond} ?2)`;
    const sql = `SELECT seq FROM entries INDEXED BY ${indexName(stream, field)} WHERE stream = '${word(stream)}' AND ${value} ${low === high ? "= ?3" : "BETWEEN ?3 AND ?4"} AND ${rest} ORDER BY ${value} ${order}, seq ${order} LIMIT ?1`;
    const numbers = this.#statement(sql).all(limit, start, low, high, last ?? "");
    const body = this.#statement("SELECT seq, body FROM entries WHERE stream = ? AND seq = ?");
    return numbers.map((row) => toEntry(body.get(stream, (row as Entry).seq)));
  }

  #valueAt(stream: string, field: string, seq: number): string | undefined {
    const sql = `SELECT ${fieldOf(field)} AS value FROM entries WHERE stream = ? AND seq = ?`;
    return (this.#statement(sql).get(stream, seq) as { value: string } | undefined)?.value;
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

function toEntry(row: unknown): Entry {
  const { seq, body } = row as Entry;
  return { seq, body };
}

function fieldOf(field: string): string {
  return `CASE WHEN json_valid(body) THEN json_extract(body, '$.${word(field)}') END`;
}

function indexName(stream: string, field: string): string {
  return `entries_${word(stream)}_${word(field)}`.replaceAll(/\W/g, "_");
}

/** These names are written in code and stand in SQL, where a parameter cannot. */
function word(name: string): string {
  if (!/^[a-zA-Z][\w.-]*$/.test(name)) throw new Error(`invariant: ${name} is not a plain name`);
  return name;
}

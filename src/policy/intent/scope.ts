/** What a document is about; several fields must all hold; none: everything. */
export interface Scope {
  /** Name of a Service; absent: any. */
  readonly service?: string;
  readonly rateLimit?: string;
  readonly tier?: string;
  /** Labels of the Service. */
  readonly labels: Readonly<Record<string, string>>;
}

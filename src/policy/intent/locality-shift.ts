/** How much of a locality's traffic goes elsewhere, and where. */
export interface Shifted {
  /** Of its traffic, (0, 1). */
  readonly ratio: number;
  /** Of what is moved, by locality (`region/zone`); what they leave out stays. */
  readonly to: Readonly<Record<string, number>>;
}

/** Traffic of one locality, `region/zone` or `region`, that goes to others. */
export interface LocalityShift extends Shifted {
  readonly from: string;
}

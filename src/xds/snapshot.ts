/** One named xDS resource: an encoded message of the type its URL names. */
export interface Resource {
  readonly typeUrl: string;
  readonly name: string;
  /** The message itself, encoded, without its `Any` wrapper. */
  readonly value: Uint8Array;
}

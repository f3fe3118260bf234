/** Whose tokens (JWT) are believed. */
export interface Identity {
  readonly name: string;
  readonly owner?: string;
  readonly issuer: string;
  /** A token is for one of them; never empty. */
  readonly audiences: readonly string[];
  /** JSON Web Key Set of public keys, as JSON text, or where every Envoy fetches it. */
  readonly jwks: string | RemoteKeys;
}

export interface RemoteKeys {
  /** `http:` or `https:`; its host is what the Service is asked for. */
  readonly uri: string;
  readonly service: string;
}

export interface Endpoint {
  /** IP address. */
  readonly host: string;
  readonly port: number;
  readonly locality?: Locality;
  readonly weight: number;
  /** Absent: healthy, as far as is known. */
  readonly health?: "degraded" | "unhealthy" | "draining";
}

/** Where an endpoint or an Envoy is; the zone may be empty. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
}

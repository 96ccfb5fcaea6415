// Owned by the debian work: the one gate to undici for GETs of vendor data. See the interface in the plan.
export interface HttpOptions {
  /** `--mirror`: DIR or URL; https://HOST/PATH is read as MIRROR/HOST/PATH. */
  mirror?: string;
}

/** The one way to the network for vendor data. */
export interface Http {
  get(url: string): Promise<unknown>;
}

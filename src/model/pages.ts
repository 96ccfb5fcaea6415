/** Addresses of a vendor's web pages about flaws and advisories, to which an id is appended. */
export interface ReferencePages {
  flaws: string;
  /** By kind: `DSA`, `RHSA`. */
  advisories: Readonly<Record<string, string>>;
}

import {
  type Advisory,
  type Claim,
  type CompiledContent,
  Ledger,
  type Platform,
  type PlatformData,
  type SourceSink,
  type Statement,
  type TableRow,
  type Vulnerability,
} from '../../model/feed/index.ts';
import { InputNotes } from './input-notes.ts';

/** Claims of one package: canonical claim text -> ids. Equal claims are joined, whatever their order. */
export type PackageClaims = Map<string, string[]>;

export interface CollectedPlatform {
  platform: Platform;
  data: PlatformData;
  packages: ReadonlyMap<string, PackageClaims>;
}

/** Collects what one source makes from its input. It groups statements at once, so that memory grows with distinct claims. */
export class Collector implements SourceSink {
  readonly ledger: Ledger;
  readonly vulnerabilities = new Map<string, Vulnerability>();
  readonly advisories = new Map<string, Advisory>();
  readonly tables = new Map<string, readonly TableRow[]>();
  readonly contents: CompiledContent[] = [];
  readonly notes = new InputNotes();
  readonly #declared = new Map<string, { platform: Platform; data: PlatformData }>();
  readonly #packages = new Map<string, Map<string, PackageClaims>>();
  readonly #keys = new Map<string, string>();

  constructor(source: string) {
    this.ledger = new Ledger(source);
  }

  /** The platforms declared so far, with their claims. */
  get platforms(): CollectedPlatform[] {
    const undeclared = [...this.#packages.keys()].find((id) => !this.#declared.has(id));
    if (undeclared) throw new Error(`source ${this.ledger.source} has not declared platform ${undeclared}`);
    return [...this.#declared].map(([id, declared]) => ({
      ...declared,
      packages: this.#packages.get(id) ?? new Map(),
    }));
  }

  /** Number of statements on each platform. */
  rowsByPlatform(): Record<string, number> {
    const rows = this.platforms.map(({ platform, packages }) => {
      let count = 0;
      for (const claims of packages.values()) for (const ids of claims.values()) count += ids.length;
      return [platform.id, count] as const;
    });
    return Object.fromEntries(rows);
  }

  platform(platform: Platform, data: PlatformData): void {
    this.#declared.set(platform.id, { platform, data });
  }

  /** Drops the platforms that were not requested. */
  keep(wanted: (platform: Platform) => boolean): void {
    for (const [id, { platform }] of this.#declared) {
      if (wanted(platform)) continue;
      this.#declared.delete(id);
      this.#packages.delete(id);
    }
  }

  statement(statement: Statement, also: readonly string[] = []): void {
    const claims = childOf(childOf(this.#packages, statement.platform), statement.package);
    const key = claimKey(statement);
    const ids = claims.get(key);
    // A list that begins empty takes room for seventeen, and most have one id.
    if (!ids) claims.set(this.#shared(key), [statement.vulnerability, ...also]);
    else ids.push(statement.vulnerability, ...also);
  }

  /** Packages of one build have the same claims: their texts are kept once. */
  #shared(key: string): string {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    this.#keys.set(key, key);
    return key;
  }

  vulnerability(vulnerability: Vulnerability): void {
    // In place: copies of every score would be a tenth of a full build's memory.
    for (const score of vulnerability.cvss ?? []) score.source = this.ledger.source;
    const known = this.vulnerabilities.get(vulnerability.id);
    this.vulnerabilities.set(vulnerability.id, known ? mergeDetails(known, vulnerability) : vulnerability);
  }

  advisory(advisory: Advisory): void {
    const known = this.advisories.get(advisory.id);
    this.advisories.set(advisory.id, known ? mergeDetails(known, advisory) : advisory);
  }

  dated(input: string, date: string): void {
    this.notes.dated(input, date);
  }

  content(content: CompiledContent): void {
    this.contents.push(content);
  }

  table(name: string, rows: readonly TableRow[]): void {
    this.tables.set(name, rows);
  }
}

function childOf<K, V>(parents: Map<string, Map<K, V>>, name: string): Map<K, V> {
  let child = parents.get(name);
  if (!child) {
    child = new Map();
    parents.set(name, child);
  }
  return child;
}

/** Fields of a claim in their order in a shard. */
const claimFields = [
  'status',
  'fixed',
  'range',
  'fixState',
  'reason',
  'severity',
  'suppressed',
  'advisories',
  'marks',
  'subject',
  'module',
  'imports',
  'arch',
  'channel',
  'channelFix',
  'minor',
  'evidence',
] as const satisfies readonly (keyof Claim)[];

/** A claim as text that is equal for equal claims only; JSON.parse returns it with its fields in order. */
function claimKey(claim: Claim): string {
  const ordered: Record<string, unknown> = {};
  for (const field of claimFields) {
    const value = claim[field];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) ordered[field] = value;
  }
  return JSON.stringify(ordered);
}

/**
 * Joins two records of one thing. Missing fields are taken from the other; if both have a field, the smaller text is kept,
 * so that the order of the input does not matter.
 */
export function mergeDetails<T extends object>(a: T, b: T): T {
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(a));
  for (const [field, value] of Object.entries(b)) {
    const other = merged[field];
    if (other === undefined || isBelow(value, other)) merged[field] = value;
  }
  return merged as T;
}

/** By their JSON, of which no more is made of two lists than their first difference needs: one of them may be long. */
function isBelow(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return JSON.stringify(a) < JSON.stringify(b);
  // With what follows it in the JSON: 10 in a list is below 1 at its end.
  const textAt = (list: readonly unknown[], at: number) =>
    `${at < list.length ? JSON.stringify(list[at]) : ''}${at + 1 < list.length ? ',' : ']'}`;
  for (let at = 0; at <= Math.min(a.length, b.length); at++) {
    if (a[at] === b[at] && at + 1 < a.length && at + 1 < b.length) continue;
    const [one, other] = [textAt(a, at), textAt(b, at)];
    if (one !== other) return one < other;
  }
  return false;
}

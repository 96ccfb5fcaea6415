import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssessmentCollector, type Details, joinAssessments } from '../../../src/feed/compile/index.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import type { Assessment, Vulnerability } from '../../../src/model/feed/index.ts';
import type { AssessmentSource } from '../../../src/sources/contract.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** A mirror in a folder whose documents a test replaces. */
export interface TestMirror {
  folder: string;
  put(url: string, content: string | Uint8Array): void;
  remove(url: string): void;
}

export function openMirror(documents: Readonly<Record<string, string | Uint8Array>> = {}): TestMirror {
  const folder = temporaryFolder('mirror');
  const path = (url: string) => join(folder, url.replace('https://', ''));
  const mirror: TestMirror = {
    folder,
    put(url, content) {
      mkdirSync(dirname(path(url)), { recursive: true });
      writeFileSync(path(url), content);
    },
    remove: (url) => rmSync(path(url), { force: true }),
  };
  for (const [url, content] of Object.entries(documents)) mirror.put(url, content);
  return mirror;
}

export function openStore(): SnapshotStore {
  return openSnapshotStore(temporaryFolder('snapshots'));
}

export async function fetchFrom(
  source: AssessmentSource,
  { folder }: TestMirror,
  store = openStore(),
  now = new Date('2026-01-30T12:00:00Z'),
): Promise<{ snapshots: Snapshot[]; store: SnapshotStore }> {
  const http = createHttp({ mirror: folder, env: {} });
  try {
    const snapshots = await source.fetch({ http, store, now, progress: () => undefined });
    return { snapshots, store };
  } finally {
    await http.close();
  }
}

export interface SourceResult {
  collector: AssessmentCollector;
  byId: ReadonlyMap<string, Assessment>;
}

/** Reads snapshots for a feed that speaks of these ids. */
export async function readFrom(
  source: AssessmentSource,
  { snapshots, store }: { snapshots: Snapshot[]; store: SnapshotStore },
  ids: Iterable<string>,
  known: readonly Vulnerability[] = [],
): Promise<SourceResult> {
  const details: Details = {
    ids: ids === anyId ? anyId : new Set(ids),
    vulnerabilities: new Map(known.map((vulnerability) => [vulnerability.id, vulnerability])),
    advisories: new Map(),
    ratings: new Map(),
  };
  const collector = new AssessmentCollector(source.id, details);
  await source.read(snapshots, store, collector);
  return { collector, byId: joinAssessments([collector]).byId };
}

/** Every id there is. */
export const anyId: Set<string> = new (class extends Set<string> {
  override has(): boolean {
    return true;
  }
})();

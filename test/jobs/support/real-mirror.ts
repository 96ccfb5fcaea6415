import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { dataPath } from '../../support/data.ts';

/** URLs that the three vendors' builds request, by host. */
const hosts = {
  debian: ['security-tracker.debian.org', 'salsa.debian.org', 'ftp.debian.org', 'security.debian.org'],
  redhat: ['security.access.redhat.com'],
  ubuntu: ['security-metadata.canonical.com'],
};

export type Vendor = keyof typeof hosts;
export const vendors = Object.keys(hosts) as Vendor[];

export const trackerPath = 'security-tracker.debian.org/tracker/data/json';

/** A copy of the vendors' real documents, as `build --mirror` reads them, that a test may change. */
export function realMirror(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-mirror-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const host of Object.values(hosts).flat()) {
    cpSync(dataPath('mirror', host), join(folder, host), { recursive: true });
  }
  return folder;
}

/** Removes every document of a vendor, as in an outage. Returns a function that puts them back. */
export function takeAway(mirror: string, vendor: Vendor): () => void {
  const away = mkdtempSync(join(tmpdir(), 'scapfeed-away-'));
  for (const host of hosts[vendor]) {
    cpSync(join(mirror, host), join(away, host), { recursive: true });
    rmSync(join(mirror, host), { recursive: true });
  }
  return () => {
    for (const host of hosts[vendor]) cpSync(join(away, host), join(mirror, host), { recursive: true });
    rmSync(away, { recursive: true });
  };
}

/** Replaces a text in a document of the mirror, once; the document must have it. */
export function edit(mirror: string, path: string, from: string, to: string): void {
  const text = readFileSync(join(mirror, path), 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(join(mirror, path), text.replace(from, to));
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { exportNames } from '../../../src/export/target-names.ts';
import { zipRecords } from '../../prove-exports/osv.ts';
import { runHere } from '../../support/command.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const id = 'CVE-2026-0001';
const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: { roster: new Map([['bash', { version: '1', binaries: [{ name: 'bash', version: '1' }] }]]) },
    statements: [{ vulnerability: id, package: 'bash', status: 'fixed', fixed: '2', severity: 'negligible' }],
    vulnerabilities: [{ id, description: 'x' }],
  },
]);
const text = (bytes: Buffer) => bytes.toString('latin1');
const file = (path: string) => (folder: string) => readFileSync(join(folder, path));

/** Each target's word for a flaw rated negligible: that word, or the lowest one that its scanner knows. */
const said: Record<string, { read(folder: string): string; words: RegExp }> = {
  // 0 is unknown, 1 is low; there is nothing between them.
  trivy: {
    read: (folder) => text(file('trivy/trivy.db')(folder)),
    words: /"FixedVersion":"2","Severity":1\}/,
  },
  grype: {
    read: (folder) => text(file('grype/vulnerability.db')(folder)),
    words: /"severities":\[\{"scheme":"CHMLN","value":"negligible"/,
  },
  osv: {
    read: (folder) => JSON.stringify(zipRecords(join(folder, 'osv/osv-scanner/Debian/all.zip'))),
    words: /"severity":"negligible"/,
  },
  // L is low, and a blank is unknown.
  debsecan: {
    read: (folder) => text(inflateSync(file('debsecan/bookworm')(folder))),
    words: /^bash,0,SL\?F,2,$/m,
  },
  clair: {
    read: (folder) => text(gunzipSync(file('clair/updates.json.gz')(folder))),
    words: /"normalized_severity":"Negligible"/,
  },
  csaf: {
    read: (folder) => text(file(`csaf/debian/2026/debian-${id.toLowerCase()}.json`)(folder)),
    words: /"threats":\[\{"category":"impact","details":"negligible"/,
  },
};

/** Their flaws have no severity of a vendor: notus has none at all, OVAL and data streams are the feed's own documents. */
const without = ['notus', 'oval', 'ds'];

it('every target says what its format can say of a negligible flaw', () => {
  expect([...Object.keys(said), ...without].sort()).toEqual(exportNames.toSorted());
});

it.each(Object.entries(said))('%s', async (target, { read, words }) => {
  const out = join(temporaryFolder(), 'exports');
  const { code, err } = await runHere(['export', '--feed', feed, '--to', target, '--out', out]);
  expect(code, err).toBe(0);
  expect(read(out)).toMatch(words);
});

it.each(['trivy', 'debsecan'])('%s lists it as inexact', async (target) => {
  const out = join(temporaryFolder(), 'exports');
  await runHere(['export', '--feed', feed, '--to', target, '--out', out]);
  const { platforms } = JSON.parse(readFileSync(join(out, `${target}.inexact.json`), 'utf8'));
  expect(platforms[0].entries).toContainEqual(expect.objectContaining({ cause: 'negligible', count: 1 }));
});

it('grype names only providers whose data the build had', async () => {
  const partial = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map([['bash', { version: '1', binaries: [{ name: 'bash', version: '1' }] }]]) },
      statements: [{ vulnerability: id, package: 'bash', status: 'fixed', fixed: '2' }],
    },
  ]);
  const path = join(partial, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const words = { licence: 'test', attribution: 'test' };
  const named = (id: string) => ({ id, name: id, ...words, records: 0, used: 0, dropped: 0, findings: [] });
  writeFileSync(path, JSON.stringify({ ...manifest, sources: [named('test'), named('epss')] }));
  const out = join(temporaryFolder(), 'exports');
  const { code, err } = await runHere(['export', '--feed', partial, '--to', 'grype', '--out', out]);
  expect(code, err).toBe(0);
  const database = new DatabaseSync(join(out, 'grype/vulnerability.db'), { readOnly: true });
  const rows = database.prepare('select id, input_digest from providers').all();
  database.close();
  expect(rows).toEqual([{ id: 'test', input_digest: `sha256:${'0'.repeat(64)}` }]);
});

import './testlist/record.ts';

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builds } from '../../../src/distros/builds.ts';
import { bulletinSource } from '../../../src/distros/bulletin/source.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { rootWith, stanza } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { command } from './command.ts';
import { definition, reader, testlist } from './testlist/record.ts';

// A distribution whose data is one document goes the whole way, from it to verdicts, by one file of forty lines at most.
const home = temporaryFolder();
const env = {
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_CACHE_HOME: join(home, 'cache'),
  // The document has no date.
  SOURCE_DATE_EPOCH: '1790000000',
};
const out = join(home, 'out');
const scapfeed = (...argv: string[]) => command(argv, env);

const root = rootWith({
  'etc/os-release': 'ID=testlist\nVERSION_ID=3\nPRETTY_NAME="Testlist Linux 3"\n',
  'var/lib/dpkg/status': stanza('bash', '5.2-1') + stanza('zlib', '1.3-1') + stanza('curl', '8.0-2'),
});

beforeAll(async () => {
  builds.push({ source: bulletinSource(testlist, reader, definition) });
  const folder = join(home, 'mirror/testlist.example');
  mkdirSync(folder, { recursive: true });
  const flaws = [
    { flaw: 'CVE-2026-0001', source: 'bash', fix: '5.2-3', rating: 'High' },
    { flaw: 'CVE-2026-0002', source: 'zlib' },
    { flaw: 'CVE-2026-0003', source: 'curl', fix: '8.0-2' },
    { flaw: 'CVE-2026-0004', source: ['curl'] },
  ];
  writeFileSync(join(folder, 'flaws.json'), JSON.stringify(flaws));
  const built = await scapfeed(
    ...['build', '--source', 'testlist', '--mirror', join(home, 'mirror'), '--out', out, '--scap'],
  );
  expect(built, built.err).toMatchObject({ code: 0 });
});

describe('a made-up distribution whose data is one document', () => {
  it('is one file of forty lines at most', () => {
    const file = readFileSync(join(import.meta.dirname, 'testlist/record.ts'), 'utf8');
    expect(file.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('is built with every record accounted for, into documents that are valid', async () => {
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.platforms).toMatchObject([
      {
        id: 'testlist-3',
        name: 'Testlist Linux 3',
        marks: ['no_package_list', 'unread_records'],
        statements: 3,
      },
    ]);
    expect(manifest.sources).toMatchObject([{ id: 'testlist', records: 4, used: 3, dropped: 1 }]);
    for (const path of [out, join(out, 'oval/testlist-3.oval.xml'), join(out, 'scap/testlist-3.ds.xml')]) {
      const { code, out: text } = await scapfeed('validate', path);
      expect(code, text).toBe(0);
    }
    expect(await scapfeed('validate', '--rebuild', out)).toMatchObject({ code: 0, err: '' });
  });

  it('is exported as CSAF', async () => {
    const folder = join(home, 'exports');
    const exported = await scapfeed('export', '--feed', out, '--to', 'csaf', '--out', folder);
    expect(exported, exported.err).toMatchObject({ code: 0 });
  });

  it("is judged by its rows, and explained by the vendor's record", async () => {
    const scanned = await scapfeed('scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json');
    expect(JSON.parse(scanned.out)).toMatchObject({
      platform: { id: 'testlist-3' },
      verdicts: [
        { vulnerability: 'CVE-2026-0001', severity: 'high', fixedVersion: '5.2-3' },
        { vulnerability: 'CVE-2026-0002', fixState: 'none_yet' },
      ],
    });
    const told = await scapfeed(
      ...['explain', `dir:${root}`, 'CVE-2026-0001', 'bash', '--feed', out, '--max-age', '0'],
    );
    expect(told.out, told.err).toContain('5.2-1 is older than 5.2-3 (dpkg order)');
  });

  it.skipIf(!hasOracle('oscap'))('has OVAL by which oscap says the same', () => {
    const of = (suffix: string, kind: 'fixed' | 'unfixed', flaw: string, name: string) =>
      oscapVerdicts(join(out, `oval/testlist-3.${suffix}.xml`), { root }).get(
        definitionId(ovalNamespace('testlist-3'), flawKey(kind, flaw, name)),
      );
    expect(of('oval', 'fixed', 'CVE-2026-0001', 'bash')).toBe('true');
    expect(of('unfixed.oval', 'unfixed', 'CVE-2026-0002', 'zlib')).toBe('true');
    expect(of('oval', 'fixed', 'CVE-2026-0003', 'curl')).toBe('false');
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageChanges } from '../../../src/report/diff/image-changes.ts';
import { schemaErrors } from '../../../src/validate/json-schema.ts';
import { benchmark, lineCheck, rule } from '../../comply/support/small-content.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const names = ['curl', 'zlib', 'bash', 'openssl', 'apt'];
const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: { roster: new Map(names.map((name) => [name, { version: '1', binaries: [] }])) },
    statements: [
      { vulnerability: 'CVE-2024-1', package: 'curl', status: 'fixed', fixed: '8', severity: 'high' },
      { vulnerability: 'CVE-2024-2', package: 'zlib', status: 'affected', fixState: 'none_yet' },
      { vulnerability: 'CVE-2024-3', package: 'bash', status: 'fixed', fixed: '5.2', severity: 'low' },
      { vulnerability: 'CVE-2024-4', package: 'openssl', status: 'fixed', fixed: '3', severity: 'low' },
      {
        vulnerability: 'CVE-2024-5',
        package: 'apt',
        status: 'affected',
        fixState: 'none_yet',
        suppressed: 'unimportant',
      },
    ],
  },
]);

function root(packages: readonly string[], more: Record<string, string> = {}): string {
  return rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': packages.join(''),
    ...more,
  });
}
const lists = (...installed: string[]) =>
  Object.fromEntries(installed.map((name) => [`var/lib/dpkg/info/${name}.list`, '/.\n']));

const before = root(
  [stanza('curl', '7'), stanza('zlib', '1'), stanza('openssl', '2'), stanza('bash', '5.3')],
  lists('curl', 'zlib', 'openssl', 'bash'),
);
const after = root([stanza('curl', '8'), stanza('zlib', '1'), stanza('bash', '5.1'), stanza('apt', '2')], {
  ...lists('curl', 'zlib', 'bash', 'apt'),
  'usr/local/bin/tool': '#!/bin/sh\n',
});

chmodSync(join(after, 'usr/local/bin/tool'), 0o755);

const diff = (old: string, now: string, ...args: string[]) =>
  scapfeed(['diff', old, now, '--feed', feed, '--max-age', '0', ...args]);
const document = (...args: Parameters<typeof diff>) =>
  JSON.parse(diff(...args, '-o', 'json').out) as ImageChanges;

describe('diff of SBOMs in files', () => {
  const folder = temporaryFolder();
  const bomOf = (image: string, name: string) => {
    const file = join(folder, name);
    writeFileSync(file, scapfeed(['inventory', image, '-o', 'cyclonedx']).out);
    return file;
  };
  const [old, now] = [bomOf(before, 'old.json'), bomOf(after, 'now.json')];

  it('reads them without sbom: as scan does, and beside an image', () => {
    const prefixed = document(`sbom:${old}`, `sbom:${now}`);

    expect(prefixed.packages).not.toEqual({});
    expect(document(old, now)).toEqual(prefixed);
    expect(document(before, now).packages).toEqual(document(before, `sbom:${now}`).packages);
  });

  it.each([
    ['--verify', []],
    ['--profile', ['x']],
  ])('has no files for %s', (option, values) => {
    const { code, err } = diff(old, now, option, ...values);

    expect(code).toBe(2);
    expect(err).toContain(`${old} has no files to verify or judge`);
  });

  it('has no signatures', () => {
    const key = join(folder, 'signer.pub');
    writeFileSync(
      key,
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const { code, err } = scapfeed([
      'scan',
      old,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--vex',
      'attested',
      '--signed-by',
      key,
    ]);

    expect(code).toBe(2);
    expect(err).toContain('an SBOM in a file has no signatures');
  });

  it('is the inventory for which two feeds are compared', () => {
    const { code, out, err } = scapfeed(['diff', feed, feed, '--inventory', old, '--max-age', '0']);

    expect({ code, out, err }).toEqual({ code: 0, err: '', out: 'nothing changes for this inventory\n' });
  });
});

describe('diff of two images', () => {
  it('tells packages that came, went and changed, and flaws that are new and gone, with what became of each', () => {
    const changes = document(before, after);

    expect(schemaErrors('image-diff', changes)).toEqual([]);
    expect(changes.packages.map(({ change, name }) => `${change} ${name}`)).toEqual([
      'added apt',
      'downgraded bash',
      'upgraded curl',
      'removed openssl',
    ]);
    expect(changes.flaws).toMatchObject([
      {
        change: 'new',
        vulnerability: 'CVE-2024-3',
        before: '5.3: not affected',
        after: '5.1: fix available',
      },
      { change: 'gone', vulnerability: 'CVE-2024-1', after: '8: not affected' },
      { change: 'gone', vulnerability: 'CVE-2024-4', after: 'not installed' },
    ]);
    expect(changes).toMatchObject({ unchanged: 1, hidden: 1 });
    expect(changes.deviations).toBeUndefined();
    expect(diff(before, after).code).toBe(0);
  });

  it('agrees with two scans', () => {
    const flaws = (image: string) => {
      const { verdicts } = JSON.parse(
        scapfeed(['scan', image, '--feed', feed, '--max-age', '0', '-o', 'json']).out,
      ) as { verdicts: { vulnerability: string; hidden?: string }[] };
      return verdicts.filter(({ hidden }) => hidden === undefined).map(({ vulnerability }) => vulnerability);
    };
    const [old, now] = [flaws(before), flaws(after)];
    const { flaws: changed } = document(before, after);
    const of = (kind: string) =>
      changed.filter(({ change }) => change === kind).map(({ vulnerability }) => vulnerability);

    expect(of('new').sort()).toEqual(now.filter((id) => !old.includes(id)).sort());
    expect(of('gone').sort()).toEqual(old.filter((id) => !now.includes(id)).sort());
  });

  it('is a page and a comment, in which nothing of an image is markup', () => {
    const hostile = root([stanza('curl', '8'), stanza('zlib', '1')], {
      ...lists('curl', 'zlib'),
      'usr/local/bin/<img src=x onerror=alert(1)> @team `x` |': '#!/bin/sh\n',
    });
    chmodSync(join(hostile, 'usr/local/bin/<img src=x onerror=alert(1)> @team `x` |'), 0o755);
    const [page, comment] = ['html', 'markdown'].map((format) => {
      const { code, out } = diff(before, hostile, '--verify', '-o', format);
      expect(code).toBe(0);
      return out;
    }) as [string, string];
    expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(page).toContain('<td data-column="Flaw">gone</td><td data-column="Vulnerability">CVE-2024-1</td>');
    expect(page).toContain('<td data-column="Package">upgraded</td><td data-column="Name">curl:amd64</td>');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(comment).toContain('| <code>gone</code> | <code>CVE-2024-1</code> | <code>high</code> |');
    expect(comment).toContain('<summary>Packages: 3</summary>');
    for (const text of [page, comment]) {
      expect(text).not.toContain('<img');
      expect(text).toContain('0 new flaws, 2 gone');
    }
    expect(comment).not.toMatch(/@team|`x`/);
  });

  it('says in each format that an image is not known in full', () => {
    const unknown = root([stanza('curl', '8'), stanza('nowhere', '1')]);
    for (const format of ['table', 'html', 'markdown']) {
      const { code, out } = diff(before, unknown, '-o', format);
      expect(code).toBe(4);
      expect(out).toMatch(/not known in full/i);
    }
  });

  it.each([
    [['-o', 'markdown'], 'markdown shows two images, and these are feeds'],
    [['-o', 'html', '--inventory', `dir:${before}`], 'html shows two feeds or images, not what changes'],
    [['-o', 'markdown', '--inventory', `dir:${before}`], 'markdown shows two images, not what changes'],
  ])('two feeds with %j are refused', (args, said) => {
    const { code, err } = scapfeed(['diff', feed, feed, ...args]);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('is the opposite the other way round, and nothing for one image', () => {
    const back = document(after, before);
    expect(back.flaws.map(({ change, vulnerability }) => `${change} ${vulnerability}`)).toEqual([
      'new CVE-2024-1',
      'new CVE-2024-4',
      'gone CVE-2024-3',
    ]);
    const same = document(before, before);
    expect(same).toMatchObject({ packages: [], flaws: [], unchanged: 3, hidden: 0 });
    expect(diff(before, before).out).toContain('no package differs');
  });

  it('--all lists what the default view hides', () => {
    expect(document(before, after, '--all').flaws.map(({ vulnerability }) => vulnerability)).toContain(
      'CVE-2024-5',
    );
  });

  it('a package that could not be judged is no repaired one, and ends with 4', () => {
    const foreign = root(
      [stanza('curl', '7+backport~1', { Source: 'curl (7~~)' }), stanza('own', '1')],
      lists('curl', 'own'),
    );
    const { code, out, err } = diff(before, foreign);
    expect(code).toBe(4);
    expect(out).toContain('not known in full');
    expect(err).toContain('not covered: one of the images is not known in full');
    const unknown = root([stanza('curl', 'x:7')], lists('curl'));
    const changes = document(before, unknown);
    expect(changes.flaws.find(({ vulnerability }) => vulnerability === 'CVE-2024-1')).toMatchObject({
      change: 'unknown',
      after: 'could not be judged',
    });
    expect(diff(before, unknown, '--allow-uncovered').code).toBe(0);
  });

  it('--verify: deviations that are new and gone', () => {
    const { deviations } = document(before, after, '--verify');
    expect(deviations).toMatchObject([{ change: 'new', kind: 'unowned', path: '/usr/local/bin/tool' }]);
    expect(document(after, before, '--verify').deviations).toMatchObject([{ change: 'gone' }]);
    expect(diff(root([stanza('curl', '8')]), after, '--verify').code).toBe(4);
  });

  it('--content: results of rules that differ', () => {
    const folder = temporaryFolder();
    const content = join(folder, 'content.xml');
    writeFileSync(content, benchmark(rule('tool')));
    writeFileSync(join(folder, 'oval.xml'), lineCheck('/usr/local/bin/tool', '^#!/bin/sh$'));
    const { rules } = document(before, after, '--content', content);
    expect(rules).toMatchObject([{ before: 'fail', after: 'pass' }]);
    expect(diff(before, after, '--content', content).out).toMatch(/^tool +\w+ +fail +pass$/m);
  });

  it.each([
    [['-', '-'], [], /stdin can be read once only/],
    [['-', before], ['--verify'], /- has no files to verify or judge/],
    [[before, '/nowhere/at/all'], [], /IMAGE_NOT_FOUND/],
  ] as const)('%j %j is refused', ([old, now], args, said) => {
    const { code, err } = diff(old, now, ...args);
    expect(err).toMatch(said);
    expect(code).toBe(2);
  });

  it('two feeds are no images', () => {
    const { code, err } = scapfeed(['diff', feed, feed, '--verify']);
    expect(err).toContain('--verify is for two images, and these are feeds');
    expect(code).toBe(2);
  });
});

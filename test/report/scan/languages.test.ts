import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { affects, before, writeOsvMirror } from '../../ecosystems/world.ts';
import { debianRelease, project, rootWith, stanza } from '../../support/cli.ts';
import { runHere } from '../../support/command.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const feed = join(temporaryFolder(), 'feed');
const deep = `srv/${'a-folder-of-some-length/'.repeat(4)}node_modules/left/package.json`;
const shallow = 'srv/node_modules/left/package.json';
const left = '{"name":"left","version":"1.0.0"}';
const image = `dir:${rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('libssl3', '3.0.9-1', { Source: 'openssl' }),
  [shallow]: left,
  [deep]: left,
})}`;

async function scan(format: string): Promise<string> {
  const { out, err } = await runHere(['scan', image, '--feed', feed, '--max-age', '0', '-o', format]);
  expect(out, err).not.toBe('');
  return out;
}

beforeAll(async () => {
  const mirror = writeOsvMirror({
    npm: {
      'GHSA-aaaa-bbbb-cccc': {
        aliases: ['CVE-2026-1001'],
        modified: '2026-11-20T00:00:00Z',
        affected: [affects('npm', 'left', before('1.0.1'))],
        database_specific: { severity: 'HIGH' },
      },
    },
  });
  cpSync(join(project, 'feeds/sample'), mirror, { recursive: true, force: false });
  const built = await runHere([
    ...['build', '--source', 'debian,osv', '--no-ratings', '--unsigned-mirror'],
    ...['--mirror', mirror, '--out', feed],
  ]);
  expect(built.code, built.err).toBe(0);
}, 120_000);

describe('the file that names a package of a language', { timeout: 120_000 }, () => {
  it('stands below its line in a table of 80 columns, without the first folders if it is long', async () => {
    const out = await scan('table');
    expect(out).toMatch(/^ +in .*node_modules\/left\/package\.json and 1 more place$/m);
    const lines = out.split('\n').filter((line) => line.includes('package.json'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out.match(/package\.json/g)).toHaveLength(1);
  });

  it.each(['csv', 'html', 'junit', 'markdown', 'json', 'sarif'])('is in %s', async (format) => {
    const out = (await scan(format)).replaceAll('&#95;', '_').replaceAll('&#47;', '/');
    for (const path of [shallow, deep]) if (format !== 'markdown') expect(out).toContain(path);
    expect(out).toMatch(/node_modules\/left\/package\.json/);
  });

  it('in a page, packages that no platform of the feed judges are counted apart', async () => {
    const mixed = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('libssl3', '3.0.9-1', { Source: 'openssl' }),
      'srv/vendor/composer/installed.json': '{"packages":[{"name":"a/b","version":"1.0.0"}]}',
    });
    const page = ['--feed', feed, '--max-age', '0', '-o', 'html'];
    const { out } = await runHere(['scan', `dir:${mixed}`, ...page]);
    expect(out).toContain('2 packages: 1 judged, 0 not covered, 1 not judged');
  });

  it('is in a report for GitLab, and copies at two places are two findings that keep their ids', async () => {
    const { vulnerabilities } = JSON.parse(await scan('gitlab'));
    const found = vulnerabilities.filter(({ details }: { details?: { file?: object } }) => details?.file);
    expect(found.map(({ details }: { details: { file: object } }) => details.file)).toEqual([
      { type: 'text', name: 'File', value: expect.stringContaining('package.json') },
      { type: 'text', name: 'File', value: expect.stringContaining('package.json') },
    ]);
    expect(new Set(found.map(({ id }: { id: string }) => id)).size).toBe(2);
  });
});

describe('who states that a package of a language has a flaw', { timeout: 120_000 }, () => {
  const github = 'GitHub Advisory Database';

  it('is the source of a vulnerability in CycloneDX', async () => {
    for (const format of ['cyclonedx', 'cyclonedx-vex']) {
      const { vulnerabilities } = JSON.parse(await scan(format));
      const flaw = vulnerabilities.find(({ id }: { id: string }) => id === 'CVE-2026-1001');
      const url = 'https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc';
      expect(flaw.source).toEqual({ name: github, url });
      expect(flaw.references).toEqual([{ id: 'GHSA-aaaa-bbbb-cccc', source: { name: github, url } }]);
      const others = vulnerabilities.filter(({ id }: { id: string }) => id !== 'CVE-2026-1001');
      expect(others.length).toBeGreaterThan(0);
      for (const { source, references } of others)
        expect([source.name, references]).toEqual(['Debian GNU/Linux 12 (bookworm)', undefined]);
    }
  });

  it('is in each statement of OpenVEX about one, and among the authors', async () => {
    const { author, statements } = JSON.parse(await scan('openvex'));
    expect(author).toBe(`scapfeed, from the data of Debian GNU/Linux 12 (bookworm), ${github}`);
    const notes = statements
      .filter(
        ({ vulnerability }: { vulnerability: { name: string } }) => vulnerability.name === 'CVE-2026-1001',
      )
      .map((statement: { status_notes: string; vulnerability: object }) => [
        statement.status_notes,
        statement.vulnerability,
      ]);
    expect(notes).toEqual([[`by ${github}`, expect.objectContaining({ aliases: ['GHSA-aaaa-bbbb-cccc'] })]]);
  });

  it('is in a note of CSAF, where its products are below the ecosystem', async () => {
    const { document, product_tree: tree } = JSON.parse(await scan('csaf'));
    expect(document.title).toContain(`Debian GNU/Linux 12 (bookworm), ${github} say of`);
    expect(document.notes).toContainEqual(expect.objectContaining({ text: expect.stringContaining(github) }));
    const vendors = tree.branches.map((branch: { name: string; branches: { name: string }[] }) => [
      branch.name,
      branch.branches.some(({ name }) => name === 'left 1.0.0'),
    ]);
    expect(vendors.sort()).toEqual([
      ['Debian GNU/Linux 12 (bookworm)', false],
      ['npm', true],
    ]);
  });
});

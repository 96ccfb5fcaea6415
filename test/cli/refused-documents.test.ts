import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zstdStored } from '../../scripts/zstd-stored.mjs';
import type { FeedInput, Manifest } from '../../src/model/feed/index.ts';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import { legacyVex } from '../distros/redhat/support.ts';
import { tarOf } from '../distros/redhat/tree-server.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { temporaryFolder } from '../support/temporary.ts';

const tree = 'security.access.redhat.com/data/csaf/v2/vex';
const map = 'security.access.redhat.com/data/metrics/repository-to-cpe.json';
const path = '2024/cve-2024-28834.json';
const page = '<!DOCTYPE html>\n<html><title>Maintenance</title></html>\n';

function gnutls(fixed: string): string {
  const packages = [`gnutls-0:${fixed}`];
  return JSON.stringify(
    legacyVex('CVE-2024-28834', { fixed: [{ on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages }] }),
  );
}

/** A mirror of Red Hat's tree that a test changes from night to night, and the operator's folders. */
function operator() {
  const mirror = rootWith({
    [`${tree}/archive_latest.txt`]: 'csaf_vex_2026-05-01.tar.zst\n',
    [`${tree}/csaf_vex_2026-05-01.tar.zst`]: zstdStored(tarOf({ [path]: gnutls('3.8.3-4.el9_4') })),
    [`${tree}/changes.csv`]: `"${path}","2026-04-30T10:00:00+00:00"\n`,
    [map]: JSON.stringify({
      data: { 'rhel-9-baseos': { cpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'] } },
    }),
  });
  const folder = temporaryFolder();
  const root = rootWith({
    'etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n',
    'var/lib/rpm/rpmdb.sqlite': rpmSqlite([
      rpmHeader({
        name: 'gnutls',
        version: '3.8.2',
        release: '3.el9',
        arch: 'x86_64',
        sourceRpm: 'gnutls-3.8.2-3.el9.src.rpm',
        vendor: 'Red Hat, Inc.',
      }),
    ]),
  });
  const feed = join(folder, 'feed');
  return {
    serve(files: Record<string, string>) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(mirror, name)), { recursive: true });
        writeFileSync(join(mirror, name), content);
      }
    },
    /** A night's build; what the manifest says. */
    night(...args: string[]): Manifest {
      const options = [
        '--source',
        'redhat',
        '--no-oval',
        '--snapshots',
        join(folder, 'snapshots'),
        '--out',
        feed,
      ];
      const built = scapfeed([
        'build',
        '--mirror',
        mirror,
        '--unsigned-mirror',
        '--quiet',
        ...options,
        ...args,
      ]);
      expect(built).toMatchObject({ code: 0, err: '' });
      return JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
    },
    /** The row of the CVE with what is below it, and the line that says what the image was judged as. */
    scan() {
      const { out } = scapfeed(['scan', root, '--feed', feed, '--max-age', '0']);
      const row = out.split(/\n(?! )/).find((lines) => lines.startsWith('CVE-2024-28834'));
      const header = out.split('\n').find((line) => line.includes('judged as'));
      const json = scapfeed(['scan', root, '--feed', feed, '--max-age', '0', '-o', 'json']).out;
      return { row, header, marks: (JSON.parse(json) as ScanResult).platform?.marks };
    },
    feeds: () => scapfeed(['feeds', '--feed', feed]).out,
    /** The report of a first publish. */
    publish(): string {
      const keys = ['--keys', join(folder, 'keys')];
      const env = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
      expect(scapfeed(['keys', 'make', ...keys], env).code).toBe(0);
      const published = scapfeed(
        ['publish', '--quiet', '--feed', feed, '--to', join(folder, 'site'), ...keys],
        env,
      );
      expect(published).toMatchObject({ code: 0, err: '' });
      return published.out;
    },
  };
}

const counts = ({ sources }: Manifest) =>
  Object.fromEntries(sources[0]!.findings.map(({ reason, count }) => [reason, count]));
const inputOf = ({ inputs }: Manifest, id: string): FeedInput | undefined =>
  inputs.find((input) => input.id === id);

describe('a page of HTML with status 200 in the place of one CVE of changes.csv', () => {
  it('leaves its row as it was, marked, until the document comes', () => {
    const { serve, night, scan } = operator();
    night();
    expect(scan().row).toContain('0:3.8.3-4.el9_4');

    serve({
      [`${tree}/changes.csv`]: `"${path}","2026-05-02T10:00:00+00:00"\n`,
      [`${tree}/${path}`]: page,
    });
    expect(counts(night())).toMatchObject({ document_malformed: 1 });
    expect(scan().row).toContain('0:3.8.3-4.el9_4');
    expect(scan().row).toContain('stale');
    // The night after asks again, and goes on with what it has.
    expect(counts(night())).toMatchObject({ document_malformed: 1 });

    serve({ [`${tree}/${path}`]: gnutls('3.8.3-5.el9_4') });
    expect(counts(night())).not.toHaveProperty('document_malformed');
    expect(scan().row).toContain('0:3.8.3-5.el9_4');
    expect(scan().row).not.toContain('stale');
    // A good version that came after the archive is kept just the same.
    serve({
      [`${tree}/changes.csv`]: `"${path}","2026-05-03T10:00:00+00:00"\n`,
      [`${tree}/${path}`]: page,
    });
    night();
    expect(scan().row).toContain('0:3.8.3-5.el9_4');
  }, 60_000);
});

describe('a map that is a page, or gone', () => {
  it.each([
    ['a page', page, 'SOURCE_NOT_JSON'],
    ['empty', '', 'SOURCE_NOT_JSON'],
  ])(
    '%s: the last good one stays, and manifest and account say so',
    (_, content, code) => {
      const { serve, night, publish } = operator();
      const before = inputOf(night(), 'redhat-repositories');
      serve({ [map]: content });

      const manifest = night();

      expect(inputOf(manifest, 'redhat-repositories')).toEqual({ ...before, refused: code });
      expect(counts(manifest)).toMatchObject({ last_good_input: 1 });
      expect(publish()).toContain(
        `kept: redhat-repositories: the newest version was refused (${code}), the last good one is in rhel-9\n`,
      );
    },
    60_000,
  );
});

describe('a mirror without signatures, accepted', () => {
  it('is named in feeds and scans, as a table and as JSON', () => {
    const { night, scan, feeds } = operator();

    const manifest = night();

    expect(manifest.inputs.filter(({ unsigned }) => unsigned).map(({ id }) => id)).toEqual([
      'redhat-vex',
      'redhat-vex-archive',
    ]);
    expect(manifest.platforms.map(({ marks }) => marks)).toEqual([['unsigned_input']]);
    expect(counts(manifest)).toMatchObject({ input_unsigned: 2 });
    expect(feeds()).toMatch(/^rhel-9 .* unsigned input$/m);
    const { header, marks } = scan();
    expect(header).toContain('(made from data without a signature)');
    expect(marks).toEqual(['unsigned_input']);
  });
});

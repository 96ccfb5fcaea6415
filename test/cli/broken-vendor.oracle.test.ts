import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = resolve(import.meta.dirname, '../../feeds/sample');
const debianHosts = [
  'security-tracker.debian.org',
  'salsa.debian.org',
  'ftp.debian.org',
  'security.debian.org',
];
const redHatHost = 'security.access.redhat.com';
const ubuntuHost = 'security-metadata.canonical.com';

/** Each vendor's broken document, and the build's error. */
const broken = [
  {
    vendor: 'debian',
    how: 'a tracker that stops in the middle',
    host: debianHosts[0]!,
    files: {
      'tracker/data/json': readFileSync(join(sample, debianHosts[0]!, 'tracker/data/json')).subarray(0, 5000),
    },
    code: 'SOURCE_NOT_JSON',
  },
  { vendor: 'redhat', how: 'nothing at all', host: redHatHost, files: {}, code: 'FETCH_NOT_FOUND' },
  {
    vendor: 'ubuntu',
    how: 'a web page for the archive of records',
    host: ubuntuHost,
    files: { 'osv/osv-all.tar.xz': '<!DOCTYPE html><title>Maintenance</title>' },
    code: 'SOURCE_MALFORMED',
  },
] as const;

const platforms = { debian: 'debian-12', redhat: 'rhel-9', ubuntu: 'ubuntu-22.04' } as const;

interface Failure {
  source: string;
  code: string;
  instead: string;
  dataOf?: string;
}

describe.skipIf(!hasData('mirror'))('a night on which one vendor is broken', () => {
  let home: string;
  const at = (name: string) => join(home, name);

  beforeAll(() => {
    home = temporaryFolder();
    writeMirror(at('good'));
    const { code, err } = build('good', 'snapshots', 'last');
    expect(code, err).toBe(0);
  });

  it.each(broken)(
    '$vendor serves $how on the first night: its platforms are absent, and that is said',
    (bad) => {
      writeMirror(at(`bad-${bad.vendor}`), bad);

      const { code, err, failures } = build(`bad-${bad.vendor}`, `first-${bad.vendor}`, `feed-${bad.vendor}`);

      expect(code).toBe(3);
      expect(err).toContain(`[${bad.code}]`);
      expect(failures).toMatchObject([{ source: bad.vendor, code: bad.code, instead: 'absent' }]);
      const { sources, platforms: made } = manifestOf(at(`feed-${bad.vendor}`));
      const others = Object.entries(platforms).filter(([vendor]) => vendor !== bad.vendor);
      expect(made.map(({ id }) => id)).toEqual(others.map(([, id]) => id));
      expect(sources.find(({ id }) => id === bad.vendor)).toMatchObject({ records: 0, failed: bad.code });
    },
  );

  it.each(broken)(
    '$vendor serves $how on the second: the others are new, it is of its last good data',
    (bad) => {
      const snapshots = `second-${bad.vendor}`;
      cpSync(at('snapshots'), at(snapshots), { recursive: true });
      const out = `again-${bad.vendor}`;

      const { code, err, failures } = build(`bad-${bad.vendor}`, snapshots, out);

      expect(code).toBe(3);
      expect(err).toContain(`[${bad.code}]`);
      const [before, now] = [manifestOf(at('last')), manifestOf(at(out))];
      const platform = platforms[bad.vendor];
      const updated = before.platforms.find(({ id }) => id === platform)!.updated;
      expect(failures).toMatchObject([{ source: bad.vendor, code: bad.code, instead: 'last_good' }]);
      for (const { id, updated: date, marks = [] } of now.platforms) {
        expect(date).toBe(before.platforms.find((known) => known.id === id)!.updated);
        expect(marks.includes('last_good_input'), id).toBe(id === platform);
      }
      const shard = `index/${platform}.jsonl`;
      expect(readFileSync(join(at(out), shard))).toEqual(readFileSync(join(at('last'), shard)));
      // To a person: in the table of feeds, and in the head of a scan.
      const feeds = scapfeed(['feeds', '--feed', at(out)]).out;
      expect(feeds).toMatch(new RegExp(`^${platform} .*${updated.slice(0, 10)}.*last good input`, 'm'));
      if (bad.vendor === 'debian') {
        const image = rootWith({
          'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
          'var/lib/dpkg/status': stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }),
        });
        const scan = scapfeed(['scan', `dir:${image}`, '--feed', at(out), '--max-age', '0']).out;
        expect(scan).toMatch(/vendor data of 2024-07-05[\s\S]*\(made from the last good data/);
      }
      // Such a feed can be proved like any other, and the next good night is as if nothing had been.
      const proved = scapfeed(['validate', '--rebuild', at(out), '--snapshots', at(snapshots)]);
      expect(proved.code, proved.err).toBe(0);
      expect(build('good', snapshots, out)).toMatchObject({ code: 0, failures: [] });
      expect(readFileSync(join(at(out), 'manifest.json'))).toEqual(
        readFileSync(join(at('last'), 'manifest.json')),
      );
    },
  );

  it('with --strict nothing is written, as the last feed is', () => {
    cpSync(at('last'), at('strict'), { recursive: true });
    writeMirror(at('bad'), broken[0]);
    const { code, err } = build('bad', 'snapshots', 'strict', '--strict');

    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining('[SOURCE_NOT_JSON]') });
    expect(readFileSync(at('strict/manifest.json'))).toEqual(readFileSync(at('last/manifest.json')));
  });

  it('when every vendor is, and none was ever good, there is no feed', () => {
    mkdirSync(at('empty'));
    expect(build('empty', 'none', 'nothing')).toMatchObject({ code: 3, failures: undefined });
    expect(() => readFileSync(at('nothing/manifest.json'))).toThrow(/ENOENT/);
  });

  function build(mirror: string, snapshots: string, out: string, ...more: string[]) {
    const places = ['--mirror', at(mirror), '--snapshots', at(snapshots), '--out', at(out)];
    const wanted = Object.values(platforms).flatMap((id) => ['--platform', id]);
    const report = at(`${out}.json`);
    rmSync(report, { force: true });
    const result = scapfeed([
      ...[
        'build',
        '--source',
        'debian,redhat,ubuntu',
        ...places,
        ...wanted,
        '--unsigned-mirror',
        '--no-oval',
        '-o',
        `json=${report}`,
        ...more,
      ],
    ]);
    return { ...result, failures: failuresIn(report) };
  }
});

function failuresIn(report: string): Failure[] | undefined {
  try {
    return (JSON.parse(readFileSync(report, 'utf8')) as { failures: Failure[] }).failures;
  } catch {
    return undefined;
  }
}

function writeMirror(folder: string, bad?: (typeof broken)[number]): void {
  mkdirSync(folder);
  for (const host of [...debianHosts, redHatHost, ubuntuHost]) {
    const from = host === ubuntuHost ? dataPath('mirror', host) : join(sample, host);
    if (host !== bad?.host) symlinkSync(from, join(folder, host));
  }
  const files: Record<string, string | Buffer> = bad?.files ?? {};
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, bad!.host, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function manifestOf(feed: string): Manifest {
  return JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
}

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary.ts';

const all = 'debian,cve-records,nvd,kev,epss';
const kev = 'www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json';
const epss = 'epss.empiricalsecurity.com/epss_scores-current.csv.gz';
const releases = 'api.github.com/repos/CVEProject/cvelistV5/releases/latest';
const feeds = 'nvd.nist.gov/feeds/json/cve/2.0';
const timeout = 60_000;

let folder: string;
const at = (name: string) => join(folder, name);

function build(
  out: string,
  mirror = 'mirror',
  source = all,
  snapshots = 'snapshots',
  ...options: readonly string[]
) {
  const place = ['--mirror', at(mirror), '--unsigned-mirror', '--snapshots', at(snapshots), '--out', at(out)];
  return runHere(['build', '--no-oval', '--source', source, ...place, ...options]);
}

const manifest = (out: string) => JSON.parse(readFileSync(at(`${out}/manifest.json`), 'utf8')) as Manifest;
const filesOf = (out: string) => readdirSync(at(out), { recursive: true, encoding: 'utf8' }).sort();
const isRatings = (path: string) => /^index\/(?:ratings|exploited|epss)\./.test(path);

const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('libnghttp2-14', '1.52.0-1', { Source: 'nghttp2' }),
});

beforeAll(async () => {
  folder = temporaryFolder();
  cpSync(join(project, 'feeds/sample'), at('mirror'), { recursive: true });
  const { code, err } = await build('feed');
  expect(code, err).toBe(0);
}, timeout);

describe('a feed with ratings, known exploitation and EPSS', { timeout }, () => {
  it('is sound, is the same bytes from another folder of snapshots, and can be proved', async () => {
    expect((await build('again', 'mirror', all, 'other')).code).toBe(0);

    expect(filesOf('again')).toEqual(filesOf('feed'));
    for (const { path } of manifest('feed').outputs)
      expect(readFileSync(at(`again/${path}`)).equals(readFileSync(at(`feed/${path}`))), path).toBe(true);
    expect(readFileSync(at('again/manifest.json'))).toEqual(readFileSync(at('feed/manifest.json')));
    expect(scapfeed(['validate', at('feed')]).code).toBe(0);
    const proved = scapfeed(['validate', '--rebuild', at('feed'), '--snapshots', at('snapshots')]);
    expect(proved.code, proved.err).toBe(0);
  });

  it('accounts for every record, with licence, attribution, date and version of each source', () => {
    const { sources, inputs } = manifest('feed');
    const ids = ['cve-records', 'epss', 'kev', 'nvd'];
    for (const id of ids) {
      const { records, used, dropped, findings, licence, attribution } = sources.find(
        (one) => one.id === id,
      )!;
      expect(records).toBe(used + dropped);
      expect(findings.filter((one) => one.dropped).reduce((sum, { count }) => sum + count, 0)).toBe(dropped);
      expect(licence && attribution).toMatch(/\S/);
      expect(inputs.filter(({ source, date }) => source === id && date !== undefined)).not.toEqual([]);
    }
    expect(inputs.find(({ id }) => id === 'epss')?.version).toBe('v2025.03.14');
  });

  it('has none of a source that is left out', async () => {
    expect((await build('bare', 'mirror', 'debian', 'snapshots', '--no-ratings')).code).toBe(0);
    expect(filesOf('bare').filter(isRatings)).toEqual([]);

    expect((await build('rated', 'mirror', 'debian,nvd')).code).toBe(0);
    expect(filesOf('rated').filter(isRatings)).toEqual([
      'index/ratings.jsonl',
      'index/ratings.offsets.json',
      'index/ratings.scores.jsonl',
      'index/ratings.scores.offsets.json',
    ]);
  });

  it('needs a distribution: there would be nothing to rate', async () => {
    expect(await build('none', 'mirror', 'nvd,kev')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no distribution among nvd, kev/) as string,
    });
  });
});

describe('a night on which a source is broken: its last good data stay in use, marked', { timeout }, () => {
  it.each<[string, string, () => void]>([
    ['KEV without its count', 'kev', () => replace(kev, (text) => text.replace(/"count": ?\d+,/, ''))],
    ['KEV that is HTML with status 200', 'kev', () => writeFileSync(at(`bad/${kev}`), '<!doctype html>')],
    [
      'KEV of an older day',
      'kev',
      () =>
        replace(kev, (text) => text.replace(/"dateReleased": ?"2026-01-29/, '"dateReleased": "2026-01-28')),
    ],
    [
      'EPSS with its header only',
      'epss',
      () => writeFileSync(at(`bad/${epss}`), gzipSync('cve,epss,percentile\n')),
    ],
    ['no release of CVE records', 'cve-records', () => writeFileSync(at(`bad/${releases}`), '{"assets":[]}')],
  ])('%s', async (_, id, spoil) => {
    makeBad(spoil);

    const { code, err } = await build('second', 'bad', all, 'bad-snapshots');

    expect(code, err).toBe(3);
    const source = manifest('second').sources.find((one) => one.id === id)!;
    expect(source.failed).toMatch(/^SOURCE_/);
    expect(source.findings).toMatchObject([{ reason: 'last_good_input', dropped: false }]);
    for (const { path } of manifest('feed').outputs.filter((one) => isRatings(one.path)))
      expect(readFileSync(at(`second/${path}`)).equals(readFileSync(at(`feed/${path}`))), path).toBe(true);
    const shown = scapfeed(['feeds', '--feed', at('second')]).out;
    expect(shown).toMatch(
      /of \d{4}-\d\d-\d\d, [\d,]+ days old.*, the last good one because a newer one was refused \(SOURCE_/,
    );
    const scan = scapfeed(['scan', `dir:${image}`, '--feed', at('second'), '--max-age', '0']).out;
    expect(scan).toMatch(/KNOWN EXPLOITED/);
  });

  it('an NVD feed that its .meta disagrees with', async () => {
    makeBad(() => {
      const meta = `${feeds}/nvdcve-2.0-modified.meta`;
      replace(meta, (text) => text.replace(/sha256:./, 'sha256:0').replace(/T22:/, 'T23:'));
    });

    const { code, err } = await build('second', 'bad', all, 'bad-snapshots');

    expect(code, err).toBe(0);
    const { inputs, sources } = manifest('second');
    expect(inputs.find(({ id }) => id === 'nvd-modified')?.refused).toBe('SOURCE_MALFORMED');
    expect(sources.find(({ id }) => id === 'nvd')?.findings).toContainEqual(
      expect.objectContaining({ reason: 'last_good_input', count: 1 }),
    );
  });

  /** The first night is good. */
  function makeBad(spoil: () => void): void {
    for (const [from, to] of Object.entries({ mirror: 'bad', snapshots: 'bad-snapshots', feed: 'second' })) {
      rmSync(at(to), { recursive: true, force: true });
      cpSync(at(from), at(to), { recursive: true });
    }
    spoil();
  }

  function replace(path: string, change: (text: string) => string): void {
    const text = readFileSync(at(`bad/${path}`), 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(at(`bad/${path}`), changed);
  }
});

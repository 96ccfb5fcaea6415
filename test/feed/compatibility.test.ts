import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { feedFormat, type Manifest } from '../../src/model/feed/index.ts';
import type { FeedPart } from '../../src/publish/feed/part.ts';
import { withoutUnaccepted } from '../../src/publish/terms.ts';
import { openFeed } from '../../src/runtime/node.ts';

import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { sampleFeed } from '../support/sample-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const golden = join(import.meta.dirname, 'golden');

/** Feeds that earlier versions wrote, by version: a version that writes something new adds its own, none is made again. */
const stored = readdirSync(golden).filter((name) => name.startsWith('feed-'));

const image = () =>
  rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('libc6', '2.36-9+deb12u3', { Source: 'glibc' }),
  });

describe.each(stored)('%s, which an earlier version wrote', (name) => {
  const feed = join(golden, name);

  it('is opened, judged by and explained', { timeout: 60_000 }, () => {
    const { code, out, err } = scapfeed(['scan', image(), '--feed', feed, '--max-age', '0', '-o', 'json']);
    expect(`${code} ${err}`).toBe('0 ');
    const { verdicts } = JSON.parse(out);
    expect(verdicts).toContainEqual(
      expect.objectContaining({
        vulnerability: 'CVE-2024-2961',
        status: 'affected',
        fixState: 'available',
        fixedVersion: '2.36-9+deb12u6',
        severity: 'high',
      }),
    );
    expect(
      scapfeed(['explain', image(), 'CVE-2024-2961', 'libc6', '--feed', feed, '--max-age', '0']).out,
    ).toContain('2.36-9+deb12u6');
    expect(scapfeed(['feeds', '--feed', feed]).code).toBe(0);
  });

  it('is valid by the schemas of today', () => {
    const { code, out } = scapfeed(['validate', feed]);
    expect(code, out).toBe(0);
  });
});

/**
 * Additions to feeds since a client was frozen, by schema: fields that it does not know, which it ignores, and words that it
 * does not know, each with its behaviour then. docs/formats.md promises no more.
 */
const newSince: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'schemas-0.1': {
    'manifest field sources/N/usualDays': 'the mark of a frozen source says the same',
    'manifest field platforms/N/held': 'the mark held_back_since_DAY says the same',
    'manifest word platforms/N/packaging':
      'the platform is of a system that it has no rule for, and it refuses that by name',
    'manifest word sources/N/terms':
      'whoever publishes it again asks for the terms; a client that scans does not read it',
    'manifest word severityFrom/N': 'it rates by the others',
    'exploited field eu': 'shown only',
    'exploited field only': 'the flaw is exploited, by a list whose name is not shown',
    'ratings field deferred': 'shown only',
    // Fields of claims, which a judge reads: on a platform of a system that the frozen client knows they may not change a verdict.
    'shard-line field unread': 'one gap is not told; verdicts are of the statements that could be read',
    'shard-line field unreadRecords': 'as unread',
    'shard-line field claims/N/range': 'see the test of claims',
    'shard-line field claims/N/imports': 'see the test of claims',
  },
};

/** The systems that a frozen client has a rule for, by their ID in os-release. */
const systems: Readonly<Record<string, readonly string[]>> = {
  'schemas-0.1': [
    ...['almalinux', 'alpine', 'debian', 'rhel', 'ubuntu'],
    ...['opensuse-leap', 'opensuse-tumbleweed', 'sle-micro', 'sles', 'sl-micro'],
  ],
};

describe('the feed of today', () => {
  const feed = sampleFeed();
  let manifest: Manifest;
  const files: [pattern: RegExp, schema: string][] = [
    [/\.offsets\.json$/, 'offsets'],
    [/^vulnerabilities\.jsonl$/, 'vulnerability'],
    [/^advisories\.jsonl$/, 'advisory'],
    [/^ratings\.jsonl$/, 'ratings'],
    [/^ratings\.scores\.jsonl$/, 'scores-line'],
    [/^exploited\.jsonl$/, 'exploited'],
    [/^epss\.jsonl$/, 'epss-line'],
    [/\.binaries\.jsonl$/, 'binaries'],
    [/^redhat-repositories\.jsonl$/, 'redhat-repositories'],
  ];

  beforeAll(() => {
    manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
  }, 120_000);

  /** Each document of the feed, with the name of its schema. */
  function documents(): [schema: string, document: unknown, file: string][] {
    // As `publish` leaves a platform that a gate held back.
    const [platform, ...others] = manifest.platforms;
    const held = {
      ...platform!,
      marks: ['held_back_since_2026-11-20'],
      held: [{ gate: 'shrink', found: '-' }],
    };
    const names = readdirSync(join(feed, 'index'));
    const ofFile = (name: string, schema: string) =>
      documentsOf(join(feed, 'index', name)).map((document): [string, unknown, string] => [
        schema,
        document,
        name,
      ]);
    return [
      ['manifest', manifest, 'manifest.json'],
      ['manifest', { ...manifest, platforms: [held, ...others] }, 'manifest.json'],
      ...manifest.platforms.flatMap(({ id }) => ofFile(`${id}.jsonl`, 'shard-line')),
      ...files.flatMap(([pattern, schema]) => {
        const own = names.filter((name) => pattern.test(name));
        expect(own.length, schema).toBeGreaterThan(0);
        return own.flatMap((name) => ofFile(name, schema));
      }),
    ];
  }

  it('has platforms of each kind of packages, of every vendor of the sample, and data of restricted terms', () => {
    const has = <T>(values: readonly T[]) => [...new Set(values)].sort();
    expect(has(manifest.platforms.map(({ packaging }) => packaging))).toEqual(
      expect.arrayContaining(['alpm', 'apk', 'deb', 'ebuild', 'npm', 'pypi', 'rpm']),
    );
    expect(has(manifest.sources.map(({ terms }) => terms))).toContain('restricted');
    expect(manifest.platforms.map(({ id }) => id)).toContain('wolfi-rolling');
  });

  describe.each(readdirSync(golden).filter((name) => name.startsWith('schemas-')))('%s', (schemas) => {
    const checks = new Map<string, ValidateFunction>();
    const check = (schema: string) => {
      const text = readFileSync(join(golden, schemas, `${schema}.schema.json`), 'utf8');
      const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
      if (!checks.has(schema)) checks.set(schema, ajv.compile(JSON.parse(text)));
      return checks.get(schema)!;
    };

    it('is satisfied but for the fields and words that are listed, in every line of every file', () => {
      const found = new Set<string>();
      for (const [schema, document, file] of documents()) {
        const validate = check(schema);
        if (validate(document)) continue;
        for (const error of validate.errors!) {
          const news = newsOf(error);
          if (news) found.add(`${schema} ${news}`);
          else if (error.keyword !== 'if') expect(error, file).toBeUndefined();
        }
      }
      const listed = Object.keys(newSince[schemas]!);
      expect([...found].filter((each) => !listed.includes(each))).toEqual([]);
      expect([...found]).toEqual(
        expect.arrayContaining([
          'manifest field platforms/N/held',
          'manifest field sources/N/usualDays',
          'manifest word platforms/N/packaging',
          'manifest word sources/N/terms',
        ]),
      );
    });

    it('is satisfied by every claim about a system that its client judges', () => {
      const judged = manifest.platforms.filter(({ os }) => systems[schemas]!.includes(os.id));
      expect(judged.length).toBeGreaterThan(8);
      for (const { id, packaging } of judged) {
        expect(['apk', 'deb', 'rpm'], id).toContain(packaging);
        for (const line of documentsOf(join(feed, 'index', `${id}.jsonl`))) {
          const { unread, unreadRecords, ...known } = line as Record<string, unknown>;
          const validate = check('shard-line');
          expect(validate(known), `${id}: ${JSON.stringify(validate.errors)}`).toBe(true);
        }
      }
    });
  });

  it('has the format that docs/formats.md names', () => {
    const page = readFileSync(join(project, 'docs/formats.md'), 'utf8');
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    const minor = version.split('.').slice(0, 2).join('.');
    const [, writes, reads] =
      new RegExp(`^\\| ${minor} +\\| (\\S+) +\\| (\\S.*?) +\\|$`, 'm').exec(page) ?? [];
    expect(writes).toBe(String(feedFormat));
    expect(reads).toContain(String(feedFormat));
  });

  it.each([1, feedFormat + 1])('of format %d would be refused whole', (format) => {
    const other = join(temporaryFolder(), 'feed');
    cpSync(join(golden, stored[0]!), other, { recursive: true });
    const path = join(other, 'manifest.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), format }));
    expect(() => openFeed(other)).toThrowError(expect.objectContaining({ code: 'FEED_FORMAT_UNSUPPORTED' }));
  });
});

describe('a feed of a later version, with a system and words that are not known here', () => {
  const feed = join(temporaryFolder(), 'feed');
  const packages = { 'var/lib/dpkg/status': stanza('libc6', '2.36-9+deb12u3', { Source: 'glibc' }) };
  const debian = image();

  /** The stored feed with a platform more, whose rows are those of debian-12. */
  function write(more: { id: string; os: { id: string; version?: string }; packaging: string }): void {
    cpSync(join(golden, stored[0]!), feed, { recursive: true, force: true });
    const path = join(feed, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    const same = manifest.platforms.find(({ id }: { id: string }) => id === 'debian-12');
    manifest.platforms.push({ ...same, aliases: [], name: more.id, ...more });
    for (const output of [...manifest.outputs]) {
      if (!output.path.startsWith('index/debian-12.')) continue;
      const copy = output.path.replace('debian-12', more.id);
      copyFileSync(join(feed, output.path), join(feed, copy));
      manifest.outputs.push({ ...output, path: copy });
    }
    manifest.severityFrom = ['vendor', 'a_later_one', 'nvd', 'cisa', 'cna'];
    manifest.sources.find(({ id }: { id: string }) => id === 'debian').terms = 'a_later_one';
    writeFileSync(path, JSON.stringify(manifest));
  }

  const scan = (target: string, ...args: string[]) =>
    scapfeed(['scan', target, '--feed', feed, '--max-age', '0', '-o', 'json', ...args]);
  const refused = 'this scapfeed has no rule for later-25 [PLATFORM_NOT_COVERED]';

  it.each([
    ['a system', { id: 'later', version: '25' }, 'deb'],
    ['a system and its packages', { id: 'later', version: '25' }, 'later'],
    ['other packages of a system that is known', { id: 'debian', version: '25' }, 'later'],
  ])('%s: its images are refused by name, others are judged as before', (_, os, packaging) => {
    const before = scapfeed([
      ...['scan', debian, '--feed', join(golden, stored[0]!), '--max-age', '0', '-o', 'json'],
    ]);
    write({ id: 'later-25', os, packaging });
    const root = rootWith({ 'etc/os-release': `ID=${os.id}\nVERSION_ID=${os.version}\n`, ...packages });
    expect(scan(root)).toMatchObject({ code: 4, out: '', err: expect.stringContaining(refused) });
    const given = scan(debian, '--platform', 'later-25');
    expect(given).toMatchObject({ code: 4, out: '', err: expect.stringContaining(refused) });
    const explained = ['explain', root, 'CVE-2024-2961', 'libc6', '--feed', feed, '--max-age', '0'];
    expect(scapfeed(explained)).toMatchObject({ code: 4, err: expect.stringContaining(refused) });
    const { code, out, err } = scan(debian);
    expect(out, err).not.toBe('');
    expect([code, JSON.parse(out).verdicts]).toEqual([before.code, JSON.parse(before.out).verdicts]);
    expect(scapfeed(['feeds', '--feed', feed])).toMatchObject({
      code: 0,
      out: expect.stringContaining('later-25'),
    });
  });

  it('an ecosystem: it is the platform of no system', () => {
    write({ id: 'later', os: { id: 'later' }, packaging: 'later' });
    expect(scan(debian).code).toBe(0);
    expect(scan(debian, '--platform', 'later')).toMatchObject({
      code: 4,
      err: expect.stringContaining('this scapfeed has no rule for later '),
    });
  });

  it('terms: its platforms are not published', () => {
    write({ id: 'later-25', os: { id: 'later', version: '25' }, packaging: 'later' });
    const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
    const part = { platform: 'debian-12', manifest, lists: [], files: new Map() } as unknown as FeedPart;
    const { items, left } = withoutUnaccepted([{ part }], []);
    expect([items, left.map(({ source }) => source)]).toEqual([[], ['debian']]);
    expect(withoutUnaccepted([{ part }], ['debian']).left).toEqual([]);
  });
});

/** The field or word that a schema does not know: `field platforms/N/held`. Undefined: the document breaks the schema in another way. */
function newsOf({ keyword, instancePath, params }: ErrorObject): string | undefined {
  const place = instancePath.slice(1).replace(/\b\d+\b/g, 'N');
  if (keyword === 'enum' || keyword === 'const') return `word ${place}`;
  if (keyword !== 'additionalProperties') return undefined;
  return `field ${place === '' ? '' : `${place}/`}${params['additionalProperty']}`;
}

function documentsOf(path: string): unknown[] {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.json')
    ? [JSON.parse(text)]
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

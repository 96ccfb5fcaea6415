import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { feedFormat, type Manifest } from '../../src/model/index.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
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

describe('the feed of today', () => {
  const feed = join(temporaryFolder(), 'feed');
  const files: [pattern: RegExp, schema: string][] = [
    [/^(?:debian|rhel)-\d+\.jsonl$/, 'shard-line'],
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

  it.each(readdirSync(golden).filter((name) => name.startsWith('schemas-')))(
    'has what a client of %s requires, in every line of every file',
    (schemas) => {
      const { code, err } = scapfeed(
        [
          'build',
          '--mirror',
          'sample:',
          '--no-oval',
          '--snapshots',
          join(feed, '../snapshots'),
          '--out',
          feed,
        ],
        {},
        project,
      );
      expect(`${code} ${err}`).toMatch(/^0 /);
      const validate = (schema: string, documents: unknown[], file: string) => {
        const check = new Ajv2020({ strict: false, validateFormats: false }).compile(
          readers(schemas, schema),
        );
        for (const document of documents)
          expect(check(document), `${file}: ${JSON.stringify(check.errors)}`).toBe(true);
      };
      const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
      // As `publish` leaves a platform that a gate held back.
      const [platform] = manifest.platforms;
      const held = {
        ...platform!,
        marks: ['held_back_since_2026-11-20'],
        held: [{ gate: 'shrink', found: '-' }],
      };
      const documents = [manifest, { ...manifest, platforms: [held, ...manifest.platforms.slice(1)] }];
      validate('manifest', documents, 'manifest.json');
      const names = readdirSync(join(feed, 'index'));
      for (const [pattern, schema] of files) {
        const own = names.filter((name) => pattern.test(name));
        expect(own.length, schema).toBeGreaterThan(0);
        for (const name of own) validate(schema, documentsOf(join(feed, 'index', name)), name);
      }
    },
    120_000,
  );

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

/** A schema as the readers of that version take it: fields that they do not know are ignored. */
function readers(schemas: string, name: string): object {
  const text = readFileSync(join(golden, schemas, `${name}.schema.json`), 'utf8');
  return JSON.parse(text, (key, value) => (key === 'additionalProperties' && value === false ? true : value));
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

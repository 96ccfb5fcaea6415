import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { jsonParts } from '../../../src/report/formats/json.ts';
import { schemaErrors } from '../../../src/validate/json-schema.ts';
import { sampleScan } from './support/sample-scan.ts';

interface ScanDocument {
  feed: { digest: string; inputs: { id: string; sha256: string }[] };
  verdicts: { vulnerability: string; package: { purl: string } }[];
  vulnerabilities: { id: string; cvss?: { score: number }[]; description?: string; page?: string }[];
  advisories: { id: string; url?: string }[];
  policy: { failing: number; exitCode: number };
  counts: { flaws: number; verdicts: number; severities: Record<string, number> };
}

const sample = sampleScan();
const document = JSON.parse(sample.scan('-o', 'json', '--fail-on', 'high').out) as ScanDocument;

describe('the JSON of a scan', () => {
  it('keeps its schema', () => {
    expect(schemaErrors('scan-result', document)).toEqual([]);
  });

  it('tells what the feed knows of each vulnerability and advisory once', () => {
    const ids = document.vulnerabilities.map(({ id }) => id);
    expect(ids).toEqual([...new Set(document.verdicts.map(({ vulnerability }) => vulnerability))].sort());
    expect(document.vulnerabilities.find(({ id }) => id === 'CVE-2023-0286')).toMatchObject({
      title: 'X.400 address type confusion',
      cvss: [{ version: '3.1', score: 7.4 }],
      cwe: ['CWE-843'],
      page: 'https://security-tracker.debian.org/tracker/CVE-2023-0286',
    });
    expect(document.advisories).toEqual([
      { id: 'DSA-5343-1', date: '2023-02-07', url: 'https://security-tracker.debian.org/tracker/DSA-5343-1' },
    ]);
  });

  it('names packages by purl, the feed by its digest and every document by its own', () => {
    expect(document.verdicts.map(({ package: { purl } }) => purl)).toContain(
      'pkg:deb/debian/libssl3@3.0.7-1?arch=amd64&distro=debian-12&upstream=openssl',
    );
    expect(document.feed.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(document.feed.inputs).toEqual([
      expect.objectContaining({ id: 'test-input', sha256: '0'.repeat(64), url: 'https://example.test/data' }),
    ]);
  });

  it('tells the result of the policy and counts flaws apart from verdicts', () => {
    expect(document.policy).toMatchObject({ failOn: 'high', failing: 2, exitCode: 1 });
    expect(document.counts).toMatchObject({
      flaws: 4,
      verdicts: 5,
      severities: { critical: 1, high: 1, medium: 0, low: 1, negligible: 0, unknown: 1 },
      hidden: { unimportant: 1, unsettled: 1 },
    });
  });

  it('is the same twice', () => {
    expect(sample.scan('-o', 'json').out).toBe(sample.scan('-o', 'json').out);
  });
});

/** Schemas of former versions, each with all of its fields and open for new ones. */
const versions = join(import.meta.dirname, 'compatibility');

describe('readers of former versions', () => {
  it.each(readdirSync(versions))('find every field of %s', (name) => {
    const schema = JSON.parse(readFileSync(join(versions, name), 'utf8')) as object;
    const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);

    for (const args of [[], ['--all'], ['--severity', 'high'], ['--only-fixed']]) {
      const out = JSON.parse(sample.scan('-o', 'json', ...args).out) as unknown;
      validate(out);
      expect(validate.errors ?? []).toEqual([]);
    }
  });
});

describe('JSON in parts', () => {
  it.each<Record<string, unknown>>([
    {},
    { a: 1 },
    { a: [], b: {}, c: undefined, d: null },
    { a: [1, { b: [2, 'x\ny'] }, []], c: 'line\nbreak' },
  ])('is what JSON.stringify writes: %j', (value) => {
    expect([...jsonParts(value)].join('')).toBe(`${JSON.stringify(value, undefined, 2)}\n`);
  });
});

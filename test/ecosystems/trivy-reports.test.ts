import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ecosystemOf } from '../../src/ecosystems/ecosystems.ts';
import { parsePackageUrl } from '../../src/model/inventory/index.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { affects, writeOsvMirror } from './world.ts';

/** A node of trivy's database as text: a folder by its name, or a value by its key. */
interface Node {
  bucket?: string;
  pairs?: Node[];
  key?: string;
  value?: { PatchedVersions?: string[]; VulnerableVersions?: string[] };
}

interface Report {
  Results?: {
    Class: string;
    Packages?: { Identifier?: { PURL?: string } }[];
    Vulnerabilities?: { VulnerabilityID: string; PkgIdentifier?: { PURL?: string } }[];
  }[];
}

const registries: Readonly<Record<string, string>> = {
  ...{ composer: 'Packagist', npm: 'npm', nuget: 'NuGet', pip: 'PyPI', rubygems: 'RubyGems' },
  ...{ go: 'Go', maven: 'Maven', cargo: 'crates.io' },
};

/** The events of `>= 1.0, < 1.2`, `[1.0,1.2)` or `<= 1.1`. */
function eventsOf(range: string): Record<string, string>[] {
  const [, lowest, highest] = /^\[(.*),(.*)\)$/.exec(range) ?? [];
  const bounds = lowest === undefined ? range.split(',') : [`>=${lowest}`, `<${highest}`];
  const events: Record<string, string>[] = [];
  for (const bound of bounds) {
    const [, sign, version = ''] = /^\s*(>=|<=|<)\s*(\S+)\s*$/.exec(bound) ?? [];
    if (sign === '>=') events.unshift({ introduced: version });
    else events.push(sign === '<' ? { fixed: version } : { last_affected: version });
  }
  return events.some((event) => 'introduced' in event) ? events : [{ introduced: '0' }, ...events];
}

/** The affected versions where only patched ones are stated: those before each, and between two. */
function eventsBeside(patched: readonly string[]): Record<string, string>[] {
  return [
    { introduced: '0' },
    ...patched.flatMap(eventsOf).map((event) => {
      if (event['introduced'] !== undefined) return { fixed: event['introduced'] };
      return { introduced: event['fixed']! };
    }),
  ];
}

function recordsOf(file: string) {
  const archives: Record<string, Record<string, object>> = {};
  for (const { bucket = '', pairs = [] } of parse(readFileSync(file, 'utf8')) as Node[]) {
    const registry = registries[bucket.split('::')[0]!];
    if (registry === undefined) continue;
    for (const { bucket: name = '', pairs: flaws = [] } of pairs)
      for (const { key = '', value = {} } of flaws) {
        const { VulnerableVersions: vulnerable, PatchedVersions: patched = [] } = value;
        const ranges = vulnerable ? vulnerable.map(eventsOf) : [eventsBeside(patched)];
        const isCve = key.startsWith('CVE-');
        const id = `${isCve ? `GHSA-${key}` : key}-${name.replaceAll(/\W/g, '-')}`;
        const affected = ranges.map((events) => affects(registry, name, events));
        archives[registry] = { ...archives[registry], [id]: { aliases: [key], affected } };
      }
  }
  return archives;
}

const folder = ['interchange2', 'extract', 'trivy'] as const;

describe.skipIf(!hasData(...folder, 'golden'))("reports of trivy's own tests", () => {
  const work = temporaryFolder();
  const feed = join(work, 'feed');
  const archives: ReturnType<typeof recordsOf> = {};
  for (const file of readdirSync(dataPath(...folder, 'db')))
    for (const [name, records] of Object.entries(recordsOf(dataPath(...folder, 'db', file))))
      archives[name] = { ...archives[name], ...records };
  const mirror = writeOsvMirror(archives);
  const built = scapfeed([
    'build',
    '--source',
    'osv',
    '--no-ratings',
    '--no-oval',
    '--mirror',
    mirror,
    '--out',
    feed,
  ]);

  const reports = readdirSync(dataPath(...folder, 'golden')).flatMap((name) => {
    const { Results = [] } = JSON.parse(readFileSync(dataPath(...folder, 'golden', name), 'utf8')) as Report;
    const own = Results.filter((result) => result.Class === 'lang-pkgs');
    return own.length > 0 ? [[name, own] as const] : [];
  });

  it.each(reports)('%s: the same flaws of the same packages', (name, results) => {
    expect(built.code, built.err).toBe(0);
    const purls = new Set(
      results.flatMap(({ Packages = [], Vulnerabilities = [] }) => [
        ...Packages.map(({ Identifier }) => Identifier?.PURL),
        ...Vulnerabilities.map(({ PkgIdentifier }) => PkgIdentifier?.PURL),
      ]),
    );
    purls.delete(undefined);
    const components = [...purls].map((purl) => ({ type: 'library', name: purl, purl }));
    const bom = join(work, `${name}.cdx.json`);
    writeFileSync(
      bom,
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }),
    );
    expect(findingsOf(`sbom:${bom}`)).toEqual(expectedOf(results));
  });

  it('dotnet.json.golden: the same flaws of the installed files', () => {
    const [, results] = reports.find(([report]) => report === 'dotnet.json.golden')!;
    const found = findingsOf(`dir:${dataPath(...folder, 'integration/repo/dotnet')}`);
    expect(found).toEqual(expectedOf(results));
  });

  it('the other three are about a distribution, and packages of conda, of which there is no data', () => {
    const names = new Set(reports.map(([name]) => name));
    const others = readdirSync(dataPath(...folder, 'golden')).filter((name) => !names.has(name));
    expect(others).toEqual([
      ...['conda-cyclonedx.json.golden', 'conda-spdx.json.golden', 'distroless-python27.json.golden'],
    ]);
    for (const name of others.slice(0, 2)) {
      const { code, err } = scan(`sbom:${dataPath(...folder, 'golden', name)}`);
      expect(code, err).toBe(4);
    }
  });

  function scan(subject: string) {
    return scapfeed(['scan', subject, '--feed', feed, '--max-age', '0', '-o', 'json']);
  }

  function findingsOf(subject: string): string[] {
    const { out, err } = scan(subject);
    expect(err).not.toContain('scapfeed:');
    const { verdicts } = JSON.parse(out) as ScanOutput;
    return [...new Set(verdicts.map((each) => labelOf(each.vulnerability, each.package.purl)))].sort();
  }
});

interface ScanOutput {
  verdicts: { vulnerability: string; package: { purl: string } }[];
}

function expectedOf(results: NonNullable<Report['Results']>): string[] {
  const labels = results.flatMap(({ Vulnerabilities = [] }) =>
    Vulnerabilities.map((each) => labelOf(each.VulnerabilityID, each.PkgIdentifier?.PURL ?? '')),
  );
  return [...new Set(labels)].sort();
}

/** By the name that the ecosystem has for a package. */
function labelOf(vulnerability: string, text: string): string {
  const purl = parsePackageUrl(text)!;
  return `${vulnerability} ${purl.type} ${ecosystemOf(purl.type)!.nameOf(purl)} ${purl.version}`;
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Collector, compile, writeCompiled } from '../../src/feed/compile/index.ts';
import {
  type Advisory,
  type Assessment,
  epssPercentiles,
  epssUnit,
  type FeedSource,
  type Platform,
  type PlatformData,
  type Statement,
  type Vulnerability,
} from '../../src/model/feed/index.ts';
import { makeManifest } from '../../src/model/feed/make-manifest.ts';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { assessmentAgeLimits } from '../../src/model/verdict/index.ts';
import { type Feed, openFeed } from '../../src/runtime/node.ts';
import { temporaryFolder } from './temporary.ts';

/** The day on which everything in a small feed happened. */
export const feedDay = '2026-11-20T00:00:00Z';

export const bookworm: Platform = {
  id: 'debian-12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  aliases: ['bookworm'],
  os: { id: 'debian', version: '12', codename: 'bookworm' },
  packaging: 'deb',
  life: [{ phase: 'lts', until: '2028-06-30' }],
};

export const trixie: Platform = {
  id: 'debian-13',
  name: 'Debian GNU/Linux 13 (trixie)',
  aliases: ['trixie'],
  os: { id: 'debian', version: '13', codename: 'trixie' },
  packaging: 'deb',
  life: [{ phase: 'regular', until: '2028-08-09' }],
};

/** Past its end of life. */
export const bullseye: Platform = {
  ...bookworm,
  ...{ id: 'debian-11', name: 'Debian GNU/Linux 11 (bullseye)', aliases: ['bullseye'] },
  os: { id: 'debian', version: '11', codename: 'bullseye' },
  life: [{ phase: 'lts', until: '2020-01-01' }],
};

export interface SmallPlatform {
  platform: Platform;
  data?: Omit<PlatformData, 'inputs'>;
  statements: readonly (Omit<Statement, 'platform' | 'severity' | 'evidence'> & Partial<Statement>)[];
  /** Number of a package's statements that could not be read. */
  unread?: Readonly<Record<string, number>>;
  vulnerabilities?: readonly Vulnerability[];
  advisories?: readonly Advisory[];
}

/** A feed of a few statements and assessments, compiled and written as a real one is. */
export function writeSmallFeed(
  platforms: readonly SmallPlatform[],
  directory = temporaryFolder(),
  assessments: readonly Assessment[] = [],
  source = 'test',
): string {
  const collector = new Collector(source);
  for (const one of platforms) {
    const { platform, data, statements, unread = {}, vulnerabilities = [], advisories = [] } = one;
    for (const each of vulnerabilities) collector.vulnerability(each);
    for (const each of advisories) collector.advisory(each);
    collector.platform(platform, { inputs: ['test-input'], ...data });
    for (const [name, count] of Object.entries(unread))
      collector.ledger.unread(
        { platforms: [platform.id], package: name },
        { reason: 'wrong_type', where: `test-input#/${name}` },
        count,
      );
    for (const statement of statements) {
      collector.ledger.use();
      collector.statement({
        platform: platform.id,
        severity: 'unknown',
        evidence: 'test-input#/{package}/{vulnerability}',
        ...statement,
      });
    }
  }
  const input = {
    id: 'test-input',
    source,
    url: 'https://example.test/data',
    sha256: '0'.repeat(64),
    size: 0,
    date: feedDay,
  };
  const written = writeCompiled(directory, compile([collector], [input], assessed(assessments)));
  const hasEu = assessments.some(({ exploited }) => exploited?.eu);
  const others =
    assessments.length > 0 ? Object.keys(assessmentAgeLimits).filter((id) => id !== 'eukev' || hasEu) : [];
  const manifest = makeManifest({
    toolVersion: '0.0.0',
    created: feedDay,
    inputs: [input, ...others.map((source) => ({ ...input, id: source, source }))],
    sources: others.map(sourceNamed),
    ...written,
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return directory;
}

function sourceNamed(id: string): FeedSource {
  return {
    id,
    name: `test ${id}`,
    licence: 'test',
    attribution: 'test',
    records: 0,
    used: 0,
    dropped: 0,
    findings: [],
  };
}

function assessed(assessments: readonly Assessment[]) {
  const scores = assessments.flatMap(({ epss }) => epss ?? []);
  const inUnits = scores.map(({ probability, percentile }) => ({
    probability: Math.round(probability * epssUnit),
    percentile,
  }));
  return {
    byId: new Map(assessments.map((assessment) => [assessment.id, assessment])),
    percentiles: epssPercentiles(inUnits),
  };
}

export function smallFeed(...platforms: SmallPlatform[]): Feed {
  return openFeed(writeSmallFeed(platforms));
}

/** An installed dpkg package: `deb('libssl3', '3.0.11-1', 'openssl')`. */
export function deb(name: string, version: string, source = name, sourceVersion = version): InstalledPackage {
  return {
    type: 'deb',
    name,
    version,
    arch: 'amd64',
    source: { name: source, version: sourceVersion },
    database: '/var/lib/dpkg/status',
  };
}

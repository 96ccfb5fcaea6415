import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFeed, type Shard } from '../../src/runtime/node.ts';
import { scapfeed } from '../support/cli.ts';
import type { Label, LabelledImage } from './labels.ts';
import type { SourceNames } from './source-names.ts';
import { isOfSystem, type System } from './systems.ts';

/** A label of a system's package, beside our verdict. */
export interface Scored extends Label {
  platform: string;
  image: string;
  found: boolean;
  /** Why we say so. */
  cause: string;
}

interface Verdict {
  vulnerability: string;
  aliases?: string[];
  status: string;
  fixState?: string;
  reason?: string;
  package: { name: string; version: string };
}

interface Scan {
  verdicts: Verdict[];
  uncovered: { name: string; version: string; reason: string }[];
}

/** The year of the documents, where they are older than the labels. */
const newest: Readonly<Record<string, number>> = { ubuntu: 2020 };

/** Scans a list of the labelled packages of an image and puts each label beside its verdict. */
export function score(
  image: LabelledImage,
  system: System,
  feed: string,
  sources: SourceNames,
  work: string,
): Scored[] {
  const labels = image.labels.filter((label) => isOfSystem(label, system.packaging));
  if (labels.length === 0) return [];
  const shard = openFeed(feed).shard(system.platform)!;
  const { marks = [] } = shard.platform;
  const fixesOnly = marks.includes('fixes_only') || marks.includes('advisory_list_only');
  const file = join(work, `${image.digest}.cdx.json`);
  writeFileSync(file, JSON.stringify(sbomOf(labels, system, shard, sources)));
  const { out, err } = scapfeed([
    ...['scan', `sbom:${file}`, '--feed', feed, '--platform', system.platform, '--max-age', '0'],
    ...['--allow-uncovered', '--all', '-o', 'json'],
  ]);
  if (out === '') throw new Error(err);
  const scan = JSON.parse(out) as Scan;
  return labels.map((label) => ({
    ...label,
    platform: system.platform,
    image: image.name,
    ...judged(label, scan, fixesOnly, newest[system.id]),
  }));
}

function sbomOf(
  labels: readonly Label[],
  { id, version, packaging }: System,
  shard: Shard,
  sources: SourceNames,
) {
  const isKnown = (name: string) => shard.record(name) !== undefined;
  const packages = new Map(labels.map((label) => [`${label.package} ${label.version}`, label]));
  const components = [...packages.values()].map(({ package: name, version: evr }) => {
    const source = sources.of(packaging, name, evr, isKnown);
    const [, epoch, rest = evr] = packaging === 'rpm' ? (/^(?:(\d+):)?(.*)$/.exec(evr) ?? []) : [];
    const upstream = packaging === 'rpm' ? `${source}-${rest}.src.rpm` : source;
    const told = [`arch=${packaging === 'deb' ? 'amd64' : 'x86_64'}`, `distro=${id}-${version}`];
    if (epoch !== undefined) told.push(`epoch=${epoch}`);
    const purl = `pkg:${packaging}/${id}/${encodeURIComponent(name)}@${encodeURIComponent(rest)}?${told.join('&')}&upstream=${encodeURIComponent(upstream)}`;
    return { type: 'library', 'bom-ref': purl, name, version: rest, purl };
  });
  const os = { type: 'operating-system', 'bom-ref': 'os', name: id, version };
  return { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components: [...components, os] };
}

function judged(
  { package: name, version, vulnerability }: Label,
  { verdicts, uncovered }: Scan,
  fixesOnly: boolean,
  lastYear: number | undefined,
): { found: boolean; cause: string } {
  const bare = version.replace(/^\d+:/, '');
  const isIt = (pkg: { name: string; version: string }) => pkg.name === name && pkg.version.endsWith(bare);
  const own = verdicts.filter(
    (verdict) =>
      isIt(verdict.package) &&
      (verdict.vulnerability === vulnerability || verdict.aliases?.includes(vulnerability)),
  );
  const affected = own.find(({ status }) => status === 'affected');
  if (affected) return { found: true, cause: `the vendor says: ${words(affected)}` };
  const gap = uncovered.find(isIt);
  if (gap) return { found: false, cause: `unknown: ${gap.reason.replaceAll('_', ' ')}` };
  const [said] = own;
  if (said) return { found: false, cause: `the vendor says: ${words(said)}` };
  if (!vulnerability.startsWith('CVE-')) return { found: false, cause: 'an id that the vendor does not use' };
  if (lastYear !== undefined && Number(vulnerability.slice(4, 8)) > lastYear)
    return { found: false, cause: 'newer than the documents' };
  return {
    found: false,
    cause: fixesOnly
      ? 'the vendor tells fixes only, and none of this flaw'
      : 'the documents have no statement',
  };
}

function words({ status, fixState, reason }: Verdict): string {
  return [status, fixState, reason]
    .filter((word) => word !== undefined)
    .join(', ')
    .replaceAll('_', ' ');
}

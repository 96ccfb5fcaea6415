import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ecosystems } from '../../src/ecosystems/ecosystems.ts';
import { writeOsvMirror } from '../ecosystems/world.ts';
import { scapfeed } from '../support/cli.ts';
import type { Label } from './labels.ts';

/** A label of a package of a language. */
export interface LanguageLabel extends Label {
  /** Of its vulnerability. */
  cve: string | undefined;
}

/** A record, as far as a label is found in it. */
interface OsvRecordFile {
  id: string;
  aliases?: string[];
  affected?: { package?: { ecosystem: string; name: string } }[];
}

/** The outcome of a label: `platform` is the ecosystem. */
export interface ScoredLanguage extends LanguageLabel {
  platform: string;
  found: boolean;
  cause: string;
}

/** Labels of a table with a head: `path sha256 label vulnerability cve package version image note`, each of an image and a finding once. */
export function readLanguageLabels(text: string): LanguageLabel[] {
  const [, ...lines] = text.trimEnd().split('\n');
  const labels = new Map<string, LanguageLabel>();
  for (const line of lines) {
    const [, , label = '', vulnerability = '', cve = '', name = '', version = '', image = ''] =
      line.split('\t');
    const key = [image, vulnerability, name, version].join(' ');
    const known = labels.get(key);
    labels.set(key, {
      ...{ package: name, version, vulnerability, cve: cve || undefined },
      label: known && known.label !== label ? '??' : (label as Label['label']),
    });
  }
  return [...labels.values()];
}

/** The records of a folder that has one for each language, by the names of all that a record is about: texts by id. */
export function readRecords(folder: string): Record<string, Record<string, string>> {
  const records: Record<string, Record<string, string>> = {};
  for (const { name } of ecosystems)
    for (const file of existsSync(join(folder, name)) ? readdirSync(join(folder, name)).sort() : []) {
      if (!file.endsWith('.json')) continue;
      const text = readFileSync(join(folder, name, file), 'utf8');
      const { affected = [] } = JSON.parse(text) as OsvRecordFile;
      const about = affected.map(({ package: each }) => each?.ecosystem.split(':')[0]);
      for (const { name: ecosystem } of ecosystems)
        if (about.includes(ecosystem))
          records[ecosystem] = { ...records[ecosystem], [file.slice(0, -5)]: text };
    }
  return records;
}

/** A label that tests no verdict, and why. */
export interface UnscoredLanguage extends LanguageLabel {
  cause: string;
}

/** Labels beside verdicts, and those that have none to stand beside. */
export interface LanguageScores {
  scored: ScoredLanguage[];
  unscored: UnscoredLanguage[];
}

/**
 * Builds a feed of the records, scans the labelled packages that one of them is about, and puts each label beside its verdict. Labels
 * without a record say nothing about the verdicts. A label names no group of Maven; the record's is taken.
 */
export function scoreLanguages(
  labels: readonly LanguageLabel[],
  records: Readonly<Record<string, Readonly<Record<string, string>>>>,
  work: string,
): LanguageScores {
  const feed = join(work, 'feed-languages');
  const mirror = writeOsvMirror(records);
  const from = ['--mirror', mirror, '--unsigned-mirror', '--snapshots', join(work, 'snapshots-languages')];
  const build = scapfeed(['build', '--source', 'osv', ...from, '--no-oval', '--out', feed]);
  if (build.code !== 0) throw new Error(build.err);
  const byId = new Map<string, OsvRecordFile>();
  for (const text of Object.values(records).flatMap((each) => Object.values(each))) {
    const record = JSON.parse(text) as OsvRecordFile;
    for (const id of [record.id, ...(record.aliases ?? [])]) if (!byId.has(id)) byId.set(id, record);
  }
  const recordOf = ({ vulnerability, cve }: LanguageLabel) =>
    byId.get(vulnerability) ?? (cve === undefined ? undefined : byId.get(cve));
  const unscored = labels
    .filter((label) => !recordOf(label))
    .map((label) => ({ ...label, cause: unscoredCause(label) }));
  const placed = labels.flatMap((label) => {
    const record = recordOf(label);
    return record ? [{ label, record, named: packageIn(record, label.package) }] : [];
  });
  const scan = scanned(
    placed.flatMap(({ named, label: { version } }) => (named ? [purlOf(named, version)] : [])),
    feed,
    work,
  );
  const scored = placed.map(({ label, record, named }) => {
    const [first] = record.affected ?? [];
    const platform = idOf(named?.ecosystem ?? first?.package?.ecosystem ?? '');
    if (!named) return { ...label, platform, found: false, cause: 'the record is about another package' };
    return { ...label, platform, ...scan(named.name, label, record) };
  });
  return { scored, unscored };
}

/** Versions of packages of distributions: a build of apk, or the mark of a release of Debian, Ubuntu or RHEL. */
const ofDistribution = /-r\d+$|\+deb\d|ubuntu|\.el\d/;

function unscoredCause({ version }: LanguageLabel): string {
  if (ofDistribution.test(version)) return 'it is about a package of a distribution, by its version';
  return 'the sample has no record of the flaw';
}

function idOf(ecosystem: string): string {
  return ecosystems.find(({ name }) => name === ecosystem.split(':')[0])?.id ?? ecosystem;
}

type Named = { ecosystem: string; name: string };

/** The package of a record that a label's name is. */
function packageIn({ affected = [] }: OsvRecordFile, label: string): Named | undefined {
  const names = affected.flatMap(({ package: each }) => (each ? [each] : []));
  const artifact = ({ name }: Named) => name.split(':')[1];
  // NuGet's jQuery is npm's jquery.
  return (
    names.find(({ name }) => name === label) ??
    names.find(({ name }) => name.toLowerCase() === label.toLowerCase()) ??
    names.find((each) => artifact(each) === label)
  );
}

function purlOf({ ecosystem, name }: Named, version: string): string {
  const path = name.replace(':', '/').split('/').map(encodeURIComponent).join('/');
  return `pkg:${idOf(ecosystem)}/${path}@${encodeURIComponent(version)}`;
}

interface Scan {
  verdicts: {
    vulnerability: string;
    aliases?: string[];
    status: string;
    package: { name: string; version: string };
  }[];
  uncovered: { name: string; version: string; reason: string }[];
}

/** Scans a list of package URLs; the result answers for one label. */
function scanned(purls: readonly string[], feed: string, work: string) {
  const file = join(work, 'languages.cdx.json');
  const components = [...new Set(purls)].map((purl) => ({
    type: 'library',
    'bom-ref': purl,
    name: purl,
    purl,
  }));
  writeFileSync(file, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components }));
  const options = ['--max-age', '0', '--allow-uncovered', '-o', 'json'];
  const { out, err } = scapfeed(['scan', `sbom:${file}`, '--feed', feed, ...options]);
  if (out === '') throw new Error(err);
  const scan = JSON.parse(out) as Scan;
  return (name: string, { version }: Label, { id, aliases = [] }: OsvRecordFile) => {
    const isIt = (pkg: { name: string; version: string }) =>
      pkg.name.toLowerCase() === name.toLowerCase() && pkg.version === version;
    const ids = new Set([id, ...aliases]);
    const own = scan.verdicts.some(
      ({ status, package: pkg, vulnerability, aliases: others = [] }) =>
        status === 'affected' && isIt(pkg) && [vulnerability, ...others].some((one) => ids.has(one)),
    );
    if (own) return { found: true, cause: 'the record says: affected' };
    const gap = scan.uncovered.find(isIt);
    const cause = gap ? `unknown: ${gap.reason.replaceAll('_', ' ')}` : 'the record is about other versions';
    return { found: false, cause };
  };
}

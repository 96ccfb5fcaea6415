import type { Gathered } from '../../sources/csaf/statuses.ts';
import type { Stream } from '../../sources/csaf/vocabulary.ts';
import type { Row } from './record.ts';
import { hardenedPlatform } from './rule-streams.ts';

/** Called for each binary that a source row covers. */
export type SeeBinary = (platform: string, source: string, binary: string) => void;

/**
 * Joins rows of one status of a vulnerability by source package. A source's row judges each installed binary by its
 * SOURCERPM, so a binary with the source's epoch, version and release needs no row. A binary with another version
 * (perl-Errno of perl) keeps its own. A kernel erratum shrinks from sixty rows to one.
 */
export function collapseRows(gathered: readonly Gathered[], bothNames: boolean, see: SeeBinary): Row[] {
  // Targets of one tree share their stream objects; nested maps avoid making a key text for each of thousands.
  const groups = new Map<Stream, Map<string, Gathered[]>>();
  for (const item of gathered) {
    const { stream, module } = item.target;
    let ofStream = groups.get(stream);
    if (!ofStream) {
      ofStream = new Map();
      groups.set(stream, ofStream);
    }
    const group = ofStream.get(module ?? '');
    if (group) group.push(item);
    else ofStream.set(module ?? '', [item]);
  }
  const rows: Row[] = [];
  for (const ofStream of groups.values()) {
    for (const group of ofStream.values()) rows.push(...collapseGroup(group, bothNames, see));
  }
  return rows;
}

/**
 * All of one status, stream and module. A document about hardened images lists the binaries that have a flaw, and other binaries of
 * the source do not have it: only those of an erratum, which replaces the whole build, are joined with their source.
 */
function collapseGroup(group: readonly Gathered[], bothNames: boolean, see: SeeBinary): Row[] {
  const sources: Row[] = [];
  const binaries: Row[] = [];
  const sourceNames = new Set<string>();
  const listsBinaries = group[0]?.target.stream.platform === hardenedPlatform;
  for (const { target } of group) if (target.subject === 'source') sourceNames.add(target.name);
  for (const item of group) {
    const { target } = item;
    if (target.subject === 'source') sources.push(rowOf(item, 'source'));
    else if (!target.unsure || sourceNames.has(target.name)) binaries.push(rowOf(item, 'binary'));
    else if (listsBinaries ? sourceNames.size === 0 : bothNames || target.version !== undefined) {
      // The name may be a source or a binary: make both rows; the wrong one matches nothing.
      sources.push(rowOf(item, 'source'));
      binaries.push({ ...rowOf(item, 'binary'), count: 0 });
    } else if (sourceNames.size > 0) binaries.push(rowOf(item, 'binary'));
    else sources.push(rowOf(item, 'source'));
  }
  const folds = ({ fixed }: Row) => !listsBinaries || fixed !== undefined;
  return [...sources, ...keptBinaries(foldContainers(binaries), { sources, folds, see })];
}

function rowOf(
  { target, status, severity, arch, anyArch, advisories, fixState, reason, count }: Gathered,
  subject: Row['subject'],
): Row {
  const { stream, name, module, version } = target;
  const row: Row = { stream, status, subject, name, source: name, severity, count };
  if (module !== undefined) row.module = module;
  if (status === 'fixed') {
    row.fixed = version!;
    if (advisories.size > 0) row.advisories = [...advisories].sort();
  }
  if (status === 'affected') {
    row.fixState = fixState?.fixState ?? 'none_yet';
    if (fixState?.reason !== undefined) row.reason = fixState.reason;
  }
  if (reason !== undefined) row.reason = reason;
  if (!anyArch && arch.size > 0) row.arch = [...arch].sort();
  return row;
}

/** Joins unfixed containers of one stream with equal statements to one row. */
function foldContainers(rows: readonly Row[]): Row[] {
  const kept: Row[] = [];
  const bySaying = new Map<string, Row>();
  for (const row of rows) {
    if (row.status === 'fixed' || !row.name.startsWith('oci:')) {
      kept.push(row);
      continue;
    }
    const key = `${row.severity} ${row.fixState} ${row.reason} ${row.arch?.join()}`;
    const first = bySaying.get(key);
    if (!first) {
      bySaying.set(key, row);
      kept.push(row);
    } else {
      first.also ??= [];
      first.also.push(row.name);
      first.count += row.count;
    }
  }
  for (const row of bySaying.values()) row.also?.sort();
  return kept;
}

interface Folding {
  sources: readonly Row[];
  /** Whether a binary's row may be joined with its source's. */
  folds(binary: Row): boolean;
  see: SeeBinary;
}

/** Binaries that no source row covers; the others are counted in their source's row. */
function keptBinaries(binaries: readonly Row[], { sources, folds, see }: Folding): Row[] {
  const byVersion = new Map<string, Map<string, Row>>();
  for (const source of sources) {
    const key = source.fixed ?? '';
    const byName = byVersion.get(key) ?? new Map<string, Row>();
    byVersion.set(key, byName.set(source.name, source));
  }
  const kept: Row[] = [];
  const folded = new Map<Row, Set<string> | 'all'>();
  for (const binary of binaries) {
    const source = lookupOf(binary.name, byVersion.get(binary.fixed ?? ''));
    if (source && folds(binary) && agree(source, binary)) {
      source.count += binary.count;
      addArchitectures(folded, source, binary.arch);
      addAdvisories(source, binary.advisories);
      see(binary.stream.platform, source.name, binary.name);
      continue;
    }
    const owner = source ?? (sources.length === 1 ? sources[0] : undefined);
    if (owner) binary.source = owner.name;
    kept.push(binary);
  }
  for (const [source, arch] of folded) if (arch !== 'all') source.arch = [...arch].sort();
  return kept;
}

/** A source row has the architectures of its binaries; one without architecture applies to all. */
function addArchitectures(
  folded: Map<Row, Set<string> | 'all'>,
  source: Row,
  arch: readonly string[] | undefined,
): void {
  const known = folded.get(source);
  if (known === 'all') return;
  if (!arch || arch.includes('noarch')) folded.set(source, 'all');
  else if (known) for (const name of arch) known.add(name);
  else folded.set(source, new Set(arch));
}

/** The source with the binary's version; of several, the longest name that is a prefix of the binary's. */
function lookupOf(name: string, candidates: ReadonlyMap<string, Row> | undefined): Row | undefined {
  if (!candidates) return undefined;
  if (candidates.size === 1) return candidates.values().next().value;
  for (let end = name.length; end > 0; end = name.lastIndexOf('-', end - 1)) {
    const source = candidates.get(name.slice(0, end));
    if (source) return source;
  }
  return undefined;
}

function agree(a: Row, b: Row): boolean {
  return a.severity === b.severity && a.fixState === b.fixState && a.reason === b.reason;
}

function addAdvisories(row: Row, advisories: readonly string[] | undefined): void {
  if (!advisories?.some((id) => !row.advisories?.includes(id))) return;
  row.advisories = [...new Set([...(row.advisories ?? []), ...advisories])].sort();
}

import { basename } from 'node:path';
import { describeContent } from '../content/describe.ts';
import { rootName } from '../content/find-component.ts';
import { isCompiledBenchmark, loadCompiled } from '../content/load.ts';
import { readContent } from '../content/read-content.ts';
import type { CompiledOvalHead } from '../eval/compiled-form.ts';
import { isCompiledOval, loadCompiledOval } from '../eval/load-compiled.ts';
import { affectedPlatforms, readGenerator } from '../eval/metadata.ts';
import { requireOvalRoot } from '../oval/read-oval.ts';
import { readTailoring } from '../xccdf/read-profiles.ts';
import { firstChild, readXml, type XmlElement } from '../xml/read-xml.ts';
import { otherDocument, unknownDocument } from './other-document.ts';
import { type DocumentInfo, readResults } from './read-results.ts';

/** Says what a document is, of SCAP or of those that other commands take. @throws CONTENT_MALFORMED for another */
export function documentInfo(source: Buffer, name: string, toolVersion: string): DocumentInfo {
  const content = {
    size: source.length,
    read: (at: number, length: number) => source.subarray(at, at + length),
  };
  if (isCompiledOval(content)) return compiledOvalInfo(loadCompiledOval(content, name).head);
  if (isCompiledBenchmark(source)) return compiledInfo(source, name);
  const other = otherDocument(source, name);
  if (other) return other;
  const root = rootName(source, name);
  switch (root) {
    case 'data-stream-collection':
    case 'Benchmark':
      return hasResults(source, name)
        ? resultsInfo(source, name, toolVersion)
        : contentInfo(root, source, name);
    case 'oval_definitions':
      return ovalInfo(source, name);
    case 'Tailoring':
      return tailoringInfo(source, name);
    case 'cpe-list':
    case 'oval_variables':
    case 'oval_system_characteristics':
    case 'ocil':
      return { kind: kinds[root], facts: [], profiles: [], counts: {} };
    case 'TestResult':
    case 'oval_results':
    case 'asset-report-collection':
      return resultsInfo(source, name, toolVersion);
    default:
      throw unknownDocument(name, `expected a document of SCAP, found <${root}>`);
  }
}

const kinds = {
  'cpe-list': 'CPE dictionary',
  oval_variables: 'OVAL variables',
  oval_system_characteristics: 'OVAL system characteristics',
  ocil: 'OCIL questionnaires',
} as const;

type Facts = DocumentInfo['facts'];

/** Facts without those that are not known. */
function known(facts: readonly [name: string, value: string | undefined][]): Facts {
  return facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : { name, value }));
}

function contentInfo(root: string, source: Buffer, name: string): DocumentInfo {
  const content = readContent(source, name);
  const { benchmark, date, cpes, profiles } = describeContent(content);
  const definitions = [...content.documents.values()].reduce(
    (sum, document) => sum + Object.keys(document.definitions).length,
    0,
  );
  return {
    kind: root === 'Benchmark' ? 'XCCDF benchmark' : 'SCAP source data stream',
    facts: known([
      ['data stream', content.stream?.stream],
      ['checklist', content.stream?.component],
      ['benchmark', benchmark.id],
      ['title', benchmark.title],
      ['version', benchmark.version],
      ['date', date],
      ['platforms', cpes.join(', ')],
      ['not in the file', [...content.missing.keys()].join(', ')],
    ]),
    profiles,
    counts: { 'OVAL documents': content.documents.size, 'OVAL definitions': definitions },
  };
}

function compiledOvalInfo({ info, documents }: CompiledOvalHead): DocumentInfo {
  const counts: Record<string, number> = {};
  for (const { groups, uncompiled } of documents) {
    for (const { class: kind, count } of groups) add(counts, `definitions of class ${kind}`, count);
    for (const [, kind] of uncompiled) add(counts, `definitions of class ${kind}`, 1);
  }
  return {
    kind: 'OVAL definitions compiled by scapfeed',
    facts: known([
      ['compiled from', `${info.name} (sha256 ${info.sha256})`],
      ['OVAL version', info.documents[0]?.schemaVersion],
      ['made by', [info.documents[0]?.product, info.documents[0]?.productVersion].filter(Boolean).join(' ')],
      ['date', info.documents[0]?.timestamp],
      ['platforms', [...new Set(info.documents.flatMap(({ platforms }) => platforms))].sort().join(', ')],
    ]),
    profiles: [],
    counts,
  };
}

function add(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}

function compiledInfo(source: Buffer, name: string): DocumentInfo {
  const content = {
    size: source.length,
    read: (at: number, length: number) => source.subarray(at, at + length),
  };
  const compiled = loadCompiled(content, name);
  const { benchmark, date, cpes, profiles } = describeContent(compiled);
  return {
    kind: 'benchmark compiled by scapfeed',
    facts: known([
      ['compiled from', `${compiled.source.name} (sha256 ${compiled.source.sha256})`],
      ['benchmark', benchmark.id],
      ['title', benchmark.title],
      ['version', benchmark.version],
      ['date', date],
      ['platforms', cpes.join(', ')],
    ]),
    profiles,
    counts: { 'OVAL documents': compiled.documents.size },
  };
}

/** A Benchmark with a TestResult in it is a document of results. */
function hasResults(source: Buffer, name: string): boolean {
  let found = false;
  readXml(source, name, {
    open: (element, depth) => {
      if (depth === 2 && element.name === 'TestResult') found = true;
      return depth === 1 ? 'enter' : 'skip';
    },
  });
  return found;
}

function ovalInfo(source: Buffer, name: string): DocumentInfo {
  let generator: XmlElement | undefined;
  const platforms = new Set<string>();
  const counts: Record<string, number> = {};
  readXml(source, name, {
    open(element, depth) {
      if (depth === 1) requireOvalRoot(element, name);
      if (depth === 1 || (depth === 2 && element.name !== 'generator')) return 'enter';
      if (element.name === 'generator' || element.name === 'definition') return 'take';
      const kind = `${element.name.replace(/^.*_(test|object|state|variable)$/, '$1')}s`;
      counts[kind] = (counts[kind] ?? 0) + 1;
      return 'skip';
    },
    take(element) {
      if (element.name === 'generator') {
        generator = element;
        return;
      }
      const kind = `definitions of class ${element.attrs['class'] ?? 'miscellaneous'}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
      for (const platform of affectedPlatforms(firstChild(element, 'metadata') ?? element))
        platforms.add(platform);
    },
  });
  const stated = generator && readGenerator(generator);
  return {
    kind: 'OVAL definitions',
    facts: known([
      ['OVAL version', stated?.schemaVersion],
      ['made by', [stated?.product, stated?.productVersion].filter((each) => each !== undefined).join(' ')],
      ['date', stated?.timestamp],
      ['platforms', [...platforms].sort().join(', ')],
    ]),
    profiles: [],
    counts,
  };
}

function tailoringInfo(source: Buffer, name: string): DocumentInfo {
  const { id, version, benchmark, profiles } = readTailoring(source, name);
  return {
    kind: 'XCCDF tailoring',
    facts: known([
      ['id', id],
      ['version', version],
      ['benchmark', benchmark],
      ...profiles.map((profile): [string, string] => [
        'profile',
        `${profile.id}${profile.extends === undefined ? '' : ` extends ${profile.extends}`}, ${profile.changes.length} ${profile.changes.length === 1 ? 'change' : 'changes'}`,
      ]),
    ]),
    profiles: profiles.map(({ id: profile, title }) => ({ id: profile, title })),
    counts: {},
  };
}

function resultsInfo(source: Buffer, name: string, toolVersion: string): DocumentInfo {
  const read = readResults(source, name, toolVersion);
  if (read.kind === 'oval') {
    const { content, image, time, counts } = read.evaluation;
    const [document] = content.documents;
    const all = Object.entries(counts).flatMap(([kind, byResult]) =>
      Object.entries(byResult ?? {}).map(([result, count]) => [`${kind}: ${result}`, count ?? 0] as const),
    );
    return {
      kind: 'OVAL results',
      facts: known([
        ['OVAL version', document?.schemaVersion],
        ['target', image.reference],
        ['evaluated', time],
        ['platforms', document?.platforms.join(', ')],
      ]),
      profiles: [],
      counts: Object.fromEntries(all),
    };
  }
  const { result, earlier } = read;
  const isCollection = rootName(source, basename(name)) === 'asset-report-collection';
  return {
    kind: isCollection ? 'ARF: results of a benchmark' : 'XCCDF results',
    facts: known([
      ['benchmark', [result.benchmark.id, result.benchmark.version].join(' ').trim()],
      ['content', result.content.name],
      ['profile', result.profile?.id],
      ['target', result.image.reference],
      ['evaluated', result.time],
      ['made by', result.testSystem ?? `scapfeed ${result.tool.version}`],
      ['platforms', result.platforms.join(', ')],
      ...result.scores.map(({ system, score, maximum }): [string, string] => [
        'score',
        `${score} of ${maximum} (${system.slice(system.lastIndexOf(':') + 1)})`,
      ]),
      ['earlier results', earlier === 0 ? undefined : String(earlier)],
    ]),
    profiles: [],
    counts: result.counts,
  };
}

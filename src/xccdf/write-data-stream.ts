import { closeSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { dateOfIndex } from '../model/data-date.ts';
import type { PlatformIndex } from '../model/feed/index.ts';
import { escapeXml } from '../model/markup.ts';
import type { Definition, DefinitionFacts } from '../oval/document/components.ts';
import { definitionId, OvalWriter, ovalTime } from '../oval/document/document.ts';
import { notWritable, Section } from '../oval/document/section.ts';
import { attribute } from '../oval/document/xml.ts';
import { coverageKey, inventoryKey, ovalNamespace } from '../oval/forms/rows.ts';
import { type BenchmarkSummary, BenchmarkWriter, type CheckSource } from './benchmark.ts';

export interface DataStreamOptions {
  toolVersion: string;
  oval: PlatformOvalInput;
}

/** Input of a platform's data stream and benchmark. */
export interface PlatformOvalInput {
  /** CPE 2.2 name of the platform, if it has one. */
  cpe: string | undefined;
  /** The definitions of one form, as the file of that suffix holds them; none where the platform has no such form. */
  definitions(suffix: string): Iterable<Definition>;
}

export interface DataStreamReport extends BenchmarkSummary {
  /** File name in the directory. */
  name: string;
  bytes: number;
  /** File name of the benchmark by itself. */
  benchmark: string;
}

/**
 * Writes `PLATFORM.ds.xml`, a SCAP 1.3 source data stream of benchmark, OVAL and platform dictionary. Its OVAL has only the
 * definitions that rules refer to, because evaluators keep a whole stream in memory. The benchmark alone is written too, as
 * `PLATFORM.xccdf.xml`, which refers to the feed's own OVAL in `../oval`.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE, or SOURCE_MALFORMED for a claim that XML cannot hold
 */
export async function writeDataStream(
  index: PlatformIndex,
  directory: string,
  options: DataStreamOptions,
): Promise<DataStreamReport> {
  const name = `${index.platform.id}.ds.xml`;
  const path = join(directory, name);
  const out = new Section(`${path}.partial`);
  const benchmark = `${index.platform.id}.xccdf.xml`;
  const alone = new Section(`${join(directory, benchmark)}.partial`);
  const parts = openParts(index, path, options);
  try {
    const { inventory, coverage } = fillParts(index, options.oval, parts);
    parts.cpeOval.definition(inventory);
    const used = checks.filter(({ suffix }) => parts.oval[suffix].finish().definitions > 0);
    parts.cpeOval.finish();
    out.write(head(index, used));
    const summary = writeComponent(out, index, 'xccdf.xml', () =>
      parts.benchmark.writeTo(out, coverage, checkSource(index, 'oval')),
    );
    alone.write('<?xml version="1.0" encoding="UTF-8"?>\n');
    parts.alone.writeTo(alone, coverage, feedSource(index, 'oval'));
    alone.write('\n');
    alone.close();
    for (const { href, suffix } of used) embed(out, index, href, parts.oval[suffix]);
    embed(out, index, 'cpe-oval.xml', parts.cpeOval);
    writeComponent(out, index, 'cpe-dictionary.xml', () =>
      out.write(dictionary(index, options.oval, parts.cpeOval)),
    );
    out.write('</ds:data-stream-collection>\n');
    out.close();
    publish(out.path, path);
    publish(alone.path, join(directory, benchmark));
    return { name, bytes: out.bytes, benchmark, ...summary };
  } finally {
    out.discard();
    alone.discard();
    parts.benchmark.abandon();
    parts.alone.abandon();
    for (const document of [parts.cpeOval, ...Object.values(parts.oval)]) document.abandon();
  }
}

/**
 * OVAL components by the name that the benchmark knows them by, and the form whose definitions they hold. The schema wants a
 * definition in each, and Alpine has no second form.
 */
const checks = [
  { href: 'oval.xml', suffix: 'oval', kind: 'fixable' },
  { href: 'unfixed.oval.xml', suffix: 'unfixed.oval', kind: 'unfixed' },
] as const;

type Check = (typeof checks)[number];

interface Parts {
  benchmark: BenchmarkWriter;
  alone: BenchmarkWriter;
  oval: Record<'oval' | 'unfixed.oval', OvalWriter>;
  cpeOval: OvalWriter;
}

function openParts(index: PlatformIndex, path: string, { toolVersion, oval }: DataStreamOptions): Parts {
  const namespace = ovalNamespace(index.platform.id);
  const open = (suffix: string, own = namespace) =>
    new OvalWriter(`${path}.${suffix}`, { namespace: own, updated: dateOfIndex(index), toolVersion });
  return {
    benchmark: new BenchmarkWriter(index, path, { cpe: oval.cpe }),
    alone: new BenchmarkWriter(index, `${path}.alone`, {}),
    oval: { oval: open('oval'), 'unfixed.oval': open('unfixed.oval') },
    cpeOval: open('cpe-oval', `${namespace}.cpe`),
  };
}

function checkSource({ platform }: PlatformIndex, suffix: 'oval' | 'unfixed.oval'): CheckSource {
  const href = checks.find((check) => check.suffix === suffix)!.href;
  return { href, definitionId: (key) => definitionId(ovalNamespace(platform.id), key) };
}

/** The same definitions in the feed's OVAL files, seen from `scap/`. */
function feedSource(index: PlatformIndex, suffix: 'oval' | 'unfixed.oval'): CheckSource {
  return { ...checkSource(index, suffix), href: `../oval/${index.platform.id}.${suffix}.xml` };
}

/**
 * A rule for each patch definition (an advisory, or a package's fixes without one) and for each flaw without a fix.
 * Rules for each flaw with a fix would be five times as many, with the same content.
 */
function fillParts(
  index: PlatformIndex,
  content: PlatformOvalInput,
  { benchmark, alone, oval }: Parts,
): { inventory: Definition; coverage: DefinitionFacts } {
  let inventory: Definition | undefined;
  let coverage: DefinitionFacts | undefined;
  for (const { suffix, kind } of checks) {
    const source = checkSource(index, suffix);
    for (const definition of content.definitions(suffix)) {
      const { facts } = definition;
      if (facts.key === inventoryKey) inventory = definition;
      else if (facts.key === coverageKey) coverage = facts;
      else if (kind === 'fixable' && facts.class !== 'patch') continue;
      else if (facts.class !== 'miscellaneous') {
        benchmark.add(kind, facts, source);
        alone.add(kind, facts, feedSource(index, suffix));
      }
      oval[suffix].definition(definition);
    }
  }
  return { inventory: inventory!, coverage: coverage! };
}

function publish(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    throw notWritable(to, cause);
  }
}

const prefix = 'scap_org.scapfeed';

/** Order of the stream's parts: dictionaries, checklists, checks (SP 800-126 rev 3, table 3). */
function head(index: PlatformIndex, used: readonly Check[]): string {
  const { platform } = index;
  const time = ovalTime(dateOfIndex(index));
  const ref = (name: string, catalog: readonly string[] = []) =>
    `<ds:component-ref id="${prefix}_cref_${name}" xlink:href="#${prefix}_comp_${name}">${catalogOf(catalog)}</ds:component-ref>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<ds:data-stream-collection xmlns:ds="http://scap.nist.gov/schema/scap/source/1.2"' +
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:cat="urn:oasis:names:tc:entity:xmlns:xml:catalog"' +
    ` id="${prefix}_collection_${platform.id}" schematron-version="1.3">\n` +
    `<ds:data-stream id="${prefix}_datastream_${platform.id}" scap-version="1.3" use-case="OTHER" timestamp="${time}">` +
    `<ds:dictionaries>${ref('cpe-dictionary.xml', ['cpe-oval.xml'])}</ds:dictionaries>` +
    `<ds:checklists>${ref(
      'xccdf.xml',
      used.map(({ href }) => href),
    )}</ds:checklists>` +
    `<ds:checks>${used.map(({ href }) => ref(href)).join('')}${ref('cpe-oval.xml')}</ds:checks>` +
    '</ds:data-stream>\n'
  );
}

function catalogOf(names: readonly string[]): string {
  if (names.length === 0) return '';
  const uris = names.map((name) => `<cat:uri name="${name}" uri="#${prefix}_cref_${name}"/>`);
  return `<cat:catalog>${uris.join('')}</cat:catalog>`;
}

function writeComponent<T>(out: Section, index: PlatformIndex, name: string, content: () => T): T {
  out.write(`<ds:component id="${prefix}_comp_${name}" timestamp="${ovalTime(dateOfIndex(index))}">`);
  const result = content();
  out.write('</ds:component>\n');
  return result;
}

/** A finished document without its XML declaration, which is its first line. */
function embed(out: Section, index: PlatformIndex, name: string, document: OvalWriter): void {
  writeComponent(out, index, name, () => {
    const fd = openSync(document.unpublished, 'r');
    try {
      const chunk = Buffer.allocUnsafe(1 << 18);
      for (let at = 0, read = -1; read !== 0; at += read) {
        read = readSync(fd, chunk, 0, chunk.length, at);
        out.writeBytes(chunk.subarray(at === 0 ? chunk.indexOf('\n') + 1 : 0, read));
      }
    } finally {
      closeSync(fd);
    }
  });
}

function dictionary({ platform }: PlatformIndex, { cpe }: PlatformOvalInput, cpeOval: OvalWriter): string {
  return (
    '<cpe-list xmlns="http://cpe.mitre.org/dictionary/2.0">' +
    `<cpe-item${attribute('name', cpe ?? `cpe:/o:${platform.os.id}`)}><title xml:lang="en-us">${escapeXml(platform.name)}</title>` +
    `<check system="http://oval.mitre.org/XMLSchema/oval-definitions-5" href="cpe-oval.xml">${cpeOval.definitionId(inventoryKey)}</check>` +
    '</cpe-item></cpe-list>'
  );
}

import { closeSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type PlatformIndex, ScapfeedError } from '../model/index.ts';
import {
  attribute,
  coverageKey,
  type Definition,
  definitionId,
  eachDefinition,
  escapeXml,
  inventoryKey,
  OvalDocument,
  ovalNamespace,
  ovalTime,
  platformCpe,
  Section,
} from '../oval/index.ts';
import { Benchmark, type BenchmarkSummary, type CheckSource } from './benchmark.ts';

export interface DataStreamOptions {
  toolVersion: string;
}

export interface DataStreamReport extends BenchmarkSummary {
  /** File name in the directory. */
  name: string;
  bytes: number;
}

/**
 * Writes `PLATFORM.ds.xml`, a SCAP 1.3 source data stream of benchmark, OVAL and platform dictionary, from the OVAL
 * files that stand in the same directory.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE; USAGE when the OVAL is not there
 */
export async function writeDataStream(
  index: PlatformIndex,
  directory: string,
  options: DataStreamOptions,
): Promise<DataStreamReport> {
  const name = `${index.platform.id}.ds.xml`;
  const path = join(directory, name);
  const out = new Section(`${path}.partial`);
  const benchmark = new Benchmark(index, path);
  const cpeOval = new OvalDocument(join(directory, `${index.platform.id}.cpe-oval.xml`), {
    namespace: `${ovalNamespace(index.platform.id)}.cpe`,
    updated: index.updated,
    toolVersion: options.toolVersion,
  });
  try {
    const { inventory, coverage } = fillBenchmark(index, benchmark);
    cpeOval.definition(inventory);
    cpeOval.finish();
    out.write(head(index));
    const summary = writeComponent(out, index, 'xccdf.xml', () =>
      benchmark.writeTo(out, coverage, checkSource(index, 'oval')),
    );
    for (const { href, suffix } of checks) {
      writeComponent(out, index, href, () =>
        embed(out, join(directory, `${index.platform.id}.${suffix}.xml`)),
      );
    }
    writeComponent(out, index, 'cpe-oval.xml', () => embed(out, `${cpeOval.path}.partial`));
    writeComponent(out, index, 'cpe-dictionary.xml', () => out.write(dictionary(index, cpeOval)));
    out.write('</ds:data-stream-collection>\n');
    out.close();
    renameSync(out.path, path);
    return { name, bytes: out.bytes, ...summary };
  } finally {
    out.discard();
    benchmark.abandon();
    cpeOval.abandon();
  }
}

/** OVAL components by the name that the benchmark knows them by. */
const checks = [
  { href: 'oval.xml', suffix: 'oval', kind: 'fixable' },
  { href: 'unfixed.oval.xml', suffix: 'unfixed.oval', kind: 'unfixed' },
] as const;

function checkSource({ platform }: PlatformIndex, suffix: 'oval' | 'unfixed.oval'): CheckSource {
  const href = checks.find((check) => check.suffix === suffix)!.href;
  return { href, definitionId: (key) => definitionId(ovalNamespace(platform.id), key) };
}

/**
 * A rule for each patch definition (an advisory, or a package's fixes without one) and for each flaw without a fix.
 * Rules by flaw for what updates remove would be five times as many and say no more.
 */
function fillBenchmark(
  index: PlatformIndex,
  benchmark: Benchmark,
): { inventory: Definition; coverage: Definition } {
  let inventory: Definition | undefined;
  let coverage: Definition | undefined;
  for (const { suffix, kind } of checks) {
    const source = checkSource(index, suffix);
    for (const definition of eachDefinition(index, suffix)) {
      if (definition.key === inventoryKey) inventory = definition;
      else if (definition.key === coverageKey) coverage = definition;
      else if (kind === 'unfixed' || definition.class === 'patch') benchmark.add(kind, definition, source);
    }
  }
  return { inventory: inventory!, coverage: coverage! };
}

const prefix = 'scap_org.scapfeed';

/** Order of the stream's parts: dictionaries, checklists, checks (SP 800-126 rev 3, table 3). */
function head({ platform, updated }: PlatformIndex): string {
  const time = ovalTime(updated);
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
      checks.map(({ href }) => href),
    )}</ds:checklists>` +
    `<ds:checks>${checks.map(({ href }) => ref(href)).join('')}${ref('cpe-oval.xml')}</ds:checks>` +
    '</ds:data-stream>\n'
  );
}

function catalogOf(names: readonly string[]): string {
  if (names.length === 0) return '';
  const uris = names.map((name) => `<cat:uri name="${name}" uri="#${prefix}_cref_${name}"/>`);
  return `<cat:catalog>${uris.join('')}</cat:catalog>`;
}

function writeComponent<T>(out: Section, { updated }: PlatformIndex, name: string, content: () => T): T {
  out.write(`<ds:component id="${prefix}_comp_${name}" timestamp="${ovalTime(updated)}">`);
  const result = content();
  out.write('</ds:component>\n');
  return result;
}

/** Copies a document without its XML declaration, which is its first line. */
function embed(out: Section, path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'expected the OVAL file of the platform, found none',
      where: path,
      remedy: 'Write the OVAL of the platform before its data stream.',
      cause,
    });
  }
  try {
    const chunk = Buffer.allocUnsafe(1 << 18);
    for (let at = 0; ; ) {
      const read = readSync(fd, chunk, 0, chunk.length, at);
      if (read === 0) return;
      const start = at === 0 ? chunk.indexOf('\n') + 1 : 0;
      out.writeBytes(chunk.subarray(start, read));
      at += read;
    }
  } finally {
    closeSync(fd);
  }
}

function dictionary({ platform }: PlatformIndex, cpeOval: OvalDocument): string {
  const cpe = platformCpe(platform);
  return (
    '<cpe-list xmlns="http://cpe.mitre.org/dictionary/2.0">' +
    `<cpe-item${attribute('name', cpe ?? `cpe:/o:${platform.os.id}`)}><title xml:lang="en-us">${escapeXml(platform.name)}</title>` +
    `<check system="http://oval.mitre.org/XMLSchema/oval-definitions-5" href="cpe-oval.xml">${cpeOval.definitionId(inventoryKey)}</check>` +
    '</cpe-item></cpe-list>'
  );
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileOval } from '../../../src/comply/eval/compile.ts';
import { evaluateOval, loadCompiledOval, readOvalContent } from '../../../src/comply/index.ts';
import { utf8Of } from '../../../src/comply/xml/read-xml.ts';
import { openZip } from '../../../src/io/zip.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { vendorOval } from '../../comply/support/vendor-oval.ts';
import { memoryView } from '../../support/memory-view.ts';
import type { Random } from '../../support/mutate-json.ts';
import { smallStream } from '../../support/small-stream.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { zipOf } from '../../support/zip.ts';
import { damageBytes, damageMarkup } from '../mutate.ts';
import { anotherList, type Target } from '../target.ts';

const package_ = (name: string, version: string) => ({
  type: 'deb' as const,
  name,
  version,
  arch: 'amd64',
  source: { name, version },
  database: '/var/lib/dpkg/status',
});
const installed = [package_('acme-release', '9.1-1'), package_('bash', '5.2-2'), package_('zlib', '1:1.2-9')];
export const system = { files: memoryView({}), env: [], packages: () => installed };
export const flaws = [
  { number: 1001, package: 'bash', below: '0:5.2-3', severity: 'Important' },
  { number: 1002, package: 'bash', below: '0:5.2-1', severity: 'Moderate' },
  { number: 1003, package: 'zlib', below: '1:1.3-1', class: 'patch' as const },
  { number: 1004, package: 'absent', below: '0:1' },
];
export const from = { name: 'x', where: 'x', tool: 'fuzz' };

type Content = Parameters<typeof evaluateOval>[0];

/** Each definition with its result, and whether the content is about the image. */
function resultsOf(content: Content): string {
  const { applies, definitions } = evaluateOval(content, system, { now: 0, all: true });
  return [applies, ...definitions.map(({ id, class: kind, result }) => `${id} ${kind} ${result}`)].join('\n');
}

export function opened(bytes: Buffer): ReturnType<typeof loadCompiledOval> {
  return loadCompiledOval(
    { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) },
    'x',
  );
}

/** A line in the place of another of its length, and that one in its place or not. */
function exchangedLines(seed: Buffer, random: Random): Buffer {
  const lines = seed.toString('utf8').split(/(?<=\n)/);
  const one = random(lines.length);
  const same = lines.flatMap(({ length }, at) => (at !== one && length === lines[one]!.length ? [at] : []));
  const other = same[random(Math.max(1, same.length))] ?? random(lines.length);
  const put = lines.with(one, lines[other]!);
  return Buffer.from((random(2) === 0 ? put.with(other, lines[one]!) : put).join(''));
}

/** The result, or the code of its error. */
function outcome(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof ScapfeedError) return error.code;
    throw error;
  }
}

export const vendorContentTargets: readonly Target[] = [
  {
    name: 'vendor-oval',
    seeds: async () => ({
      deb: Buffer.from(vendorOval(flaws, { type: 'deb' })),
      rpm: Buffer.from(vendorOval(flaws, { type: 'rpm' })),
    }),
    mutate: damageMarkup,
    kept: {
      'an encoding that is none': ({ deb }) =>
        Buffer.from(deb!.toString('utf8').replace('encoding="UTF-8"', 'encoding="vulnerability"')),
    },
    /** From XML and compiled, a document gives the same results, or is refused by both. */
    run: async (input) => {
      const xml = outcome(() => resultsOf(readOvalContent(input, from)));
      const compiled = outcome(() => resultsOf(opened(compileOval(utf8Of(input, 'x'), from))));
      if (xml !== compiled) throw new Error(`from XML ${xml}, compiled ${compiled}`);
      return xml;
    },
  },
  {
    name: 'compiled-oval',
    seeds: async () => ({ deb: compileOval(Buffer.from(vendorOval(flaws, { type: 'deb' })), from) }),
    mutate: (seed, random) => (random(4) === 0 ? exchangedLines(seed, random) : damageBytes(seed, random)),
    run: async (input) => resultsOf(opened(input)),
    judge: anotherList,
  },
  {
    name: 'content-zip',
    seeds: async () => ({
      release: zipOf({ 'small-1/ssg-small-ds.xml': smallStream(), 'small-1/README': 'what it is\n' }),
    }),
    mutate: damageBytes,
    run: async (input) => {
      const path = join(temporaryFolder(), 'release.zip');
      writeFileSync(path, input);
      const zip = await openZip(path, { maxEntries: 100, maxEntryBytes: 1 << 22, maxBytes: 1 << 24 }, 'x');
      try {
        const entries = [...zip.entries()];
        // The reader of releases refuses them, and asks for each product by name.
        if (entries.some(({ fault }) => fault !== undefined)) return undefined;
        return entries.map((entry) => entry.content().toString('latin1').length).join('\n');
      } finally {
        zip.close();
      }
    },
  },
];

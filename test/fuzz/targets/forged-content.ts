import { loadCompiled } from '../../../src/comply/content/load.ts';
import { readContent } from '../../../src/comply/content/read-content.ts';
import { compileOval } from '../../../src/comply/eval/compile.ts';
import { compileContent, comply, evaluateOval, type ImageSystem } from '../../../src/comply/index.ts';
import { arfReport } from '../../../src/report/comply/arf.ts';
import { htmlReport } from '../../../src/report/comply/html.ts';
import { complianceTable } from '../../../src/report/comply/table.ts';
import { evaluationHtml } from '../../../src/report/eval/html.ts';
import { evaluationSubject, evaluationSuite } from '../../../src/report/eval/subject.ts';
import { evaluationTable } from '../../../src/report/eval/table.ts';
import { junitReport } from '../../../src/report/formats/junit.ts';
import { sarifLog } from '../../../src/report/formats/sarif.ts';
import { compiledWith, linesOf } from '../../comply/support/compiled-with.ts';
import { benchmark } from '../../comply/support/small-content.ts';
import { vendorOval } from '../../comply/support/vendor-oval.ts';
import { mutateJson, type Random } from '../../support/mutate-json.ts';
import type { Target } from '../target.ts';
import { definitions, system as fileSystem, group, settings } from './content.ts';
import { flaws, from, opened, system as packageSystem } from './vendor-content.ts';

/** One thing in a line of JSON is another: some members, or a number in one of its texts. */
function changed(json: string, random: Random): string {
  const kind = random(4);
  const numbers = [...json.matchAll(/\d+/g)];
  if (kind > 0 || numbers.length === 0)
    return JSON.stringify(mutateJson(JSON.parse(json), random, Math.max(1, kind))) ?? 'null';
  const { index, 0: number } = numbers[random(numbers.length)]!;
  const others = ['0', '1', '99999999', '-1', 'x', '', numbers[random(numbers.length)]![0]];
  return json.slice(0, index) + others[random(others.length)] + json.slice(index + number.length);
}

/** Compiled OVAL in which one line is another. */
function forged(source: Buffer, random: Random): Buffer {
  const { length } = linesOf(source);
  // The lines that find others are the last ones, and as often chosen as all elements.
  const chosen = random(2) === 0 ? random(length) : length - 1 - random(Math.min(length, 12));
  return compiledWith(source, (json, nth) => (nth === chosen ? changed(json, random) : json));
}

const sources: Readonly<Record<string, Buffer>> = {
  deb: Buffer.from(vendorOval(flaws, { type: 'deb' })),
  families: Buffer.from(definitions),
};
const compiled = Object.fromEntries(
  Object.entries(sources).map(([name, source]) => [name, compileOval(source, from)]),
);

const mixedSystem: ImageSystem = {
  files: fileSystem.files,
  env: fileSystem.env,
  packages: () => [...packageSystem.packages(), ...fileSystem.packages()],
};

const document = { name: 'x', bytes: Buffer.from('x') };
const compiledBenchmark = Buffer.from(
  compileContent(
    readContent(Buffer.from(benchmark(group)), 'x', {
      local: (name) => (name === 'oval.xml' ? Buffer.from(definitions) : undefined),
    }),
    { source: document, tool: 'fuzz' },
  ),
);

/** A compiled benchmark in which one line is another; its first line says how long the others are. */
function forgedBenchmark(seed: Buffer, random: Random): Buffer {
  const lines = seed.toString('utf8').trimEnd().split('\n');
  const nth = random(2) === 0 ? 0 : random(lines.length);
  const made = lines.with(nth, changed(lines[nth]!, random));
  const rest = made
    .slice(1)
    .map((line) => `${line}\n`)
    .join('');
  const head = made[0]!.replace(/"rest":\d+/, `"rest":${Buffer.byteLength(rest)}`);
  return Buffer.from(`${head}\n${rest}`);
}

export const forgedContentTargets: readonly Target[] = [
  {
    name: 'forged-oval',
    seeds: async () => compiled,
    mutate(seed, random) {
      const [name] = Object.entries(compiled).find(([, bytes]) => bytes.equals(seed))!;
      return forged(sources[name]!, random);
    },
    async run(input) {
      const content = opened(input);
      const { oval, ...evaluated } = evaluateOval(content, mixedSystem, { now: 0, all: true });
      const evaluation = {
        tool: { name: 'scapfeed', version: '0' } as const,
        image: { reference: 'dir:/image' },
        content: content.info,
        time: '2026-01-01T00:00:00.000Z',
        ...evaluated,
      };
      evaluationTable(evaluation, { color: false });
      evaluationHtml(evaluation);
      Array.from(junitReport(evaluationSuite({ evaluation })));
      Array.from(sarifLog(evaluationSubject({ evaluation })));
      return JSON.stringify([evaluation, oval()]);
    },
  },
  {
    name: 'forged-benchmark',
    seeds: async () => ({ group: compiledBenchmark }),
    mutate: forgedBenchmark,
    async run(input) {
      const read = (offset: number, length: number) => input.subarray(offset, offset + length);
      const content = loadCompiled({ size: input.length, read }, 'x');
      const { result, oval } = comply(content, fileSystem, settings);
      complianceTable(result, { color: false, all: true });
      htmlReport(result);
      return arfReport(result, oval());
    },
  },
];

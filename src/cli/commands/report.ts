import { benchmarkWriters, ovalResultsWriters } from '../../tasks/report/formats.ts';
import { reportOptions } from '../../tasks/report/options.ts';
import { ovalAlone, readResultsFile } from '../../tasks/report/read-results.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...reportOptions, output: outputs('report') };

export const report = defineCommand({
  name: 'report',
  operands: ['RESULTS'],
  about:
    'RESULTS are XCCDF, OVAL or ARF results of scapfeed or oscap, or the JSON of `scapfeed comply` ' +
    'or `scapfeed check`; plain or compressed.',
  options,
  notes: `JSON, XCCDF and ARF keep rules with their results, messages, identifiers, checks and weights, values, scores,
target, profile and date. Rule texts are read from a benchmark in the same document. The resulting ARF has no OVAL
results.`,
  examples: [
    'scapfeed report results-arf.xml -o html=report.html',
    'scapfeed report results-arf.xml -o json=results.json',
  ],
  run,
});

async function run(
  { options: { all, output }, operands: [file] }: Arguments<typeof options, ['RESULTS']>,
  terminal: Terminal,
): Promise<number> {
  const read = await readResultsFile(file);
  if (read.kind === 'compliance' && read.earlier > 0)
    terminal.err(`the file has ${read.earlier + 1} results; this is the last`);
  const refuse = () => {
    throw ovalAlone(file);
  };
  const writers =
    read.kind === 'compliance'
      ? benchmarkWriters(read.result, all)
      : { json: refuse, xccdf: refuse, arf: refuse, ...ovalResultsWriters(read.evaluation, all) };
  // Before any of them is written.
  if (output.some(({ format }) => writers[format] === refuse)) refuse();
  await writeOutputs(terminal, output, writers);
  return 0;
}

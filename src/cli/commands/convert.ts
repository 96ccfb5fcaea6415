import { arfReport } from '../../report/comply/arf.ts';
import { complianceJson } from '../../report/comply/json.ts';
import { xccdfResult } from '../../report/comply/xccdf.ts';
import { requireBenchmark } from '../../tasks/report/read-results.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import { readResultsFile } from '../results-file.ts';
import type { Terminal } from '../terminal.ts';

const options = { output: outputs('convert') };

export const convert = defineCommand({
  name: 'convert',
  operands: ['RESULTS'],
  about:
    'RESULTS are XCCDF results or ARF of scapfeed or oscap, or the JSON of `scapfeed comply` or ' +
    '`scapfeed check`; plain or compressed.',
  options,
  notes: `Rules with their results, messages, identifiers, checks and weights, values, scores, target, profile and
date are kept. Rule texts are read from a benchmark in the same document. The resulting ARF has no OVAL results.`,
  examples: ['scapfeed convert results-arf.xml -o json=results.json'],
  run,
});

async function run(
  { options: given, operands: [file] }: Arguments<typeof options, ['RESULTS']>,
  terminal: Terminal,
): Promise<number> {
  const read = await readResultsFile(file, terminal);
  const result = requireBenchmark(read, file);
  await writeOutputs(terminal, given.output, {
    json: () => complianceJson(result),
    xccdf: () => xccdfResult(result),
    arf: () => arfReport(result, []),
  });
  return 0;
}

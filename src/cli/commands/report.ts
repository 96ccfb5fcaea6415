import { htmlReport } from '../../report/comply/html.ts';
import { complianceTable } from '../../report/comply/table.ts';
import { evaluationHtml } from '../../report/eval/html.ts';
import { evaluationTable } from '../../report/eval/table.ts';
import { flag } from '../../tasks/option.ts';
import { listedOf } from '../../tasks/report/read-results.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import { readResultsFile } from '../results-file.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  all: flag('also list passed rules and definitions that need no action in the table'),
  output: outputs('report'),
};

export const report = defineCommand({
  name: 'report',
  operands: ['RESULTS'],
  about:
    'RESULTS are XCCDF, OVAL or ARF results of scapfeed or oscap, or the JSON of `scapfeed comply` ' +
    'or `scapfeed check`; plain or compressed.',
  options,
  examples: ['scapfeed report results-arf.xml -o html=report.html'],
  run,
});

async function run(
  { options: given, operands: [file] }: Arguments<typeof options, ['RESULTS']>,
  terminal: Terminal,
): Promise<number> {
  const read = await readResultsFile(file, terminal);
  const { all } = given;
  if (read.kind === 'compliance') {
    await writeOutputs(terminal, given.output, {
      table: ({ color }) => complianceTable(read.result, { color, all }),
      html: () => htmlReport(read.result),
    });
    return 0;
  }
  const { evaluation } = read;
  await writeOutputs(terminal, given.output, {
    table: ({ color }) => evaluationTable(listedOf(evaluation, all), { color }),
    html: () => evaluationHtml(evaluation),
  });
  return 0;
}

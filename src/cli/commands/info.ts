import { describeFile, infoTable } from '../../tasks/info/run.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { output: outputs('info') };

export const info = defineCommand({
  name: 'info',
  operands: ['FILE'],
  about: `FILE is a data stream, a benchmark, a tailoring, OVAL definitions, results of XCCDF or OVAL, an asset report
collection, or the output of \`scapfeed compile\`; plain, or compressed by gzip, bzip2, xz or zstd. For an SBOM, an
inventory, VEX statements, a
policy, a feed's manifest, results in JSON or a tar, it prints which command reads them.`,
  options,
  examples: ['scapfeed info ssg-debian12-ds.xml'],
  run,
});

async function run(
  { options: given, operands: [file] }: Arguments<typeof options, ['FILE']>,
  terminal: Terminal,
): Promise<number> {
  const described = await describeFile(file);
  await writeOutputs(terminal, given.output, {
    json: () => json(described),
    table: () => infoTable(described),
  });
  return 0;
}

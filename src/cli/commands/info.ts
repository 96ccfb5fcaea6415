import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { readContentBytes } from '../../acts/content-bytes.ts';
import { type DocumentInfo, documentInfo, shortId } from '../../comply/index.ts';
import { line } from '../../report/printable.ts';
import { textTable, thousands } from '../../report/text-table.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

const options = { output: outputs('info') };

export const info = defineCommand({
  name: 'info',
  operands: ['FILE'],
  about: `FILE is a data stream, a benchmark, a tailoring, OVAL definitions, results of XCCDF or OVAL, an asset report collection, or
what \`scapfeed compile\` made; plain, or compressed by gzip, bzip2, xz or zstd. Of an SBOM, an inventory, VEX statements, a policy,
a feed's manifest, results in JSON or a tar it says what they are, and which command takes them.`,
  options,
  examples: ['scapfeed info ssg-debian12-ds.xml'],
  run,
});

async function run(
  { options: given, operands: [file] }: Arguments<typeof options, ['FILE']>,
  terminal: Terminal,
): Promise<number> {
  const bytes = await readContentBytes(file);
  const found = documentInfo(bytes, basename(file), toolVersion);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeOutputs(terminal, given.output, {
    json: () => json({ file: basename(file), bytes: bytes.length, sha256, ...found }),
    table: () => infoTable(found, bytes.length, sha256),
  });
  return 0;
}

function infoTable({ kind, facts, profiles, counts }: DocumentInfo, bytes: number, sha256: string): string {
  const all = [
    ...facts,
    { name: 'bytes', value: thousands(bytes) },
    { name: 'sha256', value: sha256 },
    ...Object.entries(counts).map(([name, count]) => ({ name, value: thousands(count) })),
  ];
  const width = Math.max(...all.map(({ name }) => name.length));
  const rows = profiles.map(({ id, title, rules }) => [
    shortId(id),
    rules === undefined ? '-' : thousands(rules),
    title,
  ]);
  return [
    line(kind),
    ...all.map(({ name, value }) => line(`  ${name.padEnd(width)}  ${value}`)),
    ...(rows.length > 0 ? ['\n', textTable(['PROFILE', 'RULES', 'TITLE'], rows)] : []),
  ].join('');
}

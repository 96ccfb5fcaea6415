import { basename } from 'node:path';
import {
  compileContent,
  compileOval,
  isOvalDefinitions,
  readContentFile,
  shortId,
} from '../../comply/index.ts';
import { tabbed } from '../../report/printable.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { readContentBytes } from '../content-bytes.ts';
import { flag, repeatable, text } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { outputFile, type ReportText, writeResult } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';
import { toolVersion } from '../version.ts';

const options = {
  profile: repeatable(text('ID', 'keep only this profile and its rules (default: all)')),
  list: flag('print the profiles instead'),
  ...contentOptions,
  output: outputFile('the compiled benchmark'),
};

export const compile = defineCommand({
  name: 'compile',
  operands: ['CONTENT'],
  about: `CONTENT is a SCAP source data stream or an XCCDF benchmark (SCAP Security Guide: ssg-*-ds.xml), or a document of OVAL
definitions, plain or compressed, which becomes an index: \`eval\` then evaluates only what the image can change.`,
  options,
  examples: [
    'scapfeed compile ssg-debian12-ds.xml -o debian12.json',
    'scapfeed compile vendor.oval.xml.bz2 -o vendor.oval.jsonl',
  ],
  run,
});

async function run(
  { options: given, operands: [path] }: Arguments<typeof options, ['CONTENT']>,
  terminal: Terminal,
): Promise<number> {
  const { profile: profiles, output = '-' } = given;
  const oval = await ovalDefinitions(path);
  if (oval) {
    if (given.list || profiles !== undefined)
      throw usage('compile', 'OVAL definitions have no profiles', 'leave out --list and --profile');
    const parts = compileOval(oval, { name: basename(path), where: path, tool: `scapfeed ${toolVersion}` });
    return write(output, 'compiled definitions', parts, terminal);
  }
  const { content, bytes } = readContentFile(path, contentChoice(given));
  if (given.list) {
    for (const { id, title } of content.benchmark.profiles) terminal.document(tabbed([shortId(id), title]));
    return 0;
  }
  const compiled = compileContent(content, {
    source: { name: basename(path), bytes },
    tool: `scapfeed ${toolVersion}`,
    ...(profiles === undefined ? {} : { profiles }),
  });
  for (const [href, reason] of content.missing) terminal.err(`left out ${href}: ${reason}`);
  return write(output, 'compiled benchmark', compiled, terminal);
}

/** The document, decompressed, if it is one of OVAL definitions. */
async function ovalDefinitions(path: string): Promise<Buffer | undefined> {
  const bytes = await readContentBytes(path);
  return bytes.subarray(0, headBytes).includes('oval_definitions') && isOvalDefinitions(bytes, path)
    ? bytes
    : undefined;
}

/** The root element of a document of OVAL definitions begins in them, licences before it included. */
const headBytes = 1 << 16;

function write(output: string, what: string, text: ReportText, terminal: Terminal): number {
  if (output === '-') {
    for (const part of typeof text === 'string' ? [text] : text) terminal.document(part);
    return 0;
  }
  writeResult(output, what, text);
  terminal.err(`wrote ${output}`);
  return 0;
}

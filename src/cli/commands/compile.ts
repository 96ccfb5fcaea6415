import { basename } from 'node:path';
import { contentPieces } from '../../acts/content-bytes.ts';
import {
  compileContent,
  compileOvalPieces,
  diagnosed,
  isOvalDefinitions,
  readContentFile,
  shortId,
  XmlProblem,
} from '../../comply/index.ts';
import { peek } from '../../io/bytes.ts';
import { HashBeside } from '../../io/hash-beside.ts';
import { tabbed } from '../../report/printable.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { flag, repeatable, text } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { outputFile, writeResult, writeResultWhile } from '../outputs.ts';
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
    return compileDefinitions(oval, path, output, terminal);
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
  if (output === '-') terminal.document(compiled);
  else {
    writeResult(output, 'compiled benchmark', compiled);
    terminal.note(`wrote ${output}`);
  }
  return 0;
}

/** The document in pieces, decompressed, if it is one of OVAL definitions. */
async function ovalDefinitions(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const { head, whole } = await peek(contentPieces(path), headBytes);
  if (head.includes('oval_definitions') && isOvalDefinitions(head, path)) return joinedFirst(head, whole);
  await whole[Symbol.asyncIterator]().return?.();
  return undefined;
}

/** The pieces of the head as one. */
async function* joinedFirst(head: Buffer, whole: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let skipped = 0;
  yield head;
  for await (const piece of whole) {
    if (skipped >= head.length) yield piece;
    skipped += piece.length;
  }
}

/** The root element of a document of OVAL definitions begins in them, licences before it included. */
const headBytes = 1 << 16;

async function compileDefinitions(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
  output: string,
  terminal: Terminal,
): Promise<number> {
  const from = { name: basename(path), where: path, tool: `scapfeed ${toolVersion}` };
  const make = async (write: (bytes: Uint8Array) => void): Promise<void> => {
    const sha256 = new HashBeside();
    try {
      await compileOvalPieces(pieces, from, sha256, write);
    } catch (error) {
      if (!(error instanceof XmlProblem)) throw error;
      throw await diagnosed(contentPieces(path), path, error);
    } finally {
      await sha256.close();
    }
  };
  if (output === '-') {
    // Nothing is told of a document that turns out to be none.
    const parts: string[] = [];
    await make((bytes) => parts.push(Buffer.from(bytes).toString('utf8')));
    for (const part of parts) terminal.document(part);
    return 0;
  }
  await writeResultWhile(output, 'compiled definitions', make);
  terminal.note(`wrote ${output}`);
  return 0;
}

import { tabbed } from '../../report/printable.ts';
import { compileOptions } from '../../tasks/compile/options.ts';
import { type CompilableDefinitions, openCompilable } from '../../tasks/compile/run.ts';
import { usage } from '../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { contentChoice } from '../options/content-choice.ts';
import { outputFile, writeResult, writeResultWhile } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...compileOptions, output: outputFile('the compiled benchmark') };

export const compile = defineCommand({
  name: 'compile',
  operands: ['CONTENT'],
  about: `CONTENT is a SCAP source data stream or an XCCDF benchmark (SCAP Security Guide: ssg-*-ds.xml), or a document of OVAL
definitions, plain or compressed. OVAL is compiled to an index, so that \`eval\` evaluates only definitions that can
apply to the image.`,
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
  const content = await openCompilable({ file: path, ...contentChoice(given) });
  if (content.kind === 'definitions') {
    if (given.list || profiles !== undefined)
      throw usage('compile', 'OVAL definitions have no profiles', 'leave out --list and --profile');
    return compileDefinitions(content, output, terminal);
  }
  if (given.list) {
    for (const { id, title } of content.profiles) terminal.document(tabbed([id, title]));
    return 0;
  }
  const compiled = content.compile(profiles);
  for (const [href, reason] of content.missing) terminal.err(`left out ${href}: ${reason}`);
  if (output === '-') terminal.document(compiled);
  else {
    writeResult(output, 'compiled benchmark', compiled);
    terminal.note(`wrote ${output}`);
  }
  return 0;
}

async function compileDefinitions(
  content: CompilableDefinitions,
  output: string,
  terminal: Terminal,
): Promise<number> {
  if (output === '-') {
    // Kept until the end, so that nothing is printed of a document that is refused.
    const parts: string[] = [];
    await content.compile((bytes) => parts.push(Buffer.from(bytes).toString('utf8')));
    for (const part of parts) terminal.document(part);
    return 0;
  }
  await writeResultWhile(output, 'compiled definitions', content.compile);
  terminal.note(`wrote ${output}`);
  return 0;
}

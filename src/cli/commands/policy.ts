import { readFileSync } from 'node:fs';
import { currentTime } from '../../io/clock.ts';
import { type Entry, isExpired, type PolicyFile, readPolicyFile } from '../../policy/index.ts';
import { line } from '../../report/printable.ts';
import { plural, textTable } from '../../report/text-table.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { oneOf } from '../option.ts';
import { withPolicyOptions } from '../options/policy-file.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const options = { output: outputs('policy') };

export const policy = defineCommand({
  name: 'policy',
  operands: ['check', 'FILE'],
  about: `  check         show what FILE accepts, until when, and the options that it sets

FILE is a policy for --policy of scan, verify and comply.`,
  options,
  exitCodes: { 0: 'it can be used; entries may have expired', 2: 'it cannot' },
  examples: ['scapfeed policy check scapfeed.yaml'],
  run,
});

async function run(
  { options: given, operands: [action, file] }: Arguments<typeof options, ['check', 'FILE']>,
  terminal: Terminal,
): Promise<number> {
  oneOf(['check'], action, { command: 'policy', flag: 'policy' }, { noun: 'action' });
  const read = readPolicyFile(contentOf(file), file);
  await requireOptions(read);
  const day = currentTime().toISOString().slice(0, 10);
  const entries = [...read.ignore, ...read.allow, ...read.waivers].map((entry) => ({
    ...entry,
    expired: isExpired(entry, day),
  }));
  await writeOutputs(terminal, given.output, {
    table: () => table(read, entries),
    json: () => json({ file, sha256: read.sha256, options: read.options, entries }),
  });
  return 0;
}

/** The options are read as the commands would. */
async function requireOptions(read: PolicyFile): Promise<void> {
  const chosen = { policy: read, chosen: 'option' } as const;
  const [{ scan }, { verify }, { comply }] = await Promise.all([
    import('./scan.ts'),
    import('./verify.ts'),
    import('./comply.ts'),
  ]);
  for (const [command, table] of [
    ['scan', scan.options],
    ['verify', verify.options],
    ['comply', comply.options],
  ] as const) {
    withPolicyOptions(command, table, { options: {} as never, decided: new Set() }, chosen);
  }
}

type CheckedEntry = Entry & { expired: boolean };

function table({ file, options: settings }: PolicyFile, entries: readonly CheckedEntry[]): string {
  const rows = entries.map((entry) => [
    String(entry.line),
    entry.where.slice(1).replaceAll('/', ' '),
    criteria(entry),
    entry.until === undefined ? '-' : `${entry.until}${entry.expired ? ' (expired)' : ''}`,
    entry.reason,
  ]);
  const set = Object.entries(settings).flatMap(([command, values]) =>
    Object.entries(values).map(([name, texts]) => line(`${command} --${name} ${texts.join(',')}`.trimEnd())),
  );
  const expired = entries.filter((entry) => entry.expired).length;
  return [
    ...(rows.length > 0 ? [textTable(['LINE', 'ENTRY', 'WHAT', 'UNTIL', 'REASON'], rows)] : []),
    ...set,
    line(
      `${file}: ${plural(rows.length, 'exception')}${expired > 0 ? `, ${expired} expired` : ''}, ${plural(set.length, 'option')}`,
    ),
  ].join('');
}

const shownCriteria = ['vulnerability', 'package', 'path', 'layer', 'state', 'rule'];

function criteria(entry: object): string {
  return Object.entries(entry)
    .flatMap(([name, value]) =>
      shownCriteria.includes(name) && Array.isArray(value) && value.length > 0
        ? [`${name} ${value.join(', ')}`]
        : [],
    )
    .join('; ');
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw usage('policy', `${file} cannot be read: ${(cause as Error).message}`, 'name a readable file');
  }
}

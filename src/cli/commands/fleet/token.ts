import { listTokens, makeToken, purposeOf, removeToken, type Token } from '../../../fleet/store/tokens.ts';
import { requireOwner } from '../../../fleet/store/waivers.ts';
import { csvOf } from '../../../report/fleet/fleet-csv.ts';
import { textTable } from '../../../report/text-table.ts';
import { fleetTokenOptions } from '../../../tasks/fleet/command-options.ts';
import { recordAct, tokenAct } from '../../../tasks/fleet/recorded-act.ts';
import { oneOf, usage } from '../../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet, inNewFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const actions = ['add', 'list', 'remove'] as const;

const options = { ...fleetTokenOptions, output: outputs('fleet token') };

export const fleetToken = defineCommand({
  name: 'fleet token',
  operands: [actions.join('|'), '[NAME]'],
  about: `  add NAME     make a token for \`scapfeed fleet serve\`; it is shown once
  list         show the tokens
  remove NAME  end a token`,
  options,
  actions: {
    add: { options: ['database', 'role', 'names', 'owner', 'expires'], operand: 'NAME' },
    list: { options: ['database', 'output'] },
    remove: { options: ['database'], operand: 'NAME' },
  },
  exitCodes: { 0: 'fine', 2: 'wrong use, no such token, or the fleet cannot be opened' },
  examples: [
    'scapfeed fleet token add grafana --role read --expires 90d',
    'scapfeed fleet token add web1 --role send --names web1',
    'scapfeed fleet token add ann --role team --owner payments',
  ],
  run,
});

async function run(
  { options: given, operands: [word, name] }: Arguments<typeof options, [string, '[NAME]']>,
  terminal: Terminal,
): Promise<number> {
  const action = oneOf(actions, word, { command: 'fleet token', flag: word }, { noun: 'action' });
  const purpose = purposeOf(given.role, given);
  if (action === 'add' && purpose === undefined)
    throw usage(
      'fleet token',
      '--role send and --names go together, and so do --role team and --owner',
      'write it as --role send --names GLOB, or --role team --owner NAME',
    );
  const inStore = action === 'add' ? inNewFleet : inFleet;
  return inStore(given, terminal, async (database, now) => {
    if (action === 'list') {
      const tokens = (await listTokens(database)).map(({ id: _, ...token }) => token);
      await writeOutputs(terminal, given.output, {
        table: () => tokensTable(tokens, now),
        json: () => json(tokens),
        csv: () => tokensCsv(tokens),
      });
      return 0;
    }
    if (action === 'remove') {
      if (!(await removeToken(database, name!, now))) throw usage('fleet token', `there is no token ${name}`);
      await recordAct(database, `fleet token remove ${name}`, now);
      terminal.out(`removed ${name}\n`);
      return 0;
    }
    const expires = given.expires === undefined ? {} : { expires: new Date(now.getTime() + given.expires) };
    await requireOwner(database, given.owner);
    const token = await makeToken(database, { name: name!, ...purpose!, ...expires }, now);
    if (token === undefined)
      throw usage('fleet token', `there is a token ${name}`, 'remove it first, or use another name');
    const part = given.owner ?? given.names;
    await recordAct(database, tokenAct(name!, given.role, part), now);
    terminal.document(`${token}\n`);
    return 0;
  });
}

function tokensTable(tokens: readonly Omit<Token, 'id'>[], now: Date): string {
  if (tokens.length === 0) return 'there is no token: `scapfeed fleet token add NAME` makes one\n';
  const rows = tokens.map(({ name, role, names, owner, created, expires, used }) => [
    ...[
      name,
      [role, names ?? owner ?? []].flat().join(' '),
      day(created),
      expires ? endOf(expires, now) : 'never',
      used ? day(used) : 'never',
    ],
  ]);
  return textTable(['TOKEN', 'ROLE', 'MADE', 'ENDS', 'USED'], rows);
}

function endOf(expires: Date, now: Date): string {
  return expires <= now ? `expired ${day(expires)}` : day(expires);
}

function tokensCsv(tokens: readonly Omit<Token, 'id'>[]): string {
  return csvOf(
    ['name', 'role', 'created', 'expires', 'used', 'names', 'owner'],
    tokens.map(({ name, role, names, owner, created, expires, used }) => [
      ...[name, role, created.toISOString(), expires?.toISOString(), used?.toISOString(), names, owner],
    ]),
  );
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

import { openDatabase } from '../../../fleet/store/open-database.ts';
import { listTokens, makeToken, removeToken, tokenRoles } from '../../../fleet/store/tokens.ts';
import { currentTime } from '../../../io/clock.ts';
import { textTable } from '../../../report/text-table.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { choice, duration, oneOf, withDefault } from '../../option.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';
import { usage } from '../../usage.ts';

const actions = ['add', 'list', 'remove'] as const;

const options = {
  ...fleetOptions,
  role: withDefault(
    choice(tokenRoles, 'with add: what its holder may do: %', { metavar: 'R', noun: 'role' }),
    'read' as const,
  ),
  expires: duration('with add: how long it is valid (default: until it is removed)'),
};

export const fleetToken = defineCommand({
  name: 'fleet token',
  operands: [actions.join('|'), '[NAME]'],
  about: `  add NAME     make a token for \`scapfeed fleet serve\`; it is shown once
  list         show the tokens
  remove NAME  end a token`,
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, no such token, or the fleet cannot be opened' },
  examples: ['scapfeed fleet token add grafana --role read --expires 90d'],
  run,
});

async function run(
  { options: given, operands: [word, name] }: Arguments<typeof options, [string, '[NAME]']>,
  terminal: Terminal,
): Promise<number> {
  const action = oneOf(actions, word, { command: 'fleet token', flag: word }, { noun: 'action' });
  if (action !== 'list' && name === undefined)
    throw usage('fleet token', `expected the name of a token to ${action}`);
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    if (action === 'list') {
      const rows = (await listTokens(database)).map(({ name: each, role, created, expires, used }) => [
        ...[each, role, day(created), expires ? day(expires) : 'never', used ? day(used) : 'never'],
      ]);
      terminal.out(textTable(['TOKEN', 'ROLE', 'MADE', 'ENDS', 'USED'], rows));
      return 0;
    }
    if (action === 'remove') {
      if (!(await removeToken(database, name!, now))) throw usage('fleet token', `there is no token ${name}`);
      terminal.out(`removed ${name}\n`);
      return 0;
    }
    const expires = given.expires === undefined ? {} : { expires: new Date(now.getTime() + given.expires) };
    const token = await makeToken(database, { name: name!, role: given.role, ...expires }, now);
    if (token === undefined)
      throw usage('fleet token', `there is a token ${name}`, 'remove it first, or take another name');
    terminal.document(`${token}\n`);
    return 0;
  } finally {
    await database.close();
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

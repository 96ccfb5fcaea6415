import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Command, parseCommand } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { allOptions, optionsOf } from '../../src/cli/common-options.ts';
import { fileLevels, readConfig } from '../../src/cli/config-file.ts';
import { optionNames } from '../../src/cli/option-names.ts';
import {
  environmentLevels,
  knownVariables,
  type Level,
  otherVariables,
  readOptions,
  settle,
  variableOf,
} from '../../src/cli/settings.ts';
import type { Option } from '../../src/tasks/option.ts';
import { project, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const every = await Promise.all(
  commands.flatMap((entry) => entry.subcommands ?? [entry]).map((entry) => entry.load()),
);
const names = await optionNames(commands);
const given = every.flatMap((command) => allOptions(command));

/** Texts of every form that an option takes; each option reads one of them at least. */
const samples = [
  ...[
    '7',
    '3',
    '36h',
    'linux/amd64',
    'debian-12',
    'a=debian-12',
    'high',
    'https://x.example/a',
    'a=b',
    'ops@x.example',
  ],
  ...[
    '2026-11-20',
    'targets=30d',
    'shrink=5',
    'rhel-9=main',
    'a',
    'CVE-2026-1=x',
    'root=2',
    '127.0.0.1:8080',
    '10.0.0.5',
    '02:00',
    'staff=read',
    'payments=team:pay',
    'https://fleet.example',
  ],
];

/** Two values if it takes several, otherwise one, and not what it is by default. */
function textsFor({ kind, words = [], repeatable, read }: Option): string[] {
  if (kind === 'flag') return [''];
  const as = { command: 'test', flag: 'test' };
  const usual = unless(() => JSON.stringify(read([], as)));
  const good = [...words.toReversed(), ...samples].filter((text) => {
    const value = unless(() => JSON.stringify(read([text], as)));
    return value !== undefined && value !== usual;
  });
  // A command of one format has no other.
  if (kind === 'output' && words.length === 1) return [`${words[0]}=file`];
  return good.slice(0, repeatable && kind !== 'output' ? 2 : 1);
}

function unless<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The value of an option as the command gets it; as text if it cannot be compared. */
function readAs(command: Command, name: string, argv: string[], levels: Level[]): unknown {
  const operands = command.operands.filter((operand) => !operand.startsWith('[')).map(() => 'x');
  const needed = allOptions(command).filter(([other, { required }]) => required && other !== name);
  const others = needed.flatMap(([other, option]) => [`--${other}`, textsFor(option)[0]!]);
  const args = parseCommand(command, [...operands, ...others, ...argv], levels)!;
  return JSON.stringify({ ...args.options, ...args.common, 'no-pager': args.unpaged }[name]);
}

function environment(command: Command, env: Record<string, string>): Level[] {
  return environmentLevels(command.name, optionsOf(command), env);
}

function inFile(command: Command, content: unknown): Level[] {
  const file = join(temporaryFolder('config'), 'config.yaml');
  writeFileSync(file, stringify(content));
  return fileLevels(command.name, optionsOf(command), readConfig({ file, isNamed: true }, names));
}

function inYaml({ kind, repeatable }: Option, texts: string[]): unknown {
  if (kind === 'flag') return true;
  return repeatable ? texts : texts[0];
}

/** Settings of one option alone: others may contradict it. */
function only(name: string, levels: readonly Level[]): Level[] {
  return levels.map((level) => new Map([...level].filter(([option]) => option === name)));
}

/** Where a value is from is part of what these commands report: they read the variable themselves. */
const readByCommand = ['feed', 'mirror'];

const notInFile = ['config', 'no-config'];

describe('every option of every command', () => {
  it.each(every)('$name: the same values from the command line, variables and a file', (command) => {
    const content = Object.fromEntries(
      allOptions(command).flatMap(([name, option]) =>
        notInFile.includes(name) ? [] : [[name, inYaml(option, textsFor(option))]],
      ),
    );
    const ofAll = inFile(command, content);
    const ofCommand = inFile(command, { [command.name]: content });
    for (const [name, option] of allOptions(command)) {
      const texts = textsFor(option);
      expect(texts[0], name).toBeDefined();
      const isFlag = option.kind === 'flag';
      const argv = isFlag ? [`--${name}`] : texts.map((text) => `--${name}=${text}`);
      const wanted = readAs(command, name, argv, []);
      if (!option.required) expect(wanted, name).not.toBe(readAs(command, name, [], []));
      for (const scope of option.variable ? [command.name] : ['', command.name]) {
        const env = { [variableOf(name, scope)]: isFlag ? 'true' : texts.join('\n') };
        expect(readAs(command, name, [], environment(command, env)), name).toBe(wanted);
      }
      if (notInFile.includes(name)) continue;
      for (const levels of option.variable === 'nobody' ? [ofCommand] : [ofAll, ofCommand])
        expect(readAs(command, name, [], only(name, levels)), name).toBe(wanted);
    }
  });

  it('that means another thing in one command is not set for that by what is set for all', () => {
    // The age of data is for scans; `pull` would accept signatures that have expired, and refuse every server.
    const pull = every.find(({ name }) => name === 'pull')!;
    for (const text of ['0', '36h']) {
      expect(readAs(pull, 'max-age', [], environment(pull, { SCAPFEED_MAX_AGE: text }))).toBeUndefined();
      expect(readAs(pull, 'max-age', [], inFile(pull, { 'max-age': text }))).toBeUndefined();
    }
    const readOwn = (text: string) =>
      readOptions('pull', optionsOf(pull), settle(environment(pull, { SCAPFEED_PULL_MAX_AGE: text })));
    expect(readOwn('36h')['max-age']).toBe(36 * 3_600_000);
    expect(readOwn('0')['max-age']).toBe(Number.POSITIVE_INFINITY);
  });

  it('has a variable that means nothing else', () => {
    const owners = new Map<string, Set<string>>();
    for (const [command, options] of Object.entries(names))
      for (const option of options)
        for (const scope of ['', command]) {
          const variable = variableOf(option, scope);
          owners.set(variable, (owners.get(variable) ?? new Set()).add(`${scope} ${option}`));
        }
    expect([...owners].filter(([, meanings]) => meanings.size > 1)).toEqual([]);
    expect(otherVariables.filter((name) => owners.has(name))).toEqual([]);
  });

  it('is read by its command alone where its result says where the value is from', () => {
    expect(
      [...new Set(given.filter(([, { variable }]) => variable === 'command').map(([name]) => name))].sort(),
    ).toEqual(readByCommand);
  });
});

it('every variable of ours that the code reads is known', () => {
  const src = join(project, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const read = files.flatMap((file) =>
    [...readFileSync(join(src, file), 'utf8').matchAll(/env\[?\.?['"](SCAPFEED_\w+)['"]\]/g)].map(
      ([, name]) => name!,
    ),
  );
  expect(read.length).toBeGreaterThan(4);
  const known = knownVariables(names);
  expect(read.filter((name) => !known.includes(name))).toEqual([]);
});

describe('what holds', () => {
  const home = temporaryFolder('home');
  const folder = join(home, '.config', 'scapfeed');
  const file = join(folder, 'config.yaml');
  mkdirSync(folder, { recursive: true });

  function held(content: string, env: Record<string, string>, ...argv: string[]) {
    writeFileSync(file, content, { mode: 0o644 });
    const { out, err, code } = scapfeed(['config', 'scan', '-o', 'json', '--', ...argv], {
      HOME: home,
      ...env,
    });
    expect(code, err).toBe(0);
    const rows = (
      JSON.parse(out) as { options: { option: string; value?: unknown; from: string; where?: string }[] }
    ).options;
    return (option: string) => rows.find((row) => row.option === option);
  }

  const content = 'fail-on: low\nseverity: low\nscan:\n  fail-on: medium\nfleet:\n  profile: x\n';

  it('is the first of command line, variables, the parts of the file, and the default', () => {
    const env = { SCAPFEED_FAIL_ON: 'high' };
    const own = { ...env, SCAPFEED_SCAN_FAIL_ON: 'critical' };
    expect(held(content, own, '--fail-on', 'any')('fail-on')).toMatchObject({
      value: ['any'],
      from: 'flag',
      where: '--fail-on',
    });
    expect(held(content, own)('fail-on')).toMatchObject({
      value: ['critical'],
      where: 'SCAPFEED_SCAN_FAIL_ON',
    });
    expect(held(content, env)('fail-on')).toMatchObject({ value: ['high'], where: 'SCAPFEED_FAIL_ON' });
    expect(held(content, {})('fail-on')).toMatchObject({
      value: ['medium'],
      from: 'file',
      where: `${file}:4`,
    });
    expect(held(content, {})('severity')).toMatchObject({ value: 'low', where: `${file}:2` });
    expect(held('', {})('max-age')).toEqual({ option: 'max-age', value: '7d', from: 'default' });
  });

  it('a flag is taken back, and its opposite hides it', () => {
    expect(held('only-fixed: true\nno-policy: true\n', {}, '--no-only-fixed')('only-fixed')).toMatchObject({
      value: 'false',
      from: 'flag',
    });
    expect(held('only-fixed: true\n', { SCAPFEED_ONLY_FIXED: '0' })('only-fixed')).toMatchObject({
      value: 'false',
    });
    const chosen = held('no-policy: true\n', {}, '--policy', 'x.yaml');
    expect([chosen('policy')?.value, chosen('no-policy')?.value]).toEqual(['x.yaml', 'false']);
  });

  it('a variable of empty lines says nothing', () => {
    expect(held('fail-on: high\n', { SCAPFEED_FAIL_ON: '\n \n' })('fail-on')).toMatchObject({
      value: ['high'],
      from: 'file',
    });
  });

  it('shows no password', () => {
    writeFileSync(file, 'database: postgres://me:secret@db/fleet\n');
    const { out } = scapfeed(['config'], { HOME: home });
    expect(out).toContain('postgres://me:***@db/fleet');
  });

  it.each([
    ['fail_on: high\n', 'no command has an option fail_on; did you mean fail-on?', 1],
    ['fail-on: low\nscan:\n  fail-on: []\n', 'fail-on: expected a value in the list, or no fail-on', 3],
    ['scan:\n  all: true\n---\nscan: {}\n', 'expected one document, found several', undefined],
    ['a: &x 1\nb: *x\n', 'anchors and aliases are not allowed', undefined],
    ['\nscan:\n  fial-on: high\n', 'scan has no option fial-on; did you mean fail-on?', 3],
    ['scam:\n  fail-on: high\n', 'there is no command scam; did you mean scan?', 1],
    ['only-fixed: maybe\n', 'expected true or false', 1],
    ['severity: [low, high]\n', 'expected one value, found a list', 1],
    ['severity: true\n', 'expected a text; write it as "true"', 1],
    ['severity:\n', 'severity: expected text or a number', 1],
    ['config: x\n', 'config cannot be set in a file of options', 1],
    ['- scan\n', 'expected a mapping of options', undefined],
    ['severity: low\nseverity: high\n', 'Map keys must be unique', 2],
    [`a: ${'['.repeat(40)}`, 'levels', undefined],
  ])('a scan does not begin by a file with a mistake: %j', (text, message, line) => {
    writeFileSync(file, text);
    const { code, err } = scapfeed(['scan', 'dir:/nowhere'], { HOME: home });
    expect(err).toContain(message);
    expect(err).toContain('[CONFIG_INVALID]');
    expect(err).toContain(line === undefined ? file : `${file}:${line}`);
    expect(code).toBe(2);
  });

  it('names the file and line of a value that its option refuses', () => {
    writeFileSync(file, 'scan:\n  severity: hgh\n');
    const { code, err } = scapfeed(['scan', 'dir:/nowhere'], { HOME: home });
    expect(err).toContain(`severity: no severity hgh [CONFIG_INVALID]\n  at: ${file}:2\n`);
    expect(code).toBe(2);
    expect(scapfeed(['config'], { HOME: home }).err).toContain(`at: ${file}:2\n`);
  });

  it('is nothing of a file that others can write, unless it is named', () => {
    writeFileSync(file, 'severity: low\n');
    chmodSync(file, 0o666);
    expect(scapfeed(['config', 'scan'], { HOME: home }).err).toContain(
      'others than this user can write the configuration',
    );
    expect(scapfeed(['config', 'scan', '--config', file], { HOME: home }).out).toContain('low');
    expect(scapfeed(['config', 'scan', '--no-config'], { HOME: home }).out).toContain('no configuration');
    chmodSync(file, 0o644);
  });

  it('is nothing of a file in a folder where others can replace it', () => {
    writeFileSync(file, 'severity: low\n');
    chmodSync(folder, 0o777);
    const { err, code } = scapfeed(['config', 'scan'], { HOME: home });
    chmodSync(folder, 0o755);
    expect(err).toContain('others than this user can write the configuration');
    expect(err).toContain(`at: ${folder}\n`);
    expect(code).toBe(2);
  });

  it('is an error where a link leads nowhere', () => {
    rmSync(file);
    symlinkSync(join(home, 'away'), file);
    const { err, code } = scapfeed(['scan', 'dir:/nowhere'], { HOME: home });
    rmSync(file);
    expect(err).toContain('the configuration cannot be read');
    expect(err).toContain('[CONFIG_INVALID]');
    expect(code).toBe(2);
  });

  it.each([['scan', 'dir:/nowhere'], ['config', 'scan'], ['config'], ['fleet', 'list']])(
    'is an error where the named one is not there: %s %s',
    (...command) => {
      const absent = join(home, 'absent.yaml');
      for (const [options, variables] of [
        [['--config', absent], {}],
        [[], { SCAPFEED_CONFIG: absent }],
      ] as const) {
        const { err, code } = scapfeed([...command, ...options], { HOME: home, ...variables });
        expect(err).toContain('the configuration cannot be read');
        expect(err).toContain(absent);
        expect(code).toBe(2);
      }
    },
  );

  it.each(['--config', '--policy'])('is read with a bound: %s', (option) => {
    const { err, code } = scapfeed(['scan', 'dir:/nowhere', option, '/dev/zero'], { HOME: home });
    expect(err).toContain('it has more than 2 MB');
    expect(code).toBe(2);
  });

  it('is not named and left out at once', () => {
    writeFileSync(file, 'fail-on: high\n');
    const { err, code } = scapfeed(['scan', 'dir:/nowhere', '--config', file, '--no-config']);
    expect(err).toContain('--config and --no-config contradict each other [USAGE]');
    expect(code).toBe(2);
    expect(scapfeed(['config', 'scan', '--no-config'], { HOME: home, SCAPFEED_CONFIG: file }).out).toContain(
      'no configuration',
    );
  });

  it('is nothing of a file in the working directory', () => {
    const checkout = temporaryFolder('checkout');
    for (const name of ['config.yaml', '.scapfeed.yaml', 'scapfeed.config.yaml'])
      writeFileSync(join(checkout, name), 'severity: critical\n');
    const { out } = scapfeed(['config'], {}, checkout);
    expect(out).toContain('no configuration');
    expect(out).not.toContain('critical');
  });

  it('a variable that no command knows is told; one of another command is not', () => {
    const env = { SCAPFEED_FIAL_ON: 'high', SCAPFEED_DATABASE: 'x', SCAPFEED_PASSPHRASE: 'x', HOME: home };
    writeFileSync(file, '');
    const { err } = scapfeed(['config', 'scan'], env);
    expect(err).toBe('unknown variable SCAPFEED_FIAL_ON; did you mean SCAPFEED_FAIL_ON?\n');
  });

  it('a variable with a mistake is named by its own name', () => {
    expect(scapfeed(['build'], { SCAPFEED_OFFLINE: 'maybe' }).err).toContain(
      'SCAPFEED_OFFLINE: expected true or false, found maybe',
    );
    expect(scapfeed(['scan', 'x'], { SCAPFEED_SEVERITY: 'hgh' }).err).toContain(
      'SCAPFEED_SEVERITY: no severity hgh',
    );
  });
});

describe('a wrong value of any option of any command', () => {
  const entries = commands.flatMap((entry) => entry.subcommands ?? [entry]);
  const checked = ['number', 'duration', 'choice', 'flag', 'output'];
  const wrong = 'no such value';
  const place = join(temporaryFolder('wrong-values'), 'config.yaml');

  it.each(entries.map(({ name }) => name))('%s: is refused with its line or variable', async (name) => {
    const command = await entries.find((entry) => entry.name === name)!.load();
    const table = Object.entries(optionsOf(command)).filter(
      ([option, { kind, variable }]) =>
        checked.includes(kind) && variable === undefined && !/^(no-)?config$/.test(option),
    );
    const names = { [name]: table.map(([option]) => option) };
    for (const [option, record] of table) {
      const alone = { [option]: record };
      writeFileSync(place, `${name}:\n  ${option}: ${wrong}\n`);
      const byFile = () => {
        const file = readConfig({ file: place, isNamed: true }, names);
        readOptions(name, alone, settle(fileLevels(name, alone, file)));
      };
      const message = expect.stringContaining(record.kind === 'flag' ? 'true or false' : option);
      expect(byFile, option).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
      expect(byFile, option).toThrow(
        expect.objectContaining({ where: expect.stringContaining(`${place}:2`) }),
      );
      const variable = variableOf(option, name);
      const byVariable = () =>
        readOptions(name, alone, settle(environmentLevels(name, alone, { [variable]: wrong })));
      expect(byVariable, variable).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(`^${variable}: `) }),
      );
    }
  });
});

import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/policy.schema.json' with { type: 'json' };
import { comply } from '../../src/cli/commands/comply.ts';
import { scan as scanCommand } from '../../src/cli/commands/scan.ts';
import { verify } from '../../src/cli/commands/verify.ts';
import { readPolicyFile } from '../../src/policy/index.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { benchmark, lineCheck, rule } from '../comply/support/small-content.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: {
      roster: new Map(['bash', 'openssl', 'zlib'].map((name) => [name, { version: '1', binaries: [] }])),
    },
    statements: [
      {
        vulnerability: 'CVE-2023-0286',
        package: 'openssl',
        status: 'fixed',
        fixed: '3.0.8-1',
        severity: 'high',
      },
      {
        vulnerability: 'CVE-2023-45853',
        package: 'zlib',
        status: 'affected',
        fixState: 'will_not_fix',
        severity: 'low',
      },
      { vulnerability: 'CVE-2022-3715', package: 'bash', status: 'affected', fixState: 'none_yet' },
    ],
  },
]);
const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': [
    stanza('bash', '5.2.15-2'),
    stanza('libssl3', '3.0.7-1', { Source: 'openssl' }),
    stanza('openssl', '3.0.7-1'),
    stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }),
  ].join(''),
});
const folder = temporaryFolder();

function save(text: string, name = 'policy.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const base = ['--feed', feed, '--max-age', '0'];
const scan = (policy: string, ...args: string[]) =>
  scapfeed(['scan', `dir:${image}`, ...base, '--allow-unrated', '--policy', save(policy), ...args], {
    SOURCE_DATE_EPOCH: '0',
  });

interface Scanned {
  verdicts: {
    vulnerability: string;
    package: { name: string };
    ignored?: { reason: string; where: string };
  }[];
  counts: { flaws: number; ignored: number };
  exceptions: { policy: { chosen: string; entries: { state: string; verdicts: number; line: number }[] } };
}

function ignoredBy(policy: string): string[] {
  const { verdicts } = JSON.parse(scan(policy, '-o', 'json').out) as Scanned;
  return verdicts
    .flatMap((each) => (each.ignored ? [`${each.vulnerability} ${each.package.name}`] : []))
    .sort();
}

describe('ignore', () => {
  it.each([
    ['vulnerability: CVE-2023-0286', ['CVE-2023-0286 libssl3', 'CVE-2023-0286 openssl']],
    ['package: libssl3', ['CVE-2023-0286 libssl3']],
    ['package: [zlib, bash]', ['CVE-2022-3715 bash', 'CVE-2023-45853 zlib1g']],
    ['package: "lib*"', ['CVE-2023-0286 libssl3']],
    ['state: [will_not_fix, none_yet]', ['CVE-2022-3715 bash', 'CVE-2023-45853 zlib1g']],
    ['path: /var/lib/dpkg/*\n    package: bash', ['CVE-2022-3715 bash']],
    ['path: /opt/**\n    vulnerability: CVE-2022-3715', []],
    ['layer: 1\n    vulnerability: CVE-2022-3715', ['CVE-2022-3715 bash']],
    ['layer: 2', []],
    ['vulnerability: CVE-2023-0286\n    state: will_not_fix', []],
    ['vulnerability: CVE-2023-02', []],
  ])('%s', (criteria, expected) => {
    expect(ignoredBy(`ignore:\n  - reason: known\n    ${criteria}\n`)).toEqual(expected);
  });

  it('an entry that puts every flaw aside without naming one is told', () => {
    const wide = scan('ignore:\n  - package: ["lib*", bash, "z*", "o*"]\n    reason: x\n');
    expect(wide.out).toMatch(
      /policy ignores everything at .*:2: this entry ignores every flaw of the image: \d+ /,
    );
    expect(scan('ignore:\n  - package: bash\n    reason: x\n').out).not.toContain('ignores everything');
  });

  it('acts on its last day and not after it; an expired entry is listed with what it no longer accepts', () => {
    const until = (day: string) =>
      `ignore:\n  - vulnerability: CVE-2023-0286\n    reason: known\n    until: ${day}\n`;
    const today = new Date().toISOString().slice(0, 10);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

    expect(ignoredBy(until(today))).toHaveLength(2);
    expect(ignoredBy(until(yesterday))).toEqual([]);
    const { out, code } = scan(until(yesterday), '--fail-on', 'high');
    expect(code).toBe(1);
    expect(out).toContain(`policy.yaml:2: expired after ${yesterday}, no longer accepts 2 results: known`);
  });

  it('is counted, shown with --show-ignored, and stands in JSON with its reason; unused entries are listed', () => {
    const policy = [
      'ignore:',
      '  - vulnerability: CVE-2023-0286',
      '    reason: no TLS is used',
      '  - vulnerability: CVE-1999-0001',
      '    reason: gone',
    ].join('\n');

    const hidden = scan(policy, '--fail-on', 'high');
    expect(hidden.code).toBe(0);
    expect(hidden.out).not.toContain('3.0.8-1');
    expect(hidden.out).toContain('1 flaw ignored by the policy: --show-ignored lists them');
    expect(hidden.out).toMatch(/policy .*policy\.yaml: 2 entries, 1 used/);
    expect(hidden.out).toContain('policy.yaml:4: unused, nothing has all that it names: gone');
    expect(scan(policy, '--show-ignored').out).toMatch(
      /^CVE-2023-0286 .*\n +ignored by the policy: no TLS is used$/m,
    );
    const document = JSON.parse(scan(policy, '-o', 'json').out) as Scanned;
    expect(schemaErrors('scan-result', document)).toEqual([]);
    expect(document.counts).toMatchObject({ flaws: 2, ignored: 1 });
    expect(document.exceptions.policy).toMatchObject({
      chosen: 'option',
      entries: [
        { line: 2, state: 'used', verdicts: 2 },
        { line: 4, state: 'unused', verdicts: 0 },
      ],
    });
  });

  it('one binary of a source: the flaw is there with the other', () => {
    const policy = 'ignore:\n  - package: libssl3\n    reason: x\n';

    expect(scan(policy, '--fail-on', 'high').code).toBe(1);
    expect(scan(policy, '--fail-on', 'high').out).toMatch(/openssl 3\.0\.7-1$/m);
  });
});

describe('options in a policy', () => {
  it('fail where the command line has none, which comes first', () => {
    const policy = 'scan:\n  fail-on: high\n  only-fixed: true\n';

    const { code, out } = scan(policy);
    expect(code).toBe(1);
    expect(out).not.toContain('CVE-2023-45853');
    expect(scan('scan:\n  fail-on: low\n', '--fail-on', 'critical').code).toBe(0);
    expect(scan('scan:\n  fail-on: low\n').code).toBe(1);
  });

  it('do nothing where a stronger place took the flag back', () => {
    const policy = 'scan:\n  fail-on: high\n  only-fixed: true\n';

    expect(scan(policy).out).not.toContain('CVE-2023-45853');
    expect(scan(policy, '--no-only-fixed').out).toContain('CVE-2023-45853');
  });

  it.each(['scan', 'verify', 'comply'] as const)('%s: are options of the command', (command) => {
    const options = { scan: scanCommand, verify, comply }[command].options;
    const members = Object.keys(schema.properties[command].properties);

    expect(members.filter((name) => !Object.hasOwn(options, name) && name !== 'waivers')).toEqual([]);
  });

  it('a value that the option does not take is an error with the place', () => {
    const { code, err } = scan('scan:\n  fail-on: hihg\n');

    expect(code).toBe(2);
    expect(err).toContain('policy.yaml: fail-on: no threshold hihg');
  });

  it('a value that the option does not take is an error where the command line sets it too', () => {
    const { code, err } = scan('scan:\n  fail-on: hihg\n  allow-uncovered: true\n', '--fail-on', 'critical');

    expect(code).toBe(2);
    expect(err).toContain('policy.yaml: fail-on: no threshold hihg');
  });
});

describe('which policy', () => {
  const found = temporaryFolder();
  writeFileSync(
    join(found, 'scapfeed.yaml'),
    'ignore:\n  - vulnerability: CVE-2023-0286\n    reason: known\n',
  );
  const here = (...args: string[]) => scapfeed(['scan', `dir:${image}`, ...base, ...args], {}, found);

  it('scapfeed.yaml of the working directory is used, and said', () => {
    const { out } = here();

    expect(out).toContain('policy scapfeed.yaml (found in the working directory): 1 entry, 1 used');
    expect(out).not.toContain('CVE-2023-0286');
  });

  it('--no-policy leaves it out, and contradicts --policy', () => {
    expect(here('--no-policy').out).toContain('CVE-2023-0286');
    expect(here('--no-policy', '--policy', 'scapfeed.yaml').code).toBe(2);
  });

  it.skipIf(process.getuid?.() !== 0)('one of another user is refused, and both remedies work', () => {
    const file = join(found, 'scapfeed.yaml');
    chownSync(file, 65_534, 65_534);
    try {
      for (const command of ['scan', 'verify', 'comply']) {
        const { code, err } = scapfeed([command, `dir:${image}`], {}, found);
        expect(code).toBe(2);
        expect(err).toContain('the policy in the working directory belongs to another user [POLICY_INVALID]');
        expect(err).toContain('at: scapfeed.yaml');
        expect(err).toContain('--policy scapfeed.yaml, or ignore it with --no-policy');
      }
      expect(here('--policy', 'scapfeed.yaml').out).toContain('1 entry, 1 used');
      expect(here('--no-policy').out).toContain('CVE-2023-0286');
    } finally {
      chownSync(file, 0, 0);
    }
  });

  it.each([
    ['is a link', (place: string) => symlinkSync(join(found, 'scapfeed.yaml'), place), 0],
    ['is a link', (place: string) => symlinkSync('nowhere', place), 2],
    ['is not a regular file', (place: string) => mkdirSync(place), 2],
  ] as const)(
    'one that %s is refused, also when it leads nowhere; naming it trusts it',
    (told, make, named) => {
      const folder = temporaryFolder();
      make(join(folder, 'scapfeed.yaml'));

      for (const command of ['scan', 'verify', 'comply', 'check']) {
        const { code, out, err } = scapfeed([command, `dir:${image}`], {}, folder);
        expect({ code, out }).toEqual({ code: 2, out: '' });
        expect(err).toContain(`the policy in the working directory ${told}`);
        expect(err).toContain('--policy scapfeed.yaml, or ignore it with --no-policy');
      }
      expect(scapfeed(['scan', `dir:${image}`, ...base, '--no-policy'], {}, folder).code).toBe(0);
      expect(scapfeed(['scan', `dir:${image}`, ...base, '--policy', 'scapfeed.yaml'], {}, folder).code).toBe(
        named,
      );
    },
  );

  it('a missing one is an error', () => {
    const { code, err } = here('--policy', 'nowhere.yaml');

    expect(code).toBe(2);
    expect(err).toContain('[POLICY_INVALID]');
  });
});

describe('policy check', () => {
  it('lists what is accepted, until when, and the options', () => {
    const file = save(
      [
        'ignore:',
        '  - vulnerability: [CVE-2023-0286, CVE-2023-45853]',
        '    reason: known',
        '    until: 2020-01-31',
        'verify:',
        '  allow:',
        '    - path: /app/**',
        '      reason: ours',
        'comply:',
        '  waivers:',
        '    - rule: no_empty_passwords',
        '      reason: no passwords',
        'scan:',
        '  fail-on: high',
      ].join('\n'),
    );
    const { out, code } = scapfeed(['policy', 'check', file]);

    expect(code).toBe(0);
    expect(out.split('\n').slice(1).join('\n')).toBe(
      [
        '2     ignore 0          vulnerability CVE-2023-0286, CVE-2023-45853  2020-01-31 (expired)  known',
        '7     verify allow 0    path /app/**                                 -                     ours',
        '11    comply waivers 0  rule no_empty_passwords                      -                     no passwords',
        'scan --fail-on high',
        `${file}: 3 exceptions, 1 expired, 1 option`,
        '',
      ].join('\n'),
    );
  });

  const names = Array.from({ length: 90_000 }, (_, at) => `k${at}: 1\n`).join('');
  const deep = `${'['.repeat(2000)}${']'.repeat(2000)}`;
  const blocks = Array.from({ length: 200 }, (_, at) => `${' '.repeat(at)}a:`).join('\n');
  const laughs = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...[...'bcdefghi'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(9)}]`),
  ].join('\n');

  it.each([
    ['a reason is missing', 'ignore:\n  - package: a\n', 'policy.yaml:2'],
    ['an empty reason', 'ignore:\n  - package: a\n    reason: " "\n', 'expected why'],
    ['an entry for everything', 'ignore:\n  - reason: x\n', 'it would ignore everything'],
    ['a pattern for everything', 'ignore:\n  - package: "*"\n    reason: x\n', 'it would ignore everything'],
    [
      'every state',
      'ignore:\n  - state: [available, none_yet, fix_deferred, will_not_fix, end_of_life, other_channel, under_investigation]\n    reason: x\n',
      'it would ignore everything',
    ],
    ['a path for everything', 'ignore:\n  - path: /**\n    reason: x\n', 'it would ignore everything'],
    [
      'the path of the package database alone',
      'ignore:\n  - path: /var/lib/dpkg/status\n    reason: x\n',
      'it would ignore everything in that package database',
    ],
    [
      'a day that is none',
      'ignore:\n  - package: a\n    reason: x\n    until: 2026-02-31\n',
      'no day of the calendar',
    ],
    [
      'a state that is none',
      'ignore:\n  - state: wontfix\n    reason: x\n',
      'one of the allowed values (available, ',
    ],
    ['an unknown member', 'ignroe: []\n', 'ignroe'],
    ['an option that scan has not', 'scan:\n  faill-on: high\n', 'faill-on'],
    ['a list', '- a\n', 'expected a mapping'],
    ['a name twice', 'scan: {}\nscan: {}\n', 'Map keys must be unique'],
    ['90,000 names', names, 'has no member'],
    ['a name as text and as number', 'ignore: []\n1: a\n"1": b\n', 'Map keys must be unique'],
    ['a tab', 'scan:\n\tfail-on: high\n', 'policy.yaml:'],
    ['no text', '\u0000\u0001', 'policy.yaml'],
    ['an alias', 'ignore: &a []\nscan: *a\n', 'anchors and aliases'],
    ['a bomb of aliases', laughs, 'policy.yaml'],
    ['2,000 levels', deep, 'expected at most 30 levels'],
    ['200 levels of blocks', blocks, 'expected at most 30 levels'],
    ['200 levels of keys that are marked', '? '.repeat(200), 'expected at most 30 levels'],
    ['200 levels of values that are marked', ': '.repeat(200), 'expected at most 30 levels'],
    ['1 MB', `# ${'x'.repeat(1 << 20)}`, 'expected at most 1048576 bytes'],
    ['2 MB', `# ${'x'.repeat(2 << 20)}`, 'it has more than 2 MB'],
  ])('%s: exit 2 with the place, in the time that a test has', async (_, text, told) => {
    const { code, err, out } = await runHere(['policy', 'check', save(text)]);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(told);
  });

  it.each([
    ['an escape', 'ignore: "\\xse\\cret"\n'],
    ['a tag', 'ignore: !secret {}\n'],
    ['a version', '%YAML secret\n---\nscan: {}\n'],
    ['the head of a block', 'ignore: |secret\n  x\n'],
    ['a reserved character', 'ignore: @secret\n'],
    ['text behind a value', 'scan: "x" secret\n'],
    ['text behind a list', 'scan: []secret\n'],
    ['text in a mapping', 'scan:\n  fail-on: high\nsecret\n'],
    ['an alias without an anchor', 'scan: *secret\n'],
    ['a bracket', 'scan: {}]secret\n'],
  ])('an error of YAML names the place and quotes nothing: %s', (_, text) => {
    const { code, out, err } = scapfeed(['policy', 'check', save(text)]);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/policy\.yaml(:\d)?\n/);
    expect(err).not.toMatch(/secret|xse|cret/i);
  });

  it('a device that has no end: exit 2', () => {
    expect(scapfeed(['policy', 'check', '/dev/zero'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('it has more than 2 MB [POLICY_INVALID]'),
    });
  });

  it('comments alone are a policy that says nothing', () => {
    expect(readPolicyFile(Buffer.from('# none yet\n'), 'x').ignore).toEqual([]);
  });

  it('a file with nothing in it: exit 2', () => {
    expect(scapfeed(['policy', 'check', '/dev/null'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('the policy is empty [POLICY_INVALID]'),
    });
  });

  it('a megabyte of entries is read in time', () => {
    const entry = '  - package: abcdefgh\n    reason: because\n';
    const text = `ignore:\n${entry.repeat(9000)}`;
    const started = process.cpuUsage();

    expect(readPolicyFile(Buffer.from(text), 'x').ignore).toHaveLength(9000);
    expect(process.cpuUsage(started).user).toBeLessThan(10_000_000);
  });
});

describe('verify', () => {
  it('accepts the paths of the policy, with reasons, and lists what is unused', () => {
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('base-files', '12'),
      'var/lib/dpkg/info/base-files.list': '/.\n',
      'app/tool': '#!/bin/sh\n',
      'opt/other': '#!/bin/sh\n',
    });
    for (const name of ['app/tool', 'opt/other']) chmodSync(join(root, name), 0o755);
    const policy = save(
      'verify:\n  fail-on: unowned\n  allow:\n    - path: /app/**\n      reason: ours\n    - path: /srv/**\n      reason: gone\n',
    );
    const { out, code } = scapfeed(['verify', `dir:${root}`, '--policy', policy]);

    expect(code).toBe(1);
    expect(out).toContain('/opt/other');
    expect(out).not.toContain('/app/tool');
    expect(out).toContain('2 entries, 1 used');
    expect(out).toContain('policy.yaml:6: unused');
    const { policy: use } = JSON.parse(
      scapfeed(['verify', `dir:${root}`, '--policy', policy, '-o', 'json']).out,
    );
    expect(use).toMatchObject({ entries: [{ state: 'used', verdicts: 1 }, { state: 'unused' }] });
  });
});

describe('comply', () => {
  const content = join(folder, 'content.xml');
  writeFileSync(content, benchmark(['login', 'other', 'third'].map((name) => rule(name)).join('')));
  writeFileSync(join(folder, 'oval.xml'), lineCheck('/etc/nothing', '^x$'));
  const comply = (waivers: string, ...args: string[]) =>
    scapfeed([
      ...['comply', `dir:${image}`, '--content', content, '--fail-on', 'medium'],
      ...['--policy', save(`comply:\n  waivers:\n${waivers}`), ...args],
    ]);
  const waiver = (name: string, until = '') =>
    `    - rule: ${name}\n      reason: "${name} is accepted"\n${until === '' ? '' : `      until: ${until}\n`}`;
  const today = new Date().toISOString().slice(0, 10);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

  it.each([
    ['none of them', waiver('nowhere'), 1, 'unused', 0],
    ['one of three', waiver('login'), 1, 'used', 1],
    ['all, by a list and its whole id', waiver('[login, other, xccdf_x_rule_third]'), 0, 'used', 3],
    ['all, on the last day', waiver('[login, other, third]', today), 0, 'used', 3],
    ['all, the day after', waiver('[login, other, third]', yesterday), 1, 'expired', 3],
  ])('waives %s', (_, waivers, expected, state, rules) => {
    const { code, out } = comply(waivers, '-o', 'json');
    const { policy, rules: judged } = JSON.parse(out) as {
      policy: { entries: { state: string; verdicts: number }[] };
      rules: { result: string; waived?: { reason: string; until?: string }; message?: string }[];
    };

    expect(code).toBe(expected);
    expect(policy.entries).toMatchObject([{ state, verdicts: rules }]);
    const waived = judged.filter((one) => one.waived !== undefined);
    expect(waived).toHaveLength(state === 'used' ? rules : 0);
    // Waived rules still failed; every format gives the reason why they do not count.
    for (const { result, message } of waived) {
      expect(result).toBe('fail');
      expect(message).toMatch(/^waived( until [\d-]+)?: /);
    }
  });

  it('tells in the table what expired and what did nothing', () => {
    const { out } = comply(waiver('login') + waiver('other', yesterday) + waiver('nowhere'));
    expect(out).toContain('3 entries, 1 used, 1 expired\n');
    expect(out).toContain(`expired after ${yesterday}, no longer accepts 1 result: other is accepted`);
    expect(out).toContain('unused, nothing has all that it names: nowhere is accepted');
    expect(out).toContain('waived: login is accepted');
  });

  it('a waiver needs a reason', () => {
    const { code, err } = comply('    - rule: login\n');
    expect(code).toBe(2);
    expect(err).toContain('[POLICY_INVALID]');
  });
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeOciLayout } from '../../../scripts/oci-layout.mjs';
import { type Command, parseCommand } from '../../../src/cli/command.ts';
import { compile } from '../../../src/cli/commands/compile.ts';
import { comply } from '../../../src/cli/commands/comply.ts';
import { fix } from '../../../src/cli/commands/fix.ts';
import { tailor } from '../../../src/cli/commands/tailor.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { benchmark, fileCheck, lineCheck, rule } from '../../comply/support/small-content.ts';
import { silentTerminal } from '../../support/silent-terminal.ts';
import { smallStream } from '../../support/small-stream.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = temporaryFolder('comply-command');
const at = (name: string) => join(folder, name);

interface Run {
  code: number | string;
  out: string;
  err: string;
}

/** Runs a command as the tool does; an error's code stands for its exit code. */
async function run(command: Command, ...argv: string[]): Promise<Run> {
  let out = '';
  let err = '';
  const terminal = silentTerminal(
    { SOURCE_DATE_EPOCH: '1767225600' },
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += `${text}\n`;
      },
    },
  );
  try {
    return { code: await command.run(parseCommand(command, argv)!, terminal), out, err };
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    return { code: error.code, out, err: error.message };
  }
}

beforeAll(() => {
  const script = '<fix system="urn:xccdf:fix:script:sh">sed -i s/yes/no/ /etc/ssh/sshd_config</fix>';
  const profile = '<Profile id="xccdf_x_profile_base"><title>Base</title></Profile>';
  const value = '<Value id="xccdf_x_value_v"><value>1</value></Value>';
  writeFileSync(at('oval.xml'), lineCheck('/etc/ssh/sshd_config', '^PermitRootLogin no$'));
  writeFileSync(at('content.xml'), benchmark(profile + value + rule('root', script)));
  writeFileSync(at('other.xml'), benchmark(`<platform idref="cpe:/o:other:os:1"/>${rule('root')}`));
  const inContainer = rule('root').replace('oval.xml', 'container.oval.xml');
  writeFileSync(at('container.oval.xml'), fileCheck('/run/.containerenv'));
  writeFileSync(at('container.xml'), benchmark(inContainer));
  mkdirSync(at('image/etc/ssh'), { recursive: true });
  writeFileSync(at('image/etc/ssh/sshd_config'), 'PermitRootLogin yes\n');
  writeFileSync(at('image/etc/os-release'), 'ID=debian\nVERSION_ID="12"\n');
});

describe('scapfeed comply', () => {
  const image = `dir:${at('image')}`;
  const judged = (...argv: string[]) => run(comply, image, '--content', at('content.xml'), ...argv);

  it('tells the failed rule and exits 0 without a policy', async () => {
    const { code, out } = await judged();
    expect(code).toBe(0);
    expect(out).toMatch(/fail\s+medium\s+Rule root\n.*expected: something is found; found nothing\n/);
    expect(out).toMatch(/1 fail\nscore \(default\): 0\.00 of 100/);
  });

  it.each([
    ['any', 1],
    ['medium', 1],
    ['high', 0],
    ['severe', 'USAGE'],
  ])('--fail-on %s exits with %s', async (severity, code) => {
    expect((await judged('--fail-on', severity)).code).toBe(code);
  });

  it('a gated rule that cannot be judged is not one that passes: exit 4, unless --allow-unjudged', async () => {
    const processes = fileCheck('/sbin/init')
      .replaceAll('file_', 'process58_')
      .replace('filepath>', 'command_line>');
    writeFileSync(at('process.oval.xml'), processes.replace('</unix:filepath>', '</unix:command_line>'));
    const live = at('process.xml');
    writeFileSync(live, benchmark(rule('process').replace('oval.xml', 'process.oval.xml')));
    const gate = (...argv: string[]) => run(comply, image, '--content', live, ...argv);
    expect((await gate('--fail-on', 'any')).code).toBe(4);
    expect((await gate('--fail-on', 'any')).err).toMatch(
      /^not judged: 1 rule .*--allow-unjudged accepts that$/m,
    );
    expect((await gate('--fail-on', 'high')).code).toBe(0);
    expect((await gate()).code).toBe(0);
    const accepted = await gate('--fail-on', 'any', '--allow-unjudged');
    expect([accepted.code, accepted.err]).toEqual([0, expect.stringContaining('not judged: 1 rule')]);

    const processRule = rule('process').replace('oval.xml', 'process.oval.xml');
    writeFileSync(at('both.xml'), benchmark(processRule + rule('root')));
    const beside = (...argv: string[]) =>
      run(comply, image, '--content', at('both.xml'), '--fail-on', 'any', ...argv);
    const { code, err } = await beside();
    expect([code, err]).toEqual([4, expect.stringContaining('policy: 1 rule failed')]);
    expect((await beside('--allow-unjudged')).code).toBe(1);
  });

  it('a gate by severity does not pass where most failed rules have none, unless --allow-unjudged', async () => {
    const unrated = rule('root').replace('severity="medium"', 'severity="unknown"');
    writeFileSync(at('unrated.xml'), benchmark(unrated));
    writeFileSync(at('half.xml'), benchmark(unrated + rule('other').replace('medium', 'low')));
    const gate = (name: string, ...argv: string[]) => run(comply, image, '--content', at(name), ...argv);
    const blind = await gate('unrated.xml', '--fail-on', 'low');
    expect(blind.code).toBe(4);
    expect(blind.err).toContain('1 failed rule without a severity not counted; any counts them');
    expect(blind.err).toContain('the gate cannot see 1 of 1 failed rule: the content gives them no severity');
    expect((await gate('unrated.xml', '--fail-on', 'low', '--allow-unjudged')).code).toBe(0);
    expect((await gate('unrated.xml', '--fail-on', 'any')).code).toBe(1);
    expect((await gate('half.xml', '--fail-on', 'low')).code).toBe(1);
    expect((await gate('half.xml', '--fail-on', 'medium')).code).toBe(0);
  });

  it('content that selects nothing without a profile is no empty pass', async () => {
    const idle = at('idle.xml');
    const profile = '<Profile id="xccdf_x_profile_base"><title>Base</title></Profile>';
    writeFileSync(idle, benchmark(profile + rule('idle', '', 'selected="false"')));
    const { code, err } = await run(comply, image, '--content', idle, '--fail-on', 'any');
    expect([code, err]).toEqual(['USAGE', 'no rule is selected']);
    const tailored = await run(comply, image, '--content', at('content.xml'), '--tailoring', at('none.xml'));
    expect(tailored.code).toBe('USAGE');
  });

  it.each([
    [
      'content for another platform',
      ['--content', at('other.xml')],
      'PLATFORM_NOT_COVERED',
      /nothing applies/,
    ],
    ['content that is not there', ['--content', at('gone.xml')], 'CONTENT_MISSING', /no such file/],
    ['no content and no feed', ['--feed', at('gone')], 'FEED_MISSING', /no feed here/],
    [
      'an unknown profile',
      ['--content', at('content.xml'), '--profile', 'bose'],
      'PROFILE_UNKNOWN',
      /no profile bose/,
    ],
  ])('refuses %s', async (_, argv, code, message) => {
    const result = await run(comply, image, ...argv);
    expect([result.code, result.err]).toEqual([code, expect.stringMatching(message)]);
  });

  it('judges an image as a container, and a root file system as a machine', async () => {
    const layout = at('layout');
    const files = { 'etc/os-release': 'ID=debian\n' };
    writeOciLayout(layout, {
      tag: 'x',
      created: '2026-01-01T00:00:00Z',
      layers: [{ command: 'ADD', files }],
    });
    const results = [];
    for (const reference of [`oci:${layout}:x`, `dir:${at('image')}`]) {
      const { out } = await run(comply, reference, '--content', at('container.xml'), '-o', 'json');
      results.push((JSON.parse(out) as { counts: object }).counts);
    }
    expect(results).toEqual([{ pass: 1 }, { fail: 1 }]);
  });

  it('writes the same bytes each time, in every format', async () => {
    const formats = ['json', 'xccdf', 'oval', 'arf', 'junit', 'html'];
    const written = async () => {
      await judged(...formats.flatMap((format) => ['-o', `${format}=${at(format)}`]));
      return formats.map((format) => readFileSync(at(format), 'utf8'));
    };
    const first = await written();
    expect(await written()).toEqual(first);
    expect(first.every((text) => text.includes('xccdf_x_rule_root') || text.includes('oval:x:def:1'))).toBe(
      true,
    );
  });

  it('gives the same result from compiled content', async () => {
    await run(compile, at('content.xml'), '-o', at('compiled.json'));
    const fromXml = JSON.parse((await judged('-o', 'json')).out) as { rules: unknown };
    const compiled = await run(comply, image, '--content', at('compiled.json'), '-o', 'json');
    expect((JSON.parse(compiled.out) as { rules: unknown }).rules).toEqual(fromXml.rules);
  });
});

describe('scapfeed compile --list', () => {
  it('prints the profiles', async () => {
    expect((await run(compile, at('content.xml'), '--list')).out).toBe('base\tBase\n');
  });
});

describe('scapfeed fix', () => {
  it('writes the fixes of the failed rules', async () => {
    await run(
      comply,
      `dir:${at('image')}`,
      '--content',
      at('content.xml'),
      '-o',
      `json=${at('result.json')}`,
    );
    const { code, out } = await run(fix, '--results', at('result.json'), '--type', 'containerfile');
    expect(code).toBe(0);
    expect(out).toContain("RUN <<'FIX'\nsed -i s/yes/no/ /etc/ssh/sshd_config\nFIX\n");
  });

  it('refuses results that are none', async () => {
    expect((await run(fix, '--results', at('content.xml'))).code).toBe('USAGE');
  });
});

describe('the table of comply', () => {
  it('says why a rule is unknown', async () => {
    const mounts = fileCheck('/home')
      .replace('#unix', '#linux')
      .replaceAll('unix:file_', 'unix:partition_')
      .replaceAll('unix:filepath', 'unix:mount_point');
    mkdirSync(at('mounts'), { recursive: true });
    writeFileSync(at('mounts/oval.xml'), mounts);
    writeFileSync(at('mounts/content.xml'), benchmark(rule('root')));
    const { out, err } = await run(comply, `dir:${at('image')}`, '--content', at('mounts/content.xml'));
    expect(err).toBe('');
    expect(out).toMatch(/^unknown .*\n +there is no \/proc\/mounts/m);
  });
});

describe('scapfeed tailor', () => {
  it('says which selected rules do not run', async () => {
    const requires = '<requires idref="xccdf_x_rule_setting1"/>';
    const stream = smallStream();
    const second = stream.indexOf('</rationale>', stream.indexOf('id="xccdf_x_rule_setting2"')) + 12;
    writeFileSync(at('requiring.xml'), stream.slice(0, second) + requires + stream.slice(second));
    const args = [at('required.xml'), '--content', at('requiring.xml')];
    const { err } = await run(tailor, ...args, '--profile', 'base', '--unselect', 'setting1');
    expect(err).toContain('setting2 is selected and does not run');
    expect((await run(tailor, ...args, '--select', 'setting1')).err).not.toContain('does not run');
  });

  it('leaves a file with several profiles as it is: it would keep the first alone', async () => {
    const args = [at('several.xml'), '--content', at('content.xml')];
    await run(tailor, ...args, '--profile', 'base', '--set', 'v=2');
    const one = readFileSync(at('several.xml'), 'utf8');
    const [profile = ''] = /<(?:xccdf:)?Profile[\s\S]*<\/(?:xccdf:)?Profile>/.exec(one) ?? [];
    const two = one.replace(profile, profile + profile.replace(/id="([^"]+)"/, 'id="$1_other"'));
    writeFileSync(at('several.xml'), two);
    expect(await run(tailor, ...args, '--unselect', 'root')).toMatchObject({
      code: 'USAGE',
      err: 'the tailoring file has 2 profiles, and a tailoring that is written has one',
    });
    expect(readFileSync(at('several.xml'), 'utf8')).toBe(two);
  });

  it('comply names what a tailoring selects and the content does not have', async () => {
    const args = [at('typo.xml'), '--content', at('content.xml')];
    await run(tailor, ...args, '--profile', 'base', '--unselect', 'root');
    const typo = readFileSync(at('typo.xml'), 'utf8').replace(
      /idref="(xccdf_\w+_rule_)root" selected="false"/,
      'idref="$1rooot" selected="true"',
    );
    expect(typo).toContain('rooot');
    writeFileSync(at('typo.xml'), typo);
    const tailored = ['--tailoring', at('typo.xml'), '--profile', 'base_tailored', '-o', 'json'];
    const { out, err } = await run(comply, `dir:${at('image')}`, '--content', at('content.xml'), ...tailored);
    const detail = 'it selects what the content does not have: rooot';
    expect(JSON.parse(out).notes).toMatchObject([{ code: 'unknown_rules', detail }]);
    expect(err).toContain(detail);
  });

  it('makes a file, changes it, and comply follows it', async () => {
    const args = [at('ours.xml'), '--content', at('content.xml')];
    await run(tailor, ...args, '--profile', 'base', '--set', 'v=2');
    await run(tailor, ...args, '--severity', 'root=high');
    const tailored = ['--tailoring', at('ours.xml'), '--profile', 'base_tailored'];
    const failing = await run(
      comply,
      `dir:${at('image')}`,
      '--content',
      at('content.xml'),
      ...tailored,
      '--fail-on',
      'high',
    );
    await run(tailor, ...args, '--unselect', 'root');
    const left = await run(
      comply,
      `dir:${at('image')}`,
      '--content',
      at('content.xml'),
      ...tailored,
      '--fail-on',
      'any',
    );
    expect([failing.code, left.code]).toEqual([1, 0]);
  });

  it('names rules near to one that does not exist', async () => {
    const { code, err } = await run(tailor, at('x.xml'), '--content', at('content.xml'), '--select', 'roo');
    expect([code, err]).toEqual(['USAGE', 'there is no rule or group roo; near ones are root']);
  });
});

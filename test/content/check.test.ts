import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tar } from '../../scripts/oci-layout.mjs';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { feedWithContent } from '../support/content-feed.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { smallStream } from '../support/small-stream.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('check', { timeout: 60_000 }, () => {
  let feed: string;
  const files = {
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/debian_version': '12.5\n',
    'var/lib/dpkg/status': stanza('libssl3', '3.0.11-1~deb12u1', { Source: 'openssl' }),
    'etc/small.conf': 'setting1 = yes\nsetting2 = no\n',
  };
  const judging = ['--max-age', '0', '--profile', 'base'];
  const env = { SOURCE_DATE_EPOCH: String(Date.parse('2026-11-01') / 1000) };

  beforeAll(() => {
    feed = feedWithContent();
  }, 120_000);

  it('has the results of scan and of comply, from one reading of the image', () => {
    const root = rootWith(files);
    const image = ['-', '--feed', feed];
    const input = tar(files);
    // stdin can be read once only.
    const both = scapfeed(['check', ...image, ...judging, '-o', 'json'], env, project, input);
    expect(both, both.err).toMatchObject({ code: 0 });
    const { scan, comply } = JSON.parse(both.out);
    const alone = (command: string, ...more: string[]) =>
      JSON.parse(scapfeed([command, ...image, ...more, '-o', 'json'], env, project, input).out);
    expect(scan).toEqual(alone('scan', '--max-age', '0'));
    expect(comply).toEqual(alone('comply', '--profile', 'base'));
    expect(scan.verdicts.length).toBeGreaterThan(0);
    expect(comply.counts).toMatchObject({ pass: 1, fail: 2 });
    const table = scapfeed(['check', `dir:${root}`, '--feed', feed, ...judging], env).out;
    expect(table).toMatch(/openssl[\s\S]*Profile base[\s\S]*2 fail, 1 pass/);
  });

  it('has one exit code: 4 before 1, whichever part it is from', () => {
    const check = (root: Record<string, string>, ...more: string[]) =>
      scapfeed(['check', `dir:${rootWith(root)}`, '--feed', feed, ...judging, ...more], env).code;
    const sound = { ...files, 'var/lib/dpkg/status': stanza('bash', '5.2.15-2+b2', { Source: 'bash' }) };
    expect(check(files)).toBe(0);
    expect(check(files, '--fail-on', 'any')).toBe(1);
    expect(check(files, '--fail-on-rule', 'high')).toBe(1);
    expect(check({ ...sound, 'etc/small.conf': '' }, '--fail-on-rule', 'any', '--allow-uncovered')).toBe(1);
    const strange = { ...files, 'var/lib/dpkg/status': stanza('house-tool', '1') };
    expect(check(strange, '--fail-on-rule', 'high')).toBe(4);
    const { 'var/lib/dpkg/status': _, ...bare } = files;
    expect(check(bare)).toBe(4);
    expect(check(files, '--profile', 'none')).toBe(3);
  });

  it('puts aside what a policy accepts, in both parts', () => {
    const policy = join(temporaryFolder(), 'policy.yaml');
    const lines = [
      'ignore: [{ package: openssl, reason: a test, until: 2099-01-01 }]',
      'comply: { waivers: [{ rule: setting2, reason: a test, until: 2099-01-01 }] }',
    ];
    writeFileSync(policy, `${lines.join('\n')}\n`);
    const args = ['check', `dir:${rootWith(files)}`, '--feed', feed, ...judging, '--policy', policy];
    const run = scapfeed([...args, '--fail-on', 'any'], env);
    expect(run, run.err).toMatchObject({
      code: 0,
      out: expect.stringContaining('waived until 2099-01-01: a test'),
    });
  });

  describe.each([
    ["a vendor's OVAL at its address", remoteCheck],
    ['a question to a person', ''],
  ])('the rule about patches, whose check is %s', (_, patchCheck) => {
    let stream: string;
    beforeAll(() => {
      stream = join(temporaryFolder(), 'ssg-ds.xml');
      writeFileSync(stream, streamWithPatchRule(patchCheck));
    });
    const rulesOf = (status: string, ...args: string[]) => {
      const root = rootWith({ ...files, 'var/lib/dpkg/status': status });
      const more = ['--content', stream, '--profile', 'strict', '-o', 'json'];
      const { code, out, err } = scapfeed([...args, `dir:${root}`, ...more], env);
      if (out === '') throw new Error(err);
      const { comply, ...alone } = JSON.parse(out);
      const { rules, counts, scores } = comply ?? alone;
      const [setting, patches] = rules;
      return { code, setting, patches, counts, scores };
    };
    const check = (status: string, ...more: string[]) =>
      rulesOf(status, 'check', '--feed', feed, '--max-age', '0', ...more);
    const fixed = stanza('libssl3', '3.9-1', { Source: 'openssl' });
    const strange = stanza('house-tool', '1');

    it('is answered by the feed that judged the image: no flaw with a fix is a pass, one is a fail', () => {
      const passing = check(fixed, '--fail-on-rule', 'any');
      expect(passing.patches).toMatchObject({
        result: 'pass',
        message: expect.stringMatching(
          /^0 flaws with a fix to install, \d+ without, 1 package judged, by the feed for debian-12, data of \d{4}-\d\d-\d\d$/,
        ),
      });
      const failing = check(files['var/lib/dpkg/status']);
      expect(failing.patches).toMatchObject({
        result: 'fail',
        message: expect.stringMatching(/^[1-9]\d* flaws? with a fix to install, /),
      });
      expect(failing.setting).toMatchObject({ result: 'pass' });
      expect(failing.counts).toEqual({ pass: 1, fail: 1 });
      expect(passing.counts).toEqual({ pass: 2 });
      const [was, is] = [failing, passing].map(({ scores }) => scores[0].score);
      expect(was).toBeLessThan(is);
    });

    it('a package that is not covered: unknown, and the gate is not passed; but a missing patch is one', () => {
      const unknown = check(`${fixed}\n${strange}`, '--fail-on-rule', 'any', '--allow-uncovered');
      expect(unknown.patches).toMatchObject({
        result: 'unknown',
        message: expect.stringMatching(
          /, 1 package judged, by the feed .*; uncovered packages: 1 without data in this feed$/,
        ),
      });
      expect(unknown.code).toBe(4);
      const both = check(`${files['var/lib/dpkg/status']}\n${strange}`);
      expect(both.patches).toMatchObject({
        result: 'fail',
        message: expect.stringContaining('; uncovered packages: '),
      });
    });

    it('a flaw that a policy puts aside has no patch for that', () => {
      const policy = join(temporaryFolder(), 'policy.yaml');
      writeFileSync(policy, 'ignore: [{ package: openssl, reason: a test, until: 2099-01-01 }]\n');
      expect(check(files['var/lib/dpkg/status'], '--policy', policy).patches.result).toBe('fail');
    });

    it('comply, which has no feed, leaves it notchecked', () => {
      const { patches, counts } = rulesOf(fixed, 'comply');
      expect(patches.result).toBe('notchecked');
      expect(counts).toEqual({ pass: 1, notchecked: 1 });
    });
  });

  it('a gate by severity needs ratings, and does not pass where most flaws have none, as in scan', () => {
    const statements = (['low', 'unknown', 'unknown'] as const).map(
      (severity, at) =>
        ({
          vulnerability: `CVE-2025-000${at}`,
          package: 'openssl',
          severity,
          status: 'affected',
          fixState: 'none_yet',
        }) as const,
    );
    const platforms = [{ platform: bookworm, statements }];
    const content = join(temporaryFolder(), 'ssg-ds.xml');
    writeFileSync(content, smallStream());
    const image = `dir:${rootWith(files)}`;
    const gate = (feed: string, ...more: string[]) => {
      const args = [image, '--feed', feed, '--max-age', '0', '--fail-on', 'high', ...more];
      const both = scapfeed(['check', ...args, '--content', content, '--profile', 'base'], env);
      expect(both.code, both.err).toBe(scapfeed(['scan', ...args], env).code);
      return both;
    };

    const withoutRatings = writeSmallFeed(platforms);
    const refused = gate(withoutRatings);
    expect(refused.err).toContain('--fail-on high needs ratings: debian rates few flaws or none');
    expect(refused.code).toBe(3);
    expect(gate(withoutRatings, '--allow-unrated').code).toBe(0);

    const rated = writeSmallFeed(platforms, undefined, [{ id: 'CVE-2000-0001', ratings: [] }]);
    const blind = gate(rated);
    expect(blind.err).toContain('not judged: the gate cannot see 2 of 3 flaws');
    expect(blind.code).toBe(4);
    expect(gate(rated, '--allow-unrated').code).toBe(0);
  });

  it('writes both results whatever the gate says', () => {
    const file = join(temporaryFolder(), 'both.json');
    const args = ['check', `dir:${rootWith(files)}`, '--feed', feed, ...judging, '--fail-on', 'any'];
    expect(scapfeed([...args, '-o', `json=${file}`], env).code).toBe(1);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['scan', 'comply']);
  });
});

const remoteCheck =
  '<check system="http://oval.mitre.org/XMLSchema/oval-definitions-5"><check-content-ref href="remote.xml"/></check>';

/** The small benchmark with one setting and the rule of the SCAP Security Guide about patches. */
function streamWithPatchRule(check: string): string {
  const place = 'xlink:href="https://vendor.example/oval.xml"';
  return smallStream({ rules: 2, profiles: { strict: [1, 2] } })
    .replaceAll('xccdf_x_rule_setting2', 'xccdf_org.ssgproject.content_rule_security_patches_up_to_date')
    .replace(/<check [^>]*><check-export [^>]*oval:x:var:2".*?<\/check>/, check)
    .replace(
      '</cat:catalog></ds:component-ref></ds:checklists>',
      '<cat:uri name="remote.xml" uri="#scap_x_cref_remote"/>$&',
    )
    .replace('</ds:checks>', `<ds:component-ref id="scap_x_cref_remote" ${place}/>$&`);
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tar } from '../../scripts/oci-layout.mjs';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { feedWithContent } from '../support/content-feed.ts';
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

  it('writes both results whatever the gate says', () => {
    const file = join(temporaryFolder(), 'both.json');
    const args = ['check', `dir:${rootWith(files)}`, '--feed', feed, ...judging, '--fail-on', 'any'];
    expect(scapfeed([...args, '-o', `json=${file}`], env).code).toBe(1);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['scan', 'comply']);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComplianceResult } from '../../../src/model/compliance/index.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import {
  hasOfficialSchemas,
  hasOracle,
  hasSecurityGuide,
  officialSchemas,
  securityGuide,
} from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const here = hasOracle('oscap', 'xmllint') && hasOfficialSchemas() && hasSecurityGuide();
const stream = join(securityGuide, 'ssg-debian12-ds.xml');
const profile = 'xccdf_org.ssgproject.content_profile_standard';

describe.skipIf(!here)("oscap's own results", () => {
  const folder = temporaryFolder('oscap-results');
  const at = (name: string) => join(folder, name);

  beforeAll(() => {
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'etc/debian_version': '12.5\n',
      'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      'var/lib/dpkg/status': stanza('cron', '3.0', { Maintainer: 'x', Description: 'x' }),
    });
    const forms = ['--results', at('x.xml'), '--results-arf', at('arf.xml'), '--oval-results'];
    const env = { ...process.env, OSCAP_PROBE_ROOT: root };
    const run = spawnSync('oscap', ['xccdf', 'eval', '--profile', profile, ...forms, stream], {
      cwd: folder,
      env,
    });
    expect([0, 2]).toContain(run.status);
  });

  const resultsIn = (xml: string) =>
    [
      ...xml.matchAll(
        /<(?:\w+-?[\d.]*:)?rule-result[^>]*idref="([^"]+)"[\s\S]*?<(?:\w+-?[\d.]*:)?result>(\w+)/g,
      ),
    ].map(([, id, result]) => [id, result]);

  it.each(['x.xml', 'arf.xml'])(
    '%s becomes JSON with each rule, its result and the texts of the benchmark',
    (name) => {
      const made = JSON.parse(scapfeed(['report', at(name), '-o', 'json']).out) as ComplianceResult;
      const theirs = resultsIn(readFileSync(at(name), 'utf8'));
      expect(theirs.length).toBeGreaterThan(500);
      expect(made.rules.map(({ id, result }) => [id, result])).toEqual(theirs);
      expect(made.profile?.title).toBe('Standard System Security Profile for Debian 12');
      expect(made.testSystem).toMatch(/^cpe:\/a:redhat:openscap:/);
      const run = made.rules.filter(({ result }) => result === 'pass' || result === 'fail');
      expect(run.length).toBeGreaterThan(5);
      for (const rule of run)
        expect(rule).toMatchObject({
          description: expect.stringMatching(/\S/),
          title: expect.not.stringMatching(/^xccdf_/),
        });
    },
  );

  it.each(['x.xml', 'arf.xml'])('%s becomes XCCDF and ARF that are valid, with the same results', (name) => {
    scapfeed(['report', at(name), '-o', `xccdf=${at('made.xml')}`, '-o', `arf=${at('made.arf')}`]);
    const schema = join(officialSchemas, 'xccdf/1.2/xccdf_1.2.xsd');
    const valid = spawnSync('xmllint', ['--noout', '--huge', '--schema', schema, at('made.xml')], {
      encoding: 'utf8',
    });
    expect(valid.status, valid.stderr).toBe(0);
    expect(resultsIn(readFileSync(at('made.xml'), 'utf8'))).toEqual(
      resultsIn(readFileSync(at(name), 'utf8')),
    );
    expect(spawnSync('oscap', ['ds', 'rds-validate', at('made.arf')]).status).toBe(0);
    expect(spawnSync('oscap', ['info', at('made.arf')], { encoding: 'utf8' }).stdout).toContain(profile);
  });

  it.each(['x.xml', 'arf.xml'])('%s becomes a page with the score that oscap gave', (name) => {
    const xml = readFileSync(at(name), 'utf8');
    const score = Number(/<(?:\w+-?[\d.]*:)?score [^>]*>([\d.]+)/.exec(xml)?.[1]);
    const page = scapfeed(['report', at(name), '-o', 'html']).out;
    expect(page).toContain(`<strong>${score.toFixed(1)}</strong>`);
    expect(page).toContain('Standard System Security Profile for Debian 12');
  });

  it('its asset report collection has the evidence of what failed', () => {
    const { rules } = JSON.parse(scapfeed(['report', at('arf.xml'), '-o', 'json']).out) as ComplianceResult;
    const failed = rules.filter(({ result, check }) => result === 'fail' && check?.name !== undefined);
    expect(failed.length).toBeGreaterThan(3);
    for (const { id, evidence } of failed) expect(evidence.length, id).toBeGreaterThan(0);
    const page = scapfeed(['report', at('arf.xml'), '-o', 'html']).out;
    expect(page).toContain('What was found');
  });

  it('its OVAL results become a page with each definition', () => {
    const name = 'ssg-debian12-oval.xml.result.xml';
    const xml = readFileSync(at(name), 'utf8');
    const theirs = new Set([...xml.matchAll(/<definition definition_id="([^"]+)"/g)].map(([, id]) => id));
    const page = scapfeed(['report', at(name), '-o', 'html']).out;
    expect(theirs.size).toBeGreaterThan(10);
    for (const id of theirs) expect(page).toContain(id);
  });

  it('info names the profiles that oscap info names', () => {
    const theirs = spawnSync('oscap', ['info', '--profiles', stream], { encoding: 'utf8' }).stdout;
    const ours = JSON.parse(scapfeed(['info', stream, '-o', 'json']).out) as {
      profiles: { id: string; title: string }[];
    };
    const lines = theirs
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(':')));
    expect(ours.profiles.map(({ id }) => id).sort()).toEqual(lines.sort());
  });
});

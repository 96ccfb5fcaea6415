import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostileScan } from './support/hostile-scan.ts';
import { sampleScan } from './support/sample-scan.ts';

const sample = sampleScan();
const examples = join(project, 'examples/templates');
const folder = temporaryFolder();

function render(text: string, name = 'x.txt') {
  const file = join(folder, name);
  writeFileSync(file, text);
  return sample.scan('-o', `template=${file}`);
}

describe('the sample templates', () => {
  it('are these', () => {
    expect(readdirSync(examples).sort()).toEqual([
      'slack.json.mustache',
      'summary.txt.mustache',
      'table.html.mustache',
    ]);
  });

  it('summary.txt: what to upgrade', () => {
    const { out } = sample.scan('-o', `template=${join(examples, 'summary.txt.mustache')}`);
    expect(out.split('\n').slice(1)).toEqual([
      '4 flaws in 5 packages, 2 with a fix to install',
      '  upgrade curl 7.88.1-10+deb12u5 to 7.88.1-10+deb12u6: 1 flaws, worst critical',
      '  upgrade openssl 3.0.7-1 to 3.0.8-1: 1 flaws, worst high',
      '',
    ]);
  });

  it('slack.json: valid JSON, with hostile names too', () => {
    const template = `template=${join(examples, 'slack.json.mustache')}`;
    const { attachments } = JSON.parse(sample.scan('-o', template, '--fail-on', 'high').out) as {
      attachments: { title?: string }[];
    };
    expect(attachments.map(({ title }) => title)).toEqual([
      'CVE-2024-5555 (critical) in curl',
      'CVE-2023-0286 (high) in openssl',
      undefined,
    ]);
    expect(() => JSON.parse(hostileScan('-o', template).out)).not.toThrow();
  });

  it('table.html: no markup of a stranger', () => {
    const { out } = hostileScan('-o', `template=${join(examples, 'table.html.mustache')}`);
    expect(out.match(/<tr>/g)).toHaveLength(7);
    expect(out).not.toMatch(/<script|<img/);
  });
});

describe('a template', () => {
  it('goes to a file that stands behind it', () => {
    const file = join(folder, 'a.txt');
    writeFileSync(file, '{{counts.flaws}}');
    const { out, err } = sample.scan('-o', `template=${file}=${join(folder, 'a.out')}`);
    expect([out, err]).toEqual(['', `wrote template report to ${join(folder, 'a.out')}\n`]);
  });

  it('cannot run code: there is nothing to call', () => {
    expect(
      render(
        '{{constructor}}{{#constructor}}x{{/constructor}}{{toString}}{{__proto__}}{{flaws.constructor.name}}',
      ).out,
    ).toBe('');
  });

  it.each([
    ['a section without an end', '{{#flaws}}', /Unclosed section/],
    ['a tag without an end', '{{flaws', /Unclosed tag/],
    ['another template', '{{> other}}', /asks for another template, other/],
    [
      'lists within lists',
      `${'{{#vulnerabilities}}{{#verdicts}}'.repeat(12)}x${'{{/verdicts}}{{/vulnerabilities}}'.repeat(12)}`,
      /without an end/,
    ],
  ])('%s is refused with its file', (_, text, message) => {
    const { err, code } = render(text, 'bad.txt');
    expect(err).toMatch(message);
    expect(err).toContain('bad.txt');
    expect(code).toBe(2);
  });

  it('that is not there is refused', () => {
    expect(sample.scan('-o', 'template=/nowhere').err).toContain('the template cannot be read');
    expect(sample.scan('-o', 'template').err).toContain('write it as template=TEMPLATE[=FILE]');
  });
});

describe('copa', () => {
  it('has what can be upgraded, and nothing else', () => {
    expect(JSON.parse(sample.scan('-o', 'copa').out)).toEqual({
      apiVersion: 'v1alpha1',
      metadata: { os: { type: 'debian', version: '12' }, config: { arch: 'amd64' } },
      updates: [
        ['curl', '7.88.1-10+deb12u5', '7.88.1-10+deb12u6', 'CVE-2024-5555'],
        ['libssl3', '3.0.7-1', '3.0.8-1', 'CVE-2023-0286'],
        ['openssl', '3.0.7-1', '3.0.8-1', 'CVE-2023-0286'],
      ].map(([name, installedVersion, fixedVersion, vulnerabilityID]) => ({
        name,
        installedVersion,
        fixedVersion,
        vulnerabilityID,
      })),
    });
  });
});

describe('generic-findings', () => {
  interface Finding {
    title: string;
    description: string;
    severity: string;
    unique_id_from_tool: string;
    component_version?: string;
    fix_version?: string;
  }

  const findings = (...args: string[]) =>
    (JSON.parse(sample.scan(...args, '-o', 'generic-findings').out) as { findings: Finding[] }).findings;

  /** DefectDojo refuses a file with any other. */
  const allowed = new Set(
    (
      'title severity description mitigation impact references active component_name component_version fix_available ' +
      'fix_version cvssv3 cvssv4 epss_score epss_percentile known_exploited ransomware_used kev_date ' +
      'vulnerability_ids vuln_id_from_tool unique_id_from_tool service tags'
    ).split(' '),
  );

  it('has the members that DefectDojo takes, a finding for each flaw of a package, and what it repairs', () => {
    const all = findings();
    expect(all.flatMap((finding) => Object.keys(finding).filter((name) => !allowed.has(name)))).toEqual([]);
    expect(new Set(all.map((finding) => finding.unique_id_from_tool)).size).toBe(all.length);
    expect(all).toContainEqual(
      expect.objectContaining({
        title: 'CVE-2023-0286 in libssl3',
        component_version: '3.0.7-1',
        fix_available: true,
        fix_version: '3.0.8-1',
        vulnerability_ids: ['CVE-2023-0286'],
      }),
    );
    expect(new Set(all.map(({ severity }) => severity))).not.toContain('Unknown');
  });

  it('has no version, count or age in what findings are recognised by', () => {
    for (const { title, description, component_version: version, fix_version: fix } of findings())
      for (const text of [title, description])
        for (const each of [version, fix]) if (each !== undefined) expect(text).not.toContain(each);
  });

  it('keeps what an exception puts aside as an inactive finding', () => {
    const policy = join(temporaryFolder(), 'policy.yaml');
    writeFileSync(policy, 'ignore:\n  - vulnerability: CVE-2023-0286\n    reason: not reachable\n');
    const [one] = findings('--policy', policy).filter(({ title }) => title === 'CVE-2023-0286 in libssl3');
    expect(one).toMatchObject({ active: false, tags: ['ignored-by-policy'] });
    expect(one).toMatchObject({
      unique_id_from_tool: findings().find(({ title }) => title === one!.title)!.unique_id_from_tool,
    });
  });
});

describe('dependency-track', () => {
  it('has each component that it names, and sources that Dependency-Track knows', () => {
    const document = JSON.parse(sample.scan('-o', 'dependency-track').out) as {
      components: { 'bom-ref': string; purl: string }[];
      vulnerabilities: {
        id: string;
        source: { name: string };
        analysis: { state: string };
        affects: { ref: string }[];
      }[];
    };
    const bom = JSON.parse(sample.scan('-o', 'cyclonedx').out) as { components: { purl?: string }[] };
    const refs = new Set(document.components.map((component) => component['bom-ref']));
    const purls = bom.components.map(({ purl }) => purl);
    expect(document.components.filter(({ purl }) => !purls.includes(purl))).toEqual([]);
    expect(document.vulnerabilities.length).toBeGreaterThan(1);
    for (const { id, source, analysis, affects } of document.vulnerabilities) {
      if (id.startsWith('CVE-')) expect(source.name).toBe('NVD');
      expect(analysis.state).toBeTruthy();
      expect(affects.length).toBeGreaterThan(0);
      expect(affects.filter(({ ref }) => !refs.has(ref))).toEqual([]);
    }
  });
});

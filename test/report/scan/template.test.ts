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

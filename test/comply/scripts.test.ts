import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComplianceResult } from '../../src/model/compliance/index.ts';
import { debianRelease, rootWith, scapfeed } from '../support/cli.ts';
import { smallStream } from '../support/small-stream.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder('scripts');
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
const ran = at('ran');
const sce = 'http://open-scap.org/page/SCE';
const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

const byScript = (name: string) =>
  `<check system="${sce}"><check-content-ref href="checks/${name}.sh"/></check>`;
const byOval = (n: number) =>
  `<check system="${oval}"><check-export export-name="oval:x:var:${n}" value-id="xccdf_x_value_level${n}"/><check-content-ref href="oval.xml" name="oval:x:def:${n}"/></check>`;
const complex = (operator: string, ...checks: string[]) =>
  `<complex-check operator="${operator}">${checks.join('')}</complex-check>`;

/** The check of each rule. */
const checks: Readonly<Record<number, string>> = {
  1: byOval(1),
  2: byScript('a'),
  3: complex('AND', byScript('b'), byScript('c')),
  4: complex('AND', byScript('d'), byOval(4)),
  5: complex('OR', byScript('e'), byOval(5)),
  6: complex('OR', byScript('f'), byOval(6)),
};

/** A data stream that has its scripts within: each is an extended component, which a list of the stream and the catalog name. */
function streamWithScripts(list: 'checks' | 'extended-components'): string {
  const names = [...'abcdef'];
  const uris = names.map((name) => `<cat:uri name="checks/${name}.sh" uri="#scap_x_cref_${name}"/>`);
  const refs = names.map(
    (name) => `<ds:component-ref id="scap_x_cref_${name}" xlink:href="#scap_x_ecomp_${name}"/>`,
  );
  const scripts = names.map(
    (name) =>
      `<ds:extended-component id="scap_x_ecomp_${name}" timestamp="2026-10-01T00:00:00"><script xmlns="http://open-scap.org/page/SCE_xccdf_stream">#!/bin/sh\ntouch ${ran}\nexit 101</script></ds:extended-component>`,
  );
  let stream = smallStream({ rules: 6 })
    .replace('<cat:uri name="oval.xml"', `${uris.join('')}$&`)
    .replace('</ds:data-stream>', '<ds:extended-components></ds:extended-components>$&')
    .replace(`</ds:${list}>`, `${refs.join('')}$&`)
    .replace('</ds:data-stream-collection>', `${scripts.join('')}$&`);
  for (const [n, check] of Object.entries(checks)) stream = stream.replace(byOval(Number(n)), check);
  return stream;
}

const formats = ['table', 'json', 'xccdf', 'arf', 'html', 'sarif', 'junit'];
const counted = '2 of 6 rules are checked by scripts alone';

let image = '';

beforeAll(() => {
  writeFileSync(at('ds.xml'), streamWithScripts('extended-components'));
  const root = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/small.conf': 'setting1 = yes\nsetting4 = yes\nsetting5 = yes\n',
  });
  image = `dir:${root}`;
  const outputs = formats.flatMap((format) => ['-o', `${format}=${at(format)}`]);
  const content = ['--content', at('ds.xml'), '--profile', 'strict'];
  const run = scapfeed(['comply', image, ...content, ...outputs]);
  expect(run, run.err).toMatchObject({ code: 0 });
  expect(run.err).toContain(`scripts not run at xccdf_x_profile_strict: ${counted}`);
});

describe('a data stream with scripts (SCE)', () => {
  it('has no result where scripts alone check a rule; where they check it too, the reason names them', () => {
    const { rules, counts } = JSON.parse(text('json')) as ComplianceResult;
    const not = (...names: string[]) =>
      names.map((name) => `scripts of content are not run: checks/${name}.sh`).join('; ');
    expect(rules.map(({ result, message }) => [result, message])).toEqual([
      ['pass', undefined],
      ['notchecked', not('a')],
      ['notchecked', not('b', 'c')],
      // Both must hold, and one of them is not known.
      ['pass', not('d')],
      ['pass', undefined],
      ['fail', not('f')],
    ]);
    expect(counts).toEqual({ pass: 3, notchecked: 2, fail: 1 });
  });

  it('may name them among its checks', () => {
    writeFileSync(at('other.xml'), streamWithScripts('checks'));
    const { code, err, out } = scapfeed([
      'comply',
      image,
      '--content',
      at('other.xml'),
      '--profile',
      'strict',
    ]);
    expect(code, err).toBe(0);
    expect(`${out}${err}`.match(/2 of .* checked by scripts alone/g)).toEqual([
      '2 of them are checked by scripts alone',
    ]);
  });

  it('runs none of them', () => expect(existsSync(ran)).toBe(false));

  it.each(formats)('says in %s which scripts these are, and of how many rules', (format) => {
    const report = text(format);
    expect(report).toContain('checks/a.sh');
    expect(report).toContain(format === 'table' ? '2 of them are checked by scripts alone' : counted);
  });

  it.each(['json', 'xccdf', 'arf'])('keeps that when %s is made into another format', (format) => {
    const made = scapfeed(['report', at(format), '-o', 'xccdf']);
    expect(made.out).toBe(text('xccdf'));
    expect(scapfeed(['report', at(format)]).out).toContain('2 of them are checked by scripts alone');
  });
});

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Compliance, comply, openContent } from '../../src/comply/index.ts';
import type { XmlData } from '../../src/model/compliance/index.ts';
import { arfReport } from '../../src/report/comply/arf.ts';
import { ovalResults } from '../../src/report/comply/oval-results.ts';
import { xccdfResult } from '../../src/report/comply/xccdf.ts';
import { conformanceRoot, systemOf } from '../comply/support/roots.ts';
import { hasData } from '../support/data.ts';
import {
  hasOfficialSchemas,
  hasOracle,
  hasSecurityGuide,
  isRoot,
  officialSchemas,
  securityGuide,
} from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const here =
  hasData('openscap-tests') &&
  isRoot() &&
  hasOracle('xmllint', 'oscap') &&
  hasOfficialSchemas() &&
  hasSecurityGuide();

describe.skipIf(!here)('results are valid against the official schemas', () => {
  let compliance: Compliance;

  beforeAll(() => {
    compliance = comply(
      openContent(join(securityGuide, 'ssg-debian12-ds.xml')),
      systemOf(conformanceRoot('slim-dirty')),
      {
        image: { reference: 'oci:image' },
        time: '2026-01-01T00:00:00.000Z',
        now: 1_767_225_600,
        toolVersion: '0.0.0',
        profile: 'anssi_bp28_high',
        notes: [
          { code: 'hardlink_without_target', where: 'layer 2', detail: 'opt/\x1b<b>\u202e\n::error::&]]>' },
          { code: 'entry_left_out', where: '3 more places' },
        ],
      },
    );
  });

  it('XCCDF', () => {
    expect(xccdfResult(compliance.result)).toContain('<remark>image: hardlink without target at layer 2');
    expect(problems(xccdfResult(compliance.result), 'xccdf/1.2/xccdf_1.2.xsd')).toBe('');
  });

  it('ARF', () => {
    expect(
      problems(arfReport(compliance.result, compliance.oval()), 'arf/1.1/asset-reporting-format_1.1.0.xsd'),
    ).toBe('');
  });

  it('ARF is what oscap info and the validation of oscap take', () => {
    const file = join(temporaryFolder(), 'arf.xml');
    writeFileSync(file, arfReport(compliance.result, compliance.oval()));
    const info = spawnSync('oscap', ['info', file], { encoding: 'utf8' });
    expect(info, info.stderr).toMatchObject({ status: 0 });
    expect(info.stdout).toMatch(/Result Data Stream[\s\S]*ARF report: xccdf1[\s\S]*Source profile: /);
    expect(spawnSync('oscap', ['ds', 'rds-validate', file]).status).toBe(0);
  });

  it('OVAL', () => {
    const families = ['independent', 'linux', 'unix'];
    const imports = families.flatMap((family) =>
      ['definitions', 'system-characteristics'].map(
        (kind) =>
          `<xsd:import namespace="http://oval.mitre.org/XMLSchema/oval-${kind}-5#${family}" schemaLocation="${officialSchemas}/oval/5.11.1/${family}-${kind}-schema.xsd"/>`,
      ),
    );
    const all = write(
      `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:import namespace="http://oval.mitre.org/XMLSchema/oval-results-5" schemaLocation="${officialSchemas}/oval/5.11.1/oval-results-schema.xsd"/>${imports.join('')}</xsd:schema>`,
    );
    expect(compliance.oval().map((data) => problems(ovalResults(compliance.result, data), all))).toEqual([
      '',
      '',
    ]);
  });

  it('OVAL is what oscap takes for results, its schematron among its checks, and makes a report of', () => {
    const files = compliance.oval().map((data) => write(ovalResults(compliance.result, data)));
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(oscap('oval', 'validate', '--results', file)).toMatchObject({ status: 0, stderr: '' });
      expect(oscap('oval', 'generate', 'report', file).stdout).toMatch(/OVAL Results/);
    }
  });

  it('OVAL names no element that the document itself does not hold', () => {
    for (const data of compliance.oval()) {
      const held = new Set(data.source.flatMap(({ content }) => content.flatMap(idOf)));
      const named = [...data.definitions, ...data.tests, ...data.objects].map(({ id }) => id);
      expect(named.filter((id) => !held.has(id))).toEqual([]);
    }
  });
});

function idOf(element: XmlData | string): string[] {
  return typeof element === 'string' ? [] : [element.attributes['id'] ?? ''];
}

function oscap(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('oscap', args, { encoding: 'utf8', maxBuffer: 64 << 20 });
}

function write(text: string): string {
  const file = join(temporaryFolder('results'), 'document.xml');
  writeFileSync(file, text);
  return file;
}

function problems(document: string, schema: string): string {
  const path = schema.startsWith('/') ? schema : join(officialSchemas, schema);
  const run = spawnSync('xmllint', ['--noout', '--huge', '--schema', path, write(document)], {
    encoding: 'utf8',
  });
  return run.status === 0 ? '' : run.stderr.slice(0, 500);
}

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileContent, comply, openContent, readContentFile } from '../../src/comply/index.ts';
import { wholeJson } from '../../src/report/formats/json.ts';
import { hasData } from '../support/data.ts';
import { hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

const here = hasData('openscap-tests') && isRoot() && hasSecurityGuide();
const schemas = resolve(import.meta.dirname, '../../schemas');

describe.skipIf(!here)('what we write keeps to its schema', () => {
  const path = join(securityGuide, 'ssg-ubuntu2204-ds.xml');
  let lines: string[] = [];

  beforeAll(() => {
    const { content, bytes } = readContentFile(path);
    lines = compileContent(content, { source: { name: 'ssg', bytes }, tool: 'test' })
      .trimEnd()
      .split('\n');
  });

  it('the first line of a compiled benchmark', () => {
    expect(faults('benchmark', lines[0] ?? '')).toEqual([]);
  });

  it('every other line, in order of keys', () => {
    const keys = lines.slice(1).map((line) => (JSON.parse(line) as { key: string }).key);
    expect(lines.slice(1).filter((line) => faults('benchmark-line', line).length > 0)).toEqual([]);
    expect(keys).toEqual([...keys].sort());
    expect(keys.length).toBeGreaterThan(5_000);
  });

  it('a result as JSON', () => {
    const { result } = comply(openContent(path), systemOf(conformanceRoot('slim-dirty')), {
      image: { reference: 'dir:/' },
      time: '2026-01-01T00:00:00.000Z',
      now: 0,
      toolVersion: '0.0.0',
      profile: 'stig',
    });
    expect(faults('compliance', wholeJson(result))).toEqual([]);
  });
});

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);

function faults(schema: string, text: string): unknown[] {
  const id = `urn:scapfeed:${schema}:1`;
  const validate =
    ajv.getSchema(id) ??
    ajv.compile(JSON.parse(readFileSync(join(schemas, `${schema}.schema.json`), 'utf8')) as object);
  return validate(JSON.parse(text)) ? [] : (validate.errors ?? []);
}

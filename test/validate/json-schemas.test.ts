import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';

const folder = join(project, 'schemas');
const names = readdirSync(folder).filter((name) => name.endsWith('.schema.json'));
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;

describe('JSON Schemas of our formats', () => {
  it('are there', () => {
    expect(names.length).toBeGreaterThan(15);
  });

  // The product takes its own as they are, and has no formats; the others are for whoever reads its reports.
  it.each(names)('%s is one by the meta-schema, strictly', (name) => {
    const schema = read(name);
    const results = ['compliance.schema.json', 'verification.schema.json'];
    const ofReports = [...results, 'results.schema.json'].includes(name);
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: ofReports });
    if (ofReports) formats.default(ajv);
    expect(ajv.validateSchema(schema)).toBe(true);
    // A report of several images has one of a single image for each.
    if (name === 'scan-results.schema.json') ajv.addSchema(read('scan-result.schema.json'));
    if (name === 'results.schema.json') ajv.addSchema(results.map(read));
    expect(() => ajv.compile(schema)).not.toThrow();
  });
});

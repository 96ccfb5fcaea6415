import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { assessmentSources } from '../../src/enrichment/index.ts';

const root = resolve(import.meta.dirname, '../..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as object;

describe('the sources of ratings and exploitation', () => {
  it('are one file or folder each, in code-unit order', () => {
    const sources = readdirSync(join(root, 'src/enrichment'))
      .filter((name) => !['definition.ts', 'index.ts', 'shared'].includes(name))
      .map((name) => name.replace(/\.ts$/, ''));

    expect(assessmentSources.map(({ id }) => id)).toEqual(sources.sort());
  });

  it('have a definition that keeps its schema', () => {
    const validate = new Ajv2020({ strict: true }).compile(json('schemas/enrichment-definition.schema.json'));

    expect(validate(json('feeds/enrichment.json')), JSON.stringify(validate.errors)).toBe(true);
  });

  it('name their licence and how they want to be named', () => {
    for (const { licence, attribution } of assessmentSources) {
      expect(licence).toMatch(/\S/);
      expect(attribution).toMatch(/https:\/\//);
    }
  });
});

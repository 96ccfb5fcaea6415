import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/ubuntu.json' with { type: 'json' };
import schema from '../../../../schemas/ubuntu-definition.schema.json' with { type: 'json' };
import { placeOf } from '../../../../src/distros/ubuntu/data/place.ts';

describe('feeds/ubuntu.json', () => {
  it('keeps its schema', () => {
    const validate = new Ajv2020({ strict: true }).compile(schema);
    expect(validate(definition), JSON.stringify(validate.errors)).toBe(true);
  });

  it('names each release once, and none that is retired', () => {
    const codenames = [...definition.releases.map(({ codename }) => codename), ...definition.retired];
    expect(new Set(codenames).size).toBe(codenames.length);
    expect(new Set(definition.releases.map(({ version }) => version)).size).toBe(definition.releases.length);
  });

  it('has phases in the order they end', () => {
    for (const { life } of definition.releases) {
      const days = [life.standard, life.pro, life.legacy].filter((day) => day !== undefined);
      expect(days).toEqual([...days].sort());
    }
  });

  it.each(definition.releases)('$codename is ubuntu-$version', ({ codename, version }) => {
    expect(placeOf(codename)).toEqual({ platform: `ubuntu-${version}`, codename });
  });
});

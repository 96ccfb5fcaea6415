import { describe, expect, it } from 'vitest';
import definition from '../../../feeds/ubuntu.json' with { type: 'json' };
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { Places } from '../../../src/distros/ubuntu/place.ts';

describe('feeds/ubuntu.json', () => {
  it('names each release once', () => {
    const codenames = new Set(definition.releases.map(({ codename }) => codename));
    expect(codenames.size).toBe(definition.releases.length);
    expect(new Set(definition.releases.map(({ version }) => version)).size).toBe(definition.releases.length);
  });

  it('has phases in the order they end', () => {
    for (const { life } of definition.releases) {
      const days = [life.standard, life.pro, life.legacy].filter((day) => day !== undefined);
      expect(days).toEqual([...days].sort());
    }
  });

  it.each(definition.releases)('$codename is ubuntu-$version', ({ codename, version }) => {
    expect(new Places(ubuntuDefinition).of(codename)).toEqual({ platform: `ubuntu-${version}`, codename });
  });
});

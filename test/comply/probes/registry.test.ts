import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foreignFamilies, uncollectedTypes } from '../../../src/comply/probes/image-collector.ts';
import type { Probe } from '../../../src/comply/probes/probe.ts';
import { probeOf, probes } from '../../../src/comply/probes/registry.ts';

const folder = resolve('src/comply/probes');

async function declared(): Promise<Probe[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const modules: Record<string, unknown>[] = await Promise.all(
    files.map((file) => import(join(folder, file))),
  );
  return modules.flatMap((each) => Object.values(each)).filter(isProbe);
}

function isProbe(value: unknown): value is Probe {
  return typeof value === 'object' && value !== null && 'collect' in value && 'type' in value;
}

describe('probes', () => {
  it('are all registered, each type once', async () => {
    const found = await declared();
    expect(found.length).toBeGreaterThan(20);
    expect(found.map(({ type }) => type).sort()).toEqual(probes.map(({ type }) => type).sort());
    expect(new Set(probes.map(({ type }) => type)).size).toBe(probes.length);
    for (const probe of probes) expect(probeOf(probe.type)).toBe(probe);
  });

  it.each(probes.map((probe) => [probe.type, probe] as const))('%s declares everything', (type, probe) => {
    expect(type).toMatch(/^(?:independent|linux|unix)\/[a-z0-9]+$/);
    expect(type in uncollectedTypes || foreignFamilies.has(type)).toBe(false);
    expect(Object.keys(probe).sort()).toEqual(['collect', 'digests', 'reads', 'secret', 'shows', 'type']);
    // `none` is an answer, an empty list is none.
    const { secret } = probe;
    if (Array.isArray(secret)) expect(secret.length).toBeGreaterThan(0);
    else expect(secret === 'none' || typeof secret === 'function').toBe(true);
    expect(Array.isArray(probe.shows.place)).toBe(true);
  });
});

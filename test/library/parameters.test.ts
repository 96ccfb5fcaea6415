import { describe, expect, it } from 'vitest';
import { comply, isScapfeedError, type ScapfeedError } from '../../src/library/index.ts';
import { noFiles } from '../../src/model/inventory/index.ts';
import { functions, parameterChecks } from './support/parameter-checks.ts';

/** Values that JavaScript lets a caller pass. */
const values: readonly unknown[] = [
  ...[null, 0, -1, 1.5, Number.NaN, '', 'a\0b', true, {}, [], [null], [{}], { length: 3 }],
  ...[() => undefined, Symbol('x'), 10n, new Date(Number.NaN), new Map([[1, 2]]), Promise.resolve({})],
  { packages: [] },
  { packages: [{}], databases: [], notes: [], os: null },
  { directory: 'feed', manifest: null },
  Object.create(null),
  new Proxy(
    {},
    { ownKeys: () => ['failon'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) },
  ),
];

/** An argument that has the shape that is asked for, and leads nowhere. */
const right: Readonly<Record<string, unknown>> = {
  inventory: { packages: [], databases: [], notes: [], os: null },
  image: {
    ...{ kind: 'sbom', reference: 'x', labels: {}, env: [], notes: [], files: noFiles([]) },
    close: () => undefined,
  },
};

async function outcome(name: string, args: readonly unknown[]): Promise<unknown> {
  try {
    return await functions.get(name)!(...args);
  } catch (error) {
    return error;
  }
}

/** An error of ours, which says where, what was expected, and what to do. */
function requireTold(error: unknown, name: string): ScapfeedError {
  expect(isScapfeedError(error), `${name}: ${String(error)}`).toBe(true);
  const told = error as ScapfeedError;
  expect(told.code, told.message).toBe('USAGE');
  expect(told.where).toContain(`${name}(): `);
  expect(told.message).toMatch(/^expected .+, found .+$/);
  expect(told.remedy).toMatch(/\w/);
  return told;
}

it('every exported function has a check', () => {
  const named = [...new Set(parameterChecks.map(({ name }) => name))].sort();
  expect(named).toEqual([...functions.keys()].sort());
});

describe.each([...functions.keys()])('%s', (name) => {
  const own = parameterChecks.filter((check) => check.name === name);

  it('refuses a wrong value of each parameter', async () => {
    for (const check of own) {
      const parameters = Object.entries(check.parameters);
      for (const [at, [parameter, shape]] of parameters.entries()) {
        const wrong = [...values, ...('isRequired' in shape ? [undefined] : [])].filter(
          (value) => value === undefined || shape.wrong(value) !== undefined,
        );
        expect(wrong.length, parameter).toBeGreaterThan(10);
        for (const value of wrong) {
          // Those before it are right where that is easy; otherwise the first wrong one is told.
          const args = parameters.map(([other], index) => (index === at ? value : right[other]));
          requireTold(await outcome(name, args), name);
        }
      }
    }
  });

  it('refuses whatever is passed for all of them', async () => {
    const most = Math.max(...own.map((check) => Object.keys(check.parameters).length));
    for (const value of [undefined, ...values]) {
      const isRight = own.some((check) =>
        Object.values(check.parameters).every((shape) => shape.wrong(value) === undefined),
      );
      if (!isRight) requireTold(await outcome(name, Array(most).fill(value)), name);
    }
  });

  it('refuses options that it does not have, and wrong values of those that it has', () => {
    for (const check of own) {
      const [parameter, shape] = Object.entries(check.parameters).at(-1)!;
      if (!('options' in shape) && !('shape' in shape)) continue;
      expect(parameter).toBe('options');
      const wrong = shape.wrong({ noSuchOption: 1 });
      expect(wrong).toMatchObject({ at: '.noSuchOption', found: 'no option' });
    }
  });
});

it.each([
  ['judge', [{}], 'judge(): inventory.packages'],
  ['openImage', [undefined], 'openImage(): reference'],
  ['openImage', ['dir:x', { platfrom: 'linux/arm64' }], 'openImage(): options.platfrom'],
  ['diff', ['nope'], 'diff(): now'],
  ['diff', ['nope', 'nope'], 'diff(): options.feed'],
  ['diff', ['nope', 'nope', {}], 'diff(): options.feed'],
  ['diff', [], 'diff(): old'],
  ['build', [{ out: 'x', snapshots: 'x', sources: ['debian', 3] }], 'build(): options.sources[1]'],
  ['build', [{ out: 'x', snapshots: 'x', signal: {} }], 'build(): options.signal'],
  [
    'publish',
    [{ feeds: ['x'], to: 'x', keys: 'x', passphrase: '', limits: { shrnk: 1 } }],
    'publish(): options.limits.shrnk',
  ],
  ['writeReport', [{ result: {}, formats: [] }, 'json'], 'writeReport(): reported'],
])('%s(%j) says where', async (name, args, where) => {
  expect(requireTold(await outcome(name, args), name).where).toBe(where);
});

it('names the option that is meant', async () => {
  const args = ['dir:x', { platfrom: 'linux/arm64' }];
  expect(requireTold(await outcome('openImage', args), 'openImage').remedy).toBe('did you mean platform?');
});

it('content that is a path is told the form that is wanted', async () => {
  const given = { content: 'x.xml' } as unknown as Parameters<typeof comply>[1];
  await expect(comply('dir:x', given)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining("{ file: 'PATH' } with a file of content, or an open feed") as string,
  });
});

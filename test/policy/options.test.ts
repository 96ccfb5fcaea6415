import { describe, expect, it } from 'vitest';
import schema from '../../schemas/policy.schema.json' with { type: 'json' };
import { comply } from '../../src/cli/commands/comply.ts';
import { scan } from '../../src/cli/commands/scan.ts';
import { verify } from '../../src/cli/commands/verify.ts';
import { withPolicyOptions } from '../../src/cli/options/policy-file.ts';
import type { PolicyFile } from '../../src/policy/index.ts';
import { policyOptions, requirePolicyOptions } from '../../src/tasks/policy/file.ts';

const tables = { scan: scan.options, verify: verify.options, comply: comply.options };

const values = [
  ...[
    'high',
    'High',
    'HIGH',
    'info',
    'any',
    'kev',
    'unknown',
    'none',
    '',
    ' ',
    'high,low',
    'high,',
    ',',
    '1',
  ],
  ...['epss=0.1', 'epss=0', 'epss=2', 'epss=', 'epss', 'risk=50', 'risk=101', 'EPSS=0.5', 'constructor'],
  ...[
    'vendor',
    'nvd,vendor',
    'NVD',
    'package',
    'severity',
    'Risk',
    'unowned',
    'changed,missing',
    'unowned,x',
  ],
  ...['__proto__', 'toString'],
];

describe.each(['scan', 'verify', 'comply'] as const)('%s', (command) => {
  it('a policy may set the options that are checked', () => {
    const {
      allow: _,
      waivers: __,
      ...members
    } = { allow: 0, waivers: 0, ...schema.properties[command].properties };
    expect(Object.keys(policyOptions[command]).sort()).toEqual(Object.keys(members).sort());
  });

  it.each(Object.keys(policyOptions[command]))('%s: the check takes what the command takes', (name) => {
    for (const texts of [...values.map((value) => [value]), ['none', 'high'], ['high', 'none']]) {
      const options = { scan: {}, verify: {}, comply: {}, [command]: { [name]: texts } };
      const policy: PolicyFile = {
        ...{ file: 'policy.yaml', sha256: '', ignore: [], allow: [], waivers: [], signed: [], owners: [] },
        options,
      };
      const chosen = { policy, chosen: 'option' } as const;
      const theirsWith = (decided: ReadonlySet<string>) =>
        outcome(() => withPolicyOptions(command, tables[command], { options: {} as never, decided }, chosen));
      const theirs = theirsWith(new Set());
      expect(theirsWith(new Set([name])), `${texts.join(' ')}, decided elsewhere`).toEqual(theirs);
      expect(
        outcome(() => requirePolicyOptions(policy)),
        texts.join(' '),
      ).toEqual(theirs);
    }
  });
});

function outcome(work: () => unknown): unknown {
  try {
    work();
    return 'taken';
  } catch (error) {
    const { code, message, remedy } = error as { code: string; message: string; remedy: string };
    return { code, message, remedy };
  }
}

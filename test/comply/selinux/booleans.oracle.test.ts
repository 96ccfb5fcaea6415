import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PolicyError, policyBooleans } from '../../../src/comply/selinux/policy-booleans.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { share, shareOf } from '../../support/trials.ts';

const versions = [24, 25, 26, 27, 28, 29, 30, 31, 32, 33];
const names = Array.from({ length: 70 }, (_, at) => `boolean_${at}`);

/** A policy with whatever lies before the booleans: commons, constraints with names, defaults, bounds, levels. */
function source(mls: boolean): string {
  const range = mls ? 'level s0 range s0 - s1:c0.c70' : '';
  const types = Array.from({ length: 80 }, (_, at) => `type extra_${at}_t, domain;`).join('\n');
  return `class file
class process
sid kernel
common file { read write }
class file inherits file { execute }
class process { transition dyntransition }
default_user file source;
default_role process target;
default_type file source;
${mls ? 'default_range file source low;' : ''}
${mls ? `sensitivity s0;\nsensitivity s1;\ndominance { s0 s1 }\n${names.map((_, at) => `category c${at};`).join('\n')}\ncategory c70;\nlevel s0:c0.c70;\nlevel s1:c0.c70;` : ''}
${mls ? 'mlsconstrain file { read } ( l1 dom l2 );\nmlsvalidatetrans file ( l1 eq l2 );' : ''}
policycap open_perms;
attribute domain;
type kernel_t, domain;
type child_t, domain;
typealias child_t alias old_t;
type file_t;
permissive child_t;
${types}
typebounds kernel_t child_t;
${names.map((name, at) => `bool ${name} ${at % 3 === 0};`).join('\n')}
allow kernel_t file_t : file { read write };
if (boolean_1 && boolean_2) { allow child_t file_t : file read; }
role system_r;
role staff_r;
role system_r types domain;
role staff_r types child_t;
user system_u roles { system_r staff_r } ${range};
user staff_u roles staff_r ${mls ? 'level s0 range s0' : ''};
constrain file { write } ( t1 == { kernel_t extra_70_t } or u1 == u2 and not r1 == { staff_r } );
validatetrans file ( t3 == domain or u1 == system_u );
sid kernel system_u:system_r:kernel_t${mls ? ':s0' : ''}
`;
}

function compile(version: number, mls: boolean): string {
  const folder = temporaryFolder('policy');
  const path = join(folder, `policy.${version}`);
  writeFileSync(join(folder, 'policy.conf'), source(mls));
  execFileSync(
    'checkpolicy',
    [...(mls ? ['-M'] : []), '-c', String(version), '-o', path, join(folder, 'policy.conf')],
    { stdio: 'pipe' },
  );
  return path;
}

describe.skipIf(!hasOracle('checkpolicy', 'seinfo'))('booleans of policies that checkpolicy compiled', () => {
  // Of each version one, with or without levels.
  it.each(
    share(
      versions.flatMap((version) => [version % 2 === 0, version % 2 === 1].map((mls) => ({ version, mls }))),
      versions.length,
    ),
  )('version $version, multi-level $mls: as seinfo says', ({ version, mls }) => {
    const path = compile(version, mls);
    const said = execFileSync('seinfo', [path, '--bool', '-x']).toString();
    const theirs = [...said.matchAll(/^\s*bool (\S+) (true|false);$/gm)].map(([, name, state]) => [
      name,
      state === 'true',
    ]);
    expect(theirs).toHaveLength(names.length);
    expect([...policyBooleans(readFileSync(path))].sort()).toEqual(theirs.sort());
  });

  it('are refused in every policy that ends before its levels', () => {
    const policy = readFileSync(compile(33, true));
    const booleans = Math.max(...names.map((name) => policy.indexOf(name) + name.length));
    for (const length of shareOf(booleans, 1000))
      expect(() => policyBooleans(policy.subarray(0, length))).toThrow(PolicyError);
  });
});

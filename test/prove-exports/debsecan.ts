import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { dpkgStates, hasSeveralBuilds } from './dpkg-state.ts';
import { type Finding, type Judge, withoutZeroEpoch } from './judge.ts';

/** Real debsecan with an export of ours on the status file of a root. */
export function debsecanJudge(suite: string): Judge {
  return {
    target: 'debsecan',
    findings(exported, root, work) {
      const source = `file://${join(exported, 'debsecan')}/`;
      const status = join(root, 'var/lib/dpkg/status');
      const args = ['--suite', suite, '--source', source, '--status', status, '--format', 'detail'];
      const run = spawnSync('debsecan', args, {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        env: { PATH: process.env['PATH'], HOME: work },
      });
      if (run.status !== 0) throw new Error(`debsecan: ${run.stderr.slice(0, 1000)}`);
      return run.stdout.split('\n\n').flatMap((text) => findingOf(text));
    },
    uncovered: {
      other_origin: 'other_origin',
      half_installed: 'dpkg_state',
      unparsable_version: 'unparsable_version',
    },
    rules: new Set(['dpkg_state', 'one_architecture', 'other_origin', 'unparsable_version']),
    rule({ name, version }, root) {
      const states = dpkgStates(root, name, version);
      if (states.some((state) => !/ installed$/.test(state))) return 'dpkg_state';
      return hasSeveralBuilds(root, name) ? 'one_architecture' : undefined;
    },
  };
}

/** A paragraph: the vulnerability, what is installed, and the version in which the source is fixed. */
function findingOf(text: string): Finding[] {
  const vulnerability = /^(\S+)/.exec(text)?.[1];
  const [, name, version] = /^ {2}installed: (\S+) (\S+)$/m.exec(text) ?? [];
  if (vulnerability === undefined || name === undefined || version === undefined) return [];
  const fixed = /^ {2}fixed in unstable: \S+ (\S+)/m.exec(text)?.[1] ?? '';
  return [
    { vulnerability, package: name, version: withoutZeroEpoch(version), fixed: withoutZeroEpoch(fixed) },
  ];
}

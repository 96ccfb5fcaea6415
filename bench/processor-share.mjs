// Shares of a processor: a process with one stands for a process on another machine. Linux limits groups of processes (cgroups, of
// either version), if this user may make some.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Microseconds: short, so that a share is spread over each wait for the database. */
const period = 10_000;

/** What is written where: the limit in microseconds of each period, and a weight that keeps the machine's other work out of the share. */
const versions = [
  {
    root: '/sys/fs/cgroup',
    files: (quota) => ({ 'cpu.max': `${quota ?? 'max'} ${period}`, 'cpu.weight': '10000' }),
  },
  {
    root: '/sys/fs/cgroup/cpu',
    files: (quota) => ({
      'cpu.cfs_period_us': `${period}`,
      'cpu.cfs_quota_us': `${quota ?? -1}`,
      'cpu.shares': '102400',
    }),
  },
];

let made = 0;

/**
 * A group whose processes get together this share of one processor, and no more; without a share, as much as they want. Undefined:
 * none can be made here.
 */
export function newShare(share) {
  const quota = share === undefined ? undefined : Math.round(share * period);
  for (const { root, files } of versions) {
    made += 1;
    const folder = join(root, `scapfeed-bench-${process.pid}-${made}`);
    const written = Object.entries(files(quota));
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    const group = {
      take: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
      end() {
        // Sessions of the server begin and end meanwhile.
        for (let round = 0; round < 100; round += 1) {
          const left = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
          if (left.length === 0) break;
          for (const pid of left) moveTo(root, pid);
        }
        rmdirSync(folder);
      },
    };
    // A folder that is no cgroup would take any file.
    if (written.every(([name]) => existsSync(join(folder, name)))) {
      for (const [name, value] of written) writeFileSync(join(folder, name), value);
      return group;
    }
    rmdirSync(folder);
  }
  return undefined;
}

/** A process that has ended need not be moved. */
function moveTo(group, pid) {
  try {
    writeFileSync(join(group, 'cgroup.procs'), pid);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

// Processor seconds (user and system) of processes: on a machine that has more to do, wall time says little.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ticksPerSecond = 100;

/** Of a process so far; undefined: it has ended. `ofEnded`: with that of its children that have ended. */
export function processorTime(pid, { ofEnded = false } = {}) {
  const stat = statOf(pid);
  return stat && (stat.own + (ofEnded ? stat.ended : 0)) / ticksPerSecond;
}

/** Of a PostgreSQL server with all its sessions so far, by an address of it with its folder; 0 for the embedded store. */
export function serverTime(place) {
  if (!place.startsWith('postgres:')) return 0;
  const folder = new URL(place).searchParams.get('host');
  const server = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0]);
  const sessions = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && statOf(pid)?.parent === server);
  const own = sessions.reduce((sum, pid) => sum + (processorTime(pid) ?? 0), 0);
  return own + (processorTime(server, { ofEnded: true }) ?? 0);
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before the last bracket can hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((at) => fields[at]);
    return { parent, own: user + system, ended: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}

// Processor seconds (user and system) of processes: on a machine that has more to do, wall time says little.
import { readFileSync } from 'node:fs';
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
  const { sessions, itself } = serverShares(place);
  return sessions + itself;
}

/** The same in two parts: of its sessions (and all that have ended), and of what it does by itself: writing, vacuuming. */
export function serverShares(place) {
  const server = serverPid(place);
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').trim().split(' ');
  let [sessions, itself] = [(processorTime(server, { ofEnded: true }) ?? 0) - processorTime(server), 0];
  for (const pid of children) {
    const time = processorTime(pid) ?? 0;
    if (/^postgres: \S+ \S+ \[local\]/.test(nameOf(pid))) sessions += time;
    else itself += time;
  }
  return { sessions, itself: itself + processorTime(server) };
}

export function serverPid(place) {
  const folder = new URL(place).searchParams.get('host');
  return Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** Empty: it has ended. */
function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before the last bracket can hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user, system, endedUser, endedSystem] = [11, 12, 13, 14].map((at) => fields[at]);
    return { own: user + system, ended: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}

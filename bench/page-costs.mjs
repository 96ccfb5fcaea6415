import { readFileSync } from 'node:fs';

/** What requests cost in processor time, whatever else the machine does: of this process, and of the sessions of its database. */
export async function pageCosts(server, database, counted, kinds, repeats) {
  const costs = [];
  for (const [kind, addresses] of Object.entries(kinds)) {
    const sessions = await sessionsOf(database);
    const first = await cost(server, counted, sessions, [addresses[0]]);
    const asked = Array.from({ length: repeats }, (_, at) => addresses[(at * 31 + 1) % addresses.length]);
    costs.push({ kind, first, ...(await cost(server, counted, sessions, asked)) });
  }
  return costs;
}

async function cost(server, counted, sessions, addresses) {
  const before = { ...counted };
  const sessionsBefore = databaseTime(sessions);
  const started = process.cpuUsage();
  let bytes = 0;
  for (const url of addresses) {
    const { statusCode, body } = await server.app.inject({ url, headers: { accept: 'text/html' } });
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${body}`);
    bytes += body.length;
  }
  const { user, system } = process.cpuUsage(started);
  const per = (value) => value / addresses.length;
  return {
    server: per((user + system) / 1000),
    database: per(databaseTime(sessions) - sessionsBefore),
    queries: per(counted.queries - before.queries),
    rows: per(counted.rows - before.rows),
    bytes: per(bytes),
  };
}

/** The processes of this process's sessions; none: the database is in this process. */
async function sessionsOf(database) {
  if (database.kind === 'embedded') return [];
  const rows = await database.query(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'scapfeed fleet' AND datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
}

/** Milliseconds that they have run. */
function databaseTime(sessions) {
  return sessions.reduce(
    (sum, pid) => sum + Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    0,
  );
}

/** A database that counts what is asked of it. */
export function counting(database) {
  const counted = { queries: 0, rows: 0 };
  return [
    {
      ...database,
      async query(statement, values) {
        const rows = await database.query(statement, values);
        counted.queries += 1;
        counted.rows += rows.length;
        return rows;
      },
    },
    counted,
  ];
}

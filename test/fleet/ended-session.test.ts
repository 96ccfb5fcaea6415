import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openServer } from '../../src/fleet/store/server.ts';

/** A message of PostgreSQL's protocol: its letter, its length, what it says. */
function message(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

const loggedIn = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const ended = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

/** Ends each session with the bytes that open it, as a server does that dies at this moment. */
let server: Server;
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([loggedIn, ready, ended])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

it('a session that the server ends as it opens it is an error of its statement, and not the end of the process', async () => {
  const { port } = server.address() as { port: number };
  const database = await openServer(`postgres://fleet@127.0.0.1:${port}/fleet`);
  const lost = { code: 'DATABASE_UNUSABLE', message: expect.stringContaining('connection') };
  const statements = [
    () => database.query('SELECT 1'),
    () => database.execute('SELECT 1'),
    () => database.transaction((queries) => queries.query('SELECT 1')),
    () => database.alone('run', async () => undefined),
  ];
  for (const statement of statements) await expect(statement()).rejects.toMatchObject(lost);
  await database.close();
});

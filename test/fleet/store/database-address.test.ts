import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/fleet/store/open-database.ts';
import { withoutPassword } from '../../../src/fleet/store/server.ts';

const secret = 'geheim';

describe("the address of a fleet's database", () => {
  it.each([
    `postgres://u:${secret}@127.0.0.1:1/db`,
    `postgres://u:a/${secret}@127.0.0.1:1/db`,
    `postgres://u:1/${secret}@127.0.0.1:1/db`,
    `postgres://u:a@${secret}@127.0.0.1:1/db`,
    `postgres://u:a#${secret}@127.0.0.1:1/db`,
    `postgres://u:a?${secret}@127.0.0.1:1/db`,
    `postgres://u:a%2${secret}@127.0.0.1:1/db`,
    `postgres://127.0.0.1:1/db?user=u&password=${secret}&sslpassword=${secret}`,
    `POSTGRES://u:${secret}@127.0.0.1:1/db`,
    `postgres:/u:${secret}@127.0.0.1:1/db`,
    `mysql://u:${secret}@127.0.0.1:1/db`,
    `MySQL://u:${secret}@127.0.0.1:1/db`,
  ])('%s gives its password away in no error, and makes no folder', async (address) => {
    const error = await openDatabase(address, new Date()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^(?:DATABASE_UNUSABLE|USAGE)$/) });
    const { message, where, remedy } = error as { message: string; where: string; remedy: string };
    expect(`${message} ${where} ${remedy}`).not.toContain(secret);
  });

  it('that cannot be read says how a password is written', async () => {
    await expect(openDatabase('postgres://u:a/b@127.0.0.1:1/db', new Date())).rejects.toMatchObject({
      code: 'USAGE',
      where: 'postgres://u@127.0.0.1:1/db',
      remedy: expect.stringContaining('%2F for /'),
    });
  });

  it.each([
    'postgres:///fleet?host=/run/postgresql',
    'postgres://fleet@localhost/fleet?host=%2Ftmp',
    'postgresql://db:5432/f',
  ])('%s without one is shown as it is', (address) => expect(withoutPassword(address)).toBe(address));
});

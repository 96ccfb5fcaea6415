import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginPersonSession, beginSession } from '../../../../src/fleet/store/sessions.ts';
import { findToken, makeToken } from '../../../../src/fleet/store/tokens.ts';
import { freePort } from '../../../jobs/support/free-port.ts';
import { newEmbedded } from '../../../support/fleet.ts';
import { openFleetServer, type TestFleetServer } from '../../../support/fleet-server.ts';
import { JarBrowser } from '../../../support/jar-browser.ts';
import { openTestProvider, quietProvider, type TestProvider } from '../../../support/openid-provider.ts';

/** A thousand take 15 s, with the provider in this process. */
const crowd = 300;
const names = Array.from({ length: crowd }, (_, at) => `person-${at}`);
const accounts = Object.fromEntries(
  names.map((name) => [name, { email: `${name}@example.org`, groups: ['staff'] }]),
);

quietProvider();

describe('many people at the door at once', { timeout: 120_000 }, () => {
  let provider: TestProvider;
  let server: TestFleetServer;
  let address: string;
  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    provider = await openTestProvider({ address, accounts });
    server = await openFleetServer(await newEmbedded(), {
      port,
      signIn: {
        ...{ issuer: provider.issuer, ...provider.client, address },
        ...{ roles: [{ group: 'staff', role: 'read' }], scopes: 'openid email groups' },
      },
    });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await provider.end();
  });

  const back = (browser: JarBrowser, login: string) => browser.sentBack(address, login);
  const sessions = async (person?: string) => {
    const [row] = await server.context.database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM fleet.sessions WHERE $1::text IS NULL OR person = $1',
      [person ?? null],
    );
    return row!.count;
  };

  it('are all signed in, each with a session, and the provider is asked for its metadata once', async () => {
    const browsers = names.map(() => new JarBrowser());
    const addresses: string[] = [];
    for (let at = 0; at < crowd; at += 20)
      addresses.push(
        ...(await Promise.all(names.slice(at, at + 20).map((name, n) => back(browsers[at + n]!, name)))),
      );
    const answers = await Promise.all(
      browsers.map((browser, at) => browser.open(addresses[at]!, { follow: false })),
    );
    expect(answers.filter(({ status }) => status !== 303)).toEqual([]);
    expect(await sessions()).toBe(crowd);
    const asked = (path: string) => provider.asked.filter((one) => one.includes(path)).length;
    expect([asked('/.well-known/'), asked('/token')]).toEqual([1, crowd]);
    const pages = await Promise.all(browsers.map((browser) => browser.open(`${address}/images`)));
    expect(pages.every(({ status, url }) => status === 200 && url === `${address}/images`)).toBe(true);
  });

  it('who goes and does not come back leaves nothing here, and asks nothing of the provider', async () => {
    const before = [provider.asked.length, await sessions()];
    const leave = () => new JarBrowser().open(`${address}/sign-in/provider`, { follow: false });
    const answers = await Promise.all(names.map(leave));
    expect(answers.every(({ status }) => status === 303)).toBe(true);
    expect([provider.asked.length, await sessions()]).toEqual(before);
  });

  it('one who begins many sessions at once keeps a hundred', async () => {
    const { database } = server.context;
    const begin = () =>
      beginPersonSession(
        database,
        { name: 'one', rights: { role: 'read' }, idToken: 'x' },
        { rules: Buffer.alloc(32), lasts: 3_600_000, idle: 3_600_000 },
        new Date(),
      );
    await Promise.all(names.map(begin));
    expect(await sessions('one')).toBe(100);
    const secret = await makeToken(database, { name: 'robot', role: 'read' }, new Date());
    const token = (await findToken(database, secret!, new Date()))!;
    await Promise.all(names.map(() => beginSession(database, token, new Date())));
    expect(await sessions()).toBe(crowd + 200);
  });
});

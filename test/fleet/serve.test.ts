import { afterEach, describe, expect, it } from 'vitest';
import type { ServeContext } from '../../src/fleet/serve/context.ts';
import { type OpenServer, openServer } from '../../src/fleet/serve/open-server.ts';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import { newEmbedded } from '../support/fleet.ts';

const now = new Date('2026-11-27T10:00:00Z');

describe('the server of a fleet', { timeout: 60_000 }, () => {
  let server: OpenServer | undefined;
  let context: ServeContext | undefined;

  async function opened(): Promise<OpenServer> {
    const database = await openDatabase(await newEmbedded(), now);
    context = { database, tool: 'scapfeed test', now: () => now, warn: () => undefined };
    server = await openServer(context, { listen: { host: '127.0.0.1', port: 0 } });
    return server;
  }

  afterEach(async () => {
    await server?.close();
    await context?.database.close();
    server = context = undefined;
  });

  it('says that it lives', async () => {
    const { origin } = await opened();
    const answer = await fetch(`${origin}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('ok\n');
  });

  it('tells a browser with every answer, errors too, what it may load', async () => {
    const { origin } = await opened();
    for (const path of ['/healthz', '/nowhere']) {
      const { headers } = await fetch(origin + path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('answers with a problem where there is nothing', async () => {
    const { origin } = await opened();
    const answer = await fetch(`${origin}/nowhere`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toMatchObject({ status: 404, code: 'NOT_FOUND', title: 'Not Found' });
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postJson } from '../../../src/fleet/delivery/webhook.ts';

let asked: string[] = [];
const server = createServer((request, answer) => {
  asked.push(request.url ?? '');
  answer.writeHead(307, { location: '/elsewhere' }).end();
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
});

const post = (url: string, allowPrivate = false) => postJson({ url, body: '{}', headers: {}, allowPrivate });

describe('a webhook', () => {
  it.each([
    ['an address', '127.0.0.1'],
    ['a name that resolves to one', 'localhost'],
    ['a number', '2130706433'],
    ['a short form', '127.1'],
    ['octal digits', '0177.0.0.1'],
    ['IPv6', '[::1]'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]'],
    ['the metadata of a cloud', '169.254.169.254'],
  ])('to a private machine by %s is refused before anything is sent', async (_, host) => {
    asked = [];
    await expect(post(`http://${host}:${port}/`)).rejects.toThrow(
      expect.objectContaining({
        code: 'DELIVERY_FAILED',
        message: expect.stringContaining('private address'),
      }),
    );
    expect(asked).toEqual([]);
  });

  it('follows no redirect, so that a public receiver cannot lead it to a private one', async () => {
    asked = [];
    await expect(post(`http://127.0.0.1:${port}/news`, true)).rejects.toThrow('it answered 307');
    expect(asked).toEqual(['/news']);
  });
});

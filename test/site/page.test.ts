import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../src/model/feed/index.ts';
import { openPublished, type VerifyEd25519 } from '../../src/runtime/web/index.ts';
import { PageBuffer, hash as pageHash } from '../../src/site/node-parts.ts';
import { platformRows } from '../../src/site/platforms-html.ts';
import { search } from '../../src/site/search.ts';
import { foundHtml } from '../../src/site/search-html.ts';
import { publishFeeds } from '../../src/tasks/publish/run.ts';
import { daysLater, makePublisher, serve, signingDay } from '../publish/support/publisher.ts';
import { bookworm, trixie, writeSmallFeed } from '../support/small-feed.ts';

const feed = () =>
  writeSmallFeed([
    {
      platform: bookworm,
      statements: [{ vulnerability: 'CVE-2024-0001', package: 'a', status: 'affected' }],
    },
  ]);

describe('publish --site', () => {
  it('writes a page whose files have the digests that it names, and the root that it trusts', async () => {
    const publisher = await makePublisher();
    await publisher.publish([feed()], { blocks: true, page: true });
    const page = readFileSync(join(publisher.site, 'index.html'), 'utf8');
    const named = [
      ...page.matchAll(/(?:href|src|ed25519)="(page\/[^"]+)" (?:data-ed25519-)?integrity="sha384-([^"]+)"/g),
    ];
    expect(named).toHaveLength(3);
    for (const [, path = '', digest] of named)
      expect(hash('sha384', readFileSync(join(publisher.site, path)), 'base64')).toBe(digest);
    expect(page).toContain(`data-root-sha256="${hash('sha256', publisher.root)}"`);
    expect(page).toMatch(/Content-Security-Policy" content="default-src (?:'|&#39;)none/);
    expect(page.match(/<script|<style| style=| on\w+=/g)).toEqual(['<script']);
  });

  it('verifies Ed25519 as Node does, by the script for browsers without it', async () => {
    await import('../../src/site/ed25519.ts');
    const verify = Reflect.get(globalThis, 'scapfeedEd25519') as VerifyEd25519;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
    const message = Buffer.from('signed');
    const signature = sign(null, message, privateKey);
    const changed = (bytes: Buffer, at: number) => bytes.map((byte, each) => (each === at ? byte ^ 1 : byte));

    expect(await verify(signature, message, key)).toBe(true);
    for (const [one, text, by] of [
      [changed(signature, 0), message, key],
      [changed(signature, 63), message, key],
      [signature.subarray(1), message, key],
      [signature, changed(message, 0), key],
      [signature, message, changed(key, 5)],
    ] as const)
      expect(await verify(one, text, by)).toBe(false);
  });

  it('keeps the files of the page before for one publication', async () => {
    const publisher = await makePublisher();
    const publish = () => publisher.publish([feed()], { blocks: true, page: true });
    await publish();
    const files = () => readdirSync(join(publisher.site, 'page'));
    const [first = ''] = files();
    const old = first.replace(/^[0-9a-f]{8}/, '01234567');
    const index = join(publisher.site, 'index.html');
    writeFileSync(join(publisher.site, `page/${old}`), '');
    writeFileSync(index, readFileSync(index, 'utf8').replace(first, old));
    await publish();
    expect(files()).toContain(old);
    await publish();
    expect(files()).not.toContain(old);
    expect(files()).toHaveLength(3);
  });

  it.each([
    { blocks: false, to: 'public' },
    { blocks: true, to: 'oci://registry.example/feed' },
  ])('is refused where the page could read nothing: %o', async (settings) => {
    const { store } = await makePublisher();
    const means = { store, passphrase: () => '', date: signingDay, access: {}, progress: () => {} };
    await expect(publishFeeds({ feeds: [feed()], site: true, ...settings }, means)).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('the platforms of the page', () => {
  it('have the gates of the last publication: passed, accepted with the reason, or held', async () => {
    const publisher = await makePublisher();
    const night = (count: number) =>
      writeSmallFeed(
        [bookworm, trixie].map((platform) => ({
          ...{ platform, data: { roster: new Map([['p0', { version: '1', binaries: [] }]]) } },
          statements: Array.from({ length: count }, (_, number) => ({
            ...{ vulnerability: `CVE-2024-${1000 + number}`, package: `p${number}` },
            status: 'affected' as const,
          })),
        })),
      );
    const reason = '<b>the vendor has said so</b>';
    const accepted = [{ gate: 'shrink' as const, platform: 'debian-12', reason }];
    await publisher.publish([night(400)], { blocks: true, page: true });
    const server = await serve(publisher.site);
    const rows = async () => {
      const { manifest } = await openPublished(`${server.url}/`, {
        root: publisher.root,
        now: daysLater(1),
      });
      return platformRows(manifest, '2026-11-21').split('</tr>');
    };
    try {
      expect((await rows())[0]).toContain('data-column="Gates" class="word"><span>passed</span>');
      expect((await rows())[0]).toContain('each package that it ships');
      await publisher.publish([night(360)], { blocks: true, page: true, date: daysLater(1), accepted });
      const [first, second] = await rows();
      expect(first).toMatch(/shrink accepted \(10.0 % .*\): &lt;b&gt;the vendor has said so&lt;\/b&gt;/);
      expect(first).not.toContain('held');
      expect(second).toMatch(
        /newer data held back since 2026-11-22<br>held by shrink: 10.0 % of the statements are gone/,
      );
      expect(second).not.toContain('passed');
    } finally {
      await server.close();
    }
  });
});

describe('the search of the page', () => {
  it('finds the statements of every platform by vulnerability, advisory and package, after other nights too', async () => {
    const night = (fixed: string) =>
      writeSmallFeed(
        [bookworm, trixie].map((platform, at) => ({
          platform,
          statements: [
            ...['a', 'b'].map((name) => ({
              vulnerability: 'CVE-2024-0001',
              package: name,
              ...fixedIn(fixed),
            })),
            ...Array.from({ length: 40 }, (_, number) => ({
              ...{ vulnerability: `CVE-2024-1${100 + number}`, package: `p${number % (3 + at)}` },
              status: 'affected' as const,
            })),
          ],
        })),
      );
    const publisher = await makePublisher();
    for (const fixed of ['1', '2'])
      await publisher.publish([night(fixed)], { blocks: true, page: true, keep: 1 });
    const server = await serve(publisher.site);
    try {
      const feed = await openPublished(`${server.url}/`, { root: publisher.root, now: daysLater(1) });
      const both = ['debian-12', 'debian-13'];
      expect(await feed.search('CVE-2024-0001')).toEqual({
        id: 'CVE-2024-0001',
        packages: { a: both, b: both },
      });
      expect(await feed.search('DSA-1-1')).toEqual({ id: 'DSA-1-1', packages: { a: both, b: both } });
      expect(await feed.search('p3')).toEqual({ id: 'p3', packages: { p3: ['debian-13'] } });
      for (const number of [0, 3, 11, 39]) {
        const names = [`p${number % 3}`, `p${number % 4}`];
        const packages =
          names[0] === names[1] ? { [names[0]!]: both } : { [names[0]!]: [both[0]], [names[1]!]: [both[1]] };
        expect((await feed.search(`CVE-2024-1${100 + number}`))?.packages).toEqual(packages);
      }
      const odd = [
        '.*',
        '(a+)+$',
        'a"',
        'a\n',
        'a\u0000',
        '{"id":"a"',
        'ａ',
        'a'.repeat(1_000_000),
        '😀',
        'constructor',
      ];
      for (const absent of ['', 'CVE-2024-000', 'zz', '\ud800', '__proto__', ...odd])
        expect(await feed.search(absent)).toBeUndefined();
    } finally {
      await server.close();
    }
  });
});

describe('the page of a vulnerability', () => {
  const id = 'CVE-2024-0001';
  const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H';
  const assessed: Assessment = {
    id,
    ratings: [
      { source: 'nvd', version: '3.1', score: 7.5, vector, date: '2024-03-02' },
      { source: 'cna', version: '3.1', score: 9.8, vector },
    ],
    exploited: { added: '2024-03-10', due: '2024-03-31' },
    epss: { probability: 0.25, percentile: 0.9 },
  };

  async function shown(assessments: readonly Assessment[]): Promise<string> {
    const small = {
      platform: bookworm,
      statements: [
        {
          vulnerability: id,
          package: 'a',
          status: 'fixed',
          fixed: '1.1-1',
          advisories: ['DSA-7-1'],
          severity: 'high',
        },
      ],
      advisories: [{ id: 'DSA-7-1', date: '2024-03-05', url: 'https://vendor.example/DSA-7-1' }],
    } as const;
    const publisher = await makePublisher();
    await publisher.publish([writeSmallFeed([small], undefined, assessments)], { blocks: true, page: true });
    const server = await serve(publisher.site);
    try {
      const now = daysLater(1);
      const published = await openPublished(`${server.url}/`, { root: publisher.root, now });
      return foundHtml((await search(published, id.toLowerCase(), now))!);
    } finally {
      await server.close();
    }
  }

  it('has the statement with its date and document, the rating of each source, KEV and EPSS', async () => {
    const html = await shown([assessed]);
    expect(html).toContain('fixed in 1.1-1');
    expect(html).toContain('<td data-column="Severity by vendor"><span class="high">high</span></td>');
    expect(html).toContain('href="https://vendor.example/DSA-7-1"');
    expect(html).toContain('<td data-column="Since">2024-03-05</td>');
    expect(html).toMatch(/>nvd<.*>high<.*7\.5 \(CVSS 3\.1\).*>2024-03-02</s);
    expect(html).toMatch(/>cna<.*>critical<.*9\.8 \(CVSS 3\.1\)/s);
    expect(html).toMatch(/in KEV since 2024-03-10, to be fixed by 2024-03-31/);
    expect(html).toMatch(/EPSS.*25/s);
  });

  it('has what the feed lacks as lacking, and not as absent', async () => {
    const html = await shown([]);
    expect(html.match(/not in this feed/g)).toHaveLength(2);
    expect(html).toContain('No source of this feed has scored it.');
    expect(html).not.toContain('not in KEV');
  });
});

describe('verdicts on many packages in the page', () => {
  const names = Array.from({ length: 150 }, (_, number) => `package-${number * 20}`);
  const statements = Array.from({ length: 3000 }, (_, number) => ({
    ...{ vulnerability: `CVE-2024-${1000 + number}`, package: `package-${number}`, status: 'fixed' as const },
    fixed: `${hash('sha256', `${number}`)}-1`.replace(/^[a-f]*/, '1'),
    advisories: [`DSA-${number + 1}-1`],
  }));
  const shard = /\.debian-12\.jsonl\.gz$/;

  async function judged(
    encodings: readonly ['br', 'gz'] | readonly ['br'],
    change?: (bytes: Buffer) => Buffer,
  ) {
    const publisher = await makePublisher();
    await publisher.publish([writeSmallFeed([{ platform: bookworm, statements }])], {
      ...{ blocks: true, encodings },
    });
    const server = await serve(publisher.site);
    try {
      const feed = await openPublished(`${server.url}/`, {
        ...{ root: publisher.root, now: daysLater(1) },
        fetch: async (input, init) => {
          const answer = await fetch(input, init);
          if (!change || !shard.test(String(input))) return answer;
          return new Response(new Uint8Array(change(Buffer.from(await answer.arrayBuffer()))));
        },
      });
      const found = await feed.complete((view) =>
        names.map((name) => view.shard('debian-12')!.package(name)?.claims),
      );
      return { found, ...feed.traffic };
    } finally {
      await server.close();
    }
  }

  it('take the whole list of a platform at once where that is less, and are the same as by its blocks', async () => {
    const [whole, blocks] = [await judged(['br', 'gz']), await judged(['br'])];
    expect(whole.found.filter(Boolean)).toHaveLength(150);
    expect(whole.found).toEqual(blocks.found);
    expect(blocks.requests).toBeGreaterThan(20);
    expect(whole.requests).toBeLessThanOrEqual(12);
    expect(whole.bytes).toBeLessThan(400_000);
  });

  it('are refused where the whole list is another', async () => {
    for (const change of [
      (bytes: Buffer) => bytes.subarray(1),
      (bytes: Buffer) => bytes.map((byte, at) => (at === 99 ? byte ^ 1 : byte)) as Buffer,
    ])
      await expect(judged(['br', 'gz'], change)).rejects.toMatchObject({
        code: expect.stringMatching(/^TRUST_/),
      });
  });
});

describe('a mirror that does not serve the search as it was signed', () => {
  const changes: Record<string, (bytes: Buffer, others: readonly Buffer[]) => Buffer | undefined> = {
    cut: (bytes) => bytes.subarray(0, -1),
    longer: (bytes) => Buffer.concat([bytes, Buffer.from('a')]),
    changed: (bytes) =>
      Buffer.concat([bytes.subarray(0, -9), Buffer.from([bytes.at(-9)! ^ 1]), bytes.subarray(-8)]),
    empty: () => Buffer.alloc(0),
    exchanged: (_, others) => others[0]!,
    doubled: (bytes) => Buffer.concat([bytes, bytes]),
    absent: () => undefined,
    page: () => Buffer.from('<!doctype html><title>Not found</title>'),
  };

  it('proves nothing: no name is absent, and once it is served well, each is found', async () => {
    const publisher = await makePublisher();
    const statements = Array.from({ length: 3000 }, (_, number) => ({
      ...{ vulnerability: `CVE-2024-${1000 + number}`, package: `p${number}`, status: 'affected' as const },
    }));
    await publisher.publish([writeSmallFeed([{ platform: bookworm, statements }])], {
      blocks: true,
      page: true,
    });
    const server = await serve(publisher.site);
    const bodies = new Map<string, Buffer>();
    let wrong: { of: RegExp; change: (typeof changes)[string] } | undefined;
    const mirror: typeof fetch = async (input, init) => {
      const url = String(input);
      const answer = await fetch(url, init);
      const bytes = Buffer.from(await answer.arrayBuffer());
      bodies.set(url, bytes);
      if (!wrong?.of.test(url)) return new Response(bytes, { status: answer.status });
      const others = [...bodies].flatMap(([other, body]) =>
        other !== url && wrong!.of.test(other) ? [body] : [],
      );
      const sent = wrong.change(bytes, others.length > 0 ? others : [Buffer.from('another')]);
      return sent ? new Response(new Uint8Array(sent)) : new Response('', { status: 404 });
    };
    try {
      for (const of of [/search\.json\.gz$/, /\/blocks\/[0-9a-f]{2}\//])
        for (const [name, change] of Object.entries(changes)) {
          wrong = undefined;
          const feed = await openPublished(`${server.url}/`, {
            ...{ root: publisher.root, now: daysLater(1), fetch: mirror },
          });
          await feed.search('p1');
          const fresh = await openPublished(`${server.url}/`, {
            ...{ root: publisher.root, now: daysLater(1), fetch: mirror },
          });
          wrong = { of, change };
          for (const searched of ['CVE-2024-3999', 'CVE-2024-39990', 'p2999'])
            await expect(fresh.search(searched), `${of} ${name}`).rejects.toMatchObject({
              code: expect.stringMatching(/^(?:TRUST|FETCH)_/),
            });
          wrong = undefined;
          expect((await fresh.search('CVE-2024-3999'))?.packages).toEqual({ p2999: ['debian-12'] });
          expect(await fresh.search('CVE-2024-39990')).toBeUndefined();
        }
    } finally {
      await server.close();
    }
  });
});

function fixedIn(fixed: string) {
  return { status: 'fixed', fixed, advisories: ['DSA-1-1'] } as const;
}

describe("what the page has in place of Node's hash", () => {
  it('has the digests of Node', () => {
    const lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000];
    for (const text of lengths.map((length) => 'é€x'.repeat(length).slice(0, length)))
      expect(pageHash('sha256', text)).toBe(hash('sha256', text));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(pageHash('sha256', bytes)).toBe(hash('sha256', bytes));
      }),
    );
    expect(() => pageHash('sha1', '')).toThrow(TypeError);
  });
});

describe('what the page has in place of Buffer', () => {
  it('reads and writes as Buffer does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'grapheme' }), (bytes, text) => {
        const [own, nodes] = [PageBuffer.from(bytes), Buffer.from(bytes)];
        for (const encoding of ['utf8', 'latin1', 'hex'] as const)
          expect(own.toString(encoding, 1, 20)).toBe(nodes.toString(encoding, 1, 20));
        expect([...PageBuffer.from(nodes.toString('base64'), 'base64')]).toEqual([...bytes]);
        expect([...PageBuffer.from(nodes.toString('base64url'), 'base64')]).toEqual([...bytes]);
        expect([...PageBuffer.from(nodes.toString('hex'), 'hex')]).toEqual([...bytes]);
        expect([...PageBuffer.from(text)]).toEqual([...Buffer.from(text)]);
        expect([...PageBuffer.from(text, 'latin1')]).toEqual([...Buffer.from(text, 'latin1')]);
        expect(PageBuffer.concat([own, own]).equals(Buffer.concat([nodes, nodes]))).toBe(true);
        expect(own.subarray(2).toString()).toBe(nodes.subarray(2).toString());
        const { buffer } = bytes;
        const [from, length] = [bytes.length >> 1, bytes.length >> 2];
        expect([...PageBuffer.from(buffer, from, length)]).toEqual([...Buffer.from(buffer, from, length)]);
        expect([...PageBuffer.from(buffer)]).toEqual([...bytes]);
      }),
    );
  });
});

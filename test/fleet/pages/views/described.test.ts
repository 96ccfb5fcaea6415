import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openChosenFeed } from '../../../../src/cli/options/feed-choice.ts';
import { debianRelease, rootWith, stanza } from '../../../support/cli.ts';
import { addImages, heldStore, night } from '../../../support/fleet.ts';
import { openPageServer } from '../../../support/page-server.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';

const id = 'CVE-2024-0001';
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const feed = writeSmallFeed(
  [
    {
      platform: bookworm,
      statements: [{ vulnerability: id, package: 'a', status: 'affected', fixState: 'none_yet' }],
      vulnerabilities: [
        {
          id,
          title: 'A name is read as <b>another</b> type',
          description: 'Whoever sends such a name reads memory & stops the program.',
          published: '2024-02-07T00:00:00Z',
          references: ['https://vendor.example/a', 'javascript:alert(1)'],
        },
      ],
    },
  ],
  undefined,
  [
    {
      id,
      ratings: [{ source: 'nvd', version: '3.1', score: 9.8, vector }],
      cwe: ['CWE-843'],
      exploited: { added: '2024-02-10', due: '2024-03-02', ransomware: true },
      epss: { probability: 0.1234, percentile: 0.95 },
    },
  ],
);

it("a vulnerability's page has what the feed at hand says of it, and is the same page without one", async () => {
  await using store = await heldStore();
  const root = { 'etc/os-release': debianRelease('12', 'bookworm'), 'var/lib/dpkg/status': stanza('a', '1') };
  await addImages(store, [`dir:${rootWith(root)}`]);
  await night(store, feed);
  const now = new Date();
  const page = async (openFeed?: Parameters<typeof openPageServer>[2]) => {
    const server = await openPageServer(store, () => now, openFeed);
    try {
      const answer = await server.app.inject({
        url: `/vulnerabilities/${id}`,
        headers: { accept: 'text/html' },
      });
      expect(answer.statusCode).toBe(200);
      return answer.body;
    } finally {
      await server.close();
    }
  };
  try {
    const atHand = () => openChosenFeed(feed, {});
    const body = await page(atHand);
    expect(body).toContain('A name is read as &lt;b&gt;another&lt;/b&gt; type');
    const text = body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    for (const told of [
      'Whoever sends such a name reads memory &amp; stops the program.',
      `CVSS 3.1, nvd 9.8 ${vector}`,
      'EPSS 12.34 % within 30 days; as much as or more than',
      'Exploited in CISA’s catalog since 2024-02-10, by ransomware, to be fixed by 2024-03-02',
      'Weakness CWE-843',
      'Published 2024-02-07',
      'By the feed at hand, made of data of 2026-11-20.',
    ])
      expect(text).toContain(told);
    expect(body).toContain('href="https://vendor.example/a"');
    expect(body).not.toContain('javascript:');

    const without = await page();
    expect(without).not.toContain('CVSS');
    expect(without).toContain('1 image');
    rmSync(feed, { recursive: true });
    expect(await page(atHand)).toBe(without);
  } finally {
  }
});

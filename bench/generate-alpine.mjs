// Alpine's security database, as a mirror: every branch with main and community, and their package indexes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { memberOf } from './tar-member.mjs';

const { releases } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../feeds/alpine.json'), 'utf8'));

/** Sources with fixes, and fixes of each on average, as 3.20 has them; packages that each repository ships. */
const sizes = {
  main: { sources: 420, fixes: 9, ships: 5500 },
  community: { sources: 640, fixes: 7, ships: 19_000 },
};

/** At full size, or a share of its sources and packages. Returns the number of fixes in all branches. */
export function generateAlpine(mirror, share = 1) {
  let fixes = 0;
  const indexes = Object.fromEntries(Object.keys(sizes).map((name) => [name, indexOf(name, share)]));
  for (const { branch, repositories } of releases) {
    for (const repository of repositories) {
      const told = packagesOf(repository, share);
      fixes += told.reduce((sum, { pkg }) => sum + Object.values(pkg.secfixes).flat().length, 0);
      const text = JSON.stringify({
        distroversion: branch,
        reponame: repository,
        archs: ['x86_64'],
        packages: told,
      });
      write(join(mirror, `secdb.alpinelinux.org/${branch}/${repository}.json`), text);
      const index = join(
        mirror,
        `dl-cdn.alpinelinux.org/alpine/${branch}/${repository}/x86_64/APKINDEX.tar.gz`,
      );
      write(index, indexes[repository]);
    }
  }
  return fixes;
}

function packagesOf(repository, share) {
  const { sources, fixes } = sizes[repository];
  return Array.from({ length: sources * share }, (_, at) => {
    const secfixes = {};
    for (let fix = 0; fix < 1 + ((at * 31) % (2 * fixes)); fix++) {
      const version = `${1 + Math.floor(fix / 4)}.${(at + fix) % 12}.${fix % 9}-r${fix % 4}`;
      const numbers = [at * 20 + fix, ...(fix % 3 === 0 ? [at * 20 + fix + 7] : [])];
      secfixes[version] = numbers.map((number) => `CVE-${2012 + ((at + fix) % 15)}-${1000 + number}`);
    }
    return { pkg: { name: `${repository}-source${at}`, secfixes } };
  });
}

function indexOf(repository, share) {
  const { sources, ships } = sizes[repository];
  const records = Array.from({ length: ships * share }, (_, at) => {
    const source = `${repository}-source${at % (sources * 3)}`;
    return `C:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=\nP:${source}-part${at}\nV:1.2.${at % 9}-r${at % 4}\nA:x86_64\no:${source}\nt:1790000000\n\n`;
  });
  const index = [...memberOf('APKINDEX', Buffer.from(records.join(''))), Buffer.alloc(1024)];
  const signature = memberOf('.SIGN.RSA.bench.rsa.pub', Buffer.alloc(256, 7));
  return Buffer.concat([gzipSync(Buffer.concat(signature)), gzipSync(Buffer.concat(index))]);
}

/** apk's database of a system with packages of main; one in ten is not up to date. */
export function installedDatabase(packages) {
  const records = Array.from({ length: packages }, (_, at) => {
    const version = at % 10 === 0 ? '1.0.0-r0' : '99.0.0-r0';
    const source = `main-source${at % sizes.main.sources}`;
    return `C:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=\nP:${source}-part${at}\nV:${version}\nA:x86_64\no:${source}\nt:1790000000\n\n`;
  });
  return records.join('');
}

function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

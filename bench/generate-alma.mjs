// AlmaLinux's errata at full size, as a mirror.
import { createWriteStream, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const architectures = ['x86_64', 'aarch64', 'ppc64le', 's390x', 'i686'];

/** Major -> errata; the files of all three have some 200 MB. Returns their bytes. */
export async function generateAlma(mirror, share = 1) {
  let bytes = 0;
  for (const [major, errata] of Object.entries({ 8: 2000, 9: 1600, 10: 400 }))
    bytes += await writeErrata(mirror, major, Math.ceil(errata * share));
  return bytes;
}

/** Errata with CVEs, of 20 packages for five architectures each. */
async function writeErrata(mirror, major, errata) {
  const folder = join(mirror, `errata.almalinux.org/${major}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'errata.full.json');
  const out = createWriteStream(path);
  out.write('{"schema_version": "1.0", "data": [');
  for (let at = 0; at < errata; at++) {
    const text = JSON.stringify(erratumOf(major, at), undefined, 2);
    if (!out.write(at === 0 ? text : `,\n${text}`)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(']}', done));
  return statSync(path).size;
}

function erratumOf(major, at) {
  const source = `source${at % 700}`;
  const version = `${1 + Math.floor(at / 700)}.${at % 7}`;
  const release = `${1 + (at % 30)}.el${major}_${at % 10}${at % 5 === 0 ? '.alma' : ''}`;
  const id = `ALSA-${2021 + (at % 6)}:${1000 + at}`;
  const packages = Array.from({ length: 20 }, (_, binary) => `${source}-part${binary}`).flatMap((name) =>
    architectures.map((arch) => ({
      name,
      epoch: '0',
      version,
      release,
      arch,
      src: `${source}-${version}-${release}.src.rpm`,
      filename: `${name}-${version}-${release}.${arch}.rpm`,
      checksum: 'a'.repeat(64),
      checksum_type: 'sha256',
      reboot_suggested: 0,
    })),
  );
  const cves = Array.from(
    { length: 1 + (at % 5) },
    (_, flaw) => `CVE-${2019 + (at % 8)}-${10_000 + at * 5 + flaw}`,
  );
  return {
    id,
    issued_date: 1_620_000_000 + at * 40_000,
    updated_date: 1_620_000_000 + at * 40_000,
    severity: ['Low', 'Moderate', 'Important', 'Critical'][at % 4],
    title: `Important: ${source} security update`,
    description: `About ${source}.\n\nSecurity Fix(es):\n\n${cves.map((cve) => `* ${source}: a flaw (${cve})`).join('\n')}`,
    type: 'security',
    packages,
    modules: [],
    references: [
      {
        id: id.replace(':', '-'),
        type: 'self',
        href: `https://errata.almalinux.org/${major}/${id.replace(':', '-')}.html`,
      },
      ...cves.map((cve) => ({ id: cve, type: 'cve', href: `https://vulners.com/cve/${cve}` })),
    ],
  };
}

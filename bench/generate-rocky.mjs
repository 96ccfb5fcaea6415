// Rocky Linux's advisories at full size, as a mirror: the pages of its API.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const architectures = ['x86_64', 'aarch64', 'ppc64le', 's390x'];
const size = 100;

/** Some 8,000 advisories, of which pages have 2 MB each. Returns their bytes. */
export function generateRocky(mirror, share = 1) {
  const total = Math.ceil(8000 * share);
  const folder = join(mirror, 'apollo.build.resf.org/api/v3/advisories');
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let page = 1; (page - 1) * size < total; page++) {
    const from = (page - 1) * size;
    const advisories = Array.from({ length: Math.min(size, total - from) }, (_, at) => advisoryOf(from + at));
    const text = JSON.stringify({ advisories, total, page, size, last_updated_at: '2026-11-20T00:00:00Z' });
    writeFileSync(join(folder, `?size=${size}&page=${page}`), text);
    bytes += text.length;
  }
  return bytes;
}

/** One in two names CVEs. */
function advisoryOf(at) {
  const major = [8, 9, 9, 10][at % 4];
  const source = `source${at % 700}`;
  const build = `${1 + Math.floor(at / 700)}.${at % 7}-${1 + (at % 30)}.el${major}_${at % 10}`;
  const security = at % 2 === 0;
  const cves = security
    ? Array.from({ length: 1 + (at % 5) }, (_, flaw) => ({
        cve: `CVE-${2019 + (at % 8)}-${10_000 + at * 5 + flaw}`,
        cvss3_scoring_vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
        cvss3_base_score: '7.5',
        cwe: 'CWE-770',
      }))
    : [];
  const names = Array.from({ length: 8 }, (_, binary) => `${source}-part${binary}`);
  const packages = names.flatMap((name) =>
    architectures.flatMap((arch) => [
      rowOf(`${name}-0:${build}.${arch}.rpm`, major, arch),
      rowOf(`${name}-debuginfo-0:${build}.${arch}.rpm`, major, arch),
    ]),
  );
  const time = new Date(1_763_000_000_000 - at * 20_000_000).toISOString();
  return {
    id: at,
    created_at: time,
    updated_at: time,
    published_at: time,
    name: `${security ? 'RLSA' : 'RLBA'}-${2025 - (at % 6)}:${1000 + at}`,
    synopsis: `Important: ${source} update`,
    description: cves.map(({ cve }) => `* ${source}: a flaw (${cve})`).join('\n'),
    kind: security ? 'Security' : 'Bug Fix',
    severity: security ? ['Low', 'Moderate', 'Important', 'Critical'][(at / 2) % 4] : 'None',
    topic: '',
    red_hat_advisory_id: at,
    affected_products: [],
    cves,
    fixes: [],
    packages,
  };
}

function rowOf(nevra, major, arch) {
  return {
    id: 1,
    nevra,
    checksum: 'a'.repeat(64),
    checksum_type: 'sha256',
    module_context: null,
    module_name: null,
    module_stream: null,
    module_version: null,
    repo_name: 'AppStream',
    product_name: `Rocky Linux ${major} ${arch}`,
  };
}

// A VEX tree of Red Hat's size: documents in the legacy form, their sizes by the quantiles of real ones. Facts are made up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Product ids a document at these shares of real documents (86 of them), before they are scaled to a mean. */
const shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];
const idsAtShare = [0, 1, 3, 17, 109, 602, 928, 2712, 22_674];

const archiveDay = '2026-11-01';

/** Repeatable numbers in [0, 1): the bench compares runs. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Sources with a popularity like RHEL's: a kernel of sixty binaries in every tenth CVE, a long tail of small ones. */
function makeSources(random, count) {
  return Array.from({ length: count }, (_, at) => {
    const binaries = at === 0 ? 60 : 1 + Math.floor(12 * random() ** 3);
    return {
      name: `src${at}`,
      binaries: Array.from({ length: binaries }, (_, n) => (n === 0 ? `src${at}` : `src${at}-part${n}`)),
      module: at % 25 === 7 ? `src${at}:${1 + (at % 3)}` : undefined,
    };
  });
}

const streams = {
  9: [
    ['BaseOS-9.0.0.Z.E4S', 'cpe:/o:redhat:rhel_e4s:9.0::baseos', 'el9_0'],
    ['BaseOS-9.2.0.Z.EUS', 'cpe:/o:redhat:rhel_eus:9.2::baseos', 'el9_2'],
    ['BaseOS-9.4.0.Z.EUS', 'cpe:/o:redhat:rhel_eus:9.4::baseos', 'el9_4'],
    ['BaseOS-9.6.0.Z.MAIN.EUS', 'cpe:/o:redhat:enterprise_linux:9::baseos', 'el9_6'],
  ],
  8: [
    ['BaseOS-8.4.0.Z.AUS', 'cpe:/o:redhat:rhel_aus:8.4::baseos', 'el8_4'],
    ['BaseOS-8.6.0.Z.AUS', 'cpe:/o:redhat:rhel_aus:8.6::baseos', 'el8_6'],
    ['BaseOS-8.8.0.Z.EUS', 'cpe:/o:redhat:rhel_eus:8.8::baseos', 'el8_8'],
    ['BaseOS-8.10.0.Z.MAIN.EUS', 'cpe:/o:redhat:enterprise_linux:8::baseos', 'el8_10'],
  ],
  7: [['7Server-7.9.Z', 'cpe:/o:redhat:enterprise_linux:7::server', 'el7_9']],
  10: [['BaseOS-10.0.Z', 'cpe:/o:redhat:enterprise_linux:10.0', 'el10_0']],
};
const majors = [9, 8, 7, 10];
const unfixedPlatforms = [10, 9, 8, 7, 6].map((major) => [
  `red_hat_enterprise_linux_${major}`,
  `cpe:/o:redhat:enterprise_linux:${major}`,
]);
const architectures = ['aarch64', 'ppc64le', 's390x', 'x86_64'];
/** Versions of layered products; each has some dozens of containers, which documents list again and again. */
const layered = Array.from({ length: 300 }, (_, at) => [
  `9Base-PRODUCT${at % 60}-1.${at % 7}`,
  `cpe:/a:redhat:product${at % 60}:1.${at % 7}::el9`,
]);
const containersOfProduct = 60;

/**
 * Writes `MIRROR/security.access.redhat.com/data/csaf/v2/vex/` with the archive, its lists and nothing else.
 * Returns what is in it.
 */
export async function generateRedHat(mirror, { documents = 40_000, bytes = 3e9 } = {}) {
  const random = generator(1);
  const universe = { random, sources: makeSources(random, 3000), errata: new Map() };
  const folder = join(mirror, 'security.access.redhat.com/data/csaf/v2/vex');
  mkdirSync(folder, { recursive: true });
  const scale = bytes / documents / 1440 / meanOfQuantiles();
  const archive = `csaf_vex_${archiveDay}.tar.zst`;
  const zstd = spawn('zstd', ['-q', '-f', '-3', '-o', join(folder, archive)], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  let written = 0;
  let products = 0;
  for (let at = 0; at < documents; at++) {
    const wanted = Math.max(1, Math.round(idsAt(random()) * scale));
    const { name, text, ids } = makeDocument(universe, at, wanted);
    written += text.length;
    products += ids;
    if (!zstd.stdin.write(tarEntry(name, Buffer.from(text)))) await once(zstd.stdin, 'drain');
  }
  zstd.stdin.end(Buffer.alloc(1024));
  await once(zstd, 'close');
  writeFileSync(join(folder, 'archive_latest.txt'), `${archive}\n`);
  writeFileSync(join(folder, 'changes.csv'), '');
  writeFileSync(join(folder, 'deletions.csv'), '');
  return { documents, bytes: written, products, universe, folder };
}

/** A night: some documents change, and changes.csv says so. */
export function changeRedHat({ universe, folder }, count) {
  const lines = [];
  for (let at = 0; at < count; at++) {
    const number = at * 97;
    const { name, text } = makeDocument(universe, number, 40);
    mkdirSync(join(folder, name.slice(0, 4)), { recursive: true });
    writeFileSync(join(folder, name), text);
    lines.push(`"${name}","2026-11-02T0${at % 10}:00:00+00:00"\n`);
  }
  writeFileSync(join(folder, 'changes.csv'), lines.reverse().join(''));
}

/** Binary packages of an image: `[name, source, version-release]`, some behind their fixes; frequent sources and rare ones. */
export function installedOf({ universe: { sources } }, count) {
  const packages = [];
  for (let at = 0; packages.length < count; at++) {
    const { name, binaries, module } = sources[(5 + at * 13) % sources.length];
    if (module) continue;
    for (const binary of binaries.slice(0, 3)) packages.push([binary, name, `1.${at % 40}-1.el9`]);
  }
  return packages.slice(0, count);
}

function makeDocument({ random, sources, errata }, at, wanted) {
  const year = 2016 + Math.floor((at * 11) / 40_000);
  const cve = `CVE-${year}-${10_000 + at}`;
  const platforms = new Map();
  const components = new Map();
  const relationships = [];
  const status = { fixed: [], known_affected: [], known_not_affected: [] };
  const fixes = new Map();
  const relate = (list, [platform, cpe], component, purl) => {
    platforms.set(platform, cpe);
    components.set(component, purl);
    const id = `${platform}:${component}`;
    relationships.push([id, component, platform]);
    list.push(id);
    return id;
  };
  const source = random() < 0.1 ? sources[0] : sources[Math.floor(sources.length * random() ** 2)];
  const ofRhel = random() < 0.55;
  let ids = 0;
  const full = () => ids >= wanted;
  if (ofRhel) {
    for (const platform of unfixedPlatforms) {
      if (full()) break;
      const list = random() < 0.5 ? status.known_affected : status.known_not_affected;
      relate(list, platform, `${source.name}.src`, `pkg:rpm/redhat/${source.name}?arch=src`);
      ids += 1;
    }
    for (const major of majors) {
      if (full() || random() < 0.3) continue;
      for (const [platform, cpe, dist] of streams[major]) {
        if (full()) break;
        const erratum = erratumOf(errata, source, platform, random);
        const release = `${erratum.release}.${dist}`;
        const rows = [];
        const qualifiers = source.module && major < 10 ? `&rpmmod=${source.module}:8100020240:abcd` : '';
        for (const binary of source.binaries) {
          for (const name of [binary, `${binary}-debuginfo`]) {
            for (const arch of architectures) {
              const purl = `pkg:rpm/redhat/${name}@${erratum.version}-${release}?arch=${arch}${qualifiers}`;
              rows.push(
                relate(
                  status.fixed,
                  [platform, cpe],
                  `${name}-0:${erratum.version}-${release}.${arch}`,
                  purl,
                ),
              );
            }
          }
        }
        const purl = `pkg:rpm/redhat/${source.name}@${erratum.version}-${release}?arch=src${qualifiers}`;
        rows.push(
          relate(status.fixed, [platform, cpe], `${source.name}-0:${erratum.version}-${release}.src`, purl),
        );
        ids += rows.length;
        fixes.set(erratum.id, rows);
      }
    }
  }
  let product = 0;
  for (let listed = 0; !full(); listed++) {
    // A document lists a product's containers one after the other.
    if (listed % 25 === 0) product = Math.floor(layered.length * random());
    const platform = layered[product];
    const n = (product % 60) * 1000 + Math.floor(containersOfProduct * random());
    const purl =
      random() < 0.5
        ? `pkg:oci/container${n}?repository_url=registry.redhat.io/product/container${n}`
        : `pkg:maven/org.example/part${n}`;
    relate(random() < 0.8 ? status.known_not_affected : status.known_affected, platform, `part${n}`, purl);
    ids += 1;
  }
  return {
    name: `${year}/${cve.toLowerCase()}.json`,
    text: documentText(cve, { platforms, components, relationships, status, fixes }),
    ids,
  };
}

/** Errata come in order, each for one source and stream, and gather the CVEs of a few weeks. */
function erratumOf(errata, source, platform, random) {
  const key = `${source.name} ${platform}`;
  let erratum = errata.get(key);
  if (!erratum || random() < (source.binaries.length > 50 ? 0.05 : 0.4)) {
    const number = errata.size + Math.floor(random() * 1000) + (erratum ? erratum.number : 0);
    erratum = {
      number,
      id: `RHSA-${2019 + (number % 7)}:${1000 + number}`,
      version: `1.${erratum ? erratum.step + 1 : 1}`,
      step: erratum ? erratum.step + 1 : 1,
      release: 1 + (number % 30),
    };
    errata.set(key, erratum);
  }
  return erratum;
}

function documentText(cve, { platforms, components, relationships, status, fixes }) {
  const unfixed = [...status.known_affected, ...status.known_not_affected];
  const all = [...status.fixed, ...unfixed];
  const product = (category, product_id, helper) => ({
    category,
    name: product_id,
    product: { name: product_id, product_id, product_identification_helper: helper },
  });
  return JSON.stringify(
    {
      document: {
        aggregate_severity: {
          namespace: 'https://access.redhat.com/security/updates/classification/',
          text: 'moderate',
        },
        category: 'csaf_vex',
        csaf_version: '2.0',
        title: `part: a flaw that does not exist, ${cve}`,
        tracking: {
          current_release_date: '2026-10-30T10:00:00+00:00',
          generator: {
            date: '2026-10-30T10:00:00+00:00',
            engine: { name: 'Red Hat SDEngine', version: '4.6.8' },
          },
          id: cve,
          initial_release_date: `${cve.slice(4, 8)}-03-01T00:00:00+00:00`,
          status: 'final',
        },
      },
      product_tree: {
        branches: [
          {
            branches: [
              ...[...platforms].map(([id, cpe]) => product('product_name', id, { cpe })),
              ...[...components].map(([id, purl]) => product('product_version', id, { purl })),
            ],
            category: 'vendor',
            name: 'Red Hat',
          },
        ],
        relationships: relationships.map(([id, component, platform]) => ({
          category: 'default_component_of',
          full_product_name: { name: `${component} as a component of ${platform}`, product_id: id },
          product_reference: component,
          relates_to_product_reference: platform,
        })),
      },
      vulnerabilities: [
        {
          cve,
          cwe: { id: 'CWE-787', name: 'Out-of-bounds Write' },
          flags: [{ label: 'vulnerable_code_not_present', product_ids: status.known_not_affected }],
          notes: [
            {
              category: 'description',
              text: `A flaw of number ${cve} was made up for measuring.`,
              title: 'Vulnerability description',
            },
          ],
          product_status: status,
          release_date: `${cve.slice(4, 8)}-03-01T00:00:00+00:00`,
          remediations: [
            ...[...fixes].map(([id, product_ids]) => ({
              category: 'vendor_fix',
              date: '2024-05-01T00:00:00+00:00',
              details: 'For details on how to apply this update, see the article.',
              product_ids,
              url: `https://access.redhat.com/errata/${id}`,
            })),
            { category: 'none_available', details: 'Affected', product_ids: status.known_affected },
          ],
          scores: [
            {
              cvss_v3: {
                baseScore: 6.5,
                vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H',
                version: '3.1',
              },
              products: all,
            },
          ],
          threats: [{ category: 'impact', details: 'Moderate', product_ids: all }],
        },
      ],
    },
    undefined,
    2,
  );
}

function idsAt(share) {
  const upper = shares.findIndex((bound) => share <= bound);
  const at = Math.max(1, upper);
  const [low, high] = [shares[at - 1], shares[at]];
  return idsAtShare[at - 1] + ((idsAtShare[at] - idsAtShare[at - 1]) * (share - low)) / (high - low);
}

function meanOfQuantiles() {
  let sum = 0;
  for (let at = 1; at < shares.length; at++) {
    sum += ((idsAtShare[at] + idsAtShare[at - 1]) / 2) * (shares[at] - shares[at - 1]);
  }
  return sum;
}

function tarEntry(name, content) {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

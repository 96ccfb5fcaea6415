// SUSE's archive of CSAF-VEX documents at full size, as a mirror: each document names the builds of one source's binaries for the
// products that ship it, in the form of SUSE's generator.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memberOf } from './tar-member.mjs';

const base = 'ftp.suse.com/pub/projects/security';

/** Product -> CPE, with the ending of its builds' releases; a service pack has several. */
const products = [
  ...[3, 4, 5, 6, 7].flatMap((pack) => [
    [`SUSE Linux Enterprise Server 15 SP${pack}`, `cpe:/o:suse:sles:15:sp${pack}`, `150${pack}00`],
    [
      `SUSE Linux Enterprise Module for Basesystem 15 SP${pack}`,
      `cpe:/o:suse:sle-module-basesystem:15:sp${pack}`,
      `150${pack}00`,
    ],
    [`SUSE Linux Enterprise Server 15 SP${pack}-LTSS`, `cpe:/o:suse:sles-ltss:15:sp${pack}`, `150${pack}00`],
  ]),
  ['SUSE Linux Enterprise Server 12 SP5', 'cpe:/o:suse:sles:12:sp5', '122'],
  ['SUSE Linux Enterprise Server 16.0', 'cpe:/o:suse:sles:16:16.0:server', '160000'],
  ['SUSE Linux Enterprise Micro 5.5', 'cpe:/o:suse:sle-micro:5.5', '150500'],
  ['openSUSE Leap 15.6', 'cpe:/o:opensuse:leap:15.6', '150600'],
  ['openSUSE Tumbleweed', 'cpe:/o:opensuse:tumbleweed', '1'],
];

/** Products that a build leaves out on purpose; of SUSE's own documents they are a large share. */
const leftOut = [1, 2, 3, 4].flatMap((pack) => [
  [`SUSE Linux Enterprise Server 10 SP${pack}`, `cpe:/o:suse:sles:10:sp${pack}`, '0'],
  [`SUSE Manager Server 4.${pack - 1}`, `cpe:/o:suse:suse-manager-server:4.${pack - 1}`, `150${pack}00`],
  [`SUSE Enterprise Storage ${pack + 3}`, `cpe:/o:suse:ses:${pack + 3}`, `150${pack}00`],
  [`SUSE OpenStack Cloud ${pack + 5}`, `cpe:/o:suse:suse-openstack-cloud:${pack + 5}`, `12${pack}`],
]);

const sources = 1500;

/** Binaries of a source; a few sources have many. */
export function binariesOf(source) {
  const count = source % 50 === 0 ? 60 : 1 + (source % 9);
  return Array.from({ length: count }, (_, at) =>
    at === 0 ? `source${source}` : `source${source}-part${at}`,
  );
}

export async function generateSuse(mirror, documents = 10_000, { others = false } = {}) {
  const folder = join(mirror, base);
  const shipped = others ? [...products, ...leftOut] : products;
  mkdirSync(join(folder, 'csaf-vex'), { recursive: true });
  const out = createWriteStream(join(folder, 'csaf-vex.tar.bz2'));
  let bytes = 0;
  let statements = 0;
  for (let at = 0; at < documents; at++) {
    const { id, text, pairs } = documentOf(at, shipped);
    bytes += text.length;
    statements += pairs;
    for (const piece of memberOf(`csaf-vex/${id.toLowerCase()}.json`, Buffer.from(text)))
      if (!out.write(piece)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(Buffer.alloc(1024), done));
  writeFileSync(join(folder, 'csaf-vex/changes.csv'), '"cve-1999-0001.json","2020-01-01T00:00:00Z"\n');
  const made = { [`${base}/csaf-vex.tar.bz2`]: '2026-11-20T12:00:00Z' };
  writeFileSync(join(mirror, 'last-modified.json'), JSON.stringify(made));
  return { documents, bytes, statements };
}

function documentOf(at, shipped) {
  const id = `CVE-${2016 + (at % 11)}-${10_000 + at}`;
  const source = (at * 7919) % sources;
  const shipping = shipped.filter((_, place) => (place + source) % 3 !== 0);
  const pairs = shipping.flatMap(([product, , release], place) => {
    const unfixed = (at + place) % 7 === 0;
    return binariesOf(source).map((name) => ({
      product,
      pkg: unfixed ? name : `${name}-${1 + (source % 5)}.${at % 40}-${release}.${1 + (at % 60)}.1`,
      status: unfixed ? (at % 2 === 0 ? 'known_affected' : 'known_not_affected') : 'recommended',
    }));
  });
  const keys = [...new Set(pairs.map(({ status }) => status))];
  const status = Object.fromEntries(
    keys.map((key) => [
      key,
      pairs.flatMap((pair) => (pair.status === key ? `${pair.product}:${pair.pkg}` : [])),
    ]),
  );
  const packages = [...new Set(pairs.map(({ pkg }) => pkg))];
  const severity = ['low', 'moderate', 'important', 'critical'][at % 4];
  const document = {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      aggregate_severity: { text: severity },
      notes: [
        { category: 'description', text: `A flaw in source${source} of the generated universe. `.repeat(4) },
      ],
      publisher: { category: 'vendor', name: 'SUSE Product Security Team' },
      title: `SUSE CVE ${id}`,
      tracking: { id, version: '2', status: 'interim', current_release_date: '2026-11-20T08:00:00Z' },
    },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: 'SUSE',
          branches: [
            {
              category: 'product_family',
              name: 'SUSE Linux Enterprise',
              branches: [
                ...shipping.map(([name, cpe]) => leafOf('product_name', name, cpe)),
                ...packages.map((name) => leafOf('product_version', name)),
              ],
            },
          ],
        },
      ],
      relationships: pairs.map(({ product, pkg }) => ({
        category: 'default_component_of',
        full_product_name: { name: `${pkg} as component of ${product}`, product_id: `${product}:${pkg}` },
        product_reference: pkg,
        relates_to_product_reference: product,
      })),
    },
    vulnerabilities: [
      {
        cve: id,
        title: id,
        product_status: status,
        remediations: [],
        threats: [{ category: 'impact', details: severity }],
      },
    ],
  };
  return { id, text: JSON.stringify(document), pairs: pairs.length };
}

function leafOf(category, name, cpe) {
  const helper = cpe === undefined ? {} : { product_identification_helper: { cpe } };
  return { category, name, product: { name, product_id: name, ...helper } };
}

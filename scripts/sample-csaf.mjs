// The sample's CSAF documents of a CVE each, besides Red Hat's: facts of scripts/sample/csaf.tsv as openEuler and SUSE publish them.
import { tar } from './oci-layout.mjs';
import { packedBy } from './packed.mjs';

const openEuler = 'repo.openeuler.org/security/data/csaf/cve';
const suse = 'ftp.suse.com/pub/projects/security';

/** Files of the mirror by path, from rows of csaf.tsv; the rows of one CVE are one document. */
export function csafFiles(rows) {
  const documents = (vendor, make) => {
    const own = rows.filter(([name]) => name === vendor);
    const cves = [...new Set(own.map(([, cve]) => cve))];
    return cves.map((cve) => [
      cve.toLowerCase(),
      json(
        make(
          cve,
          own.filter(([, of]) => of === cve),
        ),
      ),
    ]);
  };
  const [chinese, german] = [documents('openeuler', openEulerDocument), documents('suse', suseDocument)];
  const paths = chinese.map(([id, text]) => [`${id.split('-')[1]}/csaf-openeuler-${id}.json`, text]);
  return {
    [`${openEuler}/index.txt`]: paths.map(([path]) => path).join('\n'),
    ...Object.fromEntries(paths.map(([path, text]) => [`${openEuler}/${path}`, text])),
    [`${suse}/csaf-vex.tar.bz2`]: packedBy(
      'bzip2',
      tar(Object.fromEntries(german.map(([id, text]) => [`csaf-vex/${id}.json`, text]))),
    ),
    [`${suse}/csaf-vex/changes.csv`]: german.map(([id]) => `"${id}.json","2024-07-26T03:43:57Z"\n`).join(''),
  };
}

const json = (value) => `${JSON.stringify(value, null, 1)}\n`;

function openEulerDocument(cve, rows) {
  return document(cve, rows, {
    name: 'openEuler',
    file: (build) => `${build}.rpm`,
    helper: (product) => ({ cpe: `cpe:/a:openEuler:openEuler:${product.replace('openEuler-', '')}` }),
    kindOfProduct: 'product_version',
    family: 'product_name',
  });
}

const suseProducts = {
  'openSUSE Tumbleweed': 'cpe:/o:opensuse:tumbleweed',
  'SUSE Linux Enterprise Module for Basesystem 15 SP5': 'cpe:/o:suse:sle-module-basesystem:15:sp5',
};

function suseDocument(cve, rows) {
  return document(cve, rows, {
    name: 'SUSE',
    file: (build) => build,
    helper: (product) => ({ cpe: suseProducts[product] }),
    // SUSE describes no builds.
    buildHelper: () => undefined,
    kindOfProduct: 'product_name',
    family: 'product_family',
  });
}

function document(cve, rows, { name, file, helper, buildHelper = helper, kindOfProduct, family }) {
  const [[, , severity, , , , updated]] = rows;
  const leaf = (category, id, product_identification_helper) => ({
    ...{ category, name: id },
    product: { name: id, product_id: id, product_identification_helper },
  });
  const pairs = rows.flatMap(([, , , status, product, packages, , advisory]) =>
    packages.split(' ').map((build) => ({ status, product, build, advisory, id: `${product}:${build}` })),
  );
  const products = [...new Set(pairs.map(({ product }) => product))];
  const builds = [...new Map(pairs.map((pair) => [pair.build, pair.product]))];
  const product_status = {};
  for (const { status, id } of pairs) product_status[status] = [...(product_status[status] ?? []), id];
  const product_ids = pairs.filter(({ status }) => status !== 'known_not_affected').map(({ id }) => id);
  const { advisory } = pairs[0];
  const url = `https://www.openeuler.org/zh/security/security-bulletins/detail/?id=${advisory}`;
  return {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      aggregate_severity: { text: severity },
      publisher: { category: 'vendor', name: name === 'SUSE' ? 'SUSE Product Security Team' : name },
      title: `${name} ${cve}`,
      tracking: { id: cve, version: '1', status: 'interim', current_release_date: updated },
    },
    product_tree: {
      branches: [
        {
          ...{ category: 'vendor', name },
          branches: [
            {
              ...{ category: family, name },
              branches: [
                ...products.map((product) => leaf(kindOfProduct, product, helper(product))),
                ...builds.map(([build, product]) =>
                  leaf('product_version', file(build), buildHelper(buildHelper === helper ? product : build)),
                ),
              ],
            },
          ],
        },
      ],
      relationships: pairs.map(({ id, product, build }) => ({
        category: 'default_component_of',
        full_product_name: { name: `${build} as a component of ${product}`, product_id: id },
        product_reference: file(build),
        relates_to_product_reference: product,
      })),
    },
    vulnerabilities: [
      {
        ...{ cve, title: cve, product_status },
        remediations: [
          { category: 'vendor_fix', details: 'security update', product_ids, ...(advisory && { url }) },
        ],
        threats: [{ category: 'impact', details: severity }],
      },
    ],
  };
}

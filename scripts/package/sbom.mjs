// A bill of materials of a release, in CycloneDX: scapfeed, the npm packages in it, and Node with what is built into that.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as Enums from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Serialize } from '@cyclonedx/cyclonedx-library/Serialize';
import * as Spec from '@cyclonedx/cyclonedx-library/Spec';
import { runtimePackages } from './contents.mjs';

/** The text of the bill. Without a time: the same release gives the same bytes. */
export function billOfMaterials({ version, node, nodeVersion, nodeSha256, libraries = [] }) {
  const component = (type, name, { version, purl, licence, hashes = [] }) => {
    return new Models.Component(type, name, {
      version,
      purl,
      bomRef: purl,
      hashes: new Models.HashDictionary(hashes),
      licenses: new Models.LicenseRepository(licence === undefined ? [] : [licenceOf(licence)]),
    });
  };
  const { Library, Application, Platform } = Enums.ComponentType;
  const root = component(Application, 'scapfeed', {
    version,
    purl: `pkg:npm/scapfeed@${version}`,
    licence: 'Apache-2.0',
  });
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: root }) });
  const add = (one, under = root) => {
    bom.components.add(one);
    under.dependencies.add(one.bomRef);
    return one;
  };
  for (const { name, version, licence, integrity } of runtimePackages()) {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    const sha512 = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
    add(
      component(Library, name, {
        version,
        purl,
        licence,
        hashes: [[Enums.HashAlgorithm['SHA-512'], sha512]],
      }),
    );
  }
  const platform = add(
    component(Platform, 'node', {
      version: nodeVersion,
      purl: `pkg:generic/node@${nodeVersion}`,
      licence: 'MIT',
      hashes: [[Enums.HashAlgorithm['SHA-256'], nodeSha256]],
    }),
  );
  for (const [name, version] of builtIn(node)) {
    add(component(Library, name, { version, purl: `pkg:generic/${name}@${version}` }), platform);
  }
  for (const { name, version, architecture } of libraries) {
    const purl = `pkg:deb/debian/${name}@${version.replaceAll('+', '%2B')}?arch=${architecture}`;
    add(component(Library, name, { version, purl }));
  }
  const factory = new Serialize.Normalize.Factory(Spec.Spec1dot6);
  const document = factory.makeForBom().normalize(bom, { sortLists: true });
  return `${JSON.stringify({ ...document, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(document))}` }, null, 1)}\n`;
}

/** Components that Node lists as its own: V8, OpenSSL, ICU, ... */
function builtIn([command, ...args]) {
  const script = 'console.log(JSON.stringify(process.versions))';
  const versions = JSON.parse(execFileSync(command, [...args, '-e', script], { encoding: 'utf8' }));
  const data = ['node', 'modules', 'napi', 'cldr', 'tz', 'unicode'];
  return Object.entries(versions).filter(([name]) => !data.includes(name));
}

function licenceOf(id) {
  // npm's older ids end with a plus.
  const spdx = id.replace(/\+$/, '-or-later');
  return new Models.SpdxLicense(spdx);
}

function uuidOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

import * as Enums from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Serialize } from '@cyclonedx/cyclonedx-library/Serialize';
import * as SPDX from '@cyclonedx/cyclonedx-library/SPDX';
import * as Spec from '@cyclonedx/cyclonedx-library/Spec';
import { systemName } from '../../distros/purl.ts';
import {
  type InstalledPackage,
  isDatabaseType,
  type OsRelease,
  type PackageDescription,
  statedSource,
} from '../../model/inventory/index.ts';
import { jsonParts } from '../formats/json.ts';
import { fullImagePurl } from '../image-purl.ts';
import { allOf, spdxExpression } from './licences.ts';
import {
  damagedName,
  damagedOf,
  lossesOf,
  lossName,
  packageFacts,
  packageRefs,
  type SbomImage,
  subjectUuid,
  unreadName,
  unreadOf,
  unsearchedName,
  unsearchedOf,
} from './subject.ts';

export type CycloneDxVersion = '1.6' | '1.7';

const subjectRef = 'image';

/** A bill of materials before it is written: the library's model, and the references of packages in it. */
export interface Bom {
  version: CycloneDxVersion;
  serialNumber: string;
  model: Models.Bom;
  refs: ReadonlyMap<InstalledPackage, Models.BomRef>;
}

/** Formats an inventory as CycloneDX: the image, its operating system and its packages, with purls, licences and layers. */
export function inventoryCycloneDx(subject: SbomImage, version: CycloneDxVersion = '1.6'): Iterable<string> {
  return bomText(bomOf(subject, version), subject);
}

/** The bill of materials of an image. Its serial number is made of the content, and it has no time: same input, same bytes. */
export function bomOf(subject: SbomImage, version: CycloneDxVersion): Bom {
  const { inventory, purl } = subject;
  const model = new Models.Bom({ version: 1, metadata: metadataOf(subject) });
  const root = model.metadata.component!;
  // As trivy and syft write and read it: the image has a system, and the system has its packages. Trivy judges whatever else the
  // system has by the system's flaws: `requests` of PyPI by those of Debian's source.
  const system = inventory.os ? operatingSystem(inventory.os) : undefined;
  if (system) {
    model.components.add(system);
    root.dependencies.add(system.bomRef);
  }
  const refs = new Map<InstalledPackage, Models.BomRef>();
  for (const [pkg, ref] of packageRefs(inventory.packages, purl)) {
    const component = packageComponent(pkg, ref, subject);
    model.components.add(component);
    refs.set(pkg, component.bomRef);
    (system && isDatabaseType(pkg.type) ? system : root).dependencies.add(component.bomRef);
  }
  return { version, serialNumber: `urn:uuid:${subjectUuid(subject)}`, model, refs };
}

/** Writes a bill of materials; `vulnerabilities` are turned into plain data one by one. */
export function* bomText(
  { version, serialNumber, model }: Bom,
  { inventory }: SbomImage,
  vulnerabilities: Iterable<Models.Vulnerability.Vulnerability> = [],
): Iterable<string> {
  const factory = factoryOf(version);
  const {
    components = [],
    dependencies = [],
    metadata,
  } = factory.makeForBom().normalize(model, { sortLists: false });
  yield* jsonParts({
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: version,
    serialNumber,
    version: 1,
    metadata,
    components,
    dependencies,
    // Only packages in databases are listed: other files are not, and without a database nothing is known.
    compositions: [
      { aggregate: inventory.databases.length === 0 ? 'unknown' : 'incomplete', assemblies: [subjectRef] },
    ],
    vulnerabilities: normalized(vulnerabilities, version),
  });
}

export function* normalized(
  vulnerabilities: Iterable<Models.Vulnerability.Vulnerability>,
  version: CycloneDxVersion,
): Iterable<object> {
  const normalizer = factoryOf(version).makeForVulnerability();
  for (const one of vulnerabilities) {
    const plain = normalizer.normalize(one, { sortLists: false });
    if (plain) yield plain;
  }
}

function factoryOf(version: CycloneDxVersion): Serialize.Normalize.Factory {
  return new Serialize.Normalize.Factory(version === '1.7' ? Spec.Spec1dot7 : Spec.Spec1dot6);
}

export function metadataOf({
  reference,
  digest,
  architecture,
  toolVersion,
  layers,
  inventory,
}: SbomImage): Models.Metadata {
  const tool = new Models.Component(Enums.ComponentType.Application, 'scapfeed', { version: toolVersion });
  return new Models.Metadata({
    tools: new Models.Tools({ components: new Models.ComponentRepository([tool]) }),
    component: new Models.Component(Enums.ComponentType.Container, reference, {
      bomRef: subjectRef,
      ...(digest === undefined
        ? {}
        : { version: digest, purl: fullImagePurl(reference, digest, architecture) }),
      properties: properties([
        ['image:architecture', architecture],
        ...lossesOf(inventory).map((loss): Property => [lossName, loss]),
        ...unreadOf(inventory).map((unread): Property => [unreadName, unread]),
        ...damagedOf(inventory).map((damaged): Property => [damagedName, damaged]),
        ...unsearchedOf(inventory).map((unsearched): Property => [unsearchedName, unsearched]),
        ...layers.map(({ diffId, digest: blob }, at): Property => [`image:layer:${at + 1}`, diffId ?? blob]),
      ]),
    }),
  });
}

function operatingSystem(os: OsRelease): Models.Component {
  const version = os.pointRelease ?? os.versionId ?? os.codename;
  const name = systemName(os.id);
  const component = new Models.Component(Enums.ComponentType.OperatingSystem, name, {
    bomRef: `os:${os.id}`,
    ...(version === undefined ? {} : { version }),
    ...(os.prettyName === undefined ? {} : { description: os.prettyName }),
    ...(isCpe(os.cpe) ? { cpe: os.cpe } : {}),
    properties: properties([
      ['os:found', os.found],
      ['os:codename', os.codename],
    ]),
  });
  // syft, grype and our own reader take this for the ID.
  if (name !== os.id) component.properties.add(new Models.Property('syft:distro:id', os.id));
  return component;
}

/** The library throws for any other text. */
function isCpe(text: string | undefined): text is `cpe:${string}` {
  return text !== undefined && /^cpe:(?:2\.3:|\/)[aho]:/.test(text);
}

function packageComponent(pkg: InstalledPackage, ref: string, subject: SbomImage): Models.Component {
  const layer = pkg.layer === undefined ? undefined : subject.layers[pkg.layer];
  const description = subject.describe(pkg);
  const source = statedSource(pkg);
  const component = new Models.Component(Enums.ComponentType.Library, pkg.name, {
    bomRef: ref,
    version: pkg.version,
    purl: subject.purl(pkg),
    ...(pkg.vendor === undefined ? {} : { supplier: new Models.OrganizationalEntity({ name: pkg.vendor }) }),
    licenses: licences(description),
    ...(description.sha256 === undefined
      ? {}
      : { hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], description.sha256]]) }),
    properties: properties([
      ['package:database', pkg.database],
      ['package:layer', layer?.diffId ?? layer?.digest],
      ['package:licenceFile', description.licenceFile],
      ['package:source', source?.name],
      ['package:sourceVersion', source?.version],
      ...packageFacts(pkg),
    ]),
  });
  if (source && isDatabaseType(pkg.type))
    for (const property of trivyProperties(pkg, source)) component.properties.add(property);
  return component;
}

/**
 * The properties of a source package that trivy reads: without them, trivy takes a package for its own source and finds no flaw
 * of it.
 */
function trivyProperties(
  { version, type }: InstalledPackage,
  source: InstalledPackage['source'],
): Models.Property[] {
  const epoch = /^(\d+):/.exec(type === 'rpm' ? version : source.version)?.[1];
  const bare = source.version.replace(/^\d+:/, '');
  const dash = bare.lastIndexOf('-');
  const values = {
    SrcEpoch: epoch === '0' ? undefined : epoch,
    SrcName: source.name,
    SrcRelease: dash === -1 ? undefined : bare.slice(dash + 1),
    SrcVersion: dash === -1 ? bare : bare.slice(0, dash),
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [new Models.Property(`aquasecurity:trivy:${name}`, value)],
  );
}

/** One expression of SPDX, if it can express all; else each by its id or as it is written. */
function licences({ licences: written }: PackageDescription): Models.LicenseRepository {
  const expressions = written.map((text) => spdxExpression(text, SPDX.fixupSpdxId));
  const whole = allOf(expressions);
  if (whole !== undefined) {
    const isId = SPDX.isSupportedSpdxId(whole);
    return new Models.LicenseRepository([
      isId ? new Models.SpdxLicense(whole) : new Models.LicenseExpression(whole),
    ]);
  }
  return new Models.LicenseRepository(
    written.map((text, at) => {
      const expression = expressions[at];
      return SPDX.isSupportedSpdxId(expression)
        ? new Models.SpdxLicense(expression)
        : new Models.NamedLicense(text);
    }),
  );
}

type Property = readonly [name: string, value: string | undefined];

/** Properties under our own prefix, as CycloneDX's property taxonomy requires. */
export function properties(values: readonly Property[]): Models.PropertyRepository {
  return new Models.PropertyRepository(
    values.flatMap(([name, value]) =>
      value === undefined ? [] : [new Models.Property(`scapfeed:${name}`, value)],
    ),
  );
}

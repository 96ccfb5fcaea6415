import { type Fields, fieldsOf, known, listOf } from '../io/json-parts.ts';
import { parsePackageUrl } from '../model/inventory/index.ts';
import { BuiltFrom } from './built-from.ts';
import type { ComponentList } from './component-list.ts';
import type { SbomComponent, SbomDocument, StatedSystem } from './document.ts';
import {
  digestIn,
  ownerOf,
  programOf,
  recordOf,
  recordsOf,
  textOf,
  unstatedOf,
  writtenText,
} from './values.ts';

const imagePurl = /^pkg:\/*(?:oci|docker)\//i;

/** Gathers what a CycloneDX document of either form has, as records of the JSON form. */
export class CycloneDxContents {
  readonly #list: ComponentList;
  readonly #systems: StatedSystem[] = [];
  readonly #builtFrom: BuiltFrom;

  constructor(list: ComponentList) {
    this.#list = list;
    this.#builtFrom = new BuiltFrom(list.where);
  }

  /** A component and those in it. */
  component(record: unknown, place: string): void {
    for (const placed of flatComponents(record, place)) this.#list.add(this.#read(placed));
  }

  /** A source package and the binary packages that it provides, by their references. */
  provides(source: string, binary: string): void {
    this.#builtFrom.relate(binary, source);
  }

  document(version: string, metadata: Fields): SbomDocument {
    // The subject itself may be a package: Red Hat publishes a document for each source rpm.
    const [subject, ...parts] = flatComponents(metadata['component'], 'metadata/component');
    if (subject) this.#addSubject(this.#read(subject));
    for (const part of parts) {
      const component = this.#read(part);
      if (component.role !== 'system') this.#list.add(component);
    }
    return {
      format: `CycloneDX ${version}`,
      writers: cycloneDxWriters(metadata),
      ...cycloneDxSubject(metadata),
      systems: this.#systems,
      components: this.#list.components,
      builtFrom: this.#builtFrom.resolved(),
    };
  }

  /** A subject that is a package, in place of an image, is one of those that the document lists. */
  #addSubject(subject: SbomComponent): void {
    const { id, role, purls } = subject;
    if (role === 'system' || !purls.some((purl) => !imagePurl.test(purl))) return;
    const isListed = this.#list.components.some(
      (each) => (id !== undefined && each.id === id) || each.purls[0] === purls[0],
    );
    if (!isListed) this.#list.add(subject);
  }

  #read(placed: Placed): SbomComponent {
    const component = cycloneDxComponent(placed);
    this.#builtFrom.name(component.id, component.purls[0]);
    if (component.role === 'system') this.#systems.push(cycloneDxSystem(placed));
    return component;
  }
}

/** Components below one component; deeper nesting is refused by the readers of both forms. */
interface Placed {
  record: Fields;
  place: string;
}

/** A component of CycloneDX and those in it, in their order. */
function* flatComponents(record: unknown, place: string): Generator<Placed> {
  const pending: Placed[] = [{ record: recordOf(record, place), place }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    const { record: parent, place: above } = next;
    const children = recordsOf(parent['components'], `${above}/components`);
    for (let at = children.length - 1; at >= 0; at--)
      pending.push({ record: children[at]!, place: `${above}/components/${at}` });
  }
}

const roles: Readonly<Record<string, SbomComponent['role']>> = {
  'operating-system': 'system',
  container: 'image',
  file: 'file',
  library: 'package',
  framework: 'package',
  application: 'package',
};

/** A component; what scanners state in properties is read by the end of the property's name, whoever wrote it. */
function cycloneDxComponent({ record, place }: Placed): SbomComponent {
  const properties = propertiesOf(record);
  const purl = writtenText(record['purl']);
  const role = roles[textOf(record['type']) ?? ''] ?? 'other';
  const group = textOf(record['group']);
  const name = textOf(record['name']) ?? '';
  return {
    name: group === undefined ? name : `${group}/${name}`,
    purls: [
      ...new Set([...(purl === undefined ? [] : [purl]), ...identityPurls(record), ...ownReference(record)]),
    ],
    // An application without a package URL is a lock file, or a program that was installed by hand.
    role: role === 'package' && purl === undefined && record['type'] === 'application' ? 'other' : role,
    place,
    ...known({
      id: textOf(record['bom-ref']),
      version: textOf(record['version']),
      vendor: vendorOf(record),
      source: sourceOf(properties),
      modularityLabel: first(
        properties,
        'package:modularityLabel',
        'Modularitylabel',
        'metadata:modularityLabel',
      ),
      module: first(properties, 'package:module'),
      unstated: unstatedOf(first(properties, 'package:unstated')),
      arch: first(properties, 'metadata:architecture'),
      keyId: first(properties, 'package:keyId'),
      owner: ownerOf(first(properties, 'package:owner')),
      program: programOf(first(properties, 'package:program')),
      state: first(properties, 'package:state'),
      database: first(properties, 'package:database', 'location:0:path'),
      location: first(properties, 'location:0:path', 'FilePath'),
      layer: first(properties, 'package:layer', 'LayerDiffID', 'LayerDigest', 'location:0:layerID'),
      cpes: cpesOf(record),
    }),
  };
}

/** The operating system of an element, in the ways of syft, trivy and scapfeed. */
function cycloneDxSystem({ record, place }: Placed): StatedSystem {
  const properties = propertiesOf(record);
  const idLike = properties.flatMap(([name, value]) => (/distro:idLike(:\d+)?$/.test(name) ? [value] : []));
  return {
    name: first(properties, 'syft:distro:id') ?? textOf(record['name']) ?? '',
    found: place,
    ...known({
      version: first(properties, 'distro:versionID', 'os:versionId') ?? textOf(record['version']),
      codename: first(properties, 'distro:versionCodename', 'os:codename'),
      prettyName: first(properties, 'distro:prettyName') ?? textOf(record['description']),
      cpe: textOf(record['cpe']),
      idLike: idLike.length > 0 ? idLike : undefined,
    }),
  };
}

/** The subject of the document, by `metadata.component`, and its layers. */
function cycloneDxSubject(
  metadata: Fields,
): Pick<SbomDocument, 'subject' | 'layers' | 'losses' | 'unread' | 'damaged' | 'unsearched'> {
  const record = fieldsOf(metadata['component']);
  const properties = propertiesOf(record);
  const purl = textOf(record['purl']);
  const repoDigest = first(properties, 'RepoDigest');
  return {
    subject: known({
      name: textOf(record['name']),
      digest: digestIn(repoDigest, purl, textOf(record['version'])),
      architecture: first(properties, 'image:architecture'),
    }),
    layers: properties.flatMap(([name, value]) => (/:(?:DiffID|image:layer)$/.test(name) ? [value] : [])),
    losses: properties.flatMap(([name, value]) => (name === 'scapfeed:database:incomplete' ? [value] : [])),
    unread: properties.flatMap(([name, value]) => (name === 'scapfeed:packages:unread' ? [value] : [])),
    damaged: properties.flatMap(([name, value]) => (name === 'scapfeed:packages:damaged' ? [value] : [])),
    unsearched: properties.flatMap(([name, value]) =>
      name === 'scapfeed:packages:unsearched' ? [value] : [],
    ),
  };
}

/** Tools are a list of records until 1.4, and may be components and services since 1.5. */
function cycloneDxWriters({ tools }: Fields): string[] {
  const records = Array.isArray(tools) ? tools : listOf(fieldsOf(tools)['components']);
  return records
    .map(fieldsOf)
    .map(({ name, version }) => [textOf(name), textOf(version)].filter(Boolean).join('-'));
}

type Property = readonly [name: string, value: string];

function propertiesOf(record: Fields): Property[] {
  return listOf(record['properties']).flatMap((each): Property[] => {
    const { name, value } = fieldsOf(each);
    return typeof name === 'string' && typeof value === 'string' && value !== '' ? [[name, value]] : [];
  });
}

/** The value of the first of some properties, each named by its end after a colon. */
function first(properties: readonly Property[], ...ends: readonly string[]): string | undefined {
  for (const end of ends) {
    const found = properties.find(([name]) => name === end || name.endsWith(`:${end}`));
    if (found) return found[1];
  }
  return undefined;
}

function sourceOf(properties: readonly Property[]): SbomComponent['source'] {
  const own = first(properties, 'package:source');
  if (own !== undefined)
    return { name: own, ...known({ version: first(properties, 'package:sourceVersion') }) };
  const named = first(properties, 'SrcName');
  const [version, release, epoch] = ['SrcVersion', 'SrcRelease', 'SrcEpoch'].map((end) =>
    first(properties, end),
  );
  if (named !== undefined)
    return { name: named, ...known({ version: joinedVersion(version, release, epoch) }) };
  const source = first(properties, 'metadata:source');
  if (source !== undefined)
    return { name: source, ...known({ version: first(properties, 'metadata:sourceVersion') }) };
  const build = first(properties, 'metadata:sourceRpm');
  return build === undefined ? undefined : { name: build };
}

/** Version, release and epoch as trivy keeps them apart. */
export function joinedVersion(
  version: string | undefined,
  release?: string | undefined,
  epoch?: string | undefined,
): string | undefined {
  if (version === undefined) return undefined;
  const build = release === undefined ? version : `${version}-${release}`;
  return epoch === undefined || epoch === '0' ? build : `${epoch}:${build}`;
}

function vendorOf(record: Fields): string | undefined {
  const supplier = textOf(fieldsOf(record['supplier'])['name']);
  return supplier ?? textOf(record['publisher']);
}

/** Package URLs of evidence: Red Hat names one for each repository that has the build. */
function identityPurls(record: Fields): string[] {
  return listOf(fieldsOf(record['evidence'])['identity']).flatMap((each) => {
    const { field, concludedValue } = fieldsOf(each);
    return field === 'purl' && typeof concludedValue === 'string' ? [concludedValue] : [];
  });
}

/** The reference, if it is the package URL with more qualifiers: Red Hat names the source there. */
function ownReference(record: Fields): string[] {
  const ref = textOf(record['bom-ref']) ?? '';
  const [own, other] = [textOf(record['purl']) ?? '', ref].map(parsePackageUrl);
  const isSame = own?.type === other?.type && own?.name === other?.name && own?.version === other?.version;
  return own && other && isSame ? [ref] : [];
}

function cpesOf(record: Fields): string[] | undefined {
  const cpe = textOf(record['cpe']);
  const concluded = listOf(fieldsOf(record['evidence'])['identity']).flatMap((each) => {
    const { field, concludedValue } = fieldsOf(each);
    return field === 'cpe' && typeof concludedValue === 'string' ? [concludedValue] : [];
  });
  const all = [...(cpe === undefined ? [] : [cpe]), ...concluded];
  return all.length > 0 ? all : undefined;
}

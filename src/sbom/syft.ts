import { type Fields, fieldsOf, type JsonPart, type JsonParts, known, listOf } from '../io/json-parts.ts';
import type { ComponentList } from './component-list.ts';
import type { SbomComponent, SbomDocument, SbomSubject, StatedSystem } from './document.ts';
import { digestIn, textOf, writtenText } from './values.ts';

/** Reads syft's own JSON, of every version of its schema. */
export function readSyft(root: JsonPart, parts: JsonParts, list: ComponentList): SbomDocument {
  let version = '';
  let distro: Fields = {};
  let source: Fields = {};
  let descriptor: Fields = {};
  for (const [member, value] of parts.members(root)) {
    if (member === 'artifacts') {
      let at = 0;
      for (const artifact of parts.objects(value)) {
        list.add(artifactComponent(artifact, `artifacts/${at}`));
        at += 1;
      }
    } else if (member === 'distro') distro = fieldsOf(parts.parse(value));
    else if (member === 'source') source = fieldsOf(parts.parse(value));
    else if (member === 'descriptor') descriptor = fieldsOf(parts.parse(value));
    else if (member === 'schema') version = textOf(fieldsOf(parts.parse(value))['version']) ?? '';
    else parts.check(value);
  }
  const target = fieldsOf(source['target'] ?? source['metadata']);
  return {
    format: `syft JSON ${version}`.trim(),
    writers: [
      [textOf(descriptor['name']) ?? 'syft', textOf(descriptor['version'])].filter(Boolean).join('-'),
    ],
    subject: subjectOf(source, target),
    systems: systemsOf(distro),
    components: list.components,
    builtFrom: new Map(),
    layers: listOf(target['layers']).flatMap((layer) => textOf(fieldsOf(layer)['digest']) ?? []),
  };
}

function subjectOf(source: Fields, target: Fields): SbomSubject {
  const repoDigest = textOf(listOf(target['repoDigests'])[0]);
  return known({
    name: textOf(target['userInput']) ?? textOf(source['name']) ?? textOf(source['target']),
    digest: digestIn(repoDigest, textOf(target['manifestDigest'])),
    architecture: textOf(target['architecture']),
  });
}

/** Schemas of before 2 have `name` and `version`, later ones the names of os-release. */
function systemsOf(distro: Fields): StatedSystem[] {
  const name = textOf(distro['id']) ?? textOf(distro['name']);
  if (name === undefined) return [];
  const idLike = listOf(distro['idLike']).flatMap((like) => textOf(like) ?? []);
  return [
    {
      name,
      found: 'distro',
      ...known({
        version: textOf(distro['versionID']) ?? textOf(distro['version']),
        codename: textOf(distro['versionCodename']),
        prettyName: textOf(distro['prettyName']),
        cpe: textOf(distro['cpeName']),
        idLike: idLike.length > 0 ? idLike : undefined,
      }),
    },
  ];
}

function artifactComponent(record: Fields, place: string): SbomComponent {
  const metadata = metadataOf(record);
  const purl = writtenText(record['purl']);
  const location = fieldsOf(listOf(record['locations'])[0]);
  return {
    name: textOf(record['name']) ?? '',
    purls: purl === undefined ? [] : [purl],
    role: 'package',
    place,
    ...known({
      version: textOf(record['version']),
      kind: textOf(record['type']),
      arch: textOf(metadata['architecture']),
      source: sourceOf(record, metadata),
      modularityLabel: textOf(metadata['modularityLabel']),
      vendor: textOf(metadata['vendor']),
      keyId: keyOf(metadata),
      database: textOf(location['path']),
      location: textOf(location['path']),
      layer: textOf(location['layerID']),
    }),
  };
}

/** Before schema 1.0 the record of the package database was `artifact.metadata`. */
function metadataOf(record: Fields): Fields {
  return fieldsOf(record['metadata'] ?? fieldsOf(record['artifact'])['metadata']);
}

/** dpkg's `Source` is left out where it is the package's own name, and its version where it is the same. */
function sourceOf(record: Fields, metadata: Fields): SbomComponent['source'] {
  const build = textOf(metadata['sourceRpm']);
  if (build !== undefined) return { name: build };
  if (record['type'] !== 'deb' || !('source' in metadata)) return undefined;
  const name = textOf(metadata['source']) ?? textOf(record['name']) ?? '';
  const version = textOf(metadata['sourceVersion']) ?? textOf(record['version']);
  return { name, ...known({ version }) };
}

/** The key of an rpm's first signature, which newer versions list. */
function keyOf(metadata: Fields): string | undefined {
  for (const signature of listOf(metadata['signatures'])) {
    const key = textOf(fieldsOf(signature)['issuer']) ?? textOf(fieldsOf(signature)['keyID']);
    if (key !== undefined && /^[0-9a-f]{16}$/i.test(key)) return key.toLowerCase();
  }
  return undefined;
}

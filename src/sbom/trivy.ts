import { databasesOf } from '../distros/databases.ts';
import { osIdOf } from '../distros/purl.ts';
import { type Fields, fieldsOf, type JsonPart, type JsonParts, known, listOf } from '../io/json-parts.ts';
import { ScapfeedError } from '../model/error.ts';
import type { ComponentList } from './component-list.ts';
import { joinedVersion } from './cyclonedx.ts';
import type { SbomComponent, SbomDocument } from './document.ts';
import { digestIn, recordsOf, textOf, writtenText } from './values.ts';

/** Reads a report of trivy that lists packages. @throws SBOM_MALFORMED for one that lists only vulnerabilities */
export function readTrivy(
  root: JsonPart,
  parts: JsonParts,
  list: ComponentList,
  where: string,
): SbomDocument {
  let name: string | undefined;
  let writer = 'trivy';
  let metadata: Fields = {};
  let withoutPackages = 0;
  for (const [member, value] of parts.members(root)) {
    if (member === 'ArtifactName') name = textOf(parts.parse(value));
    else if (member === 'Trivy') writer = `trivy-${textOf(fieldsOf(parts.parse(value))['Version']) ?? ''}`;
    else if (member === 'Metadata') metadata = fieldsOf(parts.parse(value));
    else if (member === 'Results') {
      let at = 0;
      for (const result of parts.objects(value)) {
        const isPackages = /^(?:os|lang)-pkgs$/.test(String(result['Class']));
        if (isPackages && result['Packages'] === undefined && result['Class'] === 'os-pkgs')
          withoutPackages += 1;
        recordsOf(result['Packages'], `Results/${at}/Packages`).forEach((each, index) => {
          list.add(packageOf(each, result, `Results/${at}/Packages/${index}`));
        });
        at += 1;
      }
    } else parts.check(value);
  }
  if (list.components.length === 0 && withoutPackages > 0) throw onlyVulnerabilities(where);
  const os = fieldsOf(metadata['OS']);
  const family = textOf(os['Family']);
  const image = fieldsOf(metadata['ImageConfig']);
  return {
    format: 'trivy JSON',
    writers: [writer],
    subject: known({
      name,
      digest: digestIn(textOf(listOf(metadata['RepoDigests'])[0])),
      architecture: textOf(image['architecture']),
    }),
    systems:
      family === undefined
        ? []
        : [{ name: family, found: 'Metadata/OS', ...known({ version: textOf(os['Name']) }) }],
    components: list.components,
    builtFrom: new Map(),
    layers: listOf(metadata['DiffIDs']).flatMap((layer) => textOf(layer) ?? []),
  };
}

function packageOf(record: Fields, result: Fields, place: string): SbomComponent {
  const text = (field: string) => textOf(record[field]);
  const purl = writtenText(fieldsOf(record['Identifier'])['PURL']);
  const layer = fieldsOf(record['Layer']);
  const named = text('SrcName');
  const version = joinedVersion(text('SrcVersion'), text('SrcRelease'), text('SrcEpoch'));
  const isSystem = result['Class'] === 'os-pkgs';
  return {
    name: text('Name') ?? '',
    purls: purl === undefined ? [] : [purl],
    role: 'package',
    place,
    ...known({
      version: joinedVersion(text('Version'), text('Release'), text('Epoch')),
      // The type of a result is a family of systems for packages of one, and an ecosystem for others.
      kind: isSystem ? databaseOf(textOf(result['Type'])) : textOf(result['Type']),
      arch: text('Arch'),
      source: isSystem && named !== undefined ? { name: named, ...known({ version }) } : undefined,
      modularityLabel: text('Modularitylabel'),
      vendor: text('Maintainer'),
      layer: textOf(layer['DiffID']) ?? textOf(layer['Digest']),
    }),
  };
}

/** The kind of a system's packages: early reports of trivy have no package URLs. */
function databaseOf(family: string | undefined): string | undefined {
  return family === undefined ? undefined : databasesOf(osIdOf(family))[0];
}

function onlyVulnerabilities(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: 'expected a list of packages, found a report of trivy that lists vulnerabilities only',
    where,
    remedy: 'write it with `trivy image --format json --list-all-pkgs`, or as CycloneDX',
  });
}

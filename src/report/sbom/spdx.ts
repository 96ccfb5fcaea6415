import { hash } from 'node:crypto';
import * as SPDX from '@cyclonedx/cyclonedx-library/SPDX';
import { systemName } from '../../distros/purl.ts';
import { requireDate } from '../../model/data-date.ts';
import {
  type InstalledPackage,
  isDatabaseType,
  type OsRelease,
  type PackagedFileDigest,
  statedSource,
} from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
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

/** Of the list of licences that the library has. */
const licenseListVersion = '3.29';

const imageId = 'SPDXRef-Image';
const systemId = 'SPDXRef-OperatingSystem';

/** The additions of a scan to an inventory. */
export interface ScanAdditions {
  /** Pages about the known flaws of a package. */
  security: SecurityReferences;
  /** Of the document. */
  comment: string | undefined;
}

type SecurityReferences = (
  pkg: InstalledPackage,
) => readonly { type: 'advisory' | 'fix'; locator: string; comment: string }[];

/** Formats an inventory as SPDX 2.3 JSON: the image, its operating system and its packages, with purls and licences. */
export function inventorySpdx(
  subject: SbomImage,
  { security, comment }: ScanAdditions = { security: () => [], comment: undefined },
): Iterable<string> {
  const { inventory, reference, toolVersion } = subject;
  const date = requireDate(subject.date, 'SPDX');
  const ids = spdxIds(subject);
  const extracted = new Map<string, string>();
  const packages = inventory.packages.map((pkg) =>
    packageRecord(pkg, ids.get(pkg)!, subject, date, extracted, security),
  );
  const filed = inventory.packages.flatMap((pkg) => {
    const { files } = subject.describe(pkg);
    return files === undefined ? [] : [{ id: ids.get(pkg)!, files }];
  });
  return jsonParts({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: reference,
    documentNamespace: `https://scapfeed.invalid/spdx/${subjectUuid(subject)}`,
    creationInfo: { created: date, creators: [`Tool: scapfeed-${toolVersion}`], licenseListVersion },
    comment,
    packages: [
      imageRecord(subject, date),
      ...(inventory.os ? [systemRecord(inventory.os)] : []),
      ...packages,
    ],
    ...(filed.length > 0 ? { files: fileRecords(filed) } : {}),
    hasExtractedLicensingInfos: [...extracted].map(([licenseId, text]) => ({
      licenseId,
      extractedText: text,
      name: text,
    })),
    relationships: relationships(ids, inventory.os !== null, filed),
  });
}

/** A package whose files are known, by its id. */
interface Filed {
  id: string;
  files: readonly PackagedFileDigest[];
}

function fileId(owner: string, at: number): string {
  return `${owner.replace('Package', 'File')}-${at + 1}`;
}

function* fileRecords(filed: readonly Filed[]): Iterable<object> {
  for (const { id, files } of filed) {
    for (const [at, { path, sha1 }] of files.entries())
      yield {
        SPDXID: fileId(id, at),
        fileName: `.${path}`,
        checksums: [{ algorithm: 'SHA1', checksumValue: sha1 }],
        licenseConcluded: 'NOASSERTION',
        licenseInfoInFiles: ['NOASSERTION'],
        copyrightText: 'NOASSERTION',
      };
  }
}

/** SPDX 2.3, 7.9: the SHA-1 of all files' SHA-1, sorted and joined. */
function verificationCode(files: readonly PackagedFileDigest[]): string {
  const digests = files.map(({ sha1 }) => sha1).sort(compareCodeUnits);
  return hash('sha1', digests.join(''));
}

function* relationships(
  packages: ReadonlyMap<InstalledPackage, string>,
  hasSystem: boolean,
  filed: readonly Filed[],
): Iterable<object> {
  yield { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: imageId };
  if (hasSystem) yield { spdxElementId: imageId, relationshipType: 'CONTAINS', relatedSpdxElement: systemId };
  // As in CycloneDX: the packages of languages are the image's, not the system's.
  for (const [{ type }, id] of packages) {
    const owner = hasSystem && isDatabaseType(type) ? systemId : imageId;
    yield { spdxElementId: owner, relationshipType: 'CONTAINS', relatedSpdxElement: id };
  }
  for (const { id, files } of filed) {
    for (const at of files.keys())
      yield { spdxElementId: id, relationshipType: 'CONTAINS', relatedSpdxElement: fileId(id, at) };
  }
}

/** SPDX allows letters, digits, `.` and `-`. */
function spdxIds({ inventory: { packages }, purl }: SbomImage): Map<InstalledPackage, string> {
  const ids = new Map<InstalledPackage, string>();
  for (const [pkg, ref] of packageRefs(packages, purl)) {
    const name = pkg.name.replace(/[^A-Za-z0-9.-]/g, '-');
    ids.set(pkg, `SPDXRef-Package-${name}-${hash('sha256', ref).slice(0, 16)}`);
  }
  return ids;
}

function imageRecord(subject: SbomImage, date: string): object {
  const { reference, digest, architecture, inventory } = subject;
  const annotations = [
    ...lossesOf(inventory).map((loss) => `${lossName}: ${loss}`),
    ...unreadOf(inventory).map((unread) => `${unreadName}: ${unread}`),
    ...damagedOf(inventory).map((damaged) => `${damagedName}: ${damaged}`),
    ...unsearchedOf(inventory).map((unsearched) => `${unsearchedName}: ${unsearched}`),
  ];
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest ?? '') ?? [];
  return {
    SPDXID: imageId,
    name: reference,
    ...(digest === undefined ? {} : { versionInfo: digest }),
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'CONTAINER',
    ...annotated(annotations, subject, date),
    ...(digest === undefined || hex === undefined
      ? {}
      : {
          checksums: [{ algorithm: 'SHA256', checksumValue: hex }],
          externalRefs: [purlRef(fullImagePurl(reference, digest, architecture))],
        }),
  };
}

/** Facts for which SPDX has no member: `scapfeed:NAME: VALUE`, read by scapfeed. */
function annotated(texts: readonly string[], { toolVersion }: SbomImage, date: string): object {
  if (texts.length === 0) return {};
  return {
    annotations: texts.map((text) => ({
      annotationDate: date,
      annotationType: 'OTHER',
      annotator: `Tool: scapfeed-${toolVersion}`,
      comment: `scapfeed:${text}`,
    })),
  };
}

function purlRef(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

function systemRecord(os: OsRelease): object {
  const version = os.pointRelease ?? os.versionId ?? os.codename;
  return {
    SPDXID: systemId,
    name: systemName(os.id),
    ...(version === undefined ? {} : { versionInfo: version }),
    ...(os.prettyName === undefined ? {} : { summary: os.prettyName }),
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'OPERATING_SYSTEM',
    ...(os.cpe?.startsWith('cpe:/')
      ? {
          externalRefs: [
            { referenceCategory: 'SECURITY', referenceType: 'cpe22Type', referenceLocator: os.cpe },
          ],
        }
      : {}),
  };
}

function packageRecord(
  pkg: InstalledPackage,
  id: string,
  subject: SbomImage,
  date: string,
  extracted: Map<string, string>,
  security: SecurityReferences,
): object {
  const { licences, licenceFile, sha256, files } = subject.describe(pkg);
  const layer = pkg.layer === undefined ? undefined : subject.layers[pkg.layer];
  const place = layer?.diffId ?? layer?.digest;
  const source = statedSource(pkg);
  const facts = packageFacts(pkg).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}`,
  );
  return {
    SPDXID: id,
    name: pkg.name,
    versionInfo: pkg.version,
    ...(pkg.vendor === undefined ? {} : { supplier: `Organization: ${pkg.vendor}` }),
    downloadLocation: 'NOASSERTION',
    // 7.8: without a list of all files there is no code either. dpkg has MD5 of files and rpm SHA-256, but the code is of SHA-1.
    filesAnalyzed: files !== undefined,
    ...(files === undefined
      ? {}
      : { packageVerificationCode: { packageVerificationCodeValue: verificationCode(files) } }),
    ...(source && { sourceInfo: `built package from: ${source.name} ${source.version}` }),
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: declared(licences, extracted),
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'LIBRARY',
    ...(place === undefined && licenceFile === undefined && sha256 === undefined
      ? {}
      : {
          comment: [
            place === undefined ? '' : `layer: ${place}`,
            licenceFile === undefined ? '' : `licences: ${licenceFile}`,
            sha256 === undefined ? '' : `sha256 of the rpm header: ${sha256}`,
          ]
            .filter((part) => part !== '')
            .join('; '),
        }),
    ...annotated(facts, subject, date),
    externalRefs: [
      purlRef(subject.purl(pkg)),
      ...security(pkg).map(({ type, locator, comment }) => ({
        referenceCategory: 'SECURITY',
        referenceType: type,
        referenceLocator: locator,
        comment,
      })),
    ],
  };
}

/** An expression; what is on no list of SPDX's becomes a reference to its text. */
function declared(licences: readonly string[], extracted: Map<string, string>): string {
  const expressions = licences.map(
    (text) => spdxExpression(text, SPDX.fixupSpdxId) ?? reference(text, extracted),
  );
  return allOf(expressions) ?? 'NOASSERTION';
}

function reference(text: string, extracted: Map<string, string>): string {
  const word = text.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 40);
  const id = `LicenseRef-${word}-${hash('sha256', text).slice(0, 8)}`;
  extracted.set(id, text);
  return id;
}

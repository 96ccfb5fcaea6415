import { createHash } from 'node:crypto';
import packageJson from '../../../package.json' with { type: 'json' };
import { compareRpmEvr, parseRpmEvr } from '../../packaging/rpm/version.ts';
import { type FlawDocuments, readerVersion, readFlawDocument } from '../../sources/csaf/flaw-document.ts';
import type { ComponentOrReason, CsafVocabulary } from '../../sources/csaf/vocabulary.ts';
import { type FlawTree, summarize } from '../../sources/csaf-tree/read-flaws.ts';
import { debugName } from '../../sources/errata/build.ts';
import { packageName, severityOf } from '../../sources/errata/erratum.ts';
import type { VendorCsaf } from '../rebuilds.ts';
import { type DocumentsDefinition, platformId, type RebuildData } from './definition.ts';

/** The vendor's CSAF documents of a CVE each, as its index lists them. */
export function flawTree({ rebuild, definition }: RebuildData<DocumentsDefinition>): FlawTree {
  const { id, csaf } = rebuild;
  const { documents, limits, malformedShare, malformedFew, releases } = definition;
  const isPath = new RegExp(`^${csaf!.path}$`);
  const known = new Map(releases.map((release) => [release.major, platformId(rebuild, release)]));
  const tree = `${id}-csaf`;
  const read: FlawDocuments = {
    tree,
    publisher: rebuild.publisher,
    vocabulary: vocabularyOf(csaf!, known),
    rules: { compare: compareRpmEvr },
    unproven: true,
  };
  return {
    id: tree,
    source: id,
    url: `${documents}/`,
    unproven: true,
    isPath: (text) => isPath.test(text),
    signingKeys: undefined,
    limits,
    malformedShare,
    malformedFew,
    definedIn: `feeds/${id}.json`,
    recordsVersion: `${packageJson.version}-${readerVersion}-${digestOf([...known.keys()].sort().join())}`,
    read: (bytes, path) => readFlawDocument(bytes, path, read),
    summarize,
    named: (text) => namesIn(text),
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** `vim-common-9.0-33.oe2203sp3.x86_64.rpm` */
const fileName =
  /^(?<name>[A-Za-z0-9_][A-Za-z0-9_.+-]*)-(?<version>[^-\s:/]+)-(?<release>[^-\s:/]+)\.(?<arch>[a-z0-9_]+)\.rpm$/;

function vocabularyOf({ product, advisory }: VendorCsaf, known: ReadonlyMap<string, string>): CsafVocabulary {
  const [isProduct, advisoryForm] = [new RegExp(`^${product}$`), new RegExp(advisory)];
  return {
    isPlatform: (_, id) => isProduct.test(id),
    stream: (id) => {
      const platform = known.get(isProduct.exec(id)?.[1] ?? '');
      return platform === undefined ? { reason: 'other_release', detail: id } : { platform };
    },
    component: componentOf,
    guesses: () => true,
    statuses: {
      fixed: 'fixed',
      first_fixed: 'fixed',
      known_affected: 'affected',
      known_not_affected: 'not_affected',
      under_investigation: 'under_investigation',
    },
    severityOf: (text) => (text === undefined ? undefined : severityOf(text)),
    fixStates: {},
    fixStateOfCategory: {
      none_available: { fixState: 'none_yet' },
      no_fix_planned: { fixState: 'will_not_fix' },
    },
    freeDetails: true,
    advisoryOf: (url) => advisoryForm.exec(url ?? '')?.[1],
    isVersion: (version) => parseRpmEvr(version)?.release !== undefined,
  };
}

/** Parses a file name of an rpm, which has no epoch. A package without a fix may be given by its name alone. */
function componentOf(id: string): ComponentOrReason {
  const { name = id, version, release, arch } = fileName.exec(id)?.groups ?? {};
  if (arch === 'src' || arch === 'nosrc') return { reason: 'source_package' };
  if (!packageName.test(name)) return { reason: 'no_package_name', detail: id };
  if (debugName.test(name)) return { reason: 'debug_package' };
  return {
    kind: 'rpm',
    subject: 'binary',
    unsure: false,
    name,
    module: undefined,
    arch,
    version: version === undefined ? undefined : `${version}-${release}`,
  };
}

/** More than this in one document is no list of the packages that it is about. */
const mostNamed = 10_000;

/** The packages of a document that cannot be read: texts that are names of files. None: too many. */
function namesIn(text: string): string[] {
  const names = new Set<string>();
  for (const [, file = ''] of text.matchAll(/"([^"\s]{1,400}\.rpm)"/g)) {
    const name = fileName.exec(file)?.groups?.['name'];
    if (name !== undefined) names.add(name);
    if (names.size > mostNamed) return [];
  }
  return [...names].sort();
}

import { createHash } from 'node:crypto';
import packageJson from '../../../package.json' with { type: 'json' };
import type { CsafTree } from '../../sources/csaf-tree/tree.ts';
import { platformOf, type SuseDefinition } from './definition.ts';
import { type DocumentRecord, readDocument, readerVersion } from './document.ts';

export const treeId = 'suse-csaf-vex';

/** A document without its rows: what a build needs of each. */
export type DocumentSummary = Omit<DocumentRecord, 'vulnerabilities'> & { count: number };

export type SuseTree = CsafTree<DocumentRecord, DocumentSummary>;

/** SUSE's directory of CSAF-VEX documents, all in one folder. */
export function treeOf(definition: SuseDefinition): SuseTree {
  const { tree, archive, limits, malformedShare, malformedFew, releases } = definition;
  const known = new Set(releases.map((release) => platformOf(release).id));
  return {
    id: treeId,
    source: 'suse',
    url: tree,
    archive: { name: { at: archive }, folder: 'csaf-vex/' },
    isPath: (text) => /^[A-Za-z0-9][A-Za-z0-9._-]*\.json$/.test(text),
    // The key of its signatures is not published beside them, and they are made over SHA-1.
    signingKeys: undefined,
    limits,
    malformedShare,
    malformedFew,
    definedIn: 'feeds/suse.json',
    recordsVersion: `${packageJson.version}-${readerVersion}-${digestOf([...known].sort().join())}`,
    read: (bytes, path) => readDocument(bytes, treeId, path, known),
    summarize: ({ vulnerabilities, ...rest }) => ({ ...rest, count: vulnerabilities.length }),
  };
}

/** Names of files are short. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

import packageJson from '../../../package.json' with { type: 'json' };
import type { ArchivedTree } from '../../sources/csaf-tree/tree.ts';
import { majorsOf, type RedHatDefinition } from './definition.ts';
import { readDocument, readerVersion } from './document.ts';
import { type DocumentRecord, type Tree, trees } from './record.ts';
import { type DocumentSummary, summaryOf } from './settle/summary.ts';

export type RedHatTree = ArchivedTree<DocumentRecord, DocumentSummary>;

export function treesOf(definition: RedHatDefinition): RedHatTree[] {
  return trees.map((id) => treeOf(id, definition));
}

/** One of Red Hat's directories; its documents lie in a folder for each year. */
export function treeOf(id: Tree, definition: RedHatDefinition): RedHatTree {
  const { limits, signingKeys, malformedShare, malformedFew } = definition;
  const majors = majorsOf(definition);
  return {
    id,
    source: 'redhat',
    url: definition.trees[id],
    archive: { name: { in: 'archive_latest.txt' } },
    isPath: (text) => /^\d{4}\/[A-Za-z0-9][A-Za-z0-9._-]*\.json$/.test(text),
    signingKeys,
    limits,
    malformedShare,
    malformedFew,
    definedIn: 'feeds/redhat.json',
    recordsVersion: recordsVersion(definition),
    read: (bytes, path) => readDocument(bytes, id, path, majors),
    summarize: summaryOf,
  };
}

/** Part of the name of every kept file, so that another reader, or one for other releases, makes it again. */
export function recordsVersion(definition: RedHatDefinition): string {
  const majors = [...majorsOf(definition)].sort((a, b) => a - b).join('.');
  return `${packageJson.version}-${readerVersion}-${majors}`;
}

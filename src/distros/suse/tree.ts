import { createHash } from 'node:crypto';
import packageJson from '../../../package.json' with { type: 'json' };
import { compareRpmEvr } from '../../packaging/rpm/version.ts';
import { readerVersion, readFlawDocument } from '../../sources/csaf/flaw-document.ts';
import { type PackageStatement, placeOf, type Row } from '../../sources/csaf/rows.ts';
import { type FlawTree, summarize } from '../../sources/csaf-tree/read-flaws.ts';
import type { ArchivedTree } from '../../sources/csaf-tree/tree.ts';
import { platformOf, type SuseDefinition } from './definition.ts';
import { suseVocabulary } from './vocabulary.ts';

/** Channels in which a release goes on after its own support; a flaw that is fixed there is in the release itself. */
const laterChannels = ['ltss', 'ltss-es', 'espos'];

/** Repeats statements of later channels for the release itself, whose packages have the same flaws; their fixes must be bought. */
function ofTheRelease(statements: readonly PackageStatement[]): PackageStatement[] {
  const known = new Set(statements.map((statement) => placeOf(statement)));
  return laterChannels.flatMap((channel) =>
    statements.flatMap((statement) => {
      const { claim } = statement;
      if (claim.channel !== channel || claim.status === 'not_affected') return [];
      const place = placeOf(statement, '');
      if (known.has(place)) return [];
      known.add(place);
      const { channel: _, fixed, advisories: __, ...rest } = claim;
      const repeated: Row['claim'] =
        fixed === undefined
          ? { ...rest, marks: ['inferred'] }
          : {
              ...rest,
              status: 'affected',
              fixState: 'other_channel',
              channelFix: fixed,
              reason: channel,
              marks: ['inferred'],
            };
      return [{ ...statement, claim: repeated }];
    }),
  );
}

export const treeId = 'suse-csaf-vex';

export type SuseTree = FlawTree & ArchivedTree;

/** SUSE's directory of CSAF-VEX documents, all in one folder. */
export function treeOf(definition: SuseDefinition): SuseTree {
  const { tree, archive, limits, malformedShare, malformedFew, releases } = definition;
  const known = new Set(releases.map((release) => platformOf(release).id));
  const documents = {
    tree: treeId,
    publisher: 'SUSE',
    vocabulary: suseVocabulary(known),
    rules: { compare: compareRpmEvr, inferred: ofTheRelease },
  };
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
    read: (bytes, path) => readFlawDocument(bytes, path, documents),
    summarize,
  };
}

/** Names of files are short. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

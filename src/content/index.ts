import type { Source } from '../sources/contract.ts';
import { builtInList, type ContentList } from './content-list.ts';
import { fetchContent, source as id } from './fetch.ts';
import { readContents } from './read.ts';

export { builtInList, type ContentList, parseContentList } from './content-list.ts';

/**
 * SCAP content as a source of feeds: releases of the SCAP Security Guide and data streams that the operator names. The list
 * is fetched like a document, so that a feed can be made again from its snapshots alone.
 */
export function contentSource(toolVersion: string, list: ContentList = builtInList): Source {
  return {
    id,
    name: 'SCAP content',
    licence: 'see each benchmark',
    attribution:
      'SCAP Security Guide: the ComplianceAsCode project, https://github.com/ComplianceAsCode/content',
    contentOnly: true,
    fetch: (context) => fetchContent(context, list),
    read: (inputs, store, out) => readContents({ inputs, store, out, tool: `scapfeed ${toolVersion}` }),
    evidence: async () => undefined,
  };
}

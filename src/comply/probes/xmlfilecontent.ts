import { ScapfeedError } from '../../model/error.ts';
import { findPaths } from '../files/paths.ts';
import { openKept } from '../files/texts.ts';
import { askedValue, type Conditions } from '../oval/conditions.ts';
import {
  type Collection,
  collection,
  failure,
  type ItemEntity,
  makeItem,
  type OvalItem,
} from '../oval/items.ts';
import { evaluateXPath, XPathError } from '../xpath/index.ts';
import { hasHash, hidesHashes } from './password-hashes.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** Larger documents are not read as XML; configuration has a few kilobytes. */
const maxXmlBytes = 16 * 1024 * 1024;

/** Elements are there, but an XPath that ends at them gives no text to compare. */
const noText: ItemEntity = { value: '', status: 'not collected' };

/** independent xmlfilecontent: the values that an XPath finds in each file. */
export const xmlFileContent: Probe = {
  type: 'independent/xmlfilecontent',
  collect: xpathValues,
  reads: 'named files',
  digests: 'none',
  shows: { place: ['filepath'] },
  secret: hidesHashes(['value_of']),
};

function xpathValues(conditions: Conditions, { system }: ProbeContext): Collection {
  const asked = conditions.get('xpath');
  const expression = asked?.values[0] ?? '';
  const items: OvalItem[] = [];
  let unread: string | undefined;
  for (const { filepath, path, filename } of findPaths(system.files, conditions)) {
    if (filepath === undefined || system.files.stat(filepath)?.type !== 'file') continue;
    const content = openKept(system.files, filepath);
    if (!content || content.size > maxXmlBytes) {
      unread ??= `${filepath} is too large to read, or its content was not kept`;
      continue;
    }
    try {
      const bytes = content.read(0, content.size);
      const values = evaluateXPath(bytes, filepath, expression);
      if (!values) continue;
      const hidden = hasHash(bytes.toString('latin1'));
      items.push(
        makeItem('independent/xmlfilecontent', {
          filepath,
          path,
          filename,
          xpath: askedValue(asked, expression),
          value_of:
            values.length > 0
              ? values.map((value): ItemEntity => ({ value, ...(hidden && { secret: true }) }))
              : [noText],
        }),
      );
    } catch (error) {
      if (error instanceof XPathError) return failure('error', error.message);
      if (!(error instanceof ScapfeedError)) throw error;
      unread ??= `${filepath}: ${error.message}`;
    }
  }
  return unread === undefined ? collection(items) : { flag: 'incomplete', items, message: unread };
}

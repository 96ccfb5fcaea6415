import type { Source } from '../../sources/contract.ts';
import { updateEvidence } from '../../sources/updateinfo/update-text.ts';
import { type AmazonDefinition, amazonDefinition } from './definition.ts';
import { fetchAmazon } from './fetch.ts';
import { readAmazon } from './read.ts';

export { amazonDefinition as definition } from './definition.ts';

/** The updates of Amazon Linux's repositories, those of extras and live patches included. */
export function createSource(definition: AmazonDefinition): Source {
  return {
    id: 'amazon',
    name: 'Amazon Linux security updates',
    licence: 'facts without a stated licence',
    terms: 'unclear',
    usualDays: definition.usualDays,
    unsealed: true,
    attribution: 'Amazon Web Services, Amazon Linux Security Center (https://alas.aws.amazon.com/)',
    fetch: (context) => fetchAmazon(context, definition),
    read: (snapshots, store, out) => readAmazon({ snapshots, store, out, definition }),
    evidence: updateEvidence,
  };
}

export const source: Source = createSource(amazonDefinition);

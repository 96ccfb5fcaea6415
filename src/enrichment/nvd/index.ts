import type { AssessmentSource } from '../../sources/contract.ts';
import { definition, type EnrichmentDefinition } from '../definition.ts';
import { fetchNvd } from './fetch.ts';
import { readNvd } from './read.ts';

/** The National Vulnerability Database: a feed for each year, and feeds of the last changes. */
export function createSource(nvd: EnrichmentDefinition['nvd']): AssessmentSource {
  return {
    id: 'nvd',
    isSampled: true,
    name: 'NIST National Vulnerability Database',
    licence: 'public domain (US government work)',
    attribution:
      'This product uses data from the NVD but is not endorsed or certified by the NVD, https://nvd.nist.gov/',
    fetch: (context) => fetchNvd(context, nvd),
    read: (inputs, store, out) => readNvd(inputs, store, out, nvd),
  };
}

export const source = createSource(definition.nvd);

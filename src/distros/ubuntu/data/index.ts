import type { Source } from '../../../sources/contract.ts';
import { ubuntuEvidence } from './evidence.ts';
import { fetchUbuntu } from './fetch.ts';
import { readUbuntu } from './read.ts';

/** Ubuntu: Canonical's OSV, OpenVEX and USN data, and the CVE tracker for what these leave out. */
export const ubuntu: Source = {
  id: 'ubuntu',
  name: 'Ubuntu security data',
  licence: 'CC-BY-SA-4.0',
  attribution: 'Canonical Ltd., Ubuntu Security Team (https://ubuntu.com/security)',
  fetch: fetchUbuntu,
  read: readUbuntu,
  evidence: ubuntuEvidence,
};

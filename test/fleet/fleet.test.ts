import { describe } from 'vitest';
import { emptyEmbedded, newEmbedded } from '../support/fleet.ts';
import { fleetCases } from '../support/fleet-cases.ts';
import { keptFleetCases } from '../support/kept-fleet-cases.ts';
import { waiverCases } from '../support/waiver-cases.ts';

describe('a fleet in PostgreSQL in the process', () => {
  fleetCases(newEmbedded);
  waiverCases(newEmbedded);
  keptFleetCases(emptyEmbedded);
});

import { describe } from 'vitest';
import { newEmbedded } from '../support/fleet.ts';
import { serverCases } from '../support/fleet-server-cases.ts';

describe('the server of a fleet in PostgreSQL in the process', () => serverCases(newEmbedded));

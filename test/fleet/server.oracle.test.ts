import { afterAll, beforeAll, describe } from 'vitest';
import { fleetCases } from '../support/fleet-cases.ts';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts';
import { waiverCases } from '../support/waiver-cases.ts';

describe.runIf(hasPostgres())("a fleet in Debian's PostgreSQL", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  fleetCases(() => postgres.newDatabase());
  waiverCases(() => postgres.newDatabase());
});

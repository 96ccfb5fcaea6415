import { toolVersion } from '../../acts/tool-version.ts';
import type { Verification } from '../../model/index.ts';
import { verificationJson } from '../../report/verify/json.ts';
import { verificationTable } from '../../report/verify/table.ts';
import type { Writers } from '../../report/writers.ts';

/** The report formats of a comparison of files. */
export type VerificationFormat = 'table' | 'json' | 'sarif' | 'junit';

/** The reports of one comparison. `name`: the image's name in CI systems. */
export function verificationWriters(
  result: Verification,
  name: string,
  table: Writers<'table'>['table'] = () => verificationTable(result, { color: false, all: false }),
): Writers<VerificationFormat> {
  return {
    table,
    json: () => verificationJson(result),
    sarif: async () =>
      (await import('../../report/verify/sarif.ts')).verificationSarif(result, toolVersion, name),
    junit: async () => (await import('../../report/verify/junit.ts')).verificationJunit(result, name),
  };
}

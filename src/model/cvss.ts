import { cvss2 } from './cvss2.ts';
import { cvss3 } from './cvss3.ts';
import { cvss4 } from './cvss4.ts';
import type { VendorScore } from './vulnerability.ts';

/** Base score of a CVSS vector of any version. Undefined: it is none, or of a version that is not known. */
export function cvssScore(vector: string): VendorScore | undefined {
  return cvss4(vector) ?? cvss3(vector) ?? cvss2(vector);
}

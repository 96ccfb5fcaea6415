import type { HarborReportKind } from '../../store/harbor.ts';

/** Media types of Harbor's scanner API, https://github.com/goharbor/pluggable-scanner-spec. */
export const metadataType = 'application/vnd.scanner.adapter.metadata+json';
export const responseType = 'application/vnd.scanner.adapter.scan.response+json; version=1.0';
export const errorType = 'application/vnd.scanner.adapter.error+json; version=1.0';

/** Harbor's media type of a list of flaws: the one that is offered, and its older name. */
export const vulnerabilityType = 'application/vnd.security.vulnerability.report; version=1.1';
const olderVulnerabilityType = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
export const sbomType = 'application/vnd.security.sbom.report+json; version=1.0';

/** Media types of an SBOM. */
export const sbomMedia = {
  spdx: 'application/spdx+json',
  cyclonedx: 'application/vnd.cyclonedx+json',
} as const satisfies Partial<Record<HarborReportKind, string>>;

/** Manifests that are judged. Harbor asks for each image of an index by itself. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The type of report that a client accepts; undefined: one that is not made. */
export function acceptedReport(accept: string | undefined): string | undefined {
  const types = (accept ?? '*/*').split(',').map(withoutSpaces);
  const offered = [vulnerabilityType, sbomType, olderVulnerabilityType];
  for (const type of types) {
    const found = offered.find((each) => withoutSpaces(each) === type);
    if (found !== undefined) return found;
  }
  return types.some((type) => /^(\*|application)\/\*(;|$)/.test(type)) ? vulnerabilityType : undefined;
}

/** `application/x; version=1.0` as clients write it. */
function withoutSpaces(type: string): string {
  return type.replaceAll(/\s/g, '').toLowerCase();
}

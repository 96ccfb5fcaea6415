import { isOfEcosystem } from '../../model/inventory/index.ts';
import { jsonParts } from '../formats/json.ts';
import { flawsOf } from './flaws.ts';
import type { ScanReport } from './report.ts';

/** Formats the distribution's packages that can be upgraded as an update manifest of Copacetic (v1alpha1), which patches images by it. */
export function copaManifest(report: ScanReport): Iterable<string> {
  const { result, inventory, names } = report;
  return jsonParts({
    apiVersion: 'v1alpha1',
    metadata: {
      os: {
        type: names.vendor,
        version: inventory.os?.pointRelease ?? inventory.os?.versionId ?? '',
      },
      config: { arch: result.image.architecture ?? 'amd64' },
    },
    updates: updates(report),
  });
}

function* updates({ shown }: ScanReport): Iterable<object> {
  const fixable = shown.filter(
    ({ fixState, ignored, package: pkg }) =>
      fixState === 'available' && ignored === undefined && !isOfEcosystem(pkg),
  );
  for (const { verdicts } of flawsOf(fixable)) {
    for (const { vulnerability, fixedVersion, package: pkg } of verdicts) {
      yield {
        name: pkg.name,
        installedVersion: pkg.version,
        fixedVersion,
        vulnerabilityID: vulnerability,
      };
    }
  }
}

import type { Layer, ScanResult, ViewedVerdict } from '../model/index.ts';

/** Version of the JSON form of a scan; schemas/scan-result.schema.json describes it. */
export const scanResultFormat = 'scapfeed/scan-result/1';

/** Formats a scan as JSON: every verdict, also those that the table hides (with `hidden`), and all packages not covered. */
export function scanJson(result: ScanResult, verdicts: readonly ViewedVerdict[]): string {
  const { image, uncovered, ...rest } = result;
  const document = {
    format: scanResultFormat,
    ...rest,
    image: { reference: image.reference, digest: image.digest, architecture: image.architecture },
    verdicts: verdicts.map((verdict) => verdictRecord(verdict, image.layers)),
    uncovered: uncovered.map(({ package: pkg, reason, detail }) => ({
      ...packageRecord(pkg, image.layers),
      reason,
      detail,
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function verdictRecord(verdict: ViewedVerdict, layers: readonly Layer[]): Record<string, unknown> {
  const { package: pkg, ...rest } = verdict;
  return { ...rest, package: packageRecord(pkg, layers) };
}

function packageRecord(pkg: ViewedVerdict['package'], layers: readonly Layer[]): Record<string, unknown> {
  const { layer, ...rest } = pkg;
  return layer === undefined || layers[layer] === undefined
    ? rest
    : { ...rest, layer: { index: layer, ...layers[layer] } };
}

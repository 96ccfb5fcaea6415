import { createHash } from 'node:crypto';
import type { HarborRequest } from '../../fleet/serve/harbor/scan-request.ts';
import type { HarborReport, HarborReportKind } from '../../fleet/store/harbor.ts';
import type { OffLimits } from '../../io/http/off-link.ts';
import type { Environment } from '../../model/environment.ts';
import type { ageOptions, feedOptions } from '../../tasks/feed-options.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { judgingOptions } from '../../tasks/scan/options.ts';
import { toolVersion } from '../program.ts';

/** The options of a server that its scans for Harbor need. */
export type HarborGiven = OptionValues<
  typeof feedOptions & typeof ageOptions & Omit<typeof judgingOptions, 'platform'> & typeof imageOptions
> & { readonly 'allow-uncovered'?: boolean | undefined };

/** One scan, as its thread gets it. */
export interface HarborTask {
  /** `registry:HOST/NAME@DIGEST`. */
  reference: string;
  /** Those to make; none: the image is only asked for. */
  reports: readonly HarborReportKind[];
  given: HarborGiven;
  env: Environment;
  registry: { credentials: NonNullable<HarborRequest['credentials']> | null; insecure: readonly string[] };
  off: OffLimits;
}

/** `log`: an unexpected error, for the operator alone. */
export type HarborAnswer = { reports: readonly HarborReport[] } | { failure: string; log?: string };

/**
 * Identifies the inputs of reports besides the image: program, feed and options that change verdicts. An SBOM contains the name
 * of its image, so it is not shared with other repositories that have the same image.
 */
export function harborBases(
  { given, reference }: Pick<HarborTask, 'given' | 'reference'>,
  feedDigest: string,
): { vulnerability: string; sbom: string } {
  const options = [
    ...[given['severity-from'], given['platform-map'], given.stream, given.languages],
    ...[given['no-languages'], given['allow-uncovered'], given['max-age']],
  ];
  return {
    vulnerability: keyOf([toolVersion, feedDigest, options]),
    sbom: keyOf([toolVersion, reference]),
  };
}

/** The image of a request, as the thread opens it. */
export function harborReference({ host, artifact }: Pick<HarborRequest, 'host' | 'artifact'>): string {
  return `registry:${host}/${artifact.repository}@${artifact.digest}`;
}

function keyOf(parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify(parts, (_, value) => value ?? null))
    .digest('hex');
}

import { toolVersion } from '../acts/tool-version.ts';
import { allowanceOf, verifyImageInSteps } from '../acts/verified.ts';
import { finish } from '../io/cancellation.ts';
import type { Verification } from '../model/index.ts';
import { verificationJson } from '../report/verify/json.ts';
import { verificationTable } from '../report/verify/table.ts';
import { verifyInspection, verifyWanted } from '../verify/index.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { date, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { type OpenImageOptions, openFor, timeOf } from './image.ts';
import { policyAt } from './policy.ts';
import { type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** Options of {@link verifyFiles}. */
export interface VerifyFilesOptions extends OpenImageOptions {
  /** Patterns of accepted paths: `/app/**`. */
  allow?: readonly string[];
  /** Path of a scapfeed.yaml. Only its accepted paths are used, not its options. */
  policyFile?: string;
  /** The time at which the expiry of policy entries is checked. Default: now. */
  now?: Date;
}

/** The differences between an image's files and its packages. */
export type FileVerification = Reported<Verification, 'json' | 'sarif' | 'junit' | 'table'>;

/** @internal */
export const verifyFilesDoor: Door = new Door('verifyFiles', {
  reference: things.reference,
  options: optionShapes<VerifyFilesOptions>({
    ...things.openImageOptions,
    allow: things.texts,
    policyFile: text,
    now: date,
  }),
});

/**
 * Compares an image's files with the files that its packages installed. Same as `scapfeed verify`. Reads the whole image and
 * computes digests while reading its layers.
 *
 * @param reference - An image in the syntax of {@link openImage}.
 * @throws {@link ScapfeedError} `PACKAGE_DATABASE_MISSING`, `PACKAGE_DATABASE_UNREADABLE`; and the errors of {@link openImage}
 * @example
 * ```ts
 * import { verifyFiles } from 'scapfeed';
 *
 * const { result } = await verifyFiles('dir:image', { allow: ['/app/**'] });
 * for (const { kind, path } of result.deviations) console.log(kind, path);
 * ```
 */
export function verifyFiles(reference: string, options: VerifyFilesOptions = {}): Promise<FileVerification> {
  return run(verifyFilesDoor, [reference, options], async (report) => {
    report(`reading ${reference}`);
    const { allow = [], policyFile } = options;
    const chosen = policyFile === undefined ? undefined : await policyAt(policyFile);
    const allowance = await allowanceOf(allow, chosen, timeOf(options));
    const image = await openFor(reference, options, verifyWanted, verifyInspection);
    try {
      report(`comparing the files of ${reference}`);
      const result = await finish(verifyImageInSteps(image, allowance));
      return reported(result, {
        json: () => verificationJson(result),
        sarif: async () => (await import('../report/verify/sarif.ts')).verificationSarif(result, toolVersion),
        junit: async () => (await import('../report/verify/junit.ts')).verificationJunit(result),
        table: () => verificationTable(result, { color: false, all: false }),
      });
    } finally {
      image.close();
    }
  });
}

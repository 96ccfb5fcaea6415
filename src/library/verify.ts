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

/** How files are compared. */
export interface VerifyFilesOptions extends OpenImageOptions {
  /** Patterns of paths that are accepted: `/app/**`. */
  allow?: readonly string[];
  /** Path of a scapfeed.yaml; only the paths that it accepts are used, not its options. */
  policyFile?: string;
  /** The day by which entries of the policy expire. Default: today. */
  now?: Date;
}

/** What differs between the files of an image and its packages. */
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
 * Compares the files of an image with what its packages installed: what `scapfeed verify` does. It reads the whole image, whose
 * digests are computed while its layers are read.
 *
 * @param reference - As of {@link openImage}.
 * @throws {@link ScapfeedError} those of {@link openImage}, `PACKAGE_DATABASE_MISSING`, `PACKAGE_DATABASE_UNREADABLE`
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

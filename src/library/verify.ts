import { finish } from '../io/cancellation.ts';
import type { SignatureGate, Verification } from '../model/verdict/index.ts';
import { stableImageName } from '../report/scan/words.ts';
import { writersOf } from '../tasks/formats.ts';
import { parameterNames } from '../tasks/outcome.ts';
import { type PolicyFileParameters, policyFileOptions } from '../tasks/policy/options.ts';
import { requireSameImage } from '../tasks/signed/same-image.ts';
import { type VerificationFormat, verificationReports } from '../tasks/verify/formats.ts';
import { verificationOutcome } from '../tasks/verify/gate.ts';
import { type VerifyPolicyOptions, verifyOptions } from '../tasks/verify/options.ts';
import { allowanceOf, verifyImageInSteps } from '../tasks/verify/run.ts';
import { verifyInspection, verifyWanted } from '../verify/index.ts';
import { type OpenImageOptions, openFor, timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { date } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type GateResult, gateResult, policyAt } from './policy.ts';
import { boundWriters, type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** Options of {@link verifyFiles}. */
export interface VerifyFilesOptions extends OpenImageOptions, VerifyPolicyOptions, PolicyFileParameters {
  /** The result of a signature check of the image: `gate` of {@link checkSignatures}. */
  signed?: SignatureGate;
  /** The time at which the expiry of policy entries is checked. Default: now. */
  now?: Date;
}

/** The differences between an image's files and its packages. */
export interface FileVerification extends Reported<Verification, VerificationFormat> {
  /** The outcome of `failOn`, `allowUncovered` and `signed`, as the exit code of `scapfeed verify`. */
  readonly policy: GateResult;
}

/** @internal */
export const verifyFilesParameters: ParameterCheck = new ParameterCheck('verifyFiles', {
  reference: things.reference,
  options: optionShapes<VerifyFilesOptions>({
    ...things.openImageOptions,
    ...shapesOf(verifyOptions),
    ...shapesOf(policyFileOptions),
    signed: things.signatureGate,
    now: date,
  }),
});

/**
 * Compares an image's files with the files that its packages installed. Same as `scapfeed verify`. Reads the whole image and
 * computes digests while reading its layers.
 *
 * @param reference - An image in the syntax of {@link openImage}.
 * @throws {@link ScapfeedError} `PACKAGE_DATABASE_MISSING`, `PACKAGE_DATABASE_UNREADABLE`, `IMAGE_DIGEST_MISMATCH`; and the errors of {@link openImage}
 * @example
 * ```ts
 * import { verifyFiles } from 'scapfeed';
 *
 * const { result, policy } = await verifyFiles('dir:image', { allow: ['/app/**'], failOn: ['unowned'] });
 * for (const { kind, path } of result.deviations) console.log(kind, path);
 * console.log(policy.exitCode, policy.reasons);
 * ```
 */
export function verifyFiles(reference: string, options: VerifyFilesOptions = {}): Promise<FileVerification> {
  return run(verifyFilesParameters, [reference, options], async (report) => {
    report(`reading ${reference}`);
    const { allow = [], policyFile, signed } = options;
    const chosen = policyFile === undefined ? undefined : await policyAt(policyFile);
    const allowance = await allowanceOf(allow, chosen, timeOf(options));
    const image = await openFor(reference, options, verifyWanted, verifyInspection);
    try {
      report(`comparing the files of ${reference}`);
      requireSameImage(signed, image);
      const result = { ...(await finish(verifyImageInSteps(image, allowance))), ...(signed && { signed }) };
      const found = { name: stableImageName(image.reference), result, all: false };
      return {
        ...reported(result, boundWriters(writersOf(verificationReports.formats, found))),
        policy: gateResult(verificationOutcome(result, options, parameterNames)),
      };
    } finally {
      image.close();
    }
  });
}

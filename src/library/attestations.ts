import { ScapfeedError } from '../model/error.ts';
import type { SignatureGate } from '../model/verdict/index.ts';
import { sbomFile } from '../tasks/image/sbom-subject.ts';
import { attachedVexOf, attestedVexOf, type VexOfImage } from '../tasks/image/vex.ts';
import { attestedImage } from '../tasks/signed/attested-image.ts';
import type { SbomContent } from './image.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { oneOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type NetworkOptions, type RunOptions, run } from './run.ts';
import { type Signers, signatureAccess, signerOptions, signersOf } from './signatures.ts';

/** Options for reading attestations of an image. */
export interface AttestationOptions extends RunOptions, NetworkOptions {
  /** The image of a multi-platform index to use. Default: `linux/amd64`. */
  platform?: string;
}

const attestationShapes = { ...things.runOptions, ...things.networkOptions, platform: text };

/** Options of {@link readAttestedSbom}, including who must have signed the attestation. */
export interface ReadAttestedSbomOptions extends AttestationOptions {
  signers: Signers;
}

/** An image and its inventory, read from an attested SBOM. */
export interface AttestedSbomContent extends SbomContent {
  /** The result of the signature check, for `signed` of {@link judge}. */
  signed: SignatureGate;
}

const attestedTypes = ['cyclonedx', 'spdx'] as const;

/** @internal */
export const readAttestedSbomParameters: ParameterCheck = new ParameterCheck('readAttestedSbom', {
  reference: things.reference,
  type: required(oneOf(attestedTypes)),
  options: required(
    optionShapes<ReadAttestedSbomOptions>({
      ...attestationShapes,
      signers: required(optionShapes<Signers>(signerOptions)),
    }),
  ),
});

/**
 * Reads an image's inventory from a verified SBOM attestation instead of from the image. Same as
 * `scapfeed scan --from-attestation`.
 *
 * @param reference - An image in a registry or an OCI layout, in the syntax of {@link openImage}.
 * @param type - The SBOM format of the attestation.
 * @returns The image and inventory for {@link judge}, and the result of the signature check.
 * @throws {@link ScapfeedError} `ATTESTATION_MISSING` when the image has no such attestation; `ATTESTATION_REFUSED` when none is
 * by a required signer, or several differ; `SBOM_MALFORMED`; and the errors of {@link checkSignatures}
 * @example
 * ```ts
 * import { isScapfeedError, readAttestedSbom } from 'scapfeed';
 *
 * try {
 *   const { inventory } = await readAttestedSbom('oci:layout', 'cyclonedx', { signers: { keys: ['cosign.pub'] } });
 *   console.log(inventory.packages.length);
 * } catch (error) {
 *   console.log(isScapfeedError(error) && error.code); // ATTESTATION_MISSING
 * }
 * ```
 */
export function readAttestedSbom(
  reference: string,
  type: 'cyclonedx' | 'spdx',
  options: ReadAttestedSbomOptions,
): Promise<AttestedSbomContent> {
  return run(readAttestedSbomParameters, [reference, type, options], async (report) => {
    await requireImage(reference);
    const asked = signersOf(options.signers);
    report(`looking for attestations of ${reference}`);
    return attestedImage(reference, type, asked, accessOf(options));
  });
}

/** Options of {@link readAttachedVex}. */
export interface ReadAttachedVexOptions extends AttestationOptions {
  /** Use only documents attested by these signers. Default: every attached document, whoever attached it. */
  signers?: Signers;
}

/** @internal */
export const readAttachedVexParameters: ParameterCheck = new ParameterCheck('readAttachedVex', {
  reference: things.reference,
  options: optionShapes<ReadAttachedVexOptions>({
    ...attestationShapes,
    signers: optionShapes<Signers>(signerOptions),
  }),
});

/**
 * Reads the VEX documents attached to an image in its registry or OCI layout. Same as `scapfeed scan --vex oci`, or as
 * `--vex attested` when `signers` is set.
 *
 * @returns The documents for `vex` of {@link judge}, and a note for each attachment that was left out. `judge` adds the notes to
 * its result.
 * @throws {@link ScapfeedError} `VEX_INVALID`; `USAGE` when `signers` is empty; and the errors of {@link checkSignatures}
 * @example
 * ```ts
 * import { judge, openFeed, openImage, readAttachedVex, readInventory } from 'scapfeed';
 *
 * const [feed, image] = [openFeed('feed'), await openImage('oci:layout')];
 * const attached = await readAttachedVex('oci:layout');
 * const { result } = await judge(readInventory(image), feed, { image, vex: [attached] });
 * console.log(result.inventory.notes.map(({ code }) => code).includes('no_vex_document')); // true
 * image.close();
 * feed.close();
 * ```
 */
export function readAttachedVex(
  reference: string,
  options: ReadAttachedVexOptions = {},
): Promise<VexOfImage> {
  return run(readAttachedVexParameters, [reference, options], async (report) => {
    await requireImage(reference);
    const { signers } = options;
    const asked = signers && signersOf(signers);
    report(`looking for VEX of ${reference}`);
    const access = accessOf(options);
    return asked ? attestedVexOf(reference, asked, access) : attachedVexOf(reference, access);
  });
}

function accessOf(options: AttestationOptions & { signers?: Signers }) {
  const { lookaside } = options.signers ?? {};
  return signatureAccess({ ...options, ...(lookaside === undefined ? {} : { lookaside }) });
}

async function requireImage(reference: string): Promise<void> {
  if ((await sbomFile(reference)) === undefined) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'an SBOM in a file has nothing attached',
    where: reference,
    remedy: 'specify the image',
  });
}

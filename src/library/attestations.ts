import { attestedImage } from '../acts/attested-image.ts';
import { attachedVexOf, attestedVexOf, type VexOfImage } from '../acts/vex-of-image.ts';
import { ScapfeedError, type SignatureGate } from '../model/index.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { oneOf, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import type { SbomContent } from './image.ts';
import { type NetworkOptions, type RunOptions, run } from './run.ts';
import { type Signers, signatureAccess, signerOptions, signersOf } from './signatures.ts';

/** Where an image is, whose attestations are looked for. */
export interface AttestationOptions extends RunOptions, NetworkOptions {
  /** Which image of a multi-platform index. Default: `linux/amd64`. */
  platform?: string;
}

const attestationShapes = { ...things.runOptions, ...things.networkOptions, platform: text };

/** Who must have attested an SBOM. */
export interface ReadAttestedSbomOptions extends AttestationOptions {
  signers: Signers;
}

/** What an attested SBOM says of an image. */
export interface AttestedSbomContent extends SbomContent {
  /** How its signature was checked, for `signed` of {@link judge}. */
  signed: SignatureGate;
}

const attestedTypes = ['cyclonedx', 'spdx'] as const;

/** @internal */
export const readAttestedSbomDoor: Door = new Door('readAttestedSbom', {
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
 * Reads the SBOM of a verified attestation in place of an image: what `--from-attestation` of `scapfeed scan` does.
 *
 * @param reference - An image of a registry or an OCI layout, as {@link openImage} takes it.
 * @param type - The kind of SBOM that is attested.
 * @returns Image and inventory, for {@link judge}, and how the signature was checked.
 * @throws {@link ScapfeedError} `ATTESTATION_MISSING`; `ATTESTATION_REFUSED`: none is by whom is asked for, or several differ;
 * `SBOM_MALFORMED`, and those of {@link checkSignatures}
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
  return run(readAttestedSbomDoor, [reference, type, options], async (report) => {
    requireImage(reference);
    const asked = signersOf(options.signers);
    report(`looking for attestations of ${reference}`);
    return attestedImage(reference, type, asked, accessOf(options));
  });
}

/** Whose VEX counts. */
export interface ReadAttachedVexOptions extends AttestationOptions {
  /** Only documents that these attested. Default: all that are attached, whoever attached them. */
  signers?: Signers;
}

/** @internal */
export const readAttachedVexDoor: Door = new Door('readAttachedVex', {
  reference: things.reference,
  options: optionShapes<ReadAttachedVexOptions>({
    ...attestationShapes,
    signers: optionShapes<Signers>(signerOptions),
  }),
});

/**
 * Reads the VEX documents that are attached to an image, in its registry or OCI layout: what `--vex oci` of `scapfeed scan` does,
 * and with `signers` what `--vex attested` does.
 *
 * @returns Documents for `vex` of {@link judge}, and notes about what was left out, which it puts into the result.
 * @throws {@link ScapfeedError} `VEX_INVALID`, `USAGE`: `signers` names nobody, and those of {@link checkSignatures}
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
  return run(readAttachedVexDoor, [reference, options], async (report) => {
    requireImage(reference);
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

function requireImage(reference: string): void {
  if (!reference.startsWith('sbom:')) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'an SBOM in a file has nothing attached',
    where: reference,
    remedy: 'name the image',
  });
}

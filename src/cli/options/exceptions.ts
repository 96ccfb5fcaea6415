import { existsSync } from 'node:fs';
import type { Environment } from '../../model/environment.ts';
import type { InventoryNote } from '../../model/inventory/index.ts';
import type { Baseline, BaselineFile } from '../../policy/index.ts';
import { stableImageName } from '../../report/scan/words.ts';
import type { RequiredSigners } from '../../signatures/index.ts';
import { usage } from '../../tasks/given-words.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import type { VexOfImage } from '../../tasks/image/vex.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type ChosenPolicy, type GivenExceptions, repositoryName } from '../../tasks/policy/exceptions.ts';
import type { exceptionOptions } from '../../tasks/policy/options.ts';
import type { VexDocument } from '../../vex/index.ts';
import { ownValue } from '../words-of-others.ts';
import type { SignatureChoice } from './judge-signatures.ts';
import { readChosenPolicy } from './policy-file.ts';
import { isSignatureAsked } from './require-signed.ts';

/** Those of them that are the same for all images: read once. */
export interface SharedExceptions {
  policy?: ChosenPolicy;
  /** In the order of the options; `oci` and `attested` are another one for each image. */
  vex?: readonly (VexPlace | 'oci' | 'attested')[];
  /** Names of VEX repositories of the feed. */
  repositories?: readonly string[];
  baseline?: BaselineFile;
}

interface VexPlace {
  documents: readonly VexDocument[];
  skipped: readonly string[];
}

type ExceptionChoice = OptionValues<typeof exceptionOptions & typeof imageOptions> & SignatureChoice;

export async function readSharedExceptions(
  command: string,
  given: OptionValues<typeof exceptionOptions> & Pick<SignatureChoice, 'feed'>,
  env: Environment,
): Promise<SharedExceptions> {
  const policy = await readPolicy(command, given, env);
  const { vex, baseline } = given;
  const places: (VexPlace | 'oci' | 'attested')[] = [];
  const repositories: string[] = [];
  for (const place of vex ?? []) {
    const repository = repositoryName(place);
    if (repository !== undefined) repositories.push(repository);
    else if (place === 'oci' || place === 'attested') places.push(place);
    else {
      requirePlace(command, place);
      const { readVexPlace } = await import('../../vex/index.ts');
      places.push(await readVexPlace(place));
    }
  }
  return {
    ...(policy ? { policy } : {}),
    ...(vex ? { vex: places } : {}),
    ...(repositories.length > 0 ? { repositories } : {}),
    ...(baseline === undefined ? {} : { baseline: await readBaseline(baseline) }),
  };
}

/** Another tool's word is no place, unless there is a file of its name. */
function requirePlace(command: string, place: string): void {
  const remedy = ownValue('vex', place);
  if (remedy !== undefined && !existsSync(place))
    throw usage(command, `--vex ${place}: there is no such file or folder`, remedy);
}

async function readPolicy(
  command: string,
  given: OptionValues<typeof exceptionOptions> & Pick<SignatureChoice, 'feed'>,
  env: Environment,
): Promise<ChosenPolicy | undefined> {
  const chosen = await readChosenPolicy(command, given);
  if (!chosen?.policy.vex || !given.vex) return chosen;
  const { withVexRights } = await import('./vex-rights.ts');
  return withVexRights(chosen, given.feed, env);
}

/** The exceptions of one image. `name`: what stays of its name, where several images are scanned. */
export async function exceptionsOf(
  command: string,
  reference: string,
  { policy, vex = [], repositories, baseline }: SharedExceptions,
  given: ExceptionChoice,
  env: Environment,
  name?: string,
): Promise<GivenExceptions> {
  const documents: VexDocument[] = [];
  const notes: InventoryNote[] = [];
  for (const place of vex) {
    if (place === 'oci') {
      const { attachedVex } = await import('./attached-vex.ts');
      const found = await attachedVex(reference, given, env);
      documents.push(...found.documents);
      notes.push(...found.notes);
    } else if (place === 'attested') {
      const found = await readAttested(command, reference, policy?.rights?.signers, given, env);
      documents.push(...found.documents);
      notes.push(...found.notes);
    } else {
      documents.push(...place.documents);
      notes.push(...place.skipped.map((where) => ({ code: 'no_vex_document', where })));
    }
  }
  const former = baseline && (await formerOf(baseline, reference, name));
  if (baseline && former === undefined) {
    const detail = `it knows no image ${name ?? reference}: every flaw is new`;
    notes.push({ code: 'no_baseline', where: baseline.file, detail });
  }
  return {
    ...(policy ? { policy } : {}),
    ...(vex.length > 0 ? { vex: documents } : {}),
    ...(repositories ? { repositories } : {}),
    ...(former ? { baseline: former } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

async function formerOf(
  baseline: BaselineFile,
  target: string,
  name: string | undefined,
): Promise<Baseline | undefined> {
  const { formerResult } = await import('../../policy/index.ts');
  return formerResult(baseline, target, name, stableImageName);
}

/** Only documents that an accepted signer attested; others are noted. `signers`: those of the policy, which alone count then. */
async function readAttested(
  command: string,
  reference: string,
  signers: RequiredSigners | undefined,
  given: SignatureChoice,
  env: Environment,
): Promise<VexOfImage> {
  if (!signers && !isSignatureAsked(given)) {
    throw usage(
      command,
      '--vex attested: no required signer is given',
      'name the signers in the section vex of a policy, or add --signed-by, or --identity with --issuer',
    );
  }
  const { attestedVex } = await import('./judge-signatures.ts');
  return attestedVex(command, reference, signers, given, env);
}

async function readBaseline(file: string): Promise<BaselineFile> {
  const { readBaselineFile } = await import('../../policy/index.ts');
  return readBaselineFile(file);
}

import type { VexOfImage } from '../image/vex.ts';
import { flag, group, inLibrary, type Option, ofCommandLine, path, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The policy of a task. */
export interface PolicyFileParameters {
  /** Path of a scapfeed.yaml. Only its accepted risks, paths and waived rules are used, not its options. */
  policyFile?: string;
}

/** Options that put flaws aside. */
export interface ExceptionParameters extends PolicyFileParameters {
  /** Also lists flaws that the policy, VEX or the baseline excludes. */
  showIgnored?: boolean;
  /** Paths of VEX documents or of folders of them, `feed:NAME` for a VEX repository of the feed, and results of {@link readAttachedVex}. */
  vex?: readonly (string | VexOfImage)[];
  /**
   * Path of the JSON of an earlier scan, of one or more images, whose flaws are known. If it lacks the image, the result notes
   * it.
   */
  baseline?: string;
}

/** The name that a policy has in the working directory. */
export const policyName = 'scapfeed.yaml';

/** The option of {@link PolicyFileParameters}. */
export const policyFileOptions = group('Policy', {
  policy: inLibrary(
    'policyFile',
    path('FILE', `policy with accepted risks and thresholds (default: ./${policyName}, if there is one)`),
  ),
  'no-policy': ofCommandLine(flag(`ignore ./${policyName}`)),
} satisfies OptionTableOf<PolicyFileParameters, { policy: 'policyFile' }> & { 'no-policy': Option });

/** Options that put aside results which have been reviewed before. */
export const exceptionOptions = {
  ...policyFileOptions,
  ...group('Policy', {
    vex: repeatable(
      text(
        'FILE|DIR|feed:NAME|oci|attested',
        'ignore flaws that VEX documents (OpenVEX, CSAF, CycloneDX) declare not affected or fixed; feed:NAME: ' +
          'those of a VEX repository of the feed; oci: documents attached to the image by anyone; attested: documents in attestations by signers of the ' +
          'policy, --signed-by or --identity',
      ),
    ),
    baseline: path('FILE', 'the JSON of an earlier scan; only flaws not in it count for --fail-on'),
    'show-ignored': flag('also list flaws ignored because of the policy, VEX or the baseline'),
  }),
} satisfies OptionTableOf<ExceptionParameters, { policy: 'policyFile' }> & { 'no-policy': Option };

import type { FixState, Severity, Status, Subject } from '../../model/feed/index.ts';

/** Where a statement applies: a platform and its update stream. */
export interface Stream {
  /** `rhel-9`, `sles-15.5` */
  platform: string;
  /** Minor release that the stream belongs to; absent: the whole platform. */
  minor?: number;
  /** Update channel other than the platform's main one; of a layered product its CPE. */
  channel?: string;
}

/** The component of a product_version node, without its platform. */
export interface Component {
  kind: 'rpm' | 'oci';
  subject: Subject;
  /** It is not stated whether the name is a source's or a binary's: other components decide. */
  unsure: boolean;
  name: string;
  module: string | undefined;
  arch: string | undefined;
  /** Rpm: `E:V-R`, epoch always written; oci: tag or digest. Only a status `fixed` gives it a meaning. */
  version: string | undefined;
}

/** `name`: of the package, where it is known although the component cannot be used. */
export type ComponentOrReason = Component | { reason: string; detail?: string; name?: string };

export interface FixStateWords {
  fixState: Exclude<FixState, 'available'>;
  reason?: string;
}

/** A publisher's names of products and components, and its vocabulary for statements about them. */
export interface CsafVocabulary {
  /** Whether a product of that category (of its branch) is a platform; default: unless it is a `product_version`. */
  isPlatform?(category: unknown, productId: string): boolean;
  /** The stream of a platform product, or why there is none. */
  stream(productId: string, cpe: string | undefined): Stream | { reason: string };
  /** The stream of its containers, where that is another. */
  containers?(stream: Stream, cpe: string): Stream | undefined;
  /** The component of a product_version node, or why it is not used. */
  component(productId: string, purl: string | undefined, cpe: string | undefined): ComponentOrReason;
  /** True where components without a purl may be guessed from their ids. */
  guesses(stream: Stream): boolean;
  /** A product that stands for all others: the vulnerability is known, and nothing is affected. */
  wholePortfolio?: string;
  /** Keys of product_status with our status, in the order in which their rows are made. Others are counted as unknown. */
  statuses: Readonly<Record<string, Status>>;
  /** `threats[].details` and `aggregate_severity.text`. */
  severityOf(text: string | undefined): Severity | undefined;
  /** By `details` of a remediation without a fix, in lower case. */
  fixStates: Readonly<Record<string, FixStateWords>>;
  /** By its category, for details with other words. */
  fixStateOfCategory: Readonly<Record<string, FixStateWords>>;
  /** Other words than `fixStates` are usual, and no finding. */
  freeDetails?: true;
  /** The advisory that the address of a remediation names. */
  advisoryOf(url: string | undefined): string | undefined;
  /** False of a version that the packages' order has no place for. */
  isVersion(version: string): boolean;
}

/** Categories of a remediation without meaning for the status: vendors use them for fixed products as well. */
export const adviceCategories: ReadonlySet<string> = new Set(['workaround', 'mitigation']);

/** Categories of threats[] (CSAF 2.0, 3.2.3.14.1); `impact` is the severity, `exploit_status` reports exploitation. */
export const threatCategories: ReadonlySet<string> = new Set(['impact', 'exploit_status', 'target_set']);

/** Justifications of known_not_affected (flags[].label), as CSAF and OpenVEX spell them. */
export const justifications: ReadonlySet<string> = new Set([
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
]);

import feed from '../../../../feeds/ubuntu.json' with { type: 'json' };
import keys from '../../../../feeds/ubuntu-keys.json' with { type: 'json' };

/** Ids of the inputs, as evidence and the manifest name them. */
export type InputId = keyof typeof feed.inputs;

export interface InputDefinition {
  url: string;
  /** A build does without it, and says so. */
  optional?: boolean;
}

export interface ReleaseDefinition {
  version: string;
  codename: string;
  name: string;
  lts?: boolean;
  /** Last days of the support phases, in the order they end. */
  life: Partial<Record<'standard' | 'pro' | 'legacy', string>>;
}

/** feeds/ubuntu.json: where Ubuntu's data is, and which releases are compiled. */
export const inputs: Readonly<Record<InputId, InputDefinition>> = feed.inputs;

export const inputIds = Object.keys(inputs) as InputId[];

export const archive: { url: string; pockets: string[]; components: string[]; architecture: string } =
  feed.archive;

/** Armored OpenPGP keys that may sign the archive's Release files. */
export const signingKeys: string = keys.armored.join('\n');

export const releases: readonly ReleaseDefinition[] = feed.releases;

/** Share of the OSV documents that may be unreadable before the whole archive is refused. */
export const unreadableShare: number = feed.unreadableShare;

/** Codenames that the vendor's records still name and that no feed is compiled for. */
export const retired: ReadonlySet<string> = new Set(feed.retired);

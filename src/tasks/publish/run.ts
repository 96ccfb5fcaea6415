import type { Progress } from '../../model/index.ts';
import { isoSeconds } from '../../model/iso-seconds.ts';
import { looksLikeAddress, unknownAddress } from '../../publish/address.ts';
import { type PushedTrivy, pushTrivy } from '../../publish/exports/push-trivy.ts';
import type { Encoding } from '../../publish/feed/encoding.ts';
import { defaultLimits, type GateLimits, type Sentinel } from '../../publish/gates/gates.ts';
import type { GateAcceptance } from '../../publish/gates/report.ts';
import type { KeyStore } from '../../publish/keys/key-store.ts';
import type { Passphrases } from '../../publish/keys/signer.ts';
import { type OciPublishOutcome, publishOci } from '../../publish/oci/publish-oci.ts';
import { isOci, type RegistryAccess } from '../../publish/oci/repository.ts';
import { type PublishOutcome, publish } from '../../publish/publish.ts';
import { usage } from '../given-words.ts';
import { exportsOf, requireSourcesOf, requireTermsOf } from './checks.ts';
import { invalidPlatforms } from './validate-parts.ts';

const day = 86_400_000;

/** What is published when nothing else is asked for; `expires` in milliseconds. */
export const publishDefaults = {
  encodings: ['br', 'gz'],
  keep: 8,
  deltas: 7,
  expires: { targets: 90 * day, snapshot: 14 * day, timestamp: 3 * day },
} as const;

/** Options of a publication: feeds, destination, validity and gates. */
export interface PublishSettings {
  /** Folders of feeds. A platform may be in only one of them. */
  feeds: readonly string[];
  /** The destination: a folder, or `oci://HOST/NAME[:TAG]`. */
  to: string;
  /** For a registry: the publisher's working folder. If it is lost, it is recreated from the registry. */
  work?: string;
  /** Validity of signed metadata, in milliseconds. Default: 90, 14 and 3 days. */
  expires?: { targets?: number; snapshot?: number; timestamp?: number };
  /** Compressed encodings to write. Default: `br` and `gz`. */
  encodings?: readonly Encoding[];
  /** Folder of the official schemas, to validate OVAL and data streams against too. Default: only our stricter profile. */
  official?: string;
  /** For a registry: a cosign key file, which also signs the published index, and its password. */
  cosignKey?: { file: string; password?: string };
  /** Number of publications whose content is kept. Default: 8. */
  keep?: number;
  /** Number of earlier publications that get a delta to the new one. Default: 7. */
  deltas?: number;
  /** Publishes OVAL and data streams. Default: true. */
  oval?: boolean;
  /** Publishes SCAP content. Default: true. */
  content?: boolean;
  /** Limits of gates that differ from the defaults. Shares are from 0 to 1. */
  limits?: Partial<GateLimits>;
  /** Statements that must be in the feed. */
  sentinels?: readonly Sentinel[];
  /** Gates that are overridden for a platform, each with a reason, which is recorded. */
  accepted?: readonly GateAcceptance[];
  /** Ids of sources without clear terms that are published anyway. */
  acceptedTerms?: readonly string[];
  /**
   * A folder of exports made by {@link exportFeed} from one of the feeds. In a registry, Trivy's database is also pushed as
   * `NAME/trivy-db:2`, where Trivy's own client finds it.
   */
  exports?: string;
  /** Files by name that are published with the feed: keys and roots for image signatures. Default: those published last. */
  trust?: ReadonlyMap<string, Buffer>;
}

/** The keys, and the way to a registry. */
export interface PublishMeans {
  store: KeyStore;
  passphrase: Passphrases;
  /** The start of the validity of signed metadata. */
  date: Date;
  access: RegistryAccess;
  progress: Progress;
}

/** The result of a publication. `report.held` lists the platforms that a gate held back. */
export type PublishResult = (PublishOutcome | OciPublishOutcome) & {
  /** The names of the published exports. */
  exports?: readonly string[];
  /** In a registry: the location of Trivy's database. */
  trivy?: PushedTrivy;
};

/** Publishes feeds to a folder or a registry. Everything that can be refused is refused before anything is published. */
export async function publishFeeds(
  settings: PublishSettings,
  { access, ...means }: PublishMeans,
): Promise<PublishResult> {
  const {
    feeds,
    to,
    work,
    official,
    cosignKey,
    trust,
    acceptedTerms = [],
    oval = true,
    content = true,
  } = settings;
  const toRegistry = isOci(to);
  if (!toRegistry && looksLikeAddress(to)) throw unknownAddress(to, 'oci://HOST/NAME');
  if (!toRegistry && cosignKey)
    throw usage('publish', '--cosign-key is for registries', 'specify oci://HOST/NAME with --to');
  const exports = settings.exports === undefined ? undefined : await exportsOf(settings.exports, feeds);
  requireSourcesOf(feeds, acceptedTerms);
  if (exports) requireTermsOf(exports, feeds, acceptedTerms);
  const sign = cosignKey && (await signingBy(cosignKey));
  const { expires, ...defaults } = publishDefaults;
  const options = {
    ...means,
    feeds,
    to,
    expires: expiries(means.date, { ...expires, ...settings.expires }),
    encodings: settings.encodings ?? defaults.encodings,
    keep: settings.keep ?? defaults.keep,
    deltas: settings.deltas ?? defaults.deltas,
    oval,
    content,
    limits: { ...defaultLimits, ...settings.limits },
    sentinels: settings.sentinels ?? [],
    accepted: settings.accepted ?? [],
    acceptedTerms,
    validate: (directory: string, known: ReadonlySet<string>) =>
      invalidPlatforms(directory, { known, oval, content, ...(official === undefined ? {} : { official }) }),
    ...(trust && { trust }),
    ...(exports && { exports }),
  };
  const named = exports && { exports: exports.targets };
  if (!toRegistry) return { ...(await publish(options)), ...named };
  if (work === undefined)
    throw usage(
      'publish',
      "a registry needs the publisher's own folder",
      'specify it with --work; the folder is recreated from the registry if it is lost',
    );
  const outcome = await publishOci({ ...options, ...access, work, ...(sign && { sign }) });
  if (!exports?.targets.includes('trivy')) return { ...outcome, ...named };
  means.progress("pushing Trivy's database");
  return { ...outcome, ...named, trivy: await pushTrivy(to, exports, access) };
}

function expiries(from: Date, lives: Record<'targets' | 'snapshot' | 'timestamp', number>) {
  const after = (span: number) => isoSeconds(new Date(from.getTime() + span));
  return {
    targets: after(lives.targets),
    snapshot: after(lives.snapshot),
    timestamp: after(lives.timestamp),
  };
}

async function signingBy({ file, password = '' }: NonNullable<PublishSettings['cosignKey']>) {
  const { cosignSigning } = await import('./cosign-signing.ts');
  return cosignSigning(file, password);
}

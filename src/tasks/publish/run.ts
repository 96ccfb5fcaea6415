import { isoSeconds } from '../../model/data-date.ts';
import type { Progress } from '../../model/progress.ts';
import { looksLikeAddress, unknownAddress } from '../../publish/address.ts';
import { type PushedTrivy, pushTrivy } from '../../publish/exports/push-trivy.ts';
import { defaultLimits } from '../../publish/gates/gates.ts';
import type { KeyStore } from '../../publish/keys/key-store.ts';
import type { Passphrases } from '../../publish/keys/signer.ts';
import { type OciPublishOutcome, publishOci } from '../../publish/oci/publish-oci.ts';
import { isOci, type RegistryAccess } from '../../publish/oci/repository.ts';
import { type PublishOutcome, publish } from '../../publish/publish.ts';
import { usage } from '../given-words.ts';
import { exportsOf, requireSourcesOf, requireTermsOf } from './checks.ts';
import { type PublishSettings, publishDefaults } from './options.ts';
import { invalidPlatforms } from './validate-parts.ts';

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
    blocks,
    site,
  } = settings;
  const toRegistry = isOci(to);
  if (!toRegistry && looksLikeAddress(to)) throw unknownAddress(to, 'oci://HOST/NAME');
  if (!toRegistry && cosignKey)
    throw usage('publish', '--cosign-key is for registries', 'specify oci://HOST/NAME with --to');
  if (site && (toRegistry || blocks === false))
    throw usage(
      'publish',
      'the page reads blocks of a folder',
      'omit --no-blocks with --site, and specify a folder with --to',
    );
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
    ...(blocks !== undefined && { blocks }),
    ...(toRegistry ? { page: false } : site !== undefined && { page: site }),
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
  if (!exports?.targets.includes('trivy') || outcome.exportsHeldBy) return { ...outcome, ...named };
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

import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/index.ts';
import { looksLikeAddress, unknownAddress } from '../publish/address.ts';
import { type PushedTrivy, pushTrivy } from '../publish/exports/push-trivy.ts';
import { type Encoding, encodings } from '../publish/feed/encoding.ts';
import {
  defaultLimits,
  type GateLimits,
  gateNames,
  type Sentinel,
  sentinelStatuses,
} from '../publish/gates/gates.ts';
import type { GateAcceptance } from '../publish/gates/report.ts';
import type { KeyRole } from '../publish/keys/key-file.ts';
import { openKeyStore } from '../publish/keys/key-store.ts';
import { type OciPublishOutcome, publishOci } from '../publish/oci/publish-oci.ts';
import { isOci } from '../publish/oci/repository.ts';
import { type PublishOutcome, publish as publishFeeds } from '../publish/publish.ts';
import { isoSeconds } from '../tasks/iso-seconds.ts';
import { exportsOf, metadataLives, requireSourcesOf, requireTermsOf } from '../tasks/publish/checks.ts';
import { cosignSigning } from '../tasks/publish/cosign-signing.ts';
import { invalidPlatforms } from '../tasks/publish/validate-parts.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import {
  amount,
  anyText,
  bytes,
  callback,
  count,
  date,
  either,
  flag,
  listOf,
  mapOf,
  type OptionShape,
  oneOf,
  required,
  text,
} from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link publish}: feeds, destination, keys and gates. */
export interface PublishOptions extends RunOptions, NetworkOptions {
  /** Folders of feeds. A platform may be in only one of them. */
  feeds: readonly string[];
  /** The destination: a folder, or `oci://HOST/NAME[:TAG]`. */
  to: string;
  /** The folder of the publisher's keys and roots, as created by `scapfeed keys make`. */
  keys: string;
  /** The passphrase of all keys, or a function that returns it for a role. */
  passphrase: string | ((role: KeyRole) => string);
  /** For a registry: the publisher's working folder. If it is lost, it is recreated from the registry. */
  work?: string;
  /** The start of the validity of signed metadata. Default: now. */
  date?: Date;
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

/** The result of a publication. `report.held` lists the platforms that a gate held back. */
export type PublishResult = (PublishOutcome | OciPublishOutcome) & {
  /** The names of the published exports. */
  exports?: readonly string[];
  /** In a registry: the location of Trivy's database. */
  trivy?: PushedTrivy;
};

const limits: Readonly<Record<string, OptionShape>> = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, amount]),
);

/** @internal */
export const publishParameters: ParameterCheck = new ParameterCheck('publish', {
  options: required(
    optionShapes<PublishOptions>({
      ...things.runOptions,
      ...things.networkOptions,
      feeds: required(things.texts),
      to: required(text),
      keys: required(text),
      passphrase: required(either('text, or a function', anyText, callback)),
      work: text,
      date,
      expires: optionShapes<NonNullable<PublishOptions['expires']>>({
        targets: count,
        snapshot: count,
        timestamp: count,
      }),
      encodings: listOf(oneOf(encodings)),
      official: text,
      cosignKey: optionShapes<NonNullable<PublishOptions['cosignKey']>>({
        file: required(text),
        password: anyText,
      }),
      keep: count,
      deltas: count,
      oval: flag,
      content: flag,
      limits: optionShapes<Partial<GateLimits>>(limits as Record<keyof GateLimits, OptionShape>),
      sentinels: listOf(
        optionShapes<Sentinel>({
          platform: required(text),
          package: required(text),
          vulnerability: required(text),
          status: required(oneOf(sentinelStatuses)),
          fixed: text,
        }),
      ),
      accepted: listOf(
        optionShapes<GateAcceptance>({
          gate: required(oneOf(gateNames)),
          platform: text,
          reason: required(text),
        }),
      ),
      acceptedTerms: things.texts,
      exports: text,
      trust: mapOf(bytes),
    }),
  ),
});

/**
 * Publishes feeds: checks each platform against the gates, then writes targets, deltas and signed metadata, the timestamp last. A
 * platform that is held back keeps its last published state and is listed in `report.held`; the others are published.
 *
 * @throws {@link ScapfeedError} `PUBLISH_HELD` when nothing could be published; `KEY_*`, `PUBLISH_CONFLICT`, `PUSH_FAILED`,
 * `FEED_LOCKED`, `FEED_CORRUPT`, `SCHEMA_VIOLATION`, `TERMS_NOT_ACCEPTED`, `USAGE`
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { publish } from 'scapfeed';
 *
 * const { report, changes } = await publish({
 *   feeds: ['feed'],
 *   to: 'published',
 *   keys: 'keys',
 *   passphrase: await readFile('passphrase', 'utf8'),
 * });
 * console.log(Object.keys(report.held).length, changes.platforms.length); // 0 5
 * ```
 */
export function publish(options: PublishOptions): Promise<PublishResult> {
  return run(publishParameters, [options], async (report) => {
    const { feeds, to, acceptedTerms = [], passphrase, trust, official, cosignKey } = options;
    const { oval = true, content = true, date = currentTime() } = options;
    if (!isOci(to) && looksLikeAddress(to)) throw unknownAddress(to, 'oci://HOST/NAME');
    if (cosignKey && !isOci(to))
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'cosignKey is for registries',
        remedy: 'specify oci://HOST/NAME in `to`',
      });
    const exports = options.exports === undefined ? undefined : await exportsOf(options.exports, feeds);
    requireSourcesOf(feeds, acceptedTerms);
    if (exports) requireTermsOf(exports, feeds, acceptedTerms);
    const lives = { ...metadataLives, ...options.expires };
    const expiry = (life: number) => isoSeconds(new Date(date.getTime() + life));
    const settings = {
      feeds,
      to,
      store: openKeyStore(options.keys),
      passphrase: typeof passphrase === 'string' ? () => passphrase : passphrase,
      date,
      expires: {
        targets: expiry(lives.targets),
        snapshot: expiry(lives.snapshot),
        timestamp: expiry(lives.timestamp),
      },
      encodings: options.encodings ?? (['br', 'gz'] as const),
      keep: options.keep ?? 8,
      deltas: options.deltas ?? 7,
      oval,
      content,
      limits: { ...defaultLimits, ...options.limits },
      sentinels: options.sentinels ?? [],
      accepted: options.accepted ?? [],
      acceptedTerms,
      validate: (directory: string, known: ReadonlySet<string>) =>
        invalidPlatforms(directory, {
          known,
          oval,
          content,
          ...(official === undefined ? {} : { official }),
        }),
      progress: report,
      ...(trust && { trust }),
      ...(exports && { exports }),
    };
    const went = exports && { exports: exports.targets };
    if (!isOci(to)) return { ...(await publishFeeds(settings)), ...went };
    const { work, ca, insecureRegistries = [] } = options;
    if (work === undefined)
      throw new ScapfeedError({
        code: 'USAGE',
        message: "a registry needs the publisher's own folder",
        remedy: 'set work; the folder is recreated from the registry if it is lost',
      });
    const http = {
      userAgent: `scapfeed/${toolVersion}`,
      env: environment(options),
      ...(ca === undefined ? {} : { ca }),
    };
    const sign = cosignKey && cosignSigning(cosignKey.file, cosignKey.password ?? '');
    const access = { http, insecure: insecureRegistries };
    const outcome = await publishOci({ ...settings, ...access, work, ...(sign && { sign }) });
    if (!exports?.targets.includes('trivy')) return { ...outcome, ...went };
    report("pushing Trivy's database");
    return { ...outcome, ...went, trivy: await pushTrivy(to, exports, access) };
  });
}

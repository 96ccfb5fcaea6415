import { currentTime } from '../io/clock.ts';
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
import { type PublishSettings, publishOptions } from '../tasks/publish/options.ts';
import { type PublishResult, publishFeeds } from '../tasks/publish/run.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import {
  amount,
  anyText,
  bytes,
  callback,
  count,
  date,
  either,
  listOf,
  mapOf,
  type OptionShape,
  oneOf,
  required,
  text,
} from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { accessOf, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link publish}: feeds, destination, keys and gates. */
export interface PublishOptions extends RunOptions, NetworkOptions, PublishSettings {
  /** The folder of the publisher's keys and roots, as created by `scapfeed keys make`. */
  keys: string;
  /** The passphrase of all keys, or a function that returns it for a role. */
  passphrase: string | ((role: KeyRole) => string);
  /** The start of the validity of signed metadata. Default: now. */
  date?: Date;
}

const limits: Readonly<Record<string, OptionShape>> = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, amount]),
);

/** @internal */
export const publishParameters: ParameterCheck = new ParameterCheck('publish', {
  options: required(
    optionShapes<PublishOptions>({
      ...things.runOptions,
      ...shapesOf(publishOptions),
      ...things.networkOptions,
      feeds: required(things.texts),
      keys: required(text),
      passphrase: required(either('text, or a function', anyText, callback)),
      date,
      expires: optionShapes<NonNullable<PublishOptions['expires']>>({
        targets: count,
        snapshot: count,
        timestamp: count,
      }),
      cosignKey: optionShapes<NonNullable<PublishOptions['cosignKey']>>({
        file: required(text),
        password: anyText,
      }),
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
  return run(publishParameters, [options], (progress) => {
    const { keys, passphrase, date = currentTime(), ca: _, insecureRegistries: __, ...settings } = options;
    return publishFeeds(settings, {
      store: openKeyStore(keys),
      passphrase: typeof passphrase === 'string' ? () => passphrase : passphrase,
      date,
      access: accessOf(options),
      progress,
    });
  });
}

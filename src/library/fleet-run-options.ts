import { type DeliveryKind, deliveryKinds } from '../fleet/delivery/kinds.ts';
import {
  type FleetBaseParameters,
  fleetBaseOptions,
  ownReadingOptions,
  type ReadingParameters,
} from '../tasks/fleet/command-options.ts';
import { type RunPolicyOptions, runPolicyOptions } from '../tasks/fleet/options.ts';
import type { OpenImageOptions } from './image.ts';
import type { VerdictOptions } from './judge.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { type OptionShapes, options as optionShapes } from './parameters/parameter-check.ts';
import { callback, flag, listOf, oneOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type Signers, signerOptions } from './signatures.ts';

/** Options of {@link runFleet}: how images are opened and judged, and who receives the news. */
export interface RunFleetOptions
  extends OpenImageOptions,
    RunPolicyOptions,
    ReadingParameters,
    FleetBaseParameters,
    Omit<VerdictOptions, 'platform' | 'now'> {
  /** Called with the error of a job that will be retried. */
  onWarning?: (message: string) => void;
  /** Required signers of images. Images without their signature are not judged; they are counted in `refused` and `unsigned`. */
  signers?: Signers;
  /** Path of a policy with the required signers of images. Used instead of `signers`. */
  signaturePolicy?: string;
  /** Profiles to evaluate each image's configuration against: their ids, in full or their last part. */
  profiles?: readonly string[];
  /** The receivers of this run's news. */
  receivers?: readonly NewsReceiver[];
  /** Secret that signs webhook requests: HMAC-SHA256 in the header `x-scapfeed-signature`. */
  webhookSecret?: string;
  /** The mail server, `smtps://user:password@host`, and the sender's address. */
  mailServer?: { server: string; from: string };
  /** Allows webhook and Slack receivers at private addresses. Default: false. */
  allowPrivateReceivers?: boolean;
}

/** A receiver of news: a URL or a mail address. */
export interface NewsReceiver {
  /** `webhook` receives the news as JSON, `slack` as text for Slack, Mattermost and others, `mail` as a table. */
  kind: DeliveryKind;
  place: string;
}

const { platform: _platform, now: _now, ...judging } = things.verdictOptions;

/** @internal */
export const runFleetShapes: OptionShapes<RunFleetOptions> = {
  ...things.openImageOptions,
  ...judging,
  onWarning: callback,
  ...shapesOf(ownReadingOptions),
  ...shapesOf(fleetBaseOptions),
  signers: optionShapes<Signers>(signerOptions),
  signaturePolicy: text,
  profiles: things.texts,
  receivers: listOf(
    optionShapes<NewsReceiver>({ kind: required(oneOf(deliveryKinds)), place: required(text) }),
  ),
  webhookSecret: text,
  mailServer: optionShapes<NonNullable<RunFleetOptions['mailServer']>>({
    server: required(text),
    from: required(text),
  }),
  allowPrivateReceivers: flag,
  ...shapesOf(runPolicyOptions),
};

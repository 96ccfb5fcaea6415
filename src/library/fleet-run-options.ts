import { type DeliveryKind, deliveryKinds } from '../fleet/delivery/kinds.ts';
import { type FleetVerifying, fleetVerifying } from '../fleet/verifying.ts';
import { type OptionShapes, options as optionShapes } from './door/door.ts';
import { callback, flag, listOf, oneOf, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import type { OpenImageOptions } from './image.ts';
import type { VerdictOptions } from './judge.ts';
import { type Signers, signerOptions } from './signatures.ts';

/** How a fleet is judged. */
export interface RunFleetOptions extends OpenImageOptions, Omit<VerdictOptions, 'platform' | 'now'> {
  /** Called for what goes wrong with a job that is tried again. */
  onWarning?: (message: string) => void;
  /**
   * Whose files are compared with their packages: images that are read for the first time (`new`, the default), also those of the
   * fleet whose files never were (`all`), or nobody's (`none`).
   */
  verify?: FleetVerifying;
  /** Who must have signed the images. Those that are not signed so are counted in `refused` and `unsigned`, and not judged. */
  signers?: Signers;
  /** Path of a policy that says who must have signed which image, in place of `signers`. */
  signaturePolicy?: string;
  /** Profiles by which the configuration of each image is evaluated too: their ids, or the ends of them. */
  profiles?: readonly string[];
  /** With `profiles`: path of the SCAP content. Default: the feed's for the image's release. */
  content?: string;
  /** To whom the news of this run are sent. */
  receivers?: readonly NewsReceiver[];
  /** Signs what webhooks get: HMAC-SHA256 in the header `x-scapfeed-signature`. */
  webhookSecret?: string;
  /** How mails are sent: `smtps://user:password@host`, and the sender's address. */
  mailServer?: { server: string; from: string };
  /** Receivers of webhooks and Slack may have private addresses. Default: they may not. */
  allowPrivateReceivers?: boolean;
}

/** To whom news are sent: an address of the web, or of a person. */
export interface NewsReceiver {
  /** `webhook` gets the news as JSON, `slack` as text for Slack, Mattermost and others, `mail` as a table. */
  kind: DeliveryKind;
  place: string;
}

const { platform: _platform, now: _now, ...judging } = things.verdictOptions;

/** @internal */
export const runFleetShapes: OptionShapes<RunFleetOptions> = {
  ...things.openImageOptions,
  ...judging,
  onWarning: callback,
  verify: oneOf(fleetVerifying),
  signers: optionShapes<Signers>(signerOptions),
  signaturePolicy: text,
  profiles: things.texts,
  content: text,
  receivers: listOf(
    optionShapes<NewsReceiver>({ kind: required(oneOf(deliveryKinds)), place: required(text) }),
  ),
  webhookSecret: text,
  mailServer: optionShapes<NonNullable<RunFleetOptions['mailServer']>>({
    server: required(text),
    from: required(text),
  }),
  allowPrivateReceivers: flag,
};

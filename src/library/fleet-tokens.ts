import { listTokens, makeToken, purposeOf, removeToken, type Token } from '../fleet/store/tokens.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import { type TokenParameters, tokenOptions } from '../tasks/fleet/command-options.ts';
import { recordAct, tokenAct } from '../tasks/fleet/recorded-act.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link makeFleetToken}: the token's permissions and lifetime. */
export interface MakeFleetTokenOptions extends RunOptions, TokenParameters {}

/** @internal */
export const makeFleetTokenParameters: ParameterCheck = new ParameterCheck('makeFleetToken', {
  fleet: fleetShape,
  name: required(text),
  options: optionShapes<MakeFleetTokenOptions>({
    ...things.runOptions,
    ...shapesOf(tokenOptions),
  }),
});

/**
 * Creates an access token for a fleet's server. Same as `scapfeed fleet token add`. Only the token's digest is stored.
 *
 * @returns The token. It cannot be retrieved later.
 * @throws {@link ScapfeedError} `USAGE` when a token of this name exists, or if role, `names` and `owner` do not go together;
 * `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { fleetTokens, makeFleetToken, openFleet, removeFleetToken } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-with-tokens');
 * const token = await makeFleetToken(fleet, 'grafana', { role: 'read', expires: 90 * 86_400_000 });
 * console.log(token.startsWith('scapfeed_')); // true
 * console.log((await fleetTokens(fleet)).map(({ name, role }) => `${name} ${role}`)); // [ 'grafana read' ]
 * await removeFleetToken(fleet, 'grafana');
 * await fleet.close();
 * ```
 */
export function makeFleetToken(
  fleet: Fleet,
  name: string,
  options: MakeFleetTokenOptions = {},
): Promise<string> {
  return run(makeFleetTokenParameters, [fleet, name, options], async () => {
    const { role = 'read', names, owner, expires } = options;
    const purpose = purposeOf(role, { names, owner });
    if (purpose === undefined)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'the role send goes with names, and the role team with an owner',
        where: fleet.place,
        remedy: "specify both, as { role: 'send', names: 'web-*' } or { role: 'team', owner: 'payments' }",
      });
    const now = currentTime();
    const until = expires === undefined ? {} : { expires: new Date(now.getTime() + expires) };
    const token = await makeToken(fleet[databaseOf], { name, ...purpose, ...until }, now);
    if (token !== undefined) {
      await recordAct(fleet[databaseOf], tokenAct(name, role, owner ?? names), now);
      return token;
    }
    throw new ScapfeedError({
      code: 'USAGE',
      message: `there is a token ${name}`,
      where: fleet.place,
      remedy: 'remove it first, or use another name',
    });
  });
}

/** @internal */
export const fleetTokensParameters: ParameterCheck = new ParameterCheck('fleetTokens', {
  fleet: fleetShape,
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Lists the access tokens of a fleet's server by name, without the tokens themselves. Same as `scapfeed fleet token list`.
 *
 * @returns For each token: its role, the names that it sends (null: another role), when it was created, when it expires (null: never), and when it was last used, to the hour
 * (null: never).
 * @throws {@link ScapfeedError} `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { fleetTokens, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-without-tokens');
 * console.log((await fleetTokens(fleet)).length); // 0
 * await fleet.close();
 * ```
 */
export function fleetTokens(fleet: Fleet, options: RunOptions = {}): Promise<Token[]> {
  return run(fleetTokensParameters, [fleet, options], () => listTokens(fleet[databaseOf]));
}

/** @internal */
export const removeFleetTokenParameters: ParameterCheck = new ParameterCheck('removeFleetToken', {
  fleet: fleetShape,
  name: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Revokes an access token of a fleet's server. Same as `scapfeed fleet token remove`.
 *
 * @throws {@link ScapfeedError} `NOT_FOUND`, `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { makeFleetToken, openFleet, removeFleetToken } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-with-one-token');
 * await makeFleetToken(fleet, 'grafana');
 * await removeFleetToken(fleet, 'grafana');
 * await fleet.close();
 * ```
 */
export function removeFleetToken(fleet: Fleet, name: string, options: RunOptions = {}): Promise<void> {
  return run(removeFleetTokenParameters, [fleet, name, options], async () => {
    const now = currentTime();
    if (await removeToken(fleet[databaseOf], name, now)) {
      await recordAct(fleet[databaseOf], `fleet token remove ${name}`, now);
      return;
    }
    throw new ScapfeedError({
      code: 'NOT_FOUND',
      message: `there is no token ${name}`,
      where: fleet.place,
      remedy: 'see fleetTokens for the existing ones',
    });
  });
}

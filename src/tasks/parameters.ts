import type { Option } from './option.ts';

/** The library's name of an option: `failOn` for `fail-on`. */
type ParameterName<Name> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<ParameterName<Rest> & string>}`
  : Name;

/** The command's name of a parameter: `fail-on` for `failOn`. */
type FlagName<Name> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${FlagName<Rest>}`
  : '';

/**
 * The command's options for the parameters of a library function: one each, and no other. `Renamed`: parameters by the names of options
 * from which theirs does not follow.
 */
export type OptionTableOf<
  Parameters,
  Renamed extends Readonly<Record<string, keyof Parameters>> = Record<never, never>,
> = {
  readonly [Name in Exclude<keyof Parameters, Renamed[keyof Renamed]> as FlagName<Name>]-?: Option;
} & { readonly [Name in keyof Renamed]: Option & { parameter: Renamed[Name] } };

/** The library's name of an option of a table; none of one of the command line alone. */
export type ParameterOf<Name, Of> = Of extends { parameter: infer Parameter }
  ? Extract<Parameter, string>
  : ParameterName<Name>;

/** Parameters of which each may be absent, or undefined. */
export type OrUndefined<Parameters> = { readonly [Name in keyof Parameters]?: Parameters[Name] | undefined };

/** By the library's names what is given by the command's. */
export type ParametersOf<Values> = { readonly [Name in keyof Values as ParameterName<Name>]: Values[Name] };

/** The values of a command's options by the library's names. */
export function parametersOf<Values extends object>(values: Values): ParametersOf<Values> {
  const entries = Object.entries(values).map(([name, value]) => [parameterName(name), value]);
  return Object.fromEntries(entries) as ParametersOf<Values>;
}

/** @returns `failOn` for `fail-on` */
export function parameterName(option: string): string {
  return option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

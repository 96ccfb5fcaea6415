import { ScapfeedError } from '../../model/error.ts';
import { nowWritten } from '../../model/former-words.ts';
import { didYouMean } from '../../model/nearest.ts';
import { optionName } from '../../tasks/outcome.ts';
import { parameterName } from '../../tasks/parameters.ts';
import type { ProgressEvent } from '../progress.ts';
import { fieldsWrong, isObject, kindOf, type OptionShape, type RequiredShape, type Wrong } from './shape.ts';

/** Options that every function reads. */
interface RunOptions {
  signal?: AbortSignal;
  onProgress?(event: ProgressEvent): void;
}

/** The shape of what may be absent. */
type OptionalShape = OptionShape & { readonly isRequired?: never };

/** The shapes of all options of a function; the compiler compares them with their type. */
export type OptionShapes<Options> = {
  readonly [Name in keyof Options]-?: Record<never, never> extends Pick<Options, Name>
    ? OptionalShape
    : RequiredShape;
};

/** The options of a function, by name. Unknown names are refused: a misspelt gate would never fail. */
export interface OptionsShape<Options> extends OptionShape {
  readonly options: OptionShapes<Options>;
}

export function options<Options>(shapes: OptionShapes<Options>): OptionsShape<Options> {
  const names = Object.keys(shapes);
  return {
    options: shapes,
    wrong(value) {
      if (!isObject(value)) return { at: '', expected: 'an object with options', found: kindOf(value) };
      const strange = Object.keys(value).find((name) => !names.includes(name));
      if (strange !== undefined)
        return {
          at: `.${strange}`,
          expected: 'an option',
          found: 'no option',
          remedy: formerly(strange, names) ?? didYouMean(strange, names),
        };
      return fieldsWrong(value, shapes as Readonly<Record<string, OptionShape>>);
    },
  };
}

/** `failOnUnrated` of a former version. */
function formerly(parameter: string, names: readonly string[]): string | undefined {
  const now = nowWritten(optionName(parameter), names.map(optionName));
  return now && `add '${now.value}' to ${parameterName(now.option)}`;
}

/** Checks the arguments of a function of the library, by the names of its parameters. All input passes here first. */
export class ParameterCheck {
  readonly name: string;
  readonly parameters: Readonly<Record<string, OptionShape | RequiredShape>>;

  constructor(name: string, parameters: Readonly<Record<string, OptionShape | RequiredShape>>) {
    this.name = name;
    this.parameters = parameters;
  }

  /** Names of its parameters and of their options. */
  optionNames(): ReadonlySet<string> {
    return new Set(
      Object.entries(this.parameters).flatMap(([name, shape]) => [
        name,
        ...('options' in shape && isObject(shape.options) ? Object.keys(shape.options) : []),
      ]),
    );
  }

  /** The options that concern the run; a function without options cannot be watched. */
  runOptions(args: readonly unknown[]): RunOptions {
    const given = args[Object.keys(this.parameters).length - 1];
    // Their shapes have been checked.
    return isObject(given) ? (given as RunOptions) : {};
  }

  /** @throws {ScapfeedError} USAGE for the first argument that is not of its shape */
  check(args: readonly unknown[]): void {
    for (const [index, [name, shape]] of Object.entries(this.parameters).entries()) {
      const value = args[index];
      if (value === undefined && !('isRequired' in shape)) continue;
      const wrong = wrongOf(shape, value);
      if (wrong) throw this.refusal(name, wrong);
    }
  }

  /** The error for a fault that another check of an argument found. */
  refusal(parameter: string, { at, expected, found, remedy }: Wrong): ScapfeedError {
    return new ScapfeedError({
      code: 'USAGE',
      message: `expected ${expected}, found ${found}`,
      where: `${this.name}(): ${parameter}${at}`,
      remedy: remedy ?? `see the documentation of ${this.name}`,
    });
  }
}

/** A getter or a proxy may throw whatever it likes. */
function wrongOf(shape: OptionShape, value: unknown): Wrong | undefined {
  try {
    return shape.wrong(value);
  } catch (thrown) {
    const why = thrown instanceof Error ? `: ${thrown.message}` : '';
    return {
      at: '',
      expected: 'data that can be read',
      found: `a value that throws when it is read${why}`,
      remedy: 'pass plain data',
    };
  }
}

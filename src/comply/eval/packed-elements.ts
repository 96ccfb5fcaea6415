import type { DefinitionClass } from '../../model/compliance/index.ts';
import type {
  OvalCheck,
  OvalCriteria,
  OvalExistence,
  OvalOperator,
  OvalSection,
  OvalTest,
} from '../oval/model.ts';

/** Elements of one section of a document, without most of their texts, as few large values: many small ones would be slow to hand on. */
export interface PackedElements {
  section: OvalSection;
  /** Of each element the bytes of its line, and what it is made of. */
  numbers: Uint32Array;
  /** Ids of elements and of what they refer to, and versions of tests, in the order in which `numbers` needs them. */
  ids: string;
  /** Of tests. By themselves, because an id that is kept keeps the text that it is a part of. */
  comments: string;
  /** Classes and operators, each once. */
  words: string[];
  forms: PackedTestForm[];
  /** Of objects, states and variables: an array of them in JSON. */
  values: string;
}

/** The properties that many tests share. */
export interface PackedTestForm {
  type: string;
  check: OvalCheck;
  existence: OvalExistence | undefined;
  stateOperator: OvalOperator | undefined;
}

/** XML allows it nowhere. */
const separator = '\0';

/** Kinds of a criteria's children. */
const [isTest, isExtend, isCriteria] = [0, 1, 2];

/** Of a test. */
const [hasComment, hasObject] = [1, 2];

export class ElementPacker {
  #numbers: number[] = [];
  #ids: string[] = [];
  #comments: string[] = [];
  #words = new Map<string, number>();
  #forms = new Map<string, { number: number; form: PackedTestForm }>();
  #values: string[] = [];

  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  element(id: string, length: number): void {
    this.#numbers.push(length);
    this.#ids.push(id);
  }

  definition(kind: DefinitionClass, criteria: OvalCriteria | undefined): void {
    this.#numbers.push(this.#word(kind), criteria ? 1 : 0);
    if (criteria) this.#criteria(criteria);
  }

  #criteria({ operator = 'AND', negate, children }: OvalCriteria): void {
    this.#numbers.push(this.#word(operator), negate ? 1 : 0, children.length);
    for (const { criteria, test, extend, negate: isNegated } of children) {
      const kind = criteria ? isCriteria : test === undefined ? isExtend : isTest;
      this.#numbers.push(kind, isNegated ? 1 : 0);
      if (criteria) this.#criteria(criteria);
      else this.#ids.push(test ?? extend ?? '');
    }
  }

  test({ type, version, check, comment, existence, stateOperator, object, states }: OvalTest): void {
    const key = `${type} ${check} ${existence} ${stateOperator}`;
    let known = this.#forms.get(key);
    if (!known) {
      known = { number: this.#forms.size, form: { type, check, existence, stateOperator } };
      this.#forms.set(key, known);
    }
    const has = (comment === undefined ? 0 : hasComment) | (object === undefined ? 0 : hasObject);
    this.#numbers.push(known.number, has, states?.length ?? 0);
    this.#ids.push(version);
    if (comment !== undefined) this.#comments.push(comment);
    if (object !== undefined) this.#ids.push(object);
    for (const state of states ?? []) this.#ids.push(state);
  }

  value(value: unknown): void {
    this.#values.push(JSON.stringify(value));
  }

  /** All of it; it is empty then. */
  take(section: OvalSection): PackedElements {
    const packed: PackedElements = {
      section,
      numbers: new Uint32Array(this.#numbers),
      ids: this.#ids.join(separator),
      comments: this.#comments.join(separator),
      words: [...this.#words.keys()],
      forms: [...this.#forms.values()].map(({ form }) => form),
      values: `[${this.#values.join()}]`,
    };
    this.#numbers = [];
    this.#ids = [];
    this.#comments = [];
    this.#words = new Map();
    this.#forms = new Map();
    this.#values = [];
    return packed;
  }

  #word(word: string): number {
    let number = this.#words.get(word);
    if (number === undefined) {
      number = this.#words.size;
      this.#words.set(word, number);
    }
    return number;
  }
}

/** Receives the parts of criteria, from the outside to the inside. */
export interface CriteriaBuilder<Criteria> {
  open(operator: OvalOperator, isNegated: boolean): Criteria;
  test(into: Criteria, id: string, isNegated: boolean): void;
  extend(into: Criteria, id: string, isNegated: boolean): void;
  criteria(into: Criteria, inside: Criteria, isNegated: boolean): void;
  close(criteria: Criteria): void;
}

/** Reads packed elements, one after the other. */
export class PackedReader {
  readonly #packed: PackedElements;
  readonly #ids: string[];
  readonly #comments: string[];
  readonly #values: unknown[];
  #number = 0;
  #id = 0;
  #comment = 0;
  #value = 0;

  constructor(packed: PackedElements) {
    this.#packed = packed;
    this.#ids = packed.ids.split(separator);
    this.#comments = packed.comments.split(separator);
    this.#values = JSON.parse(packed.values) as unknown[];
  }

  get isAtEnd(): boolean {
    return this.#number === this.#packed.numbers.length;
  }

  /** The next number. */
  number(): number {
    return this.#packed.numbers[this.#number++]!;
  }

  id(): string {
    return this.#ids[this.#id++]!;
  }

  word(): string {
    return this.#packed.words[this.number()]!;
  }

  test(): OvalTest {
    const { type, check, existence, stateOperator } = this.#packed.forms[this.number()]!;
    const has = this.number();
    const states = this.number();
    const test: OvalTest = { type, version: this.id(), check };
    if (has & hasComment) test.comment = this.#comments[this.#comment++]!;
    if (existence) test.existence = existence;
    if (stateOperator) test.stateOperator = stateOperator;
    if (has & hasObject) test.object = this.id();
    if (states > 0) test.states = Array.from({ length: states }, () => this.id());
    return test;
  }

  value(): unknown {
    return this.#values[this.#value++];
  }

  criteria<Criteria>(builder: CriteriaBuilder<Criteria>): Criteria {
    const criteria = builder.open(this.word() as OvalOperator, this.number() === 1);
    const count = this.number();
    for (let nth = 0; nth < count; nth++) {
      const kind = this.number();
      const isNegated = this.number() === 1;
      if (kind === isTest) builder.test(criteria, this.id(), isNegated);
      else if (kind === isExtend) builder.extend(criteria, this.id(), isNegated);
      else builder.criteria(criteria, this.criteria(builder), isNegated);
    }
    builder.close(criteria);
    return criteria;
  }
}

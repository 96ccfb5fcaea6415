import {
  count,
  each,
  eachMember,
  isRecord,
  members,
  nested,
  number,
  type Shape,
  text,
  truth,
  word,
} from '../../model/shape.ts';
import { maxDepth } from '../xml/depth.ts';
import { wantedShape } from './element-shapes.ts';

const texts = each(text);

export const proseShape: Shape = members(
  {},
  {
    ...{ title: text, description: text, rationale: text, warnings: texts, fixTexts: texts },
    idents: each(members({ system: text, text })),
    references: each(members({ text }, { href: text })),
    fixes: each(
      members(
        { text },
        {
          ...{ system: text, id: text, platform: text, reboot: truth },
          ...{ disruption: text, complexity: text, strategy: text },
        },
      ),
    ),
  },
);

const check = members(
  { system: text, contents: each(members({ href: text }, { name: text })) },
  {
    ...{ selector: text, negate: truth, multi: truth },
    exports: each(members({ value: text, name: text })),
  },
);

const complexCheck = nested(maxDepth, (inside) =>
  members(
    {
      operator: word('AND', 'OR'),
      checks: each((value) => (isRecord(value) && 'checks' in value ? inside(value) : check(value))),
    },
    { negate: truth },
  ),
);

const [itemNeeded, itemOptional] = [
  { id: text, prose: proseShape },
  {
    ...{ selected: truth, weight: number, platforms: texts, requires: each(texts), conflicts: texts },
    ...{ cluster: text, extends: text, abstract: truth },
  },
];

const rule = members(
  { ...itemNeeded, checks: each(check) },
  { ...itemOptional, role: text, severity: text, version: text, multiple: truth, complexCheck },
);

const item = nested(maxDepth, (inside) => {
  const group = members({ ...itemNeeded, kind: word('group'), children: each(inside) }, itemOptional);
  return (value) => (isRecord(value) && value['kind'] === 'rule' ? rule(value) : group(value));
});

const textOrTexts: Shape = (value) => (Array.isArray(value) ? texts(value) : text(value));

const changes: Readonly<Record<string, Shape>> = {
  select: members({ id: text, selected: truth }),
  'set-value': members({ id: text, value: textOrTexts }),
  'refine-value': members({ id: text, selector: text }),
  'refine-rule': members({ id: text }, { selector: text, weight: number, severity: text, role: text }),
};

const change: Shape = (value) => {
  const kind = isRecord(value) ? value['kind'] : undefined;
  const shape = typeof kind === 'string' && Object.hasOwn(changes, kind) ? changes[kind] : undefined;
  return shape ? shape(value) : '/kind';
};

const cpeCheck = members({ href: text, definition: text });

const logicalTest = nested(maxDepth, (inside) =>
  members(
    { operator: word('AND', 'OR') },
    { negate: truth, facts: texts, checks: each(cpeCheck), tests: each(inside) },
  ),
);

const benchmark = members(
  {
    ...{ id: text, version: text, title: text, platforms: texts, models: texts, items: each(item) },
    profiles: each(
      members(
        { id: text, title: text, changes: each(change) },
        { description: text, extends: text, abstract: truth, platforms: texts },
      ),
    ),
    values: each(
      members({ id: text, options: eachMember(textOrTexts) }, { type: text, title: text, extends: text }),
    ),
    platformTests: eachMember(logicalTest),
    cpeItems: eachMember(each(cpeCheck)),
  },
  { date: text, description: text },
);

/** Of the first line of a compiled benchmark, its format and kind apart. */
export const headShape: Shape = members(
  {
    source: members({ name: text, sha256: text }),
    benchmark,
    documents: each(members({ href: text, schemaVersion: text })),
    missing: eachMember(text),
    wanted: wantedShape,
  },
  { stream: members({ collection: text, stream: text, component: text }), rest: count },
);

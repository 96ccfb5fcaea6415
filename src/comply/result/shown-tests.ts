/** A test of a definition, before its evidence is collected. `negated`: the criteria negate its result. */
interface JudgedTest {
  result: string;
  negated: boolean;
}

/** Maximum number of tests of a definition that a report shows: those that agree with its result, and others. */
const most = { deciding: 200, others: 40 };

/** The tests of a definition that a report shows, in their order, and the number of those that it omits. */
export function shownTests<Test extends JudgedTest>(
  tests: readonly Test[],
  result: string | undefined,
): { shown: Test[]; omitted: number } {
  const left = { ...most };
  const shown = tests.filter((test) => {
    const kind = effective(test) === result ? 'deciding' : 'others';
    left[kind] -= 1;
    return left[kind] >= 0;
  });
  return { shown, omitted: tests.length - shown.length };
}

function effective({ result, negated }: JudgedTest): string {
  if (!negated) return result;
  return result === 'true' ? 'false' : result === 'false' ? 'true' : result;
}

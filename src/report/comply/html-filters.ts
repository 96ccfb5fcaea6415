/** A box of the filters: entries of the page with this result or severity. */
export interface FilterBox {
  group: 'result' | 'severity';
  value: string;
  label: string;
  count: number;
  /** At first its entries are hidden. */
  off?: boolean;
}

export interface FilterWords {
  label: string;
  placeholder: string;
  /** The subject of the results. Default: `Result`. */
  legend?: string;
}

/** The form that filters a page; it is hidden until the script shows it, because it needs it. `more`: further fields. */
export function filterForm(
  boxes: readonly FilterBox[],
  { label, placeholder, legend = 'Result' }: FilterWords,
  more?: string,
): string {
  const own = (of: FilterBox['group']) =>
    boxes
      .filter(({ group, count }) => group === of && count > 0)
      .map(boxHtml)
      .join('');
  return `<form id="filters" role="search" aria-label="${label}" hidden>
<label class="search">Search <input type="search" name="text" placeholder="${placeholder}" autocomplete="off" aria-describedby="shown"></label>
<fieldset><legend>${legend}</legend>${own('result')}</fieldset>
<fieldset><legend>Severity</legend>${own('severity')}</fieldset>
${more === undefined ? '' : `${more}\n`}<button type="button" id="open" aria-pressed="false">Open all</button>
</form>`;
}

function boxHtml({ group, value, label, count, off }: FilterBox): string {
  return `<label><input type="checkbox" name="${group}" value="${value}"${off ? '' : ' checked'}> ${label} <small>${count}</small></label>`;
}

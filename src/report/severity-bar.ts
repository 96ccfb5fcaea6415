/** A bar of the severities, each as wide as its share. */
export function severityBar(counts: Readonly<Record<string, number>>, label: string): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return '';
  let x = 0;
  const parts = Object.entries(counts).flatMap(([severity, count]) => {
    if (count === 0) return [];
    const width = (100 * count) / total;
    const part = `<rect class="${severity}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"><title>${count} ${severity}</title></rect>`;
    x += width;
    return [part];
  });
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}

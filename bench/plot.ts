import type { Results, Row } from './results.ts';

const panels: readonly { readonly title: string; readonly of: (row: Row) => number | undefined }[] = [
  { title: 'a request with a valid token, × raw axios', of: ({ steady }) => steady?.ratio.median },
  { title: 'a herd of 10,000 whose token dies, × raw axios', of: ({ herds }) => herds['10000']?.whole.median },
  { title: 'kB of heap while it waits', of: ({ heap }) => heap && heap.bytesPerWaiter / 1000 },
];
const BAR = 18;
const LABEL = 330;
const WIDTH = 420;

/** Draws the results as bars, of which shorter ones are better. A bar is hollow if any scenario found a fault in the contender. */
export function plot({ rows, date, machine }: Results): string {
  let y = 30;
  const parts: string[] = [];
  for (const { title, of } of panels) {
    const values = rows.map((row) => ({ row, value: of(row) })).filter(({ value }) => value !== undefined && value > 0);
    const most = Math.max(...values.map(({ value }) => value ?? 0));
    parts.push(`<text x="0" y="${y}" class="title">${title}</text>`);
    y += 10;
    for (const { row, value = 0 } of values) {
      const wrong = Object.keys(row.faults).length > 0;
      const width = ((value / most) * WIDTH).toFixed(1);
      parts.push(
        `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${row.name}</text>`,
        `<rect x="${LABEL}" y="${y + 2}" width="${width}" height="${BAR - 5}" class="${wrong ? 'wrong' : row.name.includes('Sluice') ? 'own' : 'other'}"/>`,
        `<text x="${LABEL + Number(width) + 6}" y="${y + 13}">${value.toFixed(2)}</text>`,
      );
      y += BAR;
    }
    y += 34;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 830 ${y}" role="img">
<title>Sluice and its peers, ${date}</title>
<style>text{font:12px system-ui,sans-serif;fill:#445}.title{font-weight:700}.own{fill:#0b6e78}.other{fill:#9aa7b5}.wrong{fill:none;stroke:#b3361e}@media(prefers-color-scheme:dark){text{fill:#ccd}}</style>
${parts.join('\n')}
<text x="0" y="${y - 8}">${date}, ${machine}. Hollow: some answers were wrong.</text>
</svg>
`;
}

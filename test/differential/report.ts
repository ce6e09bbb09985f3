import { type Deliberate, deliberate, type Seen } from './deliberate.ts';

/** Where the comparison found each deliberate difference. */
export type Sightings = ReadonlyMap<Deliberate, readonly Seen[]>;

const inOrder = (order: readonly string[], values: Iterable<string>): string =>
  [...new Set(values)].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(', ');

/** The page for users that lists the differences between Sluice and raw axios. */
export function pageOf(sightings: Sightings, figures: { readonly cases: number }): string {
  const rows = deliberate.map((one) => {
    const seen = sightings.get(one) ?? [];
    const ways = inOrder(
      ['attached', 'client'],
      seen.map(({ way }) => way),
    );
    const adapters = inOrder(
      ['http', 'fetch'],
      seen.map(({ adapter }) => adapter),
    );
    const versions = inOrder(
      ['oldest', 'newest'],
      seen.map(({ version }) => version),
    );
    return `| ${one.what} | ${one.reason} | ${ways} | ${adapters} | ${versions} |`;
  });
  return `# Differences from raw axios

A test sends ${String(figures.cases)} requests by raw axios, by an attached instance and by a client, with the oldest supported axios and with the newest, over the
adapters \`http\` and \`fetch\` in Node: with a valid token and with one that is rejected, and with the newest axios also while \`Object.prototype\`
is polluted, because the oldest one itself reads options from it. The test
compares the bytes that the server receives and the results that the caller gets. They are equal except for the differences in this table. The
same holds in Chromium over XHR with the newest axios and a clean prototype, for everything that a browser can send. \`UPDATE_DIFFERENCES=1
npx vitest run --config vitest.long.config.ts test/differential\` writes this page; the test fails if the page does not match the comparison.

| difference | reason | with | adapter | axios |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

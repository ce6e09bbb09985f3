import { type Deliberate, deliberate, type Seen } from './deliberate.ts';

/** What was seen of each deliberate difference. */
export type Sightings = ReadonlyMap<Deliberate, readonly Seen[]>;

const inOrder = (order: readonly string[], values: Iterable<string>): string =>
  [...new Set(values)].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(', ');

/** The page that tells users in what Sluice is not as raw axios. */
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
  return `# What is not as with raw axios

${String(figures.cases)} requests are sent by raw axios, by an attached instance and by a client, with the oldest axios that is supported and with the newest, by
Node's adapters \`http\` and \`fetch\`: with a token that is good and with one that dies on the way, with a clean \`Object.prototype\` and a polluted one. What
comes to the server, byte by byte, and what comes back to the caller is equal but for what stands here. So it is in Chromium over XHR
with the newest axios, in all that a browser can send. \`UPDATE_DIFFERENCES=1 npx vitest run
--project node test/differential\` writes this page; the test fails if it is not as seen.

| difference | reason | with | adapter | axios |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

import type { WorksWith } from './works-with.ts';

/** One test that passed, or could not run. */
export interface Finding {
  readonly claim: WorksWith;
  readonly notRun?: string;
}

/** One tool of `docs/works-with.md`. */
export interface Row {
  readonly section: string;
  readonly tool: string;
  readonly versions: string;
  readonly how: string;
  readonly date: string;
}

const sections = ['Runtimes', 'Compilers', 'Test runners', 'Bundlers', 'Frameworks'];

const introduction = `# What Sluice works with

\`UPDATE_WORKS_WITH=1 npm run test:consumers\` writes the tables; with the path of a test file after \`--\`, it writes only the rows of that file.
Without the variable, the tests compare their results with the tables, except for versions and dates, and fail if they differ.

Each row is an app outside of the repository, in which the packed package and the tool are installed from the npm registry. The app imports
every subpath whose peer dependencies it has. Then it sends twenty requests with an expired token, half of them by a client and half by an
attached instance: there must be one refresh and twenty responses. Errors must be instances of the app’s own axios, and \`isSluiceError\` must
recognise those of Sluice. TypeScript checks the published declarations with \`skipLibCheck: false\`, as CommonJS and as ES module, and with
axios instances of both kinds. In test runners, a test of \`sluice/testing\` runs as well.
`;

const notTried = 'not tried: ';

/** One row for each tool, of all that was found about it. */
export function rowsOf(findings: readonly Finding[], date: string): Row[] {
  return distinct(findings.map(({ claim }) => claim.tool)).map((tool) => {
    const found = findings.filter(({ claim }) => claim.tool === tool);
    const versions = distinct(found.flatMap(({ claim }) => claim.version ?? []));
    const how = distinct(found.map(({ claim, notRun }) => (notRun === undefined ? claim.how : notTried + notRun)));
    const section = found[0]?.claim.section ?? '';
    return { section, tool, versions: versions.join(', ') || 'none', how: how.join('; '), date };
  });
}

/** The whole page. */
export function page(rows: readonly Row[]): string {
  const tables = sections.map((section) => {
    const lines = rows
      .filter((row) => row.section === section)
      .sort((one, other) => one.tool.localeCompare(other.tool, 'en', { numeric: true }))
      .map(({ tool, versions, how, date }) => `| ${tool} | ${versions} | ${how} | ${date} |`);
    return [`## ${section}`, '', '| tool | version | how | tried on |', '| --- | --- | --- | --- |', ...lines, ''].join(
      '\n',
    );
  });
  return [introduction, ...tables].join('\n');
}

/** The rows of a page. */
export function readPage(text: string): Row[] {
  return text.split(/^## /m).flatMap((part) => {
    const section = part.slice(0, part.indexOf('\n'));
    const cells = Array.from(part.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\| (\d{4}-\d\d-\d\d) \|$/gm));
    return cells.map(([, tool = '', versions = '', how = '', date = '']) => ({ section, tool, versions, how, date }));
  });
}

/**
 * In what a run differs from the page, regardless of versions and dates. What could not be tried is no difference.
 *
 * @param isWhole - whether the run was of every test, so that a tool that it does not have is one too many on the page
 */
export function differences(found: readonly Row[], written: readonly Row[], isWhole: boolean): string[] {
  const rowOf = (rows: readonly Row[], tool: string): Row | undefined => rows.find((row) => row.tool === tool);
  const changed = found.filter(
    ({ tool, how }) => !how.startsWith(notTried) && rowOf(written, tool)?.how.replaceAll(/\s+/g, ' ') !== how,
  );
  const gone = isWhole ? written.filter(({ tool }) => !rowOf(found, tool)) : [];
  return [...changed.map(({ tool, how }) => `+ ${tool}: ${how}`), ...gone.map(({ tool, how }) => `- ${tool}: ${how}`)];
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

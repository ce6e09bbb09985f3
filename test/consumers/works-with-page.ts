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

\`UPDATE_WORKS_WITH=1 npm run test:consumers\` writes the tables; with the path of a test file behind \`--\`, it writes the rows of that file.
A run without the variable compares what it finds with them, except for versions and dates, and fails if they differ.

Each line is an app outside of the repository, which has the packed package installed with its tools from the npm registry. It imports
every subpath whose peers it has. Then twenty requests have a dead token, half of them by a client and half by an attached instance: there
has to be one refresh, and twenty answers. Errors have to be those of the app’s own axios, and \`isSluiceError\` has to know those of
Sluice. What TypeScript checks are the published declarations, with \`skipLibCheck: false\`, as CommonJS and as ES module, and instances of
axios of both kinds.
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

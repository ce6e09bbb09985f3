import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** A row of a table of docs/sharing-requirements.md. */
export interface RequirementRow {
  readonly id: string;
  /** The third cell: tests, as `` `file` “title” `` with `<br>` between them, or why there is none. */
  readonly tests: string;
}

export function rowsOf(page: string): RequirementRow[] {
  return Array.from(page.matchAll(/^\| ([A-Z].*?) \| .+? \| (.*) \|$/gm), ([, id = '', tests = '']) => ({ id, tests }));
}

/** What is wrong with a row, each as a sentence. `untested` lists the rows that may say why they name no test. */
export function faultsOf({ id, tests }: RequirementRow, untested: readonly string[]): string[] {
  if (/^Not tested: .+\.$/.test(tests)) return untested.includes(id) ? [] : [`${id} names no test.`];
  return tests.split('<br>').flatMap((test) => {
    const [, file = '', title = ''] = /^`([\w./-]+)` “(.+)”$/.exec(test) ?? [];
    if (!title) return [`${id} names no test, but: ${test}`];
    if (!existsSync(file)) return [`${id} names ${file}, which does not exist.`];
    return titlesOf(file).has(title) ? [] : [`${id} names a test that is not in ${file}: ${title}`];
  });
}

const known = new Map<string, ReadonlySet<string>>();

/** The titles of the tests of a file that are run, and those of its laws and scenarios (`{ title }`). */
function titlesOf(file: string): ReadonlySet<string> {
  const titles = known.get(file) ?? readTitles(file);
  known.set(file, titles);
  return titles;
}

function readTitles(file: string): ReadonlySet<string> {
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    let title: ts.Node | undefined;
    if (ts.isCallExpression(node) && /^it\b(?!\.(?:skip|todo)\b)/.test(node.expression.getText()))
      title = node.arguments[0];
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'title') title = node.initializer;
    if (title && ts.isStringLiteralLike(title)) titles.add(title.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return titles;
}

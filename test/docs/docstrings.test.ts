import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

/** The `index.ts` of each subpath, from package.json. */
const entries = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'object' ? path.normalize(entry['sluice-source']) : [],
);
const reports = entries.map((entry) => {
  const name = entry === path.normalize('src/index.ts') ? 'index' : path.basename(path.dirname(entry));
  return `docs/api/${name}.api.md`;
});

it.for(reports)('%s has a docstring for everything that it lists', (report) => {
  const lines = readFileSync(report, 'utf8').split('\n');
  const undocumented = lines.flatMap((line, at) => (line.includes('(undocumented)') ? (lines[at + 1] ?? line) : []));
  expect(undocumented).toEqual([]);
});

interface Declared {
  readonly name: string;
  readonly file: string;
  /** A function, class or constant, without the implementation of overloads, which callers do not see. */
  readonly declarations: readonly ts.Node[];
}

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);

/** Finds where the values (no types) are declared that a module exports from other modules by their names. */
function exportedValues(file: string): Declared[] {
  return parse(file).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return [];
    const { exportClause, moduleSpecifier } = statement;
    if (!exportClause || !ts.isNamedExports(exportClause) || !moduleSpecifier || !ts.isStringLiteral(moduleSpecifier))
      throw new Error(`${file} has an export that this test cannot follow: ${statement.getText()}`);
    const target = path.join(path.dirname(file), moduleSpecifier.text);
    return exportClause.elements.flatMap((one) =>
      one.isTypeOnly ? [] : declared((one.propertyName ?? one.name).text, target),
    );
  });
}

function declared(name: string, file: string): Declared {
  const inFile = parse(file).statements.filter((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.some((one) => one.name.getText() === name)
      : (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name,
  );
  const overloads = inFile.filter((node) => ts.isFunctionDeclaration(node) && !node.body);
  if (inFile.length > 0) return { name, file, declarations: overloads.length > 0 ? overloads : inFile };
  const elsewhere = exportedValues(file).find((one) => one.name === name);
  if (!elsewhere) throw new Error(`${file} does not export ${name}.`);
  return elsewhere;
}

describe('every exported function, class and constant has an example', () => {
  const all = entries.flatMap(exportedValues);

  it.for(Array.from(new Map(all.map((one) => [one.name, one])).values()))(
    'the docstring of $name in $file has an @example with code, on each overload',
    ({ declarations }) => {
      const without = declarations.filter((node) => {
        const examples = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === 'example');
        return !examples.some(({ comment }) => /```ts\n[^`]/.test(ts.getTextOfJSDocComment(comment) ?? ''));
      });
      expect(without.map((node) => node.getText().split('\n', 1)[0])).toEqual([]);
    },
  );
});

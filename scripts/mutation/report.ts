/** What Stryker writes: schema.mutation-testing.com */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

const isKilled = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
const isAlive = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';

/** The mutants that no test has noticed, as Stryker's `mutate` names them: its columns begin at 0, those of its report at 1. */
export function aliveIn({ files }: Report): string[] {
  const ranges = Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants.filter(isAlive).map(({ location: { start, end } }) => {
      const [from, to] = [start, end].map(({ line, column }) => `${line}:${column - 1}`);
      return `${file}:${from}-${to}`;
    }),
  );
  return [...new Set(ranges)];
}

/** The first report, in which the alive mutants have the status of the second. */
export function withSecondTry(first: Report, second: Report): Report {
  const keyOf = ({ location, mutatorName, replacement }: Mutant): string =>
    JSON.stringify([location, mutatorName, replacement]);
  const files = Object.entries(first.files).map(([file, { source, mutants }]) => {
    const again = new Map((second.files[file]?.mutants ?? []).map((mutant) => [keyOf(mutant), mutant]));
    const tried = mutants.map((mutant) => (isAlive(mutant) ? (again.get(keyOf(mutant)) ?? mutant) : mutant));
    return [file, { source, mutants: tried }] as const;
  });
  return { files: Object.fromEntries(files) };
}

/** A table of files and their scores, and each mutant that no test has noticed. */
export function markdown({ files }: Report): string {
  const rows = Object.entries(files)
    .map(([file, { source, mutants }]) => {
      const killed = mutants.filter(isKilled).length;
      const alive = mutants.filter(isAlive);
      return { file, source, killed, alive };
    })
    .filter(({ killed, alive }) => killed + alive.length > 0);
  const killed = rows.reduce((sum, row) => sum + row.killed, 0);
  const alive = rows.reduce((sum, row) => sum + row.alive.length, 0);
  return [
    '| file | mutants | killed | alive | score |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => line(`\`${row.file}\``, row.killed, row.alive.length)),
    line('**all**', killed, alive),
    '',
    '| alive in | what | became |',
    '| --- | --- | --- |',
    ...rows.flatMap(({ file, source, alive: mutants }) =>
      mutants.map(
        ({ location, replacement }) =>
          `| \`${file}\`:${location.start.line} | ${code(excerpt(source, location))} | ${code(replacement)} |`,
      ),
    ),
  ].join('\n');
}

const line = (name: string, killed: number, alive: number): string =>
  `| ${name} | ${killed + alive} | ${killed} | ${alive} | ${((100 * killed) / (killed + alive)).toFixed(1)} % |`;

function excerpt(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((text, i) => text.slice(i === 0 ? start.column - 1 : 0, i === last ? end.column - 1 : undefined))
    .join(' ');
}

function code(text: string): string {
  const short = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return `\`\`${short.length > 70 ? `${short.slice(0, 69)}…` : short}\`\``.replace(/^````$/, '(nothing)');
}

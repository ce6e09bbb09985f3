import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A fenced block of TypeScript in a Markdown file. */
export interface CodeBlock {
  readonly file: string;
  /** The line of the file where the code begins, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** Finds the blocks that are fenced as `ts`, whatever else the fence says. */
export function codeBlocks(file: string): CodeBlock[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const blocks: CodeBlock[] = [];
  let fence: string | undefined;
  let open: { line: number; code: string[] } | undefined;
  for (const [index, text] of lines.entries()) {
    const [, indent = '', marks, language] = /^(\s*)(`{3,}|~{3,})\s*(\w*)/.exec(text) ?? [];
    if (fence === undefined && marks !== undefined) {
      fence = indent + marks;
      if (language === 'ts' || language === 'typescript') open = { line: index + 2, code: [] };
    } else if (fence !== undefined && text.trimEnd() === fence) {
      if (open) blocks.push({ file, line: open.line, code: open.code.join('\n') });
      fence = open = undefined;
    } else {
      open?.code.push(text);
    }
  }
  return blocks;
}

/** Type-checks each block as a module of its own in this repository; gives its errors, with lines of the Markdown file. */
export function checkBlocks(blocks: readonly CodeBlock[], tsconfig: string): Map<CodeBlock, string[]> {
  const { config } = ts.readConfigFile(tsconfig, (name) => ts.sys.readFile(name)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    path.dirname(tsconfig),
    undefined,
    path.resolve(tsconfig),
  );
  const modules = new Map(blocks.map((block) => [path.resolve(`${block.file}.${block.line}.ts`), block]));

  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name)?.code ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const block = modules.get(name);
    return block ? ts.createSourceFile(name, block.code, language) : getSourceFile(name, language, ...rest);
  };

  const program = ts.createProgram([...modules.keys()], { ...options, incremental: false, noEmit: true }, host);
  return new Map(
    [...modules].map(([name, block]) => [
      block,
      ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map(({ start = 0, messageText }) => {
        const line = block.line + block.code.slice(0, start).split('\n').length - 1;
        return `${block.file}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      }),
    ]),
  );
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** An option, as its declaration in `src` has it. */
export interface DeclaredOption {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isFunction: boolean;
  /** The text of its `@defaultValue`. */
  readonly documentedDefault: string | undefined;
  /** Its defaults in the code, as far as they are literals or constants: `30_000`, `'sluice'`, `{}`, `SESSION`. */
  readonly codeDefaults: readonly string[];
}

/** The sources of all subpaths, from package.json. */
function entries(): string[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly exports: Record<string, Record<string, unknown> | string>;
  };
  return Object.values(exports).flatMap((entry) => {
    const source = typeof entry === 'object' ? entry['sluice-source'] : undefined;
    return typeof source === 'string' ? path.resolve(source) : [];
  });
}

function createProgram(): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.src.json', (name) => ts.sys.readFile(name)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  return ts.createProgram(entries(), { ...options, incremental: false, noEmit: true, skipLibCheck: true });
}

/** The options of each exported type whose name ends in `Options`, without those that a type takes over from a library. */
export function declaredOptions(): Map<string, DeclaredOption[]> {
  const program = createProgram();
  const checker = program.getTypeChecker();
  const isOwn = (node: ts.Node): boolean => node.getSourceFile().fileName.startsWith(path.resolve('src'));
  const destructured = destructuredDefaults(program.getSourceFiles().filter(isOwn), checker);
  const types = new Map<string, DeclaredOption[]>();
  for (const entry of entries()) {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      if (!exported.name.endsWith('Options')) continue;
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const constant = constantDefaults(symbol.declarations?.[0]?.getSourceFile());
      const options = membersOf(checker.getDeclaredTypeOfSymbol(symbol)).flatMap(({ member, isOptional }) => {
        const declaration = member.declarations?.find(isOwn);
        if (!declaration) return [];
        const tag = member.getJsDocTags(checker).find(({ name }) => name === 'defaultValue');
        const type = checker.getNonNullableType(checker.getTypeOfSymbol(member));
        return {
          name: member.name,
          isRequired: !isOptional,
          isFunction: type.getCallSignatures().length > 0,
          documentedDefault: tag && ts.displayPartsToString(tag.text).replaceAll(/\s+/g, ' ').trim(),
          codeDefaults: [...(destructured.get(declaration) ?? []), ...(constant.get(member.name) ?? [])],
        };
      });
      types.set(exported.name, options);
    }
  }
  return types;
}

/** The members of a type. Those of a union are optional unless each alternative requires them. */
function membersOf(type: ts.Type): { readonly member: ts.Symbol; readonly isOptional: boolean }[] {
  const parts = type.isUnion() ? type.types : [type];
  const all = parts.flatMap((part) => part.getProperties());
  return Array.from(new Set(all.map(({ name }) => name))).flatMap((name) => {
    const members = all.filter((one) => one.name === name);
    const isOptional =
      members.length < parts.length || members.some(({ flags }) => (flags & ts.SymbolFlags.Optional) !== 0);
    // `axios?: never` of one alternative documents nothing.
    const member = members.find(({ declarations = [] }) => !declarations.some(isNever));
    return member ? { member, isOptional } : [];
  });
}

function isNever(declaration: ts.Declaration): boolean {
  return ts.isPropertySignature(declaration) && declaration.type?.kind === ts.SyntaxKind.NeverKeyword;
}

/** The defaults in `const { idleMs = 300_000 } = options`, in parameters, and in `options.count ?? 2`, by the declaration of the option. */
function destructuredDefaults(files: readonly ts.SourceFile[], checker: ts.TypeChecker): Map<ts.Node, string[]> {
  const found = new Map<ts.Node, string[]>();
  const note = (option: ts.Symbol | undefined, value: ts.Expression): void => {
    for (const declaration of option?.declarations ?? [])
      found.set(declaration, [...(found.get(declaration) ?? []), ...plainText(value)]);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isObjectBindingPattern(node)) {
      const type = checker.getTypeAtLocation(node);
      for (const { initializer, propertyName, name } of node.elements)
        if (initializer) note(type.getProperty((propertyName ?? name).getText()), initializer);
    }
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
      ts.isPropertyAccessExpression(node.left)
    )
      note(checker.getSymbolAtLocation(node.left), node.right);
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
  return found;
}

/** The properties of `const defaults` in the file that declares the type. */
function constantDefaults(file: ts.SourceFile | undefined): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const constants = (file?.statements ?? []).flatMap((one) =>
    ts.isVariableStatement(one) ? one.declarationList.declarations : [],
  );
  const defaults = constants.find(({ name }) => name.getText() === 'defaults')?.initializer;
  for (const one of defaults && ts.isObjectLiteralExpression(defaults) ? defaults.properties : []) {
    if (ts.isPropertyAssignment(one)) found.set(one.name.getText(), plainText(one.initializer));
    if (ts.isShorthandPropertyAssignment(one)) found.set(one.name.text, [one.name.text]);
  }
  return found;
}

/** The text of a literal, an empty object or list, or a constant in capitals. Nothing for a function: the text of one is not compared. */
function plainText(value: ts.Expression | undefined): string[] {
  const text = value?.getText() ?? '';
  const isPlain = value && (ts.isLiteralExpression(value) || /^(true|false|\{\}|\[\]|[A-Z][A-Z_]*)$/.test(text));
  return isPlain ? [text] : [];
}

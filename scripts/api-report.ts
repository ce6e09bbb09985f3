import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { styleText } from 'node:util';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

/*
 * Writes the public surface of each subpath to docs/api, as its built declarations have it, so that a change of it is seen in review.
 * With `--check` it writes nothing, and fails if a committed report differs.
 */

const root = path.resolve(import.meta.dirname, '..');
const committed = 'docs/api';
const cache = path.join(root, 'node_modules/.cache/api');
const isCheck = process.argv.includes('--check');

/** The declarations of all subpaths, from package.json: a new subpath gets its report by being exported. */
function declarations(): string[] {
  const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly exports: Record<string, { readonly import?: { readonly types?: string } } | string>;
  };
  return Object.values(exports).flatMap((entry) =>
    typeof entry === 'object' && entry.import?.types ? path.join(root, entry.import.types) : [],
  );
}

const off = { default: { logLevel: ExtractorLogLevel.None } };

function configOf(entry: string, entries: readonly string[]): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          extends: './tsconfig.base.json',
          // The build has been type-checked; to check the libraries again would take three times as long as all the rest.
          compilerOptions: { incremental: false, skipLibCheck: true, customConditions: [] },
          files: entries,
        },
      },
      apiReport: {
        enabled: true,
        reportFolder: cache,
        reportTempFolder: path.join(cache, 'new'),
        reportFileName: path.basename(entry, '.d.ts'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // Print no messages: a declaration without a comment is marked "(undocumented)" in the report itself.
      messages: { compilerMessageReporting: off, extractorMessageReporting: off, tsdocMessageReporting: off },
    },
    configObjectFullPath: path.join(root, 'api-extractor.json'),
    packageJsonFullPath: path.join(root, 'package.json'),
  });
}

/** The blocks of a report, by the name that each declares, if any. Overloads have one name. */
function blocksOf(
  report: string,
): { readonly text: string; readonly name: string | undefined; readonly isExported: boolean }[] {
  return report.split('\n\n').map((text) => {
    const [, exported, name] =
      /^(export )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/m.exec(text) ?? [];
    return { text, name, isExported: exported !== undefined };
  });
}

/**
 * Leaves out of a report what another subpath exports: API Extractor takes the package for one entry, and repeats in each report the
 * whole of what it mentions. What no subpath exports, but an exported declaration mentions, stays.
 *
 * @param exportedAnywhere - names that some subpath exports
 */
function withoutOthers(report: string, exportedAnywhere: ReadonlySet<string>): string {
  const blocks = blocksOf(report);
  const kept = new Set(blocks.filter(({ name, isExported }) => name === undefined || isExported));
  for (const { text } of kept) {
    const words = new Set(text.match(/\w+/g));
    for (const block of blocks)
      if (block.name !== undefined && words.has(block.name) && !exportedAnywhere.has(block.name)) kept.add(block);
  }
  const texts = blocks.flatMap((block) => (kept.has(block) ? block.text : []));
  return texts.map((text) => withoutUnusedImports(text, texts)).join('\n\n');
}

function withoutUnusedImports(text: string, texts: readonly string[]): string {
  const isUsed = (name: string): boolean =>
    texts.some((other) => other !== text && new RegExp(`\\b${name}\\b`).test(other));
  const lines = text.split('\n').filter((line) => {
    const [, name] = /^import .*\b(\w+) \}? ?from/.exec(line) ?? [];
    return name === undefined || isUsed(name);
  });
  return lines.join('\n');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The lines of one text that the other does not have, each with the mark in front. */
function linesOnlyIn(text: string, other: string, mark: string): string[] {
  const others = new Set(other.split('\n'));
  return text.split('\n').flatMap((line) => (others.has(line) ? [] : `${mark} ${line}`));
}

mkdirSync(cache, { recursive: true });
const entries = declarations();
const configs = entries.map((entry) => configOf(entry, entries));
const [first] = configs;
const compilerState = first && CompilerState.create(first, { additionalEntryPoints: entries });
const reports = configs.map((config, index) => {
  Extractor.invoke(config, {
    ...(compilerState && { compilerState }),
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  const name = `${path.basename(entries[index] ?? '', '.d.ts')}.api.md`;
  return { name, raw: read(path.join(cache, 'new', name)) };
});
const exported = new Set(
  reports.flatMap(({ raw }) => blocksOf(raw).flatMap(({ name, isExported }) => (isExported && name ? name : []))),
);

if (!isCheck) mkdirSync(path.join(root, committed), { recursive: true });
for (const { name, raw } of reports) {
  const file = path.join(root, committed, name);
  const report = withoutOthers(raw, exported);
  if (!isCheck) writeFileSync(file, report);
  else if (read(file) !== report) {
    console.error(styleText('red', `${committed}/${name} is not the public surface that was built:`));
    console.error([...linesOnlyIn(read(file), report, '-'), ...linesOnlyIn(report, read(file), '+')].join('\n'));
    process.exitCode = 1;
  }
}
if (process.exitCode)
  console.error('If the change is meant, run `npm run build && npm run api` and commit the reports.');

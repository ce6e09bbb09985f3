import { existsSync } from 'node:fs';
import rxjs from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// What they drive is installed by `npm run conformance`; without it nothing is known of its types.
const installed = (folder) => existsSync(new URL(`${folder}/node_modules`, import.meta.url));
const unknown = [
  ...(installed('test/conformance') ? [] : ['test/conformance/peers']),
  ...(installed('bench') ? [] : ['bench']),
];

export default defineConfig(
  globalIgnores([
    'coverage',
    '**/dist',
    'examples/angular/src',
    'test/consumers/fixtures/apps',
    'test/consumers/fixtures/angular-ssr',
    ...unknown,
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, rxjs.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // What was caught is thrown on as it is, whatever it is.
      'rxjs-x/throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Objects are closures here: no method has a `this` to lose, and `this: void` says so to callers.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // `isolatedDeclarations` asks for annotations that inference would not need.
      '@typescript-eslint/no-inferrable-types': 'off',
      // The error for an empty source is as good as a default.
      'rxjs-x/no-ignored-default-value': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Contradicts no-non-null-assertion.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'URL', property: 'canParse', message: 'Jest 29 with jsdom and React Native have none: parseUrl().' },
      ],
    },
  },
  {
    files: ['test/**', 'examples/**'],
    rules: {
      // Stand-ins: an async `refresh` with nothing to await, a handler that does nothing, a value known to be there.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: [
      'examples/{demo,shared,many-tabs,typeahead,chat-stream,live-dashboard}/**',
      'examples/snippets/{redux-devtools,open-telemetry}.ts',
    ],
    // What they listen to never fails: states, events, clicks, traces, and lanes that tell of errors.
    rules: { 'rxjs-x/no-ignored-error': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      // What `expect.any()` and its like give is `any`; and what a test watches changes behind the compiler's back.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An error that nobody handles fails the test run.
      'rxjs-x/no-ignored-error': 'off',
    },
  },
);

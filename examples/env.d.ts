/** What Vite's `import.meta.env` holds for the examples: https://vite.dev/guide/env-and-mode */
interface ImportMetaEnv {
  readonly VITE_BASE_URL?: string;
}

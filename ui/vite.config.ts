import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (p: string) => fileURLToPath(new URL(p, import.meta.url));

// Two entries: the console and the phone pages. `--mode gallery` builds the
// same entries with the component gallery into a folder that is never embedded.
export default defineConfig(({ mode }) => ({
  plugins: [react()],
  resolve: { alias: { '@': here('./src') } },
  server: {
    proxy: { '/api': process.env.LINLI ?? 'http://127.0.0.1:8080' },
  },
  build: {
    outDir: mode === 'gallery' ? '.build/gallery' : 'dist',
    emptyOutDir: true,
    manifest: true,
    target: ['chrome109', 'safari16'],
    assetsInlineLimit: 0, // data: URLs would need exceptions in the CSP
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000, // tools/budget.mjs judges sizes
    rolldownOptions: {
      input: { console: here('./console.html'), mobile: here('./mobile.html') },
      output: {
        // Both entries load react and query: one shared, long-lived file.
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// }],
        },
      },
    },
  },
  worker: { format: 'es' },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/setup.test-env.ts'],
    pool: 'threads',
    maxWorkers: 2,
  },
}));

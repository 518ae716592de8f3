import { fileURLToPath } from 'node:url';

import preact from '@preact/preset-vite';
import { defineConfig, type ProxyOptions } from 'vite';

/** The hub behind `npm run dev` and `npm run preview`. */
const hub = process.env.HUB ?? 'http://127.0.0.1:7878';
const port = Number(process.env.PORT ?? 0);

const toHub: ProxyOptions = {
  target: hub,
  configure: (proxy) => {
    // A hub that is away is what the page has to live with; the terminal need not be told each second.
    proxy.on('error', (_error, _request, response) => {
      if ('writeHead' in response && !response.headersSent) response.writeHead(502).end();
    });
  },
};
const proxy = { '/v1': toHub, '/openapi.json': toHub, '/signin/start': toHub, '/signin/done': toHub };

/** What the hub sends with every page; a preview must not be laxer. */
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export default defineConfig({
  root: fileURLToPath(new URL('src', import.meta.url)),
  publicDir: false,
  plugins: [preact({ reactAliasesEnabled: false, devToolsEnabled: false })],
  // Every dependency is plain modules: nothing is bundled ahead, so several servers may run in one checkout.
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { host: '127.0.0.1', port, proxy },
  preview: { host: '127.0.0.1', port, proxy, headers: { 'Content-Security-Policy': policy } },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    // The policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
